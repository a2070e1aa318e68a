"""What points are spent on: rewards, who took them, and vouchers. No row joins two brands or accounts."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def same(what, table, column, parent):
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
        ("loyalty", "0009_holds_and_corrections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reward",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(help_text="Stands on the ledger: reward:CODE.", max_length=40)),
                ("name", models.CharField(max_length=60)),
                (
                    "sentence",
                    models.CharField(
                        help_text="What the customer reads; {code} and {until} stand for the voucher and its last day.",
                        max_length=300,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("voucher", "a voucher code"), ("shipped", "sent by hand")],
                        default="voucher",
                        max_length=10,
                    ),
                ),
                (
                    "points",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="The price for everybody; empty: only for tiers with a price.",
                        null=True,
                    ),
                ),
                (
                    "tier_prices",
                    models.JSONField(
                        blank=True, default=dict, help_text="Prices from a tier upwards, by the tier's code."
                    ),
                ),
                (
                    "stock",
                    models.PositiveIntegerField(
                        blank=True, help_text="How many are left; empty: as many as are wanted.", null=True
                    ),
                ),
                ("starts_at", models.DateTimeField(blank=True, null=True)),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "voucher_days",
                    models.PositiveSmallIntegerField(
                        default=90, help_text="So many days a voucher can be used."
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("rank", models.PositiveSmallIntegerField(default=0, help_text="Order on the desk.")),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="loyalty.programme",
                    ),
                ),
            ],
            options={
                "ordering": ["rank", "name"],
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for the customer"),
                            ("posted", "taken"),
                            ("lapsed", "never confirmed"),
                            ("undone", "undone"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated request harmless.", max_length=64, unique=True
                    ),
                ),
                ("request_hash", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField(default=contactcenter.clock.now)),
                ("shipped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, help_text="When it was undone or lapsed.", null=True),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="loyalty.account",
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemption",
                        to="loyalty.entry",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="loyalty.reward",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=14, unique=True)),
                ("valid_until", models.DateTimeField(help_text="The instant at which it ends.")),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "used_key",
                    models.CharField(
                        blank=True,
                        help_text="The key of the use, so that a repeat is harmless.",
                        max_length=64,
                    ),
                ),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "redemption",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="voucher",
                        to="loyalty.redemption",
                    ),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.UniqueConstraint(
                fields=("programme", "code"),
                name="loyalty_reward_code_once",
                violation_error_message="This programme has a reward of that code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__isnull", True), ("points__gt", 0), _connector="OR"),
                name="loyalty_reward_costs_points",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("points__isnull", False), models.Q(("tier_prices", {}), _negated=True), _connector="OR"
                ),
                name="loyalty_reward_has_a_price",
                violation_error_message="Give a price for everybody, or for one tier at least.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Func(
                        models.F("tier_prices"),
                        function="jsonb_path_exists",
                        output_field=models.BooleanField(),
                        template="%(function)s(%(expressions)s, '$.* ? (@.type() != \"number\" || @ < 1 || @.floor() != @)'::jsonpath)",
                    ),
                    _negated=True,
                ),
                name="loyalty_reward_tier_prices_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("starts_at__isnull", True),
                    ("ends_at__isnull", True),
                    ("ends_at__gt", models.F("starts_at")),
                    _connector="OR",
                ),
                name="loyalty_reward_window_runs",
                violation_error_message="The end lies after the start.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("voucher_days__gte", 1)), name="loyalty_reward_voucher_lives"
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["voucher", "shipped"])), name="loyalty_reward_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("stock__isnull", True), ("stock__gte", 0), _connector="OR"),
                name="loyalty_reward_never_oversold",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.UniqueConstraint(fields=("id", "brand"), name="loyalty_reward_of_its_brand"),
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="loyalty_redemption_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gt", 0)), name="loyalty_redemption_costs_points"
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "posted", "lapsed", "undone"])),
                name="loyalty_redemption_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", False), ("state__in", ["posted", "undone"])),
                    models.Q(("entry__isnull", True), ("state__in", ["waiting", "lapsed"])),
                    _connector="OR",
                ),
                name="loyalty_redemption_posted_has_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ["lapsed", "undone"])),
                    models.Q(("ended_at__isnull", True), ("state__in", ["waiting", "posted"])),
                    _connector="OR",
                ),
                name="loyalty_redemption_ended_when_over",
            ),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[2-9A-HJ-KM-NP-Z]{4}(-[2-9A-HJ-KM-NP-Z]{4}){2}$")),
                name="loyalty_voucher_code_is_plain",
            ),
        ),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used_at__isnull", True), ("cancelled_at__isnull", True), _connector="OR"
                ),
                name="loyalty_voucher_used_or_cancelled",
            ),
        ),
        same("brand", "loyalty_reward", "programme_id", "loyalty_programme"),
        same("brand", "loyalty_redemption", "account_id", "loyalty_account"),
        same("brand", "loyalty_redemption", "reward_id", "loyalty_reward"),
        same("account", "loyalty_redemption", "entry_id", "loyalty_entry"),
    ]
