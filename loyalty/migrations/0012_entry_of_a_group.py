"""The other line of a transfer is found by its group."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0011_ledger_proof"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("group", ""), _negated=True),
                fields=["group"],
                name="loyalty_entry_of_a_group",
            ),
        ),
    ]
