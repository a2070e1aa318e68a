"""The REST API under /api/v1/: its addresses, its errors, its description. What it shows is in each room's api.py."""
