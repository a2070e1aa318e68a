"""A tier is of the account's programme, a lot of its entry's account: the database refuses all else."""

from django.db import migrations, models


def same(what: str, table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, `what`_id): the row and its `parent` are of one `what`, the database sees to it."""
    name = f"{table}_{column}_of_one_{what}"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, {what}_id) "
        f"REFERENCES {parent} (id, {what}_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0003_entries_by_time")]

    operations = [
        migrations.AddConstraint(
            model_name="tier",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="loyalty_tier_of_its_programme"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("id", "account"), name="loyalty_entry_of_its_account"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="loyalty_account_of_its_brand"),
        ),
        same("programme", "loyalty_account", "tier_id", "loyalty_tier"),
        same("account", "loyalty_lot", "entry_id", "loyalty_entry"),
    ]
