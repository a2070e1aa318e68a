"""Tiers in versions, the history of who held which, and the tiers set by hand."""

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
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0011_find_removed_addresses"),
        ("loyalty", "0020_pending_points"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Criterion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("qualifying_points", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "spend_minor",
                    models.PositiveBigIntegerField(
                        blank=True, help_text="In minor units (cents) of the brand’s currency.", null=True
                    ),
                ),
                ("orders", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name_plural": "criteria",
                "ordering": ["tier_set", "tier__rank"],
            },
        ),
        migrations.CreateModel(
            name="TierChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("earned", "reached"),
                            ("late_order", "reached by a late order"),
                            ("kept", "kept"),
                            ("lapsed", "not earned again"),
                            ("refund", "money given back"),
                            ("manual", "set by hand"),
                            ("merge", "accounts merged"),
                            ("version", "a new version of the tiers"),
                        ],
                        max_length=12,
                    ),
                ),
                ("effective_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("valid_until", models.DateTimeField(blank=True, null=True)),
                ("benefits_until", models.DateTimeField(blank=True, null=True)),
                ("snapshot", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="TierFloor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[("manual", "set by hand"), ("merge", "accounts merged")], max_length=6
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(help_text="A code, never free text.", max_length=40)),
                ("key", models.CharField(max_length=80, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "permissions": [("set_tier", "Can hold a member on a tier by hand")],
            },
        ),
        migrations.CreateModel(
            name="TierSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                (
                    "in_force_from",
                    models.DateField(
                        blank=True,
                        help_text="From the midnight of the programme’s zone that begins this day.",
                        null=True,
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "window",
                    models.CharField(
                        choices=[
                            ("calendar_year", "calendar year"),
                            ("programme_year", "programme year"),
                            ("rolling", "the last months"),
                            ("anniversary", "year of membership"),
                            ("lifetime", "all time"),
                        ],
                        default="calendar_year",
                        max_length=20,
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(default=12, help_text="Length of a rolling window."),
                ),
                (
                    "year_month",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="Month a programme year begins in."
                    ),
                ),
                (
                    "year_day",
                    models.PositiveSmallIntegerField(default=1, help_text="Day a programme year begins on."),
                ),
                (
                    "needs",
                    models.CharField(
                        choices=[("all", "all that is asked for"), ("any", "any of it")],
                        default="all",
                        max_length=3,
                    ),
                ),
                (
                    "review",
                    models.CharField(
                        choices=[
                            ("drop_to_earned", "down to what was earned"),
                            ("one_level", "one level down at most"),
                            ("none", "never down"),
                        ],
                        default="drop_to_earned",
                        max_length=20,
                    ),
                ),
                (
                    "grace_days",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="So long the benefits of a tier outlive it."
                    ),
                ),
                (
                    "refunds",
                    models.CharField(
                        choices=[
                            ("keep_until_expiry", "the tier is kept until it ends"),
                            ("immediate", "the tier is lowered at once"),
                            ("within_days", "lowered at once within some days of reaching it"),
                        ],
                        default="keep_until_expiry",
                        max_length=20,
                    ),
                ),
                ("refund_days", models.PositiveSmallIntegerField(default=30)),
                ("followed_up_to", models.BigIntegerField(default=0, editable=False)),
                ("followed_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["programme", "-version"],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="tier_valid_until",
            field=models.DateTimeField(
                blank=True, help_text="When the tier is reviewed; empty: it never ends.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("tier_valid_until__isnull", False)),
                fields=["tier_valid_until", "id"],
                name="loyalty_account_tier_to_review",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="loyalty_account_of_its_programme"
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.programme"
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="tier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="criteria", to="loyalty.tier"
            ),
        ),
        migrations.AddField(
            model_name="tierchange",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tier_changes", to="loyalty.account"
            ),
        ),
        migrations.AddField(
            model_name="tierchange",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tierchange",
            name="from_tier",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="loyalty.tier",
            ),
        ),
        migrations.AddField(
            model_name="tierchange",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.programme"
            ),
        ),
        migrations.AddField(
            model_name="tierchange",
            name="to_tier",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="loyalty.tier",
            ),
        ),
        migrations.AddField(
            model_name="tierfloor",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tier_floors", to="loyalty.account"
            ),
        ),
        migrations.AddField(
            model_name="tierfloor",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.programme"
            ),
        ),
        migrations.AddField(
            model_name="tierfloor",
            name="set_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tierfloor",
            name="tier",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.tier"
            ),
        ),
        migrations.AddField(
            model_name="tierset",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tier_sets", to="loyalty.programme"
            ),
        ),
        migrations.AddField(
            model_name="tierset",
            name="published_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="tier_set",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="criteria", to="loyalty.tierset"
            ),
        ),
        migrations.AddIndex(
            model_name="tierchange",
            index=models.Index(fields=["account", "-id"], name="loyalty_tierchange_newest"),
        ),
        migrations.AddConstraint(
            model_name="tierchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cause", "kept"),
                    models.Q(("from_tier", models.F("to_tier")), _negated=True),
                    _connector="OR",
                ),
                name="loyalty_tierchange_changes_tier",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause__in", ["manual"]), _negated=True),
                    ("actor__isnull", False),
                    _connector="OR",
                ),
                name="loyalty_tierchange_manual_has_actor",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tierchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="aa51d2e3dcc75b5d6add392a5cb9a7a1b4989b71",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_00d4e",
                    table="loyalty_tierchange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tierchange",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="95541893410645b578364a801c6725fac36cbe04",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_0a50c",
                    table="loyalty_tierchange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="tierfloor",
            index=models.Index(fields=["account", "starts_at"], name="loyalty_tierfloor_of_account"),
        ),
        migrations.AddConstraint(
            model_name="tierfloor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__isnull", True), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                ),
                name="loyalty_tierfloor_lasts",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierfloor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cause", "merge"),
                    models.Q(("set_by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="loyalty_tierfloor_manual_has_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="tierset",
            index=models.Index(
                condition=models.Q(("followed_at__isnull", True), ("published_at__isnull", False)),
                fields=["in_force_from", "id"],
                name="loyalty_tierset_to_follow",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.UniqueConstraint(
                fields=("programme", "version"), name="loyalty_tierset_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.UniqueConstraint(
                condition=models.Q(("published_at__isnull", False)),
                fields=("programme", "in_force_from"),
                name="loyalty_tierset_one_from_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_at__isnull", True), ("in_force_from__isnull", False), _connector="OR"
                ),
                name="loyalty_tierset_published_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.CheckConstraint(
                condition=models.Q(("months__gte", 1)), name="loyalty_tierset_months_pass"
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("year_day__gte", 1),
                    ("year_month__gte", 1),
                    ("year_month__lte", 12),
                    models.Q(
                        ("year_day__lte", 29),
                        models.Q(("year_day", 30), models.Q(("year_month", 2), _negated=True)),
                        models.Q(("year_day", 31), ("year_month__in", [1, 3, 5, 7, 8, 10, 12])),
                        _connector="OR",
                    ),
                ),
                name="loyalty_tierset_year_begins_on_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("window__in", ["calendar_year", "programme_year", "rolling", "anniversary", "lifetime"])
                ),
                name="loyalty_tierset_window_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.CheckConstraint(
                condition=models.Q(("review__in", ["drop_to_earned", "one_level", "none"])),
                name="loyalty_tierset_review_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.CheckConstraint(
                condition=models.Q(("refunds__in", ["keep_until_expiry", "immediate", "within_days"])),
                name="loyalty_tierset_refunds_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tierset",
            constraint=models.UniqueConstraint(
                fields=("id", "programme"), name="loyalty_tierset_of_its_programme"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tierset",
            trigger=pgtrigger.compiler.Trigger(
                name="published_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."published_at" IS NOT NULL)',
                    func="IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - '{followed_up_to,followed_at}'::text[]) = (to_jsonb(OLD) - '{followed_up_to,followed_at}'::text[]) THEN RETURN NEW; END IF; RAISE EXCEPTION 'pgtrigger: this version of the tiers is published and stays as it is';",
                    hash="9e9904d797970f5efd824a45983d8e761eb73330",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_published_stays_8030b",
                    table="loyalty_tierset",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.UniqueConstraint(
                fields=("tier_set", "tier"), name="loyalty_criterion_tier_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("qualifying_points__isnull", False),
                    ("spend_minor__isnull", False),
                    ("orders__isnull", False),
                    _connector="OR",
                ),
                name="loyalty_criterion_asks_something",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="criterion",
            trigger=pgtrigger.compiler.Trigger(
                name="published_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF EXISTS (SELECT 1 FROM loyalty_tierset WHERE published_at IS NOT NULL AND id IN (NEW.tier_set_id, OLD.tier_set_id)) THEN RAISE EXCEPTION 'pgtrigger: this version of the tiers is published and stays as it is'; END IF; RETURN COALESCE(NEW, OLD);",
                    hash="ff8566b7310bf996131fca0543aaa763ae2e07da",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_published_stays_24e20",
                    table="loyalty_criterion",
                    when="BEFORE",
                ),
            ),
        ),
        same("programme", "loyalty_criterion", "tier_set_id", "loyalty_tierset"),
        same("programme", "loyalty_criterion", "tier_id", "loyalty_tier"),
        same("programme", "loyalty_tierchange", "account_id", "loyalty_account"),
        same("programme", "loyalty_tierchange", "from_tier_id", "loyalty_tier"),
        same("programme", "loyalty_tierchange", "to_tier_id", "loyalty_tier"),
        same("programme", "loyalty_tierfloor", "account_id", "loyalty_account"),
        same("programme", "loyalty_tierfloor", "tier_id", "loyalty_tier"),
    ]
