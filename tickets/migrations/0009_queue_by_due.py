"""A view narrowed to one queue walks that queue's open tickets in the order of their due times, and no others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0008_newest_first")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("queue"),
                models.OrderBy(models.F("due_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("is_open", True)),
                name="tickets_ticket_queue_by_due",
            ),
        ),
    ]
