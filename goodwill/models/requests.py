"""Every grant that was asked for, and what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from goodwill.models.budgets import Budget
from goodwill.models.pledges import Pledge
from goodwill.models.reasons import Reason
from loyalty.models import Account, Entry
from tickets.models import Ticket

WAITS_FOR = timedelta(hours=48)  # then a request that nobody answered has lapsed


class RequestQuerySet(OfBrandQuerySet):
    def counting(self) -> RequestQuerySet:
        """What counts against limits: given, or waiting for an answer."""
        return self.filter(state__in=["waiting", "posted"])

    def to_lapse(self, at: datetime) -> RequestQuerySet:
        """What has waited long enough."""
        return self.filter(lapses_at__lte=at, state="waiting").order_by("lapses_at", "pk")


class Request(models.Model):
    """Points asked for on a ticket, as an apology or as delight, and what became of it.

    Within the limits of who asks they are given at once; else the request waits for somebody whose own limits allow
    it (`approver`, and a `second` person above a further limit), for 48 hours at the most. `entry` is what gave the
    points, `returned` what took them back.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        POSTED = "posted", _("given")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LAPSED = "lapsed", _("lapsed")
        UNDONE = "undone", _("undone")
        REVERSED = "reversed", _("taken back")

    GIVEN = (State.POSTED, State.UNDONE, State.REVERSED)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="goodwill")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="requests")
    budget = models.ForeignKey(Budget, models.PROTECT, null=True, blank=True, related_name="requests")
    points = models.PositiveIntegerField()
    by = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("Empty where a pledge pays: nobody is charged with it."),
    )  # fmt: skip
    pledge = models.ForeignKey(Pledge, models.PROTECT, null=True, blank=True, related_name="requests")
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated request harmless."))
    words = models.CharField(max_length=500, blank=True, help_text=_("What whoever decides should know."))
    bound = models.CharField(max_length=20, blank=True, help_text=_("The limit that made it wait."))
    takes_two = models.BooleanField(default=False, help_text=_("Two people have to agree."))
    state = models.CharField(max_length=10, choices=State, default=State.POSTED)
    approver = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    second = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="+")
    returned = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    lapses_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        permissions = [
            ("grant_goodwill", "Can grant goodwill points on a ticket"),
            ("approve_goodwill", "Can agree to goodwill that others asked for"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="goodwill_request_gives_something"),
            models.CheckConstraint(
                condition=Q(state__in=["posted", "undone", "reversed"], entry__isnull=False)
                | Q(state__in=["waiting", "declined", "withdrawn", "lapsed"], entry__isnull=True),
                name="goodwill_request_posted_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", returned__isnull=False)
                | Q(state="reversed")
                | (~Q(state__in=["undone", "reversed"]) & Q(returned__isnull=True)),
                name="goodwill_request_taken_back_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", lapses_at__isnull=False)
                | (~Q(state="waiting") & Q(lapses_at__isnull=True)),
                name="goodwill_request_waits_for_a_time",
            ),
            models.CheckConstraint(
                condition=(Q(approver=None) | ~Q(approver=F("by")))
                & (
                    Q(second=None)
                    | (Q(approver__isnull=False) & ~Q(second=F("by")) & ~Q(second=F("approver")))
                ),
                name="goodwill_request_takes_others",
            ),
            models.CheckConstraint(
                condition=~Q(state="declined") | Q(approver__isnull=False),
                name="goodwill_request_declined_by",
            ),
            # A pledge pays in nobody's name, from its budget, as the supervisor who published it has decided.
            models.CheckConstraint(
                condition=Q(by__isnull=False, pledge=None)
                | Q(by=None, pledge__isnull=False, budget__isnull=False, approver__isnull=False),
                name="goodwill_request_by_somebody_or_a_pledge",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="goodwill_request_newest"),
            models.Index(fields=["ticket", "state"], name="goodwill_request_of_ticket"),
            models.Index(fields=["brand", "asked_at"], name="goodwill_request_by_time"),
            models.Index(fields=["by", "asked_at"], name="goodwill_request_of_agent"),
            models.Index(
                fields=["lapses_at", "id"],
                condition=Q(lapses_at__isnull=False),
                name="goodwill_request_to_lapse",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points} · {self.reason_id}"
