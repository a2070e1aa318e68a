"""Who marked a reward as sent, who ended a tier set by hand, points taken back that cost a tier, vouchers at a till."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0034_statement_runs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="voucher",
            options={"permissions": [("use_voucher", "Can take in vouchers")]},
        ),
        migrations.AddField(
            model_name="redemption",
            name="shipped_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="redemption",
            name="shipped_key",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="The key of the last marking, also once undone.",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="tierfloor",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Who ended it before its day.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="shipped_at",
            field=models.DateTimeField(blank=True, help_text="When it was marked as sent.", null=True),
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
                    ("reversal", "points taken back"),
                    ("manual", "set by hand"),
                    ("merge", "accounts merged"),
                    ("unmerge", "merge undone"),
                    ("version", "a new version of the tiers"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(
                condition=models.Q(("shipped_at__isnull", True), ("state", "posted")),
                fields=["reward", "-id"],
                name="loyalty_redemption_to_send",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("shipped_by__isnull", True), ("shipped_at__isnull", False), _connector="OR"
                ),
                name="loyalty_redemption_sent_by_somebody_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(("shipped_at__isnull", True), ("state", "posted"), _connector="OR"),
                name="loyalty_redemption_only_taken_ones_are_sent",
            ),
        ),
    ]
