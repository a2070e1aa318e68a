"""Tickets of one brand are linked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def same_brand(table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, brand_id): the row and its `parent` are of one brand, the database sees to it."""
    name = f"{table}_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} "
        f"FOREIGN KEY ({column}, brand_id) REFERENCES {parent} (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("agents", "0006_who_issued_and_revoked"), ("tickets", "0021_tags")]

    operations = [
        migrations.CreateModel(
            name="TicketLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "one",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="linked",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("parent", "part of"), ("related", "related to"), ("incident", "caused by")],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(
                fields=("one", "other", "kind"), name="tickets_ticketlink_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "parent")), fields=("one",), name="tickets_ticketlink_one_parent"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["parent", "related", "incident"])),
                name="tickets_ticketlink_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("one", models.F("other")), _negated=True),
                name="tickets_ticketlink_takes_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "related"), _negated=True),
                    ("one__lt", models.F("other")),
                    _connector="OR",
                ),
                name="tickets_ticketlink_related_in_order",
            ),
        ),
        same_brand("tickets_ticketlink", "one_id", "tickets_ticket"),
        same_brand("tickets_ticketlink", "other_id", "tickets_ticket"),
    ]
