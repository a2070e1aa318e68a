"""Indexes that hold the rows of a brand by id, for lists that start with the newest."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0004_token_and_answer"),
        ("customers", "0008_refunds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="customers",
                to="agents.brand",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="customers_customer_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="customers_order_of_brand",
            ),
        ),
    ]
