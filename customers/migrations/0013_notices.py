"""Letters that are no word of a conversation; each of one brand and one customer."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import contactcenter.clock


def same(what, table, column, parent):
    """A key over (`column`, `what`_id): the row and its `parent` are of one `what`, the database sees to it."""
    name = f"{table}_{column}_of_one_{what}"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, {what}_id) "
        f"REFERENCES {parent} (id, {what}_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0012_figures_of_numbers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("template", models.CharField(max_length=40)),
                ("context", models.JSONField(blank=True, default=dict)),
                (
                    "key",
                    models.CharField(help_text="Makes a letter be written once.", max_length=80, unique=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("sending", "being sent"),
                            ("sent", "sent"),
                            ("failed", "not sent"),
                            ("dropped", "dropped"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("due_at", models.DateTimeField(blank=True, null=True)),
                (
                    "until",
                    models.DateTimeField(
                        blank=True, help_text="After this it says nothing any more.", null=True
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, max_length=500)),
                ("written_at", models.DateTimeField(default=contactcenter.clock.now)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
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
                    "contact_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.contactpoint",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("brand"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "*", models.Value(-1)
                        ),
                        name="customers_notice_newest",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "sending"])),
                        fields=["due_at", "id"],
                        name="customers_notice_to_send",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["queued", "sending", "sent", "failed", "dropped"])),
                        name="customers_notice_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("state__in", ["queued", "sending"])),
                            models.Q(("due_at__isnull", True), ("state__in", ["sent", "failed", "dropped"])),
                            _connector="OR",
                        ),
                        name="customers_notice_waiting_has_due",
                    ),
                ],
            },
        ),
        same("brand", "customers_notice", "customer_id", "customers_customer"),
        same("customer", "customers_notice", "contact_point_id", "customers_contactpoint"),
    ]
