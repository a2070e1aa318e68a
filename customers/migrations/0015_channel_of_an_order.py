"""An order knows how it was bought."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0014_birthdays"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="channel",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="How it was bought: web, app, shop.",
                max_length=20,
            ),
        ),
    ]
