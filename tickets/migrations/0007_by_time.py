"""Tickets and messages by day, for the start page and the filters of the lists."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_one_team_one_customer")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("kind", "outbound")),
                fields=["created_at"],
                name="tickets_message_answers",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state", "failed")), fields=["created_at"], name="tickets_message_failed"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["brand", "opened_at"], name="tickets_ticket_by_opening"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("resolved_at__isnull", False)),
                fields=["brand", "resolved_at"],
                name="tickets_ticket_by_resolution",
            ),
        ),
    ]
