"""The months whose statements are sent, each worked off once for a programme."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0033_referrals"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatementRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.")),
                (
                    "after",
                    models.BigIntegerField(default=0, help_text="Written up to the customer with this id."),
                ),
                ("letters", models.PositiveIntegerField(default=0)),
                ("begun_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(blank=True, null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="loyalty.programme"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at__isnull", True)),
                        fields=["month", "id"],
                        name="loyalty_statementrun_to_write",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("programme", "month"), name="loyalty_statementrun_month_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="loyalty_statementrun_of_a_month"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE loyalty_statementrun ADD CONSTRAINT loyalty_statementrun_programme_id_of_one_brand "
            "FOREIGN KEY (programme_id, brand_id) REFERENCES loyalty_programme (id, brand_id) DEFERRABLE INITIALLY IMMEDIATE",
            "ALTER TABLE loyalty_statementrun DROP CONSTRAINT loyalty_statementrun_programme_id_of_one_brand",
        ),
    ]
