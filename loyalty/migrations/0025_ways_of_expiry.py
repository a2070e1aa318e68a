"""Points end by age, by inactivity or on a fixed day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0024_tier_benefits"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="expiry_day",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Of the fixed day: 1 to 31.", null=True
            ),
        ),
        migrations.AddField(
            model_name="programme",
            name="expiry_mode",
            field=models.CharField(
                choices=[
                    ("age", "so long after they were earned"),
                    ("inactivity", "after so long without a deed of the member"),
                    ("fixed_day", "on a day of the year, once they are old enough"),
                ],
                default="age",
                help_text="When points end; for those earned from now on.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="programme",
            name="expiry_month",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="Of the fixed day: 1 to 12.", null=True
            ),
        ),
        migrations.AddField(
            model_name="programme",
            name="inactivity_months",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Points end after so many months without earning or spending.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("expiry_mode", "age"),
                    models.Q(
                        ("expiry_mode", "inactivity"),
                        ("inactivity_months__gte", 1),
                        ("inactivity_months__isnull", False),
                    ),
                    models.Q(
                        ("expiry_day__isnull", False),
                        ("expiry_day__range", (1, 31)),
                        ("expiry_mode", "fixed_day"),
                        ("expiry_month__isnull", False),
                        ("expiry_month__range", (1, 12)),
                    ),
                    _connector="OR",
                ),
                name="loyalty_programme_expiry_is_told",
                violation_error_message="Say after how many months, or on which day, points end.",
            ),
        ),
    ]
