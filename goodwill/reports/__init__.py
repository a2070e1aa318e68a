"""What came of what was given: points and value, whether people wrote again, and whether they came back to buy."""
