"""What the `api.py` of every room stands on: who comes in, how a list turns its pages, how a deed happens once."""
