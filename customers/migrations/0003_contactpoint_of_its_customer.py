"""A promise can point at a contact point and its customer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_one_brand")]

    operations = [
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(
                fields=("id", "customer"), name="customers_contactpoint_of_its_customer"
            ),
        ),
    ]
