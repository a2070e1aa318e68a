"""Who is there: the state every agent is in, since when, and how long they were in which."""
