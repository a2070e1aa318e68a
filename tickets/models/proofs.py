"""What the proofs of the tickets' audit came to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet

STALE = timedelta(days=2)  # a proof is made each night: older than this, two were missed


class TicketProofQuerySet(OfBrandQuerySet):
    def newest(self) -> Any:
        """The last proof of each brand."""
        return self.order_by("brand_id", "-at", "-pk").distinct("brand_id")


class TicketProof(models.Model):
    """That the audit of every ticket of a brand was whole at `at`, or the `findings` where it was not.

    `lines` up to the id `newest` were there: a later proof misses what was taken away of them. `broken` counts all
    tickets whose audit is not whole; only the first ones are kept by name.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="ticket_proofs")
    at = models.DateTimeField(help_text=_("When it was proven."))
    seconds = models.FloatField(help_text=_("How long the proof of all brands took."))
    lines = models.PositiveBigIntegerField(help_text=_("How many lines were read."))
    newest = models.PositiveBigIntegerField(help_text=_("The id of the last line that was read."))
    broken = models.PositiveIntegerField(help_text=_("How many tickets have an audit that is not whole."))
    findings = models.JSONField(default=list, blank=True)

    objects = TicketProofQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket proof")
        indexes = [models.Index(fields=["brand", "-at", "-id"], name="tickets_ticketproof_newest")]

    def __str__(self) -> str:
        return f"{self.brand} {self.at:%Y-%m-%d %H:%M}"

    def is_stale(self, at: datetime) -> bool:
        """Whether the nights after it were missed."""
        return self.at < at - STALE
