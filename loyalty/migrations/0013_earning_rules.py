"""By which rules points are earned: rules with their versions, and campaigns; what is live stays as it is."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0012_entry_of_a_group"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EarningRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.SlugField(
                        help_text="Stands in the ledger beside the points it gave.", max_length=20
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("order", "an order"),
                            ("signup", "becoming a member"),
                            ("contact", "a first contact on a channel"),
                            ("birthday", "a birthday"),
                            ("referred", "having been brought by a member, with the first order"),
                            ("referring", "having brought a member, with their first order"),
                        ],
                        default="order",
                        max_length=10,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="earning_rules",
                        to="loyalty.programme",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.SlugField(
                        help_text="Stands in the ledger beside the points it gave.", max_length=30
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("percent", models.PositiveIntegerField(default=100, help_text="200: twice the points.")),
                (
                    "bonus",
                    models.PositiveIntegerField(default=0, help_text="Points besides, once for each order."),
                ),
                (
                    "tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        help_text="Codes of the tiers it is for; empty: for all.",
                        size=None,
                    ),
                ),
                ("live_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "live_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="loyalty.earningrule",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(editable=False)),
                ("valid_from", models.DateTimeField(blank=True, editable=False, null=True)),
                ("live_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "points_per_unit",
                    models.PositiveIntegerField(
                        default=0, help_text="For every whole unit of currency paid."
                    ),
                ),
                (
                    "bonus",
                    models.PositiveIntegerField(default=0, help_text="Points given once, whatever was paid."),
                ),
                (
                    "minimum_minor",
                    models.PositiveBigIntegerField(
                        default=0,
                        help_text="What has to be paid for the lines that count, in minor units (cents).",
                    ),
                ),
                (
                    "skus",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        help_text="Only lines of these articles count; empty: all.",
                        size=None,
                    ),
                ),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        help_text="Only lines of these categories count; empty: all.",
                        size=None,
                    ),
                ),
                (
                    "excluded_skus",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        help_text="Articles that never count.",
                        size=None,
                    ),
                ),
                (
                    "excluded_categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        blank=True,
                        default=list,
                        help_text="Categories that never count: gift cards.",
                        size=None,
                    ),
                ),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        help_text="Only what came by these channels counts; empty: all.",
                        size=None,
                    ),
                ),
                (
                    "tier_percents",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text='By the code of the tier, in percent: {"gold": 150}. Left out: 100.',
                    ),
                ),
                (
                    "rounding",
                    models.CharField(
                        choices=[("down", "down"), ("nearest", "to the nearest, halves up"), ("up", "up")],
                        default="down",
                        help_text="After multiplying.",
                        max_length=7,
                    ),
                ),
                (
                    "counts",
                    models.CharField(
                        choices=[
                            ("nothing", "nothing"),
                            ("base", "the points before multipliers and campaigns"),
                            ("all", "all points it gives"),
                        ],
                        default="nothing",
                        help_text="What counts towards tiers.",
                        max_length=7,
                    ),
                ),
                (
                    "cap_per_day",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Points of one customer on one day of the programme’s zone.",
                        null=True,
                    ),
                ),
                (
                    "cap_per_customer",
                    models.PositiveIntegerField(
                        blank=True, help_text="Points of one customer for ever.", null=True
                    ),
                ),
                (
                    "live_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="loyalty.earningrule",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="earningrule",
            constraint=models.UniqueConstraint(
                fields=("programme", "code"), name="loyalty_earningrule_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="earningrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("event__in", ["order", "signup", "contact", "birthday", "referred", "referring"])
                ),
                name="loyalty_earningrule_event_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(fields=("rule", "code"), name="loyalty_campaign_code_once"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="loyalty_campaign_runs"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("percent__gte", 100), models.Q(("percent__gt", 100), ("bonus__gt", 0), _connector="OR")
                ),
                name="loyalty_campaign_gives_more",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaign",
            trigger=pgtrigger.compiler.Trigger(
                name="live_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.live_at IS NOT NULL AND to_jsonb(NEW) - 'ends_at' IS DISTINCT FROM to_jsonb(OLD) - 'ends_at')",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ef90b1391d4c290a2a42399527e4786281290e91",
                    operation="UPDATE",
                    pgid="pgtrigger_live_stays_1356b",
                    table="loyalty_campaign",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="campaign",
            trigger=pgtrigger.compiler.Trigger(
                name="live_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."live_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="967f5ea80789d1306ee0d6014c0462fbdecf3357",
                    operation="DELETE",
                    pgid="pgtrigger_live_is_kept_96ce7",
                    table="loyalty_campaign",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                fields=("rule", "number"), name="loyalty_ruleversion_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live_at__isnull", True)),
                fields=("rule",),
                name="loyalty_ruleversion_one_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("live_at__isnull", True), ("valid_from__isnull", True)),
                    models.Q(("live_at__isnull", False), ("valid_from__isnull", False)),
                    _connector="OR",
                ),
                name="loyalty_ruleversion_live_from_an_instant",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("counts__in", ["nothing", "base", "all"]), ("rounding__in", ["down", "nearest", "up"])
                ),
                name="loyalty_ruleversion_words_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ruleversion",
            trigger=pgtrigger.compiler.Trigger(
                name="live_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.live_at IS NOT NULL AND to_jsonb(NEW) - '' IS DISTINCT FROM to_jsonb(OLD) - '')",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="a1cd3524ac7ba1184adf1f01e1bb73b2a682a095",
                    operation="UPDATE",
                    pgid="pgtrigger_live_stays_73689",
                    table="loyalty_ruleversion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ruleversion",
            trigger=pgtrigger.compiler.Trigger(
                name="live_is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."live_at" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="2760daeb6562f26ad38fb05a333477e525f1f684",
                    operation="DELETE",
                    pgid="pgtrigger_live_is_kept_ec478",
                    table="loyalty_ruleversion",
                    when="BEFORE",
                ),
            ),
        ),
    ]
