"""An index that finds addresses which were taken away."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0005_names_of_tokens"),
        ("customers", "0010_key_of_a_new_customer"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                condition=models.Q(("removed_at__isnull", False)),
                fields=["value"],
                name="customers_contactpoint_removed",
            ),
        ),
    ]
