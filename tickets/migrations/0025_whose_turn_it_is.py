"""Tickets stand in the queue by an instant, their turn, and remember the tier that their promises reckon with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TURN = (
    "CASE WHEN due_at IS NULL THEN NULL ELSE LEAST("
    "(due_at AT TIME ZONE 'UTC') - make_interval(mins => head_start),"
    " (due_since AT TIME ZONE 'UTC') + interval '24 hours') AT TIME ZONE 'UTC' END"
)
STANDS = """
UPDATE tickets_ticket t SET promised_tier_id = a.tier_id
  FROM loyalty_account a
 WHERE a.customer_id = t.customer_id AND a.status = 'active' AND a.tier_id IS NOT NULL AND t.is_open;
UPDATE tickets_ticket t
   SET head_start = CASE t.priority WHEN 1 THEN -60 WHEN 3 THEN 60 WHEN 4 THEN 240 ELSE 0 END
     + coalesce((SELECT LEAST(r.rank * 15, 60) FROM loyalty_tier r WHERE r.id = t.promised_tier_id), 0)
     + CASE WHEN EXISTS (
         SELECT 1 FROM loyalty_tier r JOIN loyalty_tier below ON below.programme_id = r.programme_id
           JOIN loyalty_benefit b ON b.tier_id = below.id
          WHERE r.id = t.promised_tier_id AND below.rank <= r.rank AND b.kind = 'priority' AND b.is_active
       ) THEN 60 ELSE 0 END
 WHERE t.is_open;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("customers", "0028_fewer_indexes"),
        ("loyalty", "0043_fewer_statements"),
        ("tickets", "0024_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_ticket_open_by_due",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_ticket_mine_by_due",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_ticket_nobodys_by_due",
        ),
        migrations.RemoveIndex(
            model_name="ticket",
            name="tickets_ticket_queue_by_due",
        ),
        migrations.AddField(
            model_name="ticket",
            name="head_start",
            field=models.SmallIntegerField(
                db_default=0,
                default=0,
                help_text="Minutes that priority and tier put it ahead of its due instant.",
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="promised_tier",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The customer's, as its promises and its place in the queue reckon with it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="loyalty.tier",
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
                    ("late", "a promise was not kept"),
                    ("closed", "closed"),
                    ("snoozed", "put off"),
                    ("woken", "back from being put off"),
                    ("goodwill", "goodwill given"),
                    ("callback", "callback"),
                    ("priority", "priority changed"),
                    ("type", "type changed"),
                    ("tagged", "tag put on"),
                    ("untagged", "tag taken off"),
                    ("tier", "customer's tier changed"),
                    ("linked", "linked"),
                    ("unlinked", "link undone"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="turn_at",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(template=TURN, output_field=models.DateTimeField()),
                output_field=models.DateTimeField(null=True),
            ),
        ),
        migrations.RunSQL(STANDS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("is_open", True)),
                fields=["brand", "due_at"],
                name="tickets_ticket_open_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                models.OrderBy(models.F("turn_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("is_open", True)),
                name="tickets_ticket_open_by_turn",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("assignee"),
                models.OrderBy(models.F("turn_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("is_open", True)),
                name="tickets_ticket_mine_by_turn",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                models.OrderBy(models.F("turn_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("assignee__isnull", True), ("is_open", True)),
                name="tickets_ticket_nobodys_by_turn",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("queue"),
                models.OrderBy(models.F("turn_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("is_open", True)),
                name="tickets_ticket_queue_by_turn",
            ),
        ),
    ]
