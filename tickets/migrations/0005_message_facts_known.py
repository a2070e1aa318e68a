"""Kinds and states of a message that exist, and a recipient for all that goes out."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_one_brand"),
        ("tickets", "0004_nobodys_by_due"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["inbound", "outbound", "note"])),
                name="tickets_message_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["done", "queued", "sending", "sent", "failed"])),
                name="tickets_message_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "outbound"), _negated=True),
                    ("recipient__isnull", False),
                    _connector="OR",
                ),
                name="tickets_message_outbound_has_recipient",
            ),
        ),
    ]
