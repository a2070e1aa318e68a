"""The order in which tickets nobody has are taken, brand by brand."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0003_inboundmail_attempts")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                models.F("brand"),
                models.OrderBy(models.F("due_at"), nulls_last=True),
                models.F("id"),
                condition=models.Q(("assignee__isnull", True), ("is_open", True)),
                name="tickets_ticket_nobodys_by_due",
            ),
        ),
    ]
