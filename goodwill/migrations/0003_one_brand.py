"""No grant joins two brands: the database refuses it."""

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
    dependencies = [
        ("goodwill", "0002_default_policies"),
        ("agents", "0002_team_of_its_brand"),
        ("tickets", "0002_one_brand"),
        ("loyalty", "0004_one_programme_one_account"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="goodwill_reason_of_its_brand"),
        ),
        migrations.AddField(
            model_name="request",
            name="brand",
            field=models.ForeignKey(
                null=True, on_delete=models.deletion.PROTECT, related_name="+", to="agents.brand"
            ),
        ),
        migrations.RunSQL(
            "UPDATE goodwill_request SET brand_id = ticket.brand_id "
            "FROM tickets_ticket ticket WHERE ticket.id = goodwill_request.ticket_id",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="request",
            name="brand",
            field=models.ForeignKey(on_delete=models.deletion.PROTECT, related_name="+", to="agents.brand"),
        ),
        same("brand", "goodwill_request", "ticket_id", "tickets_ticket"),
        same("brand", "goodwill_request", "account_id", "loyalty_account"),
        same("brand", "goodwill_request", "reason_id", "goodwill_reason"),
    ]
