"""Customers who are one person: who was merged into whom, what moved with them, who may be the same."""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def same_brand(table, column):
    """A key over (`column`, brand_id): the row and its customer are of one brand, the database sees to it."""
    name = f"{table}_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, brand_id) "
        "REFERENCES customers_customer (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0015_channel_of_an_order"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Duplicate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("score", models.PositiveSmallIntegerField()),
                ("reasons", models.JSONField(default=list)),
                ("found_at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("twice", "Came to us twice"),
                            ("asked", "The customer asked for it"),
                            ("imported", "Came twice with an import"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated merge harmless.", max_length=64, unique=True
                    ),
                ),
                ("request_hash", models.CharField(max_length=64)),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "undo_key",
                    models.CharField(
                        blank=True,
                        help_text="Makes a repeated un-merge harmless.",
                        max_length=64,
                        null=True,
                        unique=True,
                    ),
                ),
                ("undo_hash", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "permissions": [("merge_customers", "Can merge customers and undo it")],
            },
        ),
        migrations.CreateModel(
            name="MergedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("table", models.CharField(max_length=40)),
                ("row", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="NotSame",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
            ],
            options={
                "verbose_name_plural": "not the same",
            },
        ),
        migrations.RemoveConstraint(
            model_name="customerchange",
            name="customers_change_kind_known",
        ),
        migrations.AddField(
            model_name="customer",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                help_text="Who has all that was theirs now.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="customerchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("created", "customer made"),
                    ("profile", "profile changed"),
                    ("added", "address added"),
                    ("removed", "address removed"),
                    ("corrected", "address corrected"),
                    ("verified", "address confirmed"),
                    ("merged", "merged with another"),
                    ("unmerged", "merge undone"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["merged_into"],
                name="customers_customer_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="customers_customer_merged_into_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="customerchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "created",
                            "profile",
                            "added",
                            "removed",
                            "corrected",
                            "verified",
                            "merged",
                            "unmerged",
                        ],
                    )
                ),
                name="customers_change_kind_known",
            ),
        ),
        migrations.AddField(
            model_name="duplicate",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="duplicate",
            name="one",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="duplicate",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="merge",
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
            model_name="merge",
            name="kept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="merges", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="merged",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="undone_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="mergedrow",
            name="merge",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rows",
                to="customers.merge",
            ),
        ),
        migrations.AddField(
            model_name="notsame",
            name="brand",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
            ),
        ),
        migrations.AddField(
            model_name="notsame",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="notsame",
            name="one",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AddField(
            model_name="notsame",
            name="other",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="customers.customer"
            ),
        ),
        migrations.AddIndex(
            model_name="duplicate",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="customers_duplicate_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("one__lt", models.F("other"))), name="customers_duplicate_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicate",
            constraint=models.CheckConstraint(
                condition=models.Q(("score__range", (1, 100))), name="customers_duplicate_score_in_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="duplicate",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="customers_duplicate_once"),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="customers_merge_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("merged")), _negated=True),
                name="customers_merge_takes_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["twice", "asked", "imported"])),
                name="customers_merge_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undo_key__isnull", True), ("undone_at__isnull", True)),
                    models.Q(("undo_key__isnull", False), ("undone_at__isnull", False)),
                    _connector="OR",
                ),
                name="customers_merge_undone_has_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("merged",),
                name="customers_merge_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="mergedrow",
            constraint=models.UniqueConstraint(
                fields=("merge", "table", "row"), name="customers_mergedrow_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mergedrow",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e30c8566b092a892ecc4694575e399f152d4b08c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2845c",
                    table="customers_mergedrow",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="mergedrow",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="8961639b8b63cf96a7362693cad32a0db23ca878",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_ac4b2",
                    table="customers_mergedrow",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="notsame",
            constraint=models.CheckConstraint(
                condition=models.Q(("one__lt", models.F("other"))), name="customers_notsame_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="notsame",
            constraint=models.UniqueConstraint(fields=("one", "other"), name="customers_notsame_once"),
        ),
        same_brand("customers_customer", "merged_into_id"),
        same_brand("customers_merge", "kept_id"),
        same_brand("customers_merge", "merged_id"),
        same_brand("customers_notsame", "one_id"),
        same_brand("customers_notsame", "other_id"),
        same_brand("customers_duplicate", "one_id"),
        same_brand("customers_duplicate", "other_id"),
    ]
