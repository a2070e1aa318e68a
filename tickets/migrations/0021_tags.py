"""Tickets are sorted: a type, a priority that exists, and tags of their brand."""

import django.db.models.deletion
import django.db.models.functions.text
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
    dependencies = [("agents", "0006_who_issued_and_revoked"), ("tickets", "0020_audit_chain")]

    operations = [
        migrations.CreateModel(
            name="Tag",
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
                ("name", models.CharField(max_length=40)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="TicketTag",
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
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tagged",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="on", to="tickets.tag"
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
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
        ),
        migrations.AddField(
            model_name="ticket",
            name="type",
            field=models.CharField(
                choices=[
                    ("question", "Question"),
                    ("incident", "Incident"),
                    ("problem", "Problem"),
                    ("task", "Task"),
                ],
                db_default="question",
                default="question",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="ticketevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "opened"),
                    ("assigned", "assigned"),
                    ("status", "status changed"),
                    ("resolved", "resolved"),
                    ("reopened", "reopened"),
                    ("goodwill", "goodwill given"),
                    ("callback", "callback"),
                    ("priority", "priority changed"),
                    ("type", "type changed"),
                    ("tagged", "tag put on"),
                    ("untagged", "tag taken off"),
                    ("linked", "linked"),
                    ("unlinked", "link undone"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", [1, 2, 3, 4])), name="tickets_ticket_priority_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["question", "incident", "problem", "task"])),
                name="tickets_ticket_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(
                models.F("brand"),
                django.db.models.functions.text.Lower("name"),
                name="tickets_tag_name_once_a_brand",
                violation_error_message="This brand has a tag of that name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="tickets_tag_of_its_brand"),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="tickets_tag_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettag",
            constraint=models.UniqueConstraint(fields=("ticket", "tag"), name="tickets_tickettag_once"),
        ),
        same_brand("tickets_tickettag", "ticket_id", "tickets_ticket"),
        same_brand("tickets_tickettag", "tag_id", "tickets_tag"),
    ]
