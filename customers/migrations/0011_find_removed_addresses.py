"""An index of the addresses that were taken away, for files of before that still name them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0010_key_of_a_new_customer")]

    operations = [
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                condition=models.Q(("removed_at__isnull", False)),
                fields=["value", "brand", "kind"],
                name="customers_contactpoint_removed",
            ),
        ),
    ]
