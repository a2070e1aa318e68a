"""What was ticked on a ticket's checklist, and how long an agent had to do with it after the last word."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from tickets.models.reasons import ChecklistItem, ContactReason
from tickets.models.tickets import Ticket


class TicketCheck(models.Model):
    """That a line of a checklist is ticked on a ticket; the ticket's audit says since when and until when."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="checks", db_index=False)
    reason = models.ForeignKey(ContactReason, models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey(ChecklistItem, models.PROTECT, related_name="+")
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "item"], name="tickets_ticketcheck_once")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.item_id}"


class WrapUpQuerySet(OfBrandQuerySet):
    def running(self, at: datetime) -> WrapUpQuerySet:
        """Those that are not over at `at`: neither ended nor past the longest they may take."""
        return self.filter(ended_at=None, until__gt=at)


class WrapUp(models.Model):
    """The time an agent still has to do with a ticket after the last word on it: from a deed to their release.

    Instants in UTC. It ends at `until` at the latest, whether anybody says so or not.
    """

    class How(models.TextChoices):
        AGENT = "agent", _("said so")
        NEXT = "next", _("went on to another ticket")
        LIMIT = "limit", _("time was over")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="wrap_ups")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    started_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=5, choices=How, blank=True)

    objects = WrapUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at=None), name="tickets_wrapup_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("started_at"))
                & (Q(ended_at=None) | Q(ended_at__gte=F("started_at"), ended_at__lte=F("until"))),
                name="tickets_wrapup_goes_forward",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, how="")
                | Q(ended_at__isnull=False, how__in=["agent", "next", "limit"]),
                name="tickets_wrapup_ended_somehow",
            ),
        ]
        indexes = [models.Index(fields=["brand", "started_at"], name="tickets_wrapup_by_start")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it runs."""
        return round((self.ended_at - self.started_at).total_seconds()) if self.ended_at else None
