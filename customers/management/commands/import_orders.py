"""Takes in orders from a CSV file (docs/imports.md)."""

from customers.importing.command import ImportCommand
from customers.importing.orders import Orders


class Command(ImportCommand):
    help = f"Takes in orders. {ImportCommand.__doc__}"
    kind = Orders
    noun = "orders"
