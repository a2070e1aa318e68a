"""A referral that gave nothing since an account was not active says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("loyalty", "0037_sent_and_ended_by_hand"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="referral", name="loyalty_referral_state_fits"),
        migrations.AlterField(
            model_name="referral",
            name="why",
            field=models.CharField(
                blank=True,
                choices=[
                    ("one_person", "both are one account by now"),
                    ("bought_before", "the friend had bought before"),
                    ("not_active", "an account was not active"),
                    ("no_rule", "no rule gave anything for that order"),
                ],
                max_length=13,
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
                        ("why__in", ["one_person", "bought_before", "not_active", "no_rule"]),
                    ),
                    _connector="OR",
                ),
                name="loyalty_referral_state_fits",
            ),
        ),
    ]
