"""Points of an order can be pending first; the entry they become is of the same account."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0019_confirmed_by_code"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="pending_days",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Points of an order are pending for so many days; 0: they are owned at once.",
            ),
        ),
        migrations.CreateModel(
            name="PendingGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("granted", models.PositiveIntegerField()),
                ("points", models.PositiveIntegerField()),
                ("qualifying", models.PositiveIntegerField(default=0)),
                ("matures_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "pending"), ("matured", "matured"), ("cancelled", "cancelled")],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("is_open", models.BooleanField(default=True)),
                (
                    "key",
                    models.CharField(
                        help_text="Makes a repeated order harmless.", max_length=80, unique=True
                    ),
                ),
                ("source", models.CharField(help_text="What it came from: order:A-20931.", max_length=80)),
                ("occurred_at", models.DateTimeField(help_text="When the order was placed.")),
                ("breakdown", models.JSONField(blank=True, default=dict)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pending_grants",
                        to="loyalty.account",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pending_grant",
                        to="loyalty.entry",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_open", True)),
                        fields=["matures_at", "id"],
                        name="loyalty_pendinggrant_to_mature",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("granted__gt", 0),
                            ("points__lte", models.F("granted")),
                            ("qualifying__lte", models.F("granted")),
                        ),
                        name="loyalty_pendinggrant_points_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("entry__isnull", True),
                                ("is_open", True),
                                ("points__gt", 0),
                                ("state", "pending"),
                            ),
                            models.Q(
                                ("entry__isnull", False),
                                ("is_open", False),
                                ("points__gt", 0),
                                ("state", "matured"),
                            ),
                            models.Q(
                                ("entry__isnull", True),
                                ("is_open", False),
                                ("points", 0),
                                ("state", "cancelled"),
                            ),
                            _connector="OR",
                        ),
                        name="loyalty_pendinggrant_state_fits",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE loyalty_pendinggrant ADD CONSTRAINT loyalty_pendinggrant_entry_id_of_one_account "
            "FOREIGN KEY (entry_id, account_id) REFERENCES loyalty_entry (id, account_id) DEFERRABLE INITIALLY IMMEDIATE",
            "ALTER TABLE loyalty_pendinggrant DROP CONSTRAINT loyalty_pendinggrant_entry_id_of_one_account",
        ),
    ]
