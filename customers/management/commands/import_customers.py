"""Takes in customers from a CSV file (docs/imports.md)."""

from customers.importing.command import ImportCommand
from customers.importing.people import People


class Command(ImportCommand):
    help = f"Takes in customers. {ImportCommand.__doc__}"
    kind = People
    noun = "customers"
