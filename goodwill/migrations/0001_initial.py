"""How much may be given, what for, and every request."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import contactcenter.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("agents", "0001_initial"),
        ("loyalty", "0001_initial"),
        ("tickets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("administrator", "administrator"),
                            ("supervisor", "supervisor"),
                            ("agent", "agent"),
                            ("integration", "integration"),
                        ],
                        max_length=20,
                        unique=True,
                    ),
                ),
                ("per_grant", models.PositiveIntegerField(help_text="Points.")),
            ],
            options={
                "verbose_name_plural": "policies",
            },
        ),
        migrations.CreateModel(
            name="Reason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[("apology", "apology"), ("delight", "delight")],
                        default="apology",
                        max_length=10,
                    ),
                ),
                ("min_points", models.PositiveIntegerField(default=50)),
                ("default_points", models.PositiveIntegerField(default=200)),
                ("max_points", models.PositiveIntegerField(default=1000)),
                ("sentence", models.CharField(max_length=300)),
                ("is_active", models.BooleanField(default=True)),
                ("rank", models.PositiveSmallIntegerField(default=0, help_text="Order on the desk.")),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goodwill_reasons",
                        to="agents.brand",
                    ),
                ),
            ],
            options={
                "ordering": ["rank", "label"],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.PositiveIntegerField()),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated request harmless.", max_length=64, unique=True
                    ),
                ),
                ("state", models.CharField(choices=[("posted", "given")], default="posted", max_length=10)),
                ("asked_at", models.DateTimeField(default=contactcenter.clock.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.account"
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
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="loyalty.entry",
                    ),
                ),
                (
                    "reason",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="goodwill.reason",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="goodwill",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "permissions": [("grant_goodwill", "Can grant goodwill points on a ticket")],
            },
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.UniqueConstraint(
                fields=("brand", "code"), name="goodwill_reason_code_once_a_brand"
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("min_points__gt", 0),
                    ("min_points__lte", models.F("default_points")),
                    ("default_points__lte", models.F("max_points")),
                ),
                name="goodwill_reason_points_in_order",
                violation_error_message="The least, the usual and the most points stand in this order, above 0.",
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["ticket", "state"], name="goodwill_request_of_ticket"),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gt", 0)), name="goodwill_request_gives_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "posted"), _negated=True), ("entry__isnull", False), _connector="OR"
                ),
                name="goodwill_request_posted_has_entry",
            ),
        ),
    ]
