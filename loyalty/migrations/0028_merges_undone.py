"""A merge of accounts may be undone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0027_earn_by_way_of_expiry"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="accountevent",
            name="loyalty_accountevent_kind_known",
        ),
        migrations.AlterField(
            model_name="accountevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("frozen", "frozen"),
                    ("unfrozen", "unfrozen"),
                    ("merged", "merged into another"),
                    ("unmerged", "merge undone"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="tierchange",
            name="cause",
            field=models.CharField(
                choices=[
                    ("earned", "reached"),
                    ("late_order", "reached by a late order"),
                    ("kept", "kept"),
                    ("lapsed", "not earned again"),
                    ("refund", "money given back"),
                    ("manual", "set by hand"),
                    ("merge", "accounts merged"),
                    ("unmerge", "merge undone"),
                    ("version", "a new version of the tiers"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="accountevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["frozen", "unfrozen", "merged", "unmerged"])),
                name="loyalty_accountevent_kind_known",
            ),
        ),
    ]
