"""What the radar found, and the nights in which it looked."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock

# A key over (customer, brand): the finding and its customer are of one brand, the database sees to it.
SAME_BRAND = "goodwill_finding_customer_id_of_one_brand"


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0040_notifications_of_an_agent"),
        ("customers", "0043_who_asks"),
        ("goodwill", "0011_pledges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Finding",
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
                            ("related", "own or related account"),
                            ("one_customer", "the same customer again and again"),
                            ("silent", "nothing from the customer on the ticket"),
                            ("alone", "opened and closed by who gave"),
                            ("just_under", "just under the limit"),
                            ("split", "split over tickets of one customer"),
                            ("merged", "given, accounts merged, spent within a day"),
                            ("new_accounts", "to new accounts"),
                            ("each_other", "two who agree to each other’s"),
                            ("above_peers", "far above peers of the queue"),
                        ],
                        max_length=12,
                    ),
                ),
                ("evidence", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("looked_into", "looked into"),
                            ("dismissed", "dismissed"),
                            ("confirmed", "confirmed"),
                        ],
                        default="open",
                        max_length=11,
                    ),
                ),
                ("found_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "seen_at",
                    models.DateTimeField(
                        default=contactcenter.clock.now, help_text="When it was last found."
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, max_length=500)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated finding harmless.", max_length=80, unique=True
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who looks into it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [("decide_finding", "Can look into what the radar of goodwill found")],
                "indexes": [
                    models.Index(
                        models.F("brand"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "*", models.Value(-1)
                        ),
                        name="goodwill_finding_newest",
                    ),
                    models.Index(
                        models.F("brand"),
                        models.F("state"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "*", models.Value(-1)
                        ),
                        name="goodwill_finding_by_state",
                    ),
                    models.Index(fields=["brand", "agent", "kind"], name="goodwill_finding_of_agent"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("state__in", ["open", "looked_into"]),
                            ),
                            models.Q(
                                ("state__in", ["dismissed", "confirmed"]),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="goodwill_finding_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "open"), ("owner__isnull", False), _connector="OR"),
                        name="goodwill_finding_has_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("owner", None),
                                models.Q(("owner", models.F("agent")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("owner", None),
                                ("approver", None),
                                models.Q(("owner", models.F("approver")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("decided_by", None),
                                models.Q(("decided_by", models.F("agent")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("decided_by", None),
                                ("approver", None),
                                models.Q(("decided_by", models.F("approver")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="goodwill_finding_takes_others",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approver", None),
                            models.Q(("approver", models.F("agent")), _negated=True),
                            _connector="OR",
                        ),
                        name="goodwill_finding_of_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("night", models.DateField(help_text="The day that began, in the time zone of the brand.")),
                ("at", models.DateTimeField(default=contactcenter.clock.now)),
                ("gifts", models.PositiveIntegerField(default=0)),
                ("found", models.PositiveIntegerField(default=0)),
                (
                    "brand",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="agents.brand",
                    ),
                ),
            ],
            options={
                "verbose_name": "night of the radar",
                "verbose_name_plural": "nights of the radar",
                "indexes": [
                    models.Index(
                        models.F("brand"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("id"), "*", models.Value(-1)
                        ),
                        name="goodwill_watch_newest",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("brand", "night"), name="goodwill_watch_once_a_night")
                ],
            },
        ),
        migrations.RunSQL(
            f"ALTER TABLE goodwill_finding ADD CONSTRAINT {SAME_BRAND} FOREIGN KEY (customer_id, brand_id) "
            "REFERENCES customers_customer (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
            f"ALTER TABLE goodwill_finding DROP CONSTRAINT {SAME_BRAND}",
        ),
    ]
