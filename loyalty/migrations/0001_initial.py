"""Programmes with their tiers, accounts, and the ledger of points with its lots."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agents", "0001_initial"),
        ("customers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("frozen", "frozen"),
                            ("merged", "merged"),
                            ("closed", "closed"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("balance", models.IntegerField(default=0)),
                ("held", models.IntegerField(default=0)),
                ("pending", models.IntegerField(default=0)),
                ("lifetime_earned", models.BigIntegerField(default=0)),
                ("lifetime_redeemed", models.BigIntegerField(default=0)),
                ("lifetime_expired", models.BigIntegerField(default=0)),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0, help_text="Number of entries: the seq of the last one."
                    ),
                ),
                (
                    "next_expiry",
                    models.DateTimeField(blank=True, help_text="When the earliest open lot ends.", null=True),
                ),
                ("joined_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="account",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "permissions": [
                    ("redeem_points", "Can spend points for a customer"),
                    ("adjust_points", "Can adjust points by hand"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("earn", "earned"),
                            ("redeem", "redeemed"),
                            ("expire", "expired"),
                            ("adjust", "adjusted"),
                            ("reverse", "reversed"),
                            ("transfer", "transferred"),
                        ],
                        max_length=10,
                    ),
                ),
                ("contra", models.CharField(max_length=40)),
                ("points", models.IntegerField(help_text="Positive when given, negative when spent.")),
                (
                    "qualifying",
                    models.IntegerField(default=0, help_text="What counts towards tiers; goodwill counts 0."),
                ),
                ("balance_after", models.IntegerField()),
                ("key", models.CharField(max_length=80, unique=True)),
                ("request_hash", models.CharField(max_length=64)),
                ("group", models.CharField(blank=True, max_length=40)),
                ("occurred_at", models.DateTimeField()),
                ("posted_at", models.DateTimeField()),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="What it came from: order:A-20931.", max_length=80
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="A code, never free text.", max_length=40)),
                (
                    "breakdown",
                    models.JSONField(
                        blank=True, default=dict, help_text="The rule and figures that gave the points."
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
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
                    "reverses",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="loyalty.entry",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "entries",
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("granted", models.IntegerField()),
                ("remaining", models.IntegerField()),
                ("is_open", models.BooleanField()),
                ("contra", models.CharField(max_length=40)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="loyalty.account"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lot", to="loyalty.entry"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LotUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.IntegerField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="loyalty.entry"
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="loyalty.lot"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("unit_name", models.CharField(default="points", max_length=20)),
                (
                    "time_zone",
                    models.CharField(
                        default="UTC", help_text="Whose midnight ends a year or a lot.", max_length=40
                    ),
                ),
                (
                    "points_per_unit",
                    models.PositiveIntegerField(
                        default=5, help_text="Earned per whole unit of currency paid."
                    ),
                ),
                (
                    "validity_months",
                    models.PositiveIntegerField(default=24, help_text="Points of an order live so long."),
                ),
                (
                    "goodwill_months",
                    models.PositiveIntegerField(
                        default=12, help_text="Points given as an apology live so long."
                    ),
                ),
                (
                    "point_value_minor",
                    models.PositiveIntegerField(default=1, help_text="What a point is worth when spent."),
                ),
                (
                    "clawback",
                    models.CharField(
                        choices=[
                            ("debt", "the balance may go below zero"),
                            ("clamp", "what is spent already is forgiven"),
                        ],
                        default="debt",
                        max_length=5,
                    ),
                ),
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programme",
                        to="agents.brand",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="account",
            name="programme",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="loyalty.programme"
            ),
        ),
        migrations.CreateModel(
            name="Tier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(help_text="1 is the first; higher is better.")),
                ("code", models.SlugField(max_length=20)),
                ("name", models.CharField(max_length=40)),
                (
                    "qualifying_points",
                    models.PositiveIntegerField(help_text="Reached with so many in one calendar year."),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="loyalty.programme",
                    ),
                ),
            ],
            options={
                "ordering": ["rank"],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="tier",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="loyalty.tier",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("qualifying", 0), _negated=True),
                fields=["account", "occurred_at"],
                include=("qualifying",),
                name="loyalty_entry_qualifying",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("account", "seq"), name="loyalty_entry_seq_once"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("points", 0), _negated=True), name="loyalty_entry_moves_points"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "earn"), ("points__gt", 0)),
                    models.Q(("kind__in", ["redeem", "expire"]), ("points__lt", 0)),
                    ("kind__in", ["adjust", "reverse", "transfer"]),
                    _connector="OR",
                ),
                name="loyalty_entry_sign_fits_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reverse"), ("reverses__isnull", False)),
                    models.Q(models.Q(("kind", "reverse"), _negated=True), ("reverses__isnull", True)),
                    _connector="OR",
                ),
                name="loyalty_entry_reverse_names_entry",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f5d698ef32d7e86e45e3aecee4f083493146ba35",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3c4d4",
                    table="loyalty_entry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="369e4fd83a2e69feba8471122aa0ef1d8d85974b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_4ebfd",
                    table="loyalty_entry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["account", "expires_at", "id"],
                name="loyalty_lot_open_by_expiry",
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(("granted__gt", 0)), name="loyalty_lot_grants_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(("remaining__gte", 0), ("remaining__lte", models.F("granted"))),
                name="loyalty_lot_remaining_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_open", True), ("remaining__gt", 0)),
                    models.Q(("is_open", False), ("remaining", 0)),
                    _connector="OR",
                ),
                name="loyalty_lot_open_while_remaining",
            ),
        ),
        migrations.AddConstraint(
            model_name="lotuse",
            constraint=models.UniqueConstraint(fields=("entry", "lot"), name="loyalty_lotuse_once_an_entry"),
        ),
        migrations.AddConstraint(
            model_name="lotuse",
            constraint=models.CheckConstraint(
                condition=models.Q(("points", 0), _negated=True), name="loyalty_lotuse_moves_points"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotuse",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e33d95eac530a75223496af547e0a6d62fe0d14a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_42311",
                    table="loyalty_lotuse",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lotuse",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="cc7411db025ed735cb23d695a71757d66bd05e03",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_f3418",
                    table="loyalty_lotuse",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(("goodwill_months__gte", 1), ("validity_months__gte", 1)),
                name="loyalty_programme_points_live",
                violation_error_message="Points live for a month at least.",
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="loyalty_programme_of_its_brand"),
        ),
        migrations.AddConstraint(
            model_name="tier",
            constraint=models.UniqueConstraint(fields=("programme", "rank"), name="loyalty_tier_rank_once"),
        ),
        migrations.AddConstraint(
            model_name="tier",
            constraint=models.UniqueConstraint(fields=("programme", "code"), name="loyalty_tier_code_once"),
        ),
        migrations.AddConstraint(
            model_name="tier",
            constraint=models.UniqueConstraint(
                fields=("programme", "qualifying_points"), name="loyalty_tier_threshold_once"
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("next_expiry__isnull", False)),
                fields=["next_expiry", "id"],
                name="loyalty_account_to_expire",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("programme", "number"), name="loyalty_account_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("held__gte", 0)), name="loyalty_account_held_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("pending__gte", 0)), name="loyalty_account_pending_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "frozen", "merged", "closed"])),
                name="loyalty_account_status_known",
            ),
        ),
    ]
