"""A token says who issued and who revoked it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def by(what):
    return models.ForeignKey(
        blank=True,
        help_text=what,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0005_names_of_tokens"),
    ]

    operations = [
        migrations.AddField("token", "issued_by", by("Empty: from the command line.")),
        migrations.AddField("token", "revoked_by", by("")),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("revoked_by", None), ("revoked_at__isnull", False), _connector="OR"),
                name="agents_token_revoked_by_somebody_at_a_time",
            ),
        ),
    ]
