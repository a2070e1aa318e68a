"""Rewards above a limit: their points are held until the customer confirms by a code."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0018_ends_of_redemptions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="confirm_above",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Above so many points the customer confirms by a code what an agent spends for them.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="hold",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemption",
                to="loyalty.hold",
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="nonce",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="What the customer's code is made of, with a secret.",
                max_length=32,
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0, help_text="How often a code was typed."),
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["account"],
                name="loyalty_redemption_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "waiting"), _negated=True),
                    models.Q(("hold__isnull", False), models.Q(("nonce", ""), _negated=True)),
                    _connector="OR",
                ),
                name="loyalty_redemption_waiting_is_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("tries__lte", 5)), name="loyalty_redemption_five_tries"
            ),
        ),
    ]
