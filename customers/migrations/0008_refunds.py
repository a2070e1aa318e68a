"""Money of an order given back: written once, by line, never more than was paid."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def same_order(column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, order_id): the refund of a line is of the order of both."""
    name = f"customers_orderlinerefund_{column}_of_one_order"
    return migrations.RunSQL(
        f"ALTER TABLE customers_orderlinerefund ADD CONSTRAINT {name} FOREIGN KEY ({column}, order_id) "
        f"REFERENCES {parent} (id, order_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE customers_orderlinerefund DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_change_of_one_brand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OrderLineRefund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("quantity", models.PositiveIntegerField(default=0)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="OrderRefund",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("key", models.CharField(max_length=80, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                ("refunded_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
        ),
        migrations.AlterModelOptions(
            name="order",
            options={"permissions": [("refund_order", "Can give money of an order back")]},
        ),
        migrations.AddField(
            model_name="orderline",
            name="refunded_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refunded_minor__gte", 0), ("refunded_minor__lte", models.F("amount_minor"))
                ),
                name="customers_orderline_refund_within_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="orderline",
            constraint=models.UniqueConstraint(
                fields=("id", "order"), name="customers_orderline_of_its_order"
            ),
        ),
        migrations.AddField(
            model_name="orderlinerefund",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="customers.orderline"
            ),
        ),
        migrations.AddField(
            model_name="orderlinerefund",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.order"
            ),
        ),
        migrations.AddField(
            model_name="orderrefund",
            name="by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="orderrefund",
            name="order",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="customers.order"
            ),
        ),
        migrations.AddField(
            model_name="orderlinerefund",
            name="refund",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="customers.orderrefund"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderrefund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="customers_orderrefund_gives_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderrefund",
            constraint=models.UniqueConstraint(
                fields=("id", "order"), name="customers_orderrefund_of_its_order"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderrefund",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4abaefd699bac8c23f2bdc82699d02e0a8f5e58f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_33534",
                    table="customers_orderrefund",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderrefund",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="6498da369200dda871f667479d95c63b44136dcb",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_a3f3f",
                    table="customers_orderrefund",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="orderlinerefund",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="customers_orderlinerefund_gives_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderlinerefund",
            constraint=models.UniqueConstraint(
                fields=("refund", "line"), name="customers_orderlinerefund_line_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderlinerefund",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c10ef2bc7d54059ba6d04627af71cd10b71dfcce",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2a5e1",
                    table="customers_orderlinerefund",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderlinerefund",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="605af5ee3d4b787e1a128ed50263b05d36f14d66",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_8e3e5",
                    table="customers_orderlinerefund",
                    when="BEFORE",
                ),
            ),
        ),
        same_order("line_id", "customers_orderline"),
        same_order("refund_id", "customers_orderrefund"),
    ]
