"""Who asks: what a brand wants to know of callers, what was found out, the codes that were sent."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


def same_brand(table, column, parent):
    """A key over (`column`, brand_id): the row and its `parent` are of one brand, the database sees to it."""
    name = f"{table}_{column}_of_one_brand"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}, brand_id) "
        f"REFERENCES {parent} (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0008_search_language"),
        ("customers", "0040_letters_by_themselves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VerificationPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=60, help_text="So long a verification holds; then it is asked for again."
                    ),
                ),
                (
                    "codes_an_hour",
                    models.PositiveSmallIntegerField(
                        default=3, help_text="So many codes are sent to one customer within an hour."
                    ),
                ),
                (
                    "questions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        help_text="What the caller may be asked, compared by the system; none: all that is known.",
                        size=None,
                    ),
                ),
                (
                    "right_answers",
                    models.PositiveSmallIntegerField(
                        default=2, help_text="So many of these questions have to be answered rightly."
                    ),
                ),
                (
                    "own_questions",
                    models.TextField(
                        blank=True,
                        help_text="Further questions, one a line: the agent judges the answer, which proves little.",
                        max_length=1000,
                    ),
                ),
                (
                    "see",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ],
                        default=0,
                        verbose_name="see whole addresses",
                    ),
                ),
                (
                    "change",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ],
                        default=2,
                        verbose_name="change addresses, name or birthday",
                    ),
                ),
                (
                    "redeem",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ],
                        default=2,
                        verbose_name="spend points for the customer",
                    ),
                ),
                (
                    "transfer",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ],
                        default=3,
                        verbose_name="move points to another account",
                    ),
                ),
                (
                    "adjust",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ],
                        default=0,
                        verbose_name="give goodwill or adjust points",
                    ),
                ),
                (
                    "merge",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ],
                        default=0,
                        verbose_name="merge two customers",
                    ),
                ),
                (
                    "statement",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ],
                        default=2,
                        verbose_name="send the monthly statement",
                    ),
                ),
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="agents.brand"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "verification policies",
            },
        ),
        migrations.CreateModel(
            name="SentCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("conversation", models.CharField(max_length=40)),
                ("nonce", models.CharField(max_length=32)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("confirmed", "confirmed"), ("void", "void")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=contactcenter.clock.now)),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.contactpoint",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-asked_at"], name="customers_sentcode_hour"),
                    models.Index(
                        models.F("brand"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "*", models.Value(-1)
                        ),
                        name="customers_sentcode_newest",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tries__lte", 5)), name="customers_sentcode_few_tries"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state", "waiting"), ("tries__lt", 5)),
                            models.Q(("ended_at__isnull", False), ("state__in", ["confirmed", "void"])),
                            _connector="OR",
                        ),
                        name="customers_sentcode_state_fits",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("customer", "conversation"),
                        name="customers_sentcode_one_waits",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("conversation", models.CharField(max_length=40)),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "nothing"),
                            (1, "the agent’s judgement"),
                            (2, "questions answered"),
                            (3, "a code confirmed"),
                        ]
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("judged", "the agent’s judgement"),
                            ("questions", "questions"),
                            ("code", "code"),
                            ("merge", "customers merged or parted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("until", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verifications",
                        to="customers.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["customer", "-at"], name="customers_verification_latest"),
                    models.Index(
                        models.F("brand"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "*", models.Value(-1)
                        ),
                        name="customers_verification_newest",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level", 1), ("method", "judged")),
                            models.Q(("level__in", [0, 2]), ("method", "questions")),
                            models.Q(("level", 3), ("method", "code")),
                            models.Q(("level__in", [0, 1, 2, 3]), ("method", "merge")),
                            _connector="OR",
                        ),
                        name="customers_verification_level_fits_method",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("at"))), name="customers_verification_holds"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("conversation__regex", "^(ticket|agent):[0-9]+$")),
                        name="customers_verification_of_a_conversation",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verification",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="305a226765340db9216d26fa206a0433913b9106",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_5baa1",
                    table="customers_verification",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="verification",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot truncate % table', TG_TABLE_NAME;",
                    hash="ee8de6c1a94fd1557f96c4ac72999c0f29930216",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_57fac",
                    table="customers_verification",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("codes_an_hour__range", (1, 20)), ("minutes__range", (1, 1440))),
                name="customers_verificationpolicy_in_bounds",
                violation_error_message="From 1 to 1,440 minutes, and from 1 to 20 codes an hour.",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("right_answers__range", (1, 5))),
                name="customers_verificationpolicy_asks_something",
                violation_error_message="From 1 to 5 right answers.",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("see__in", [0, 1, 2, 3]),
                    ("change__in", [0, 1, 2, 3]),
                    ("redeem__in", [0, 1, 2, 3]),
                    ("transfer__in", [0, 1, 2, 3]),
                    ("adjust__in", [0, 1, 2, 3]),
                    ("merge__in", [0, 1, 2, 3]),
                    ("statement__in", [0, 1, 2, 3]),
                ),
                name="customers_verificationpolicy_levels_known",
            ),
        ),
        same_brand("customers_sentcode", "customer_id", "customers_customer"),
        same_brand("customers_verification", "customer_id", "customers_customer"),
    ]
