"""What tiers entitle to, and what of it was used."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def same(what: str, table: str, column: str, parent: str) -> migrations.RunSQL:
    """A key over (`column`, `what`_id): the row and its `parent` are of one `what`, the database sees to it."""
    name = f"{table}_{column}_of_one_{what}"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, {what}_id) "
        f"REFERENCES {parent} (id, {what}_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0023_tiers_ask_by_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Benefit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("priority", "goes first in the queue"),
                            ("reply_time", "is answered sooner"),
                            ("counted", "so many times a year"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "value",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Percent of the usual reply time: 50 is twice as soon.",
                        null=True,
                    ),
                ),
                (
                    "per_year",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Uses in a calendar year.", null=True
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="benefits",
                        to="loyalty.programme",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="benefits",
                        to="loyalty.tier",
                    ),
                ),
            ],
            options={
                "ordering": ["tier__rank", "code"],
            },
        ),
        migrations.CreateModel(
            name="BenefitUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("used_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("key", models.CharField(max_length=80, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="What it was used for: ticket:FF-4812.", max_length=80
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="benefit_uses",
                        to="loyalty.account",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="loyalty.benefit"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.programme"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="benefit",
            constraint=models.UniqueConstraint(
                fields=("tier", "code"), name="loyalty_benefit_code_once_a_tier"
            ),
        ),
        migrations.AddConstraint(
            model_name="benefit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "priority"), ("per_year__isnull", True), ("value__isnull", True)),
                    models.Q(
                        ("kind", "reply_time"),
                        ("per_year__isnull", True),
                        ("value__gte", 1),
                        ("value__lte", 100),
                    ),
                    models.Q(("kind", "counted"), ("per_year__gte", 1), ("value__isnull", True)),
                    _connector="OR",
                ),
                name="loyalty_benefit_figures_fit_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="benefit",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="loyalty_benefit_of_its_programme"
            ),
        ),
        migrations.AddIndex(
            model_name="benefituse",
            index=models.Index(fields=["account", "used_at"], name="loyalty_benefituse_of_account"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="benefituse",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="295e221ded9b405330358778afb51cd1396b5405",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_88a7d",
                    table="loyalty_benefituse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="benefituse",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="bd13c8158aaa46a858ffe829f14c7d0975d1a7d1",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_d406f",
                    table="loyalty_benefituse",
                    when="BEFORE",
                ),
            ),
        ),
        same("programme", "loyalty_benefit", "tier_id", "loyalty_tier"),
        same("programme", "loyalty_benefituse", "account_id", "loyalty_account"),
        same("programme", "loyalty_benefituse", "benefit_id", "loyalty_benefit"),
    ]
