"""What the proofs of the ledger came to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet

STALE = timedelta(days=2)  # a proof is made each night: older than this, two were missed


class LedgerProofQuerySet(OfBrandQuerySet):
    def newest(self) -> Any:
        """The last proof of each brand."""
        return self.order_by("brand_id", "-at", "-pk").distinct("brand_id")


class LedgerProof(models.Model):
    """That all invariants of one brand's ledger held at `at`, or the `findings` where one did not.

    `broken` counts all findings; of each invariant only the first ones are kept by name.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="ledger_proofs")
    at = models.DateTimeField(help_text=_("When it was proven."))
    seconds = models.FloatField(help_text=_("How long the proof of all brands took."))
    entries = models.PositiveBigIntegerField(help_text=_("How many lines were read."))
    broken = models.PositiveIntegerField(help_text=_("How many invariants do not hold, counted by account."))
    findings = models.JSONField(default=list, blank=True)

    objects = LedgerProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger proof")
        indexes = [models.Index(fields=["brand", "-at", "-id"], name="loyalty_ledgerproof_newest")]

    def __str__(self) -> str:
        return f"{self.brand} {self.at:%Y-%m-%d %H:%M}"

    def is_stale(self, at: datetime) -> bool:
        """Whether the nights after it were missed."""
        return self.at < at - STALE
