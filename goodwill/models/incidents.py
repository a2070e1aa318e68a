"""Goodwill for everybody an incident hit: one deed, one answer, one grant for each customer, and whom it left out."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from goodwill.models.budgets import Budget
from goodwill.models.reasons import Reason
from goodwill.models.requests import Request
from tickets.models import Ticket

GIVEN = "given"  # what became of a customer's line; any other word is the code of what stood against it


class IncidentGrantQuerySet(OfBrandQuerySet):
    def to_lapse(self, at: datetime) -> IncidentGrantQuerySet:
        """What has waited for an answer long enough."""
        return self.filter(lapses_at__lte=at, state="asked").order_by("lapses_at", "pk")

    def running(self) -> IncidentGrantQuerySet:
        """What was agreed to and is being given, the oldest first."""
        return self.filter(state="running").order_by("pk")


class IncidentGrant(models.Model):
    """The same `points` for every customer who has a ticket linked to the incident (`ticket`), asked for once.

    `customers` is how many were counted when it was asked for, and the most that the `approver` agreed to. `reserved`
    is what the budget still holds for it. With `spares` whoever was given something on such a ticket is left out.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waiting")
        RUNNING = "running", _("being given")
        DONE = "done", _("given")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")
        STOPPED = "stopped", _("stopped")

    AGREED = (State.RUNNING, State.DONE, State.STOPPED)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="incident_grants")
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="+")
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, blank=True, related_name="incident_grants")
    points = models.PositiveIntegerField(help_text=_("For each customer."))
    customers = models.PositiveIntegerField(help_text=_("How many were counted when it was asked for."))
    spares = models.BooleanField(
        default=False, help_text=_("Whoever was given something on a linked ticket is left out.")
    )
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated request harmless."))
    words = models.CharField(max_length=500, blank=True, help_text=_("What whoever decides should know."))
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    approver = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    reserved = models.PositiveBigIntegerField(default=0, editable=False)
    asked_at = models.DateTimeField(default=clock.now)
    lapses_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = IncidentGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(points__gt=0) & Q(customers__gt=0), name="goodwill_incidentgrant_gives_something"
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("by")), name="goodwill_incidentgrant_takes_another"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "stopped", "declined"], approver__isnull=False)
                | Q(state__in=["asked", "withdrawn", "lapsed"], approver__isnull=True),
                name="goodwill_incidentgrant_answered_by",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", lapses_at__isnull=False)
                | (~Q(state="asked") & Q(lapses_at__isnull=True)),
                name="goodwill_incidentgrant_waits_for_a_time",
            ),
            models.CheckConstraint(
                condition=Q(reserved__lte=F("points") * F("customers"))
                & (Q(reserved=0) | Q(state__in=["asked", "running"])),
                name="goodwill_incidentgrant_reserves_what_it_gives",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state__in=["asked", "running"]),
                name="goodwill_incidentgrant_one_at_a_time",
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="goodwill_incidentgrant_of_its_brand"),
        ]  # fmt: skip
        indexes = [
            models.Index("brand", newest(), name="goodwill_incidentgrant_newest"),
            models.Index(
                fields=["id"], condition=Q(state="running"), name="goodwill_incidentgrant_running"
            ),
            models.Index(
                fields=["lapses_at", "id"], condition=Q(lapses_at__isnull=False),
                name="goodwill_incidentgrant_lapses",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.points} · {self.ticket_id}"

    @property
    def whole(self) -> int:
        """What it takes when each of those counted is given it."""
        return self.points * self.customers


class IncidentLine(models.Model):
    """What became of one customer, on the `ticket` of theirs that was told: `given`, or why they were left out.

    The customer is the ticket's: it follows when customers are merged, and goes back when they are parted.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    grant = models.ForeignKey(IncidentGrant, models.PROTECT, related_name="lines", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="+")
    request = models.OneToOneField(Request, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=40)
    bound = models.CharField(max_length=20, blank=True, help_text=_("The limit that stood against it."))
    at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant", "ticket"], name="goodwill_incidentline_once"),
            models.CheckConstraint(
                condition=Q(outcome=GIVEN, request__isnull=False)
                | (~Q(outcome=GIVEN) & Q(request__isnull=True)),
                name="goodwill_incidentline_given_has_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id} · {self.outcome}"
