"""When the clock last reached a worker."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contactcenter", "0002_roles")]

    operations = [
        migrations.CreateModel(
            name="Pulse",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="What showed life.", max_length=20, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it last did.")),
            ],
        ),
    ]
