"""Who brought whom, the events that give points for it, and what pending points were given for."""

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def same_brand(column: str) -> migrations.RunSQL:
    """A key over (`column`, brand_id): the referral and its account are of one brand, the database sees to it."""
    name = f"loyalty_referral_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE loyalty_referral ADD CONSTRAINT {name} "
        f"FOREIGN KEY ({column}, brand_id) REFERENCES loyalty_account (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE loyalty_referral DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0015_channel_of_an_order"),
        ("loyalty", "0032_referral_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Referral",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[("number", "by the loyalty number"), ("code", "by the code")], max_length=6
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated request harmless.", max_length=80, unique=True
                    ),
                ),
                ("recorded_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for the first order"),
                            ("given", "points given"),
                            ("nothing", "no points"),
                            ("taken_back", "points taken back"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("one_person", "both are one account by now"),
                            ("bought_before", "the friend had bought before"),
                            ("no_rule", "no rule gave anything for that order"),
                        ],
                        max_length=13,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="earningrule",
            name="loyalty_earningrule_event_known",
        ),
        migrations.AddField(
            model_name="pendinggrant",
            name="contra",
            field=models.CharField(
                db_default="issue.order",
                default="issue.order",
                editable=False,
                help_text="What the entry says they were given for.",
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="earningrule",
            name="event",
            field=models.CharField(
                choices=[
                    ("order", "an order"),
                    ("signup", "becoming a member"),
                    ("contact", "a first contact on a channel"),
                    ("birthday", "a birthday"),
                    ("referral", "bringing a friend"),
                    ("referred", "being brought by a member"),
                ],
                default="order",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="earningrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("event__in", ["order", "signup", "contact", "birthday", "referral", "referred"])
                ),
                name="loyalty_earningrule_event_known",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="brand",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agents.brand",
            ),
        ),
        migrations.AddField(
            model_name="referral",
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
            model_name="referral",
            name="friend",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="brought_by", to="loyalty.account"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="order",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.order",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="referrer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="referrals", to="loyalty.account"
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(
                models.F("brand"),
                django.db.models.expressions.CombinedExpression(models.F("id"), "*", models.Value(-1)),
                name="loyalty_referral_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("referrer", models.F("friend")), _negated=True),
                name="loyalty_referral_brings_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("order__isnull", True),
                        ("state", "waiting"),
                        ("why", ""),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("order__isnull", False),
                        ("state__in", ["given", "taken_back"]),
                        ("why", ""),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("order__isnull", False),
                        ("state", "nothing"),
                        ("why__in", ["one_person", "bought_before", "no_rule"]),
                    ),
                    _connector="OR",
                ),
                name="loyalty_referral_state_fits",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["number", "code"])), name="loyalty_referral_way_known"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="who_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."brand_id" IS DISTINCT FROM (NEW."brand_id") OR OLD."referrer_id" IS DISTINCT FROM (NEW."referrer_id") OR OLD."friend_id" IS DISTINCT FROM (NEW."friend_id") OR OLD."way" IS DISTINCT FROM (NEW."way") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="b72d1c0acb6243c9687c71a274510839bed3aa4f",
                    operation="UPDATE",
                    pgid="pgtrigger_who_stays_8ba5b",
                    table="loyalty_referral",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="is_kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="fa6b6e4ac6349d069d3045a044a534efbb4350f9",
                    operation="DELETE",
                    pgid="pgtrigger_is_kept_78c7c",
                    table="loyalty_referral",
                    when="BEFORE",
                ),
            ),
        ),
        same_brand("referrer_id"),
        same_brand("friend_id"),
    ]
