"""A promise, its ticket and its number are of one customer: the database refuses all else."""

from django.db import migrations


def same(what: str, table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, `what`_id): the row and its `parent` are of one `what`, the database sees to it."""
    name = f"{table}_{column}_of_one_{what}"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, {what}_id) "
        f"REFERENCES {parent} (id, {what}_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("callbacks", "0003_request_hash"),
        ("customers", "0003_contactpoint_of_its_customer"),
        ("tickets", "0006_one_team_one_customer"),
    ]

    operations = [
        same("customer", "callbacks_callback", "ticket_id", "tickets_ticket"),
        same("customer", "callbacks_callback", "contact_point_id", "customers_contactpoint"),
    ]
