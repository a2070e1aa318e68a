"""Mail exactly as it arrived."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet
from contactcenter import clock

if TYPE_CHECKING:
    pass
from tickets.models.messages import Message


class InboundMailQuerySet(OfBrandQuerySet):
    def cut_short(self, at: datetime, *, after: timedelta) -> InboundMailQuerySet:
        """Mail that came, or was tried last, so long `after` ago that nobody can still be at it."""
        tries = ExpressionWrapper(
            (F("attempts") + 1) * Value(after, models.DurationField()), output_field=models.DurationField()
        )
        rows = self.filter(outcome=InboundMail.Outcome.RECEIVED)
        return rows.annotate(tried_again=F("received_at") + tries).filter(tried_again__lt=at)


class InboundMail(models.Model):
    """A mail exactly as it arrived, stored before anything else is done with it."""

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("not worked on yet")
        CREATED = "created", _("opened a ticket")
        APPENDED = "appended", _("joined its ticket")
        CONSULTED = "consulted", _("said beside a ticket")
        DUPLICATE = "duplicate", _("was here before")
        IGNORED = "ignored", _("written by no person")
        QUARANTINED = "quarantined", _("belongs to no brand we know")

    sha256 = models.CharField(max_length=64, db_index=True)
    raw = models.BinaryField()
    received_at = models.DateTimeField(default=clock.now)
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RECEIVED)
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="+")

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inbound mail"
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(outcome__in=["received", "quarantined"]),
                name="tickets_inboundmail_to_look_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.outcome}"
