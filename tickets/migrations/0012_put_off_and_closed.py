"""Tickets can be put off, are closed some days after they were resolved, and name the closed one they follow."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CLOSES = """
UPDATE tickets_ticket t SET closes_at = t.resolved_at + make_interval(days => q.reopen_days)
  FROM tickets_queue q WHERE q.id = t.queue_id AND t.status = 'resolved';
"""


# Who writes after the end is the same brand's customer, the database sees to it.
ONE_BRAND = "tickets_ticket_follows_id_of_one_brand"
FOLLOWS = (
    f"ALTER TABLE tickets_ticket ADD CONSTRAINT {ONE_BRAND} "
    "FOREIGN KEY (follows_id, brand_id) REFERENCES tickets_ticket (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE"
)


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0007_notifications"),
        ("customers", "0028_fewer_indexes"),
        ("tickets", "0011_clocks_of_open_tickets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="reopen_days",
            field=models.PositiveSmallIntegerField(
                default=14,
                help_text="A resolved ticket opens again when its customer writes within so many days.",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="closes_at",
            field=models.DateTimeField(
                blank=True, help_text="Resolved until then, and closed for good after.", null=True
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="follows",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The closed ticket that its customer answered with this one.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="followed_by",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="snoozed_until",
            field=models.DateTimeField(
                blank=True, help_text="Out of the queues until then, or until something happens.", null=True
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="wakes_on_thanks",
            field=models.BooleanField(
                db_default=False, default=False, help_text="A plain “thanks” ends the snooze too."
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
                    ("moved", "moved to another queue"),
                    ("priority", "priority changed"),
                    ("late", "a promise was not kept"),
                    ("closed", "closed"),
                    ("snoozed", "put off"),
                    ("woken", "back from being put off"),
                    ("goodwill", "goodwill given"),
                    ("callback", "callback"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(CLOSES, migrations.RunSQL.noop),
        migrations.RunSQL(FOLLOWS, f"ALTER TABLE tickets_ticket DROP CONSTRAINT {ONE_BRAND}"),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("closes_at__isnull", False)),
                fields=["closes_at", "id"],
                name="tickets_ticket_to_close",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("snoozed_until__isnull", False)),
                fields=["snoozed_until", "id"],
                name="tickets_ticket_to_wake",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("follows__isnull", False)),
                fields=["follows"],
                name="tickets_ticket_follows",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at", None), ("status", "resolved"), _connector="OR"),
                name="tickets_ticket_resolved_closes",
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("snoozed_until", None),
                    models.Q(("status__in", ["resolved", "closed"]), _negated=True),
                    _connector="OR",
                ),
                name="tickets_ticket_ended_is_awake",
            ),
        ),
    ]
