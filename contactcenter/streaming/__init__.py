"""What the live stream is made of: reading what is new (in threads) and handing it to whoever may hear of it."""
