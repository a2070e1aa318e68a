"""What an agent was told, the newest first: the list behind the bell."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0034_presence"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["agent", "-id"], name="agents_notification_of_agent"),
        ),
    ]
