"""What was changed on a customer, addresses that can be removed, and indexes to find a caller by."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0002_team_of_its_brand"),
        ("customers", "0005_find_customers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "customer made"),
                            ("profile", "profile changed"),
                            ("added", "address added"),
                            ("removed", "address removed"),
                            ("corrected", "address corrected"),
                            ("verified", "address confirmed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("data", models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.AlterModelOptions(
            name="customer",
            options={"permissions": [("serve_customer", "Can make and edit customers on the desk")]},
        ),
        migrations.RemoveConstraint(
            model_name="contactpoint",
            name="customers_contactpoint_once_a_brand",
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="removed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="findable",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(models.F("name"), function="customers_findable"),
                help_text="The words of the name as they are looked for: a space before each, no accents.",
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                models.F("brand"),
                django.contrib.postgres.indexes.OpClass(models.F("value"), name="text_pattern_ops"),
                condition=models.Q(("removed_at__isnull", True)),
                name="customers_contactpoint_begins",
            ),
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(
                models.F("brand"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Reverse(models.F("value")), name="text_pattern_ops"
                ),
                condition=models.Q(("kind", "phone"), ("removed_at__isnull", True)),
                name="customers_contactpoint_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                fields=["brand", "findable"],
                name="customers_customer_begins",
                opclasses=["int8_ops", "text_pattern_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["brand", "findable"],
                name="customers_customer_words",
                opclasses=["int8_ops", "gin_trgm_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("brand", "kind", "value"),
                name="customers_contactpoint_once_a_brand",
            ),
        ),
        migrations.CreateModel(
            name="ChangeWords",
            fields=[
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="customers.customerchange",
                    ),
                ),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name_plural": "change words",
            },
        ),
        migrations.AddField(
            model_name="customerchange",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="customerchange",
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
            model_name="customerchange",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="customers.customer"
            ),
        ),
        migrations.AddIndex(
            model_name="customerchange",
            index=models.Index(fields=["customer", "-at", "-id"], name="customers_change_newest"),
        ),
        migrations.AddConstraint(
            model_name="customerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["created", "profile", "added", "removed", "corrected", "verified"])
                ),
                name="customers_change_kind_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customerchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f6b890fa12cf040807cce076eac021db10a81994",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7a868",
                    table="customers_customerchange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customerchange",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="f9cd01e368047b6327d51f86f92c1239ccce7f63",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_b4c84",
                    table="customers_customerchange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
