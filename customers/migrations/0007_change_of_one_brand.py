"""A line of a customer's history is of the customer's brand: the database sees to it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("customers", "0006_find_and_edit_customers")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE customers_customerchange ADD CONSTRAINT customers_customerchange_customer_id_of_one_brand "
            "FOREIGN KEY (customer_id, brand_id) REFERENCES customers_customer (id, brand_id) "
            "DEFERRABLE INITIALLY IMMEDIATE",
            "ALTER TABLE customers_customerchange DROP CONSTRAINT customers_customerchange_customer_id_of_one_brand",
        )
    ]
