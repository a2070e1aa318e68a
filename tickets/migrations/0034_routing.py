"""Queues may hand their tickets out: policies, agents' own capacities, and the log of decisions."""

import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
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
    dependencies = [
        ("agents", "0034_presence"),
        ("customers", "0028_fewer_indexes"),
        ("tickets", "0031_reasons_fields_and_shop"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Capacity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("mail", "e-mail"),
                            ("chat", "web chat"),
                            ("sms", "SMS"),
                            ("phone", "phone"),
                            ("social", "social"),
                            ("shop", "in the shop"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "tickets",
                    models.PositiveSmallIntegerField(help_text="0: none of this channel is handed to them."),
                ),
            ],
            options={
                "verbose_name_plural": "capacities",
                "ordering": ["agent__name", "channel"],
            },
        ),
        migrations.CreateModel(
            name="RoutingDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("step", models.PositiveSmallIntegerField()),
                ("considered", models.PositiveIntegerField()),
                ("reasons", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RoutingPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=False,
                        help_text="Off: agents take tickets themselves.",
                        verbose_name="hands out",
                    ),
                ),
                (
                    "by_language",
                    models.BooleanField(
                        default=False, help_text="Who gets a ticket speaks the customer’s language."
                    ),
                ),
                (
                    "mail",
                    models.PositiveSmallIntegerField(default=8, help_text="So many e-mails fill an agent."),
                ),
                ("chat", models.PositiveSmallIntegerField(default=3)),
                ("sms", models.PositiveSmallIntegerField(default=5)),
                (
                    "phone",
                    models.PositiveSmallIntegerField(default=1, help_text="1: nothing else beside it."),
                ),
                ("social", models.PositiveSmallIntegerField(default=5)),
                ("shop", models.PositiveSmallIntegerField(default=1)),
                (
                    "sticky_minutes",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="So long a ticket waits for the agent who had this customer last.",
                    ),
                ),
                (
                    "widen_minutes",
                    models.PositiveSmallIntegerField(
                        default=15,
                        help_text="After so long each, language, skills and team are no longer asked for.",
                    ),
                ),
                (
                    "floor_minutes",
                    models.PositiveSmallIntegerField(
                        default=120, help_text="Who has waited so long goes first, before every tier."
                    ),
                ),
                (
                    "return_minutes",
                    models.PositiveSmallIntegerField(
                        default=10,
                        help_text="So long after their agent has gone offline tickets come back to the queue.",
                    ),
                ),
            ],
            options={
                "verbose_name": "routing policy",
                "verbose_name_plural": "routing policies",
                "ordering": ["queue__name"],
            },
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("queue"),
                django.db.models.functions.comparison.Coalesce("turn_at", "last_message_at"),
                models.F("id"),
                condition=models.Q(
                    ("assignee__isnull", True), ("is_open", True), ("snoozed_until__isnull", True)
                ),
                name="tickets_ticket_to_route",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("assignee__isnull", False), ("is_open", True), ("snoozed_until__isnull", True)
                ),
                fields=["queue", "id"],
                name="tickets_ticket_to_return",
            ),
        ),
        migrations.AddField(
            model_name="capacity",
            name="agent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="capacities",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="capacity",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="routingdecision",
            name="agent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="routingdecision",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="routingdecision",
            name="ticket",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="routed",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="routingpolicy",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="routingpolicy",
            name="queue",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="routing", to="tickets.queue"
            ),
        ),
        migrations.AddField(
            model_name="routingpolicy",
            name="skills",
            field=models.ManyToManyField(
                blank=True,
                help_text="Who gets a ticket has all of these.",
                related_name="+",
                to="agents.skill",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacity",
            constraint=models.UniqueConstraint(
                fields=("brand", "agent", "channel"),
                name="tickets_capacity_once",
                violation_error_message="This agent has a figure for this channel.",
            ),
        ),
        migrations.AddConstraint(
            model_name="capacity",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["mail", "chat", "sms", "phone", "social", "shop"])),
                name="tickets_capacity_channel_known",
            ),
        ),
        migrations.AddIndex(
            model_name="routingdecision",
            index=models.Index(fields=["ticket", "-id"], name="tickets_routed_of_ticket"),
        ),
        migrations.AddIndex(
            model_name="routingdecision",
            index=models.Index(
                condition=models.Q(("agent__isnull", False)),
                fields=["agent", "-id"],
                name="tickets_routed_to_agent",
            ),
        ),
        migrations.AddIndex(
            model_name="routingdecision",
            index=models.Index(fields=["brand", "-id"], name="tickets_routed_newest"),
        ),
        migrations.AddConstraint(
            model_name="routingdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("step__lte", 5)), name="tickets_routingdecision_step_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="routingdecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reasons", []), _negated=True), name="tickets_routingdecision_says_why"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routingdecision",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="211e65d32c14d49b5e0803e3574021cd2d1abf37",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2b722",
                    table="tickets_routingdecision",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="routingdecision",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="ae950f74fa616a0b6cc3a3507cfa640b574b9c3e",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_3d9e6",
                    table="tickets_routingdecision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="routingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("chat__gte", 1),
                    ("mail__gte", 1),
                    ("phone__gte", 1),
                    ("shop__gte", 1),
                    ("sms__gte", 1),
                    ("social__gte", 1),
                ),
                name="tickets_routingpolicy_takes_each",
                violation_error_message="Of each channel an agent takes one at least.",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("floor_minutes__gte", 1), ("widen_minutes__gte", 1)),
                name="tickets_routingpolicy_gives_time",
                violation_error_message="Give at least a minute.",
            ),
        ),
        same_brand("tickets_routingpolicy", "queue_id", "tickets_queue"),
        same_brand("tickets_routingdecision", "ticket_id", "tickets_ticket"),
    ]
