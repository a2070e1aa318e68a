"""Events of promises, of putting off and of closing stand beside those of sorting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0022_links"),
    ]

    operations = [
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
                    ("linked", "linked"),
                    ("unlinked", "link undone"),
                ],
                max_length=20,
            ),
        ),
    ]
