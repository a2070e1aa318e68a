"""How often a mail that came in was worked on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0002_one_brand"),
    ]

    operations = [
        migrations.AddField(
            model_name="inboundmail",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
