"""Day and month of a birthday, found by the day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("customers", "0013_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="birth_day",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="birth_month",
            field=models.PositiveSmallIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("birth_month__isnull", False)),
                fields=["birth_month", "birth_day"],
                name="customers_customer_birthday",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("birth_day__isnull", True), ("birth_month__isnull", True)),
                    models.Q(
                        ("birth_day__isnull", False),
                        ("birth_month__isnull", False),
                        models.Q(
                            models.Q(
                                ("birth_day__range", (1, 31)), ("birth_month__in", [1, 3, 5, 7, 8, 10, 12])
                            ),
                            models.Q(("birth_day__range", (1, 30)), ("birth_month__in", [4, 6, 9, 11])),
                            models.Q(("birth_day__range", (1, 29)), ("birth_month", 2)),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="customers_customer_birthday_is_a_day",
            ),
        ),
    ]
