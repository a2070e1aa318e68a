"""What the proofs of the ledger came to."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0006_who_issued_and_revoked"),
        ("loyalty", "0010_rewards"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it was proven.")),
                ("seconds", models.FloatField(help_text="How long the proof of all brands took.")),
                ("entries", models.PositiveBigIntegerField(help_text="How many lines were read.")),
                (
                    "broken",
                    models.PositiveIntegerField(
                        help_text="How many invariants do not hold, counted by account."
                    ),
                ),
                ("findings", models.JSONField(blank=True, default=list)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_proofs",
                        to="agents.brand",
                    ),
                ),
            ],
            options={
                "verbose_name": "ledger proof",
                "indexes": [models.Index(fields=["brand", "-at", "-id"], name="loyalty_ledgerproof_newest")],
            },
        ),
    ]
