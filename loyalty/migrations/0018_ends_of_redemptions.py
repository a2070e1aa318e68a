"""What becomes of a redemption, said so that a state nobody knows breaks one rule alone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0017_earn_and_redeem"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="redemption",
            name="loyalty_redemption_posted_has_entry",
        ),
        migrations.RemoveConstraint(
            model_name="redemption",
            name="loyalty_redemption_ended_when_over",
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entry__isnull", True), ("state__in", ["waiting", "lapsed"])),
                    models.Q(
                        models.Q(("state__in", ["waiting", "lapsed"]), _negated=True),
                        ("entry__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="loyalty_redemption_posted_has_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ["lapsed", "undone"])),
                    models.Q(
                        models.Q(("state__in", ["lapsed", "undone"]), _negated=True),
                        ("ended_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="loyalty_redemption_ended_when_over",
            ),
        ),
    ]
