"""Taking in customers and orders from CSV files (docs/imports.md)."""
