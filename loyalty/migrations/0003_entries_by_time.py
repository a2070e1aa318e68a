"""The order in which a timeline shows the points of an account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0002_one_brand")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "-occurred_at", "-id"], name="loyalty_entry_newest"),
        ),
    ]
