"""No row joins two brands: the database refuses it."""

from django.db import migrations


def same_brand(table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, brand_id): the row and its `parent` are of one brand, the database sees to it."""
    name = f"{table}_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} "
        f"FOREIGN KEY ({column}, brand_id) REFERENCES {parent} (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        same_brand("customers_contactpoint", "customer_id", "customers_customer"),
        same_brand("customers_consent", "customer_id", "customers_customer"),
        same_brand("customers_order", "customer_id", "customers_customer"),
    ]
