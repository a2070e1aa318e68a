"""What the reports on callbacks count."""
