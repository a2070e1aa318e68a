"""The ledger by day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0006_reversals")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["posted_at"], name="loyalty_entry_by_posting"),
        ),
    ]
