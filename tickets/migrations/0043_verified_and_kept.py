"""Waits on us are looked at for what they have cost; the audit knows two kinds more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0040_outward"),
    ]

    operations = [
        migrations.AddField(
            model_name="clock",
            name="wait_ended_at",
            field=models.DateTimeField(
                help_text="When a wait on us ended that was not looked at yet for what it has cost.",
                null=True,
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
                    ("verified", "customer verified"),
                    ("kept", "kept what ended while we were late"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("wait_ended_at__isnull", False)),
                fields=["wait_ended_at", "id"],
                name="tickets_clock_to_make_good",
            ),
        ),
    ]
