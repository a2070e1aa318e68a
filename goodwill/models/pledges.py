"""What is promised with a price: who is late pays by itself, and what became of each such promise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from goodwill.models.budgets import Budget
from goodwill.models.reasons import Reason
from loyalty.models import Tier
from tickets.models import Clock, Queue, Ticket


class PledgeQuerySet(OfBrandQuerySet):
    def holding(self, at: datetime) -> PledgeQuerySet:
        """Those that hold for a clock that starts at `at`."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at), is_active=True, starts_at__lte=at)

    def for_members(self, *, programme: int, queue: int, rank: int, at: datetime) -> PledgeQuerySet:
        """Those that hold for members of a programme with a tier of this `rank` (0: none) in this queue, the dearest
        first."""
        good_enough = Q(tier_from__programme=programme, tier_from__rank__lte=rank)
        rows = self.holding(at).filter(Q(queue=None) | Q(queue=queue), Q(tier_from=None) | good_enough)
        return rows.order_by("-points", F("minutes").asc(nulls_last=True), "pk")


class Pledge(models.Model):
    """A promise of time to members with the points it costs to break it; a supervisor publishes it.

    `minutes` are opening minutes as the ticket's clock counts them; empty: until the promise of that clock itself is
    broken. `per_customer` payments at most go to one customer in `customer_days`. What is published stays as it was
    said, but for its end, its budget and that it is stopped.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="pledges")
    name = models.CharField(max_length=80)
    tier_from = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Members of this tier or a better one; empty: every member."),
    )  # fmt: skip
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Empty: every queue.")
    )
    kind = models.CharField(
        max_length=10, choices=Clock.Kind, default=Clock.Kind.FIRST, help_text=_("Which clock of a ticket.")
    )
    minutes = models.PositiveIntegerField(
        null=True, blank=True,
        help_text=_("Opening minutes; empty: what the SLA policy of the ticket promises."),
    )  # fmt: skip
    points = models.PositiveIntegerField()
    reason = models.ForeignKey(
        Reason, models.PROTECT, related_name="+", limit_choices_to={"kind": "apology"},
        help_text=_("An apology; its sentence is the customer’s."),
    )  # fmt: skip
    budget = models.ForeignKey(
        Budget, models.PROTECT, related_name="pledges", limit_choices_to={"pays_pledges": True},
        help_text=_("A hard one that only pays pledges."),
    )  # fmt: skip
    per_customer = models.PositiveSmallIntegerField(
        default=1, help_text=_("It pays one customer so often at most …")
    )
    customer_days = models.PositiveSmallIntegerField(default=30, help_text=_("… in so many days."))
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Clocks that started before are still paid for.")
    )
    is_active = models.BooleanField(default=False, editable=False)
    published_by = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = PledgeQuerySet.as_manager()

    class Meta:
        ordering = ["-is_active", "name"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="goodwill_pledge_name_once"),
            models.CheckConstraint(
                condition=Q(points__gt=0, per_customer__gt=0, customer_days__gt=0)
                & (Q(minutes=None) | Q(minutes__gt=0)),
                name="goodwill_pledge_gives_something",
                violation_error_message=_("Points, minutes, times and days are above 0."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="goodwill_pledge_ends_after_it_starts",
                violation_error_message=_("A pledge ends after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["first", "next", "resolution"]), name="goodwill_pledge_clock_known"
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(published_by__isnull=False),
                name="goodwill_pledge_published_by",
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="goodwill_pledge_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name

    def fits(self, *, programme: int, queue: int, rank: int) -> bool:
        """As `PledgeQuerySet.for_members`, of one that is at hand."""
        tier = self.tier_from
        good_enough = tier is None or (tier.programme_id == programme and tier.rank <= rank)
        return good_enough and self.queue_id in (None, queue)

    @property
    def target(self) -> timedelta | None:
        """The opening time until it is broken; None: what the clock itself has."""
        return timedelta(minutes=self.minutes) if self.minutes else None


class PledgeRunQuerySet(OfBrandQuerySet):
    def to_look_at(self, at: datetime) -> PledgeRunQuerySet:
        """Those of whose clock something was logged, or whose time was up, by `at`: the oldest first."""
        return self.filter(look_at__lte=at).order_by("look_at", "pk")

    def to_show(self) -> Any:
        """Those that run at this moment, the nearest end first."""
        rows = self.filter(state="running", due_at__isnull=False, clock__due_at__isnull=False)
        return rows.order_by("due_at", "pk")

    def same_wait(self, run: PledgeRun) -> PledgeRunQuerySet:
        """Those of the wait of `run`, in whichever ticket: begun with it, for an answer as it, or for the solution."""
        kinds = Clock.ANSWERS if run.kind in Clock.ANSWERS else [run.kind]
        return self.filter(brand=run.brand_id, started_at=run.started_at, kind__in=kinds).exclude(pk=run.pk)

    def come_to_an_end(self) -> PledgeRunQuerySet:
        """Those of which is known what became of them, the newest first."""
        return self.exclude(state="running").order_by(newest())


class PledgeRun(models.Model):
    """One turn of a ticket's clock, held against a pledge, and what became of it.

    The database begins it with the clock's own line in the log and wakes it (`look_at`) with every further one, so
    that no line can be missed; the sweep finds the pledge that held at the start, waits for `due_at`, and pays.
    `pledge` is empty until it was looked at. `answered_at` is when what was promised came, late or not.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        KEPT = "kept", _("kept")
        DROPPED = "dropped", _("dropped")
        PAID = "paid", _("paid")
        UNPAID = "unpaid", _("not paid")

    BROKEN = (State.PAID, State.UNPAID)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="pledge_runs")
    clock = models.ForeignKey(Clock, models.PROTECT, related_name="+", db_index=False)
    turn = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Clock.Kind)
    pledge = models.ForeignKey(Pledge, models.PROTECT, null=True, related_name="runs", db_index=False)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    why = models.CharField(max_length=30, blank=True, help_text=_("Why nothing was paid."))
    ended_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    objects = PledgeRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "turn"], name="goodwill_pledgerun_once_a_turn"),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None)
                | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="goodwill_pledgerun_ends_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "unpaid", "kept"]) | Q(pledge__isnull=False),
                name="goodwill_pledgerun_ends_with_pledge",
            ),
            models.CheckConstraint(
                condition=Q(state="unpaid") & ~Q(why="") | ~Q(state="unpaid"),
                name="goodwill_pledgerun_unpaid_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["look_at", "id"],
                condition=Q(look_at__isnull=False),
                name="goodwill_pledgerun_to_look",
            ),
            models.Index(fields=["pledge", "-id"], name="goodwill_pledgerun_of_pledge"),
            models.Index("brand", newest(), name="goodwill_pledgerun_newest"),
            models.Index(fields=["brand", "started_at"], name="goodwill_pledgerun_started"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.turn} of {self.ticket_id}: {self.state}"
