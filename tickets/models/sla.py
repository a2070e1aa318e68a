"""Within which time we promise to answer and to solve, and the clocks that count it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet
from contactcenter.guards import append_only
from loyalty.models import Tier
from tickets.models.calendars import Calendar, HoursVersion
from tickets.models.channels import Channel
from tickets.models.events import OfTicketQuerySet
from tickets.models.queues import Queue
from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from agents.models import Agent


class SlaPolicyQuerySet(OfBrandQuerySet):
    def matching(self, ticket: Ticket) -> SlaPolicyQuerySet:
        """The policies whose conditions all hold for `ticket` as it stands, the first one first."""
        tier = Q(tier_from=None) | Q(
            tier_from__programme__accounts__customer=ticket.customer_id,
            tier_from__rank__lte=F("tier_from__programme__accounts__tier__rank"),
        )
        return self.filter(
            tier,
            Q(queue=None) | Q(queue=ticket.queue_id),
            Q(priority=None) | Q(priority=ticket.priority),
            Q(channel="") | Q(channel=ticket.channel),
            brand=ticket.brand_id,
            is_active=True,
        ).order_by("position", "pk")


class SlaPolicy(models.Model):
    """A promise for the tickets its conditions fit; the first policy that fits a ticket is the one that holds."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="sla_policies")
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(help_text=_("The lowest is looked at first."))
    is_active = models.BooleanField(default=True)
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Empty: every queue.")
    )
    priority = models.PositiveSmallIntegerField(
        choices=Ticket.Priority, null=True, blank=True, help_text=_("Empty: every priority.")
    )
    tier_from = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Customers of this tier or a better one; empty: everybody."),
    )  # fmt: skip
    channel = models.CharField(
        max_length=10, choices=Channel, blank=True, help_text=_("Empty: every channel.")
    )
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+",
        help_text=_("Time counts while it is open; empty: around the clock."),
    )  # fmt: skip
    first_minutes = models.PositiveIntegerField(help_text=_("Opening minutes until the first answer."))
    next_minutes = models.PositiveIntegerField(help_text=_("Opening minutes until every further answer."))
    resolution_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("Opening minutes until it is solved, our waiting for others left out."),
    )
    warn_percent = models.PositiveSmallIntegerField(
        default=75, help_text=_("Warn when so much of the time is used.")
    )
    raise_priority = models.BooleanField(default=False, help_text=_("When late: one step more urgent."))
    hand_back = models.BooleanField(
        default=False, help_text=_("When late: back from its agent to the queue.")
    )
    escalate_to = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("When late: on to this queue."),
    )

    objects = SlaPolicyQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")
        constraints = [
            models.UniqueConstraint(fields=["brand", "position"], name="tickets_slapolicy_position_once"),
            models.CheckConstraint(
                condition=Q(warn_percent__gte=1, warn_percent__lte=99), name="tickets_slapolicy_warns_before"
            ),
            models.CheckConstraint(
                condition=Q(first_minutes__gte=1, next_minutes__gte=1)
                & (Q(resolution_minutes=None) | Q(resolution_minutes__gte=1)),
                name="tickets_slapolicy_gives_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ClockQuerySet(OfTicketQuerySet):
    def to_tell(self, at: datetime) -> ClockQuerySet:
        """Clocks whose warning or whose end has come by `at` and was not told yet, the oldest first."""
        return self.filter(next_at__lte=at).order_by("next_at", "pk")

    def to_make_good(self, at: datetime) -> ClockQuerySet:
        """Clocks with waits that ended by `at` and were not looked at yet for what they have cost, the oldest first."""
        return self.filter(wait_ended_at__lte=at).order_by("wait_ended_at", "pk")


class Clock(models.Model):
    """A promise to the customer of a ticket, counted: the first answer, every next answer (in turns), the solution.

    Written by `tickets.services` under the ticket's lock. `used` of `target` is counted up to `since`; `due_at` is set
    while it runs, `next_at` while there is something to tell of it: its warning, then its end.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("first answer")
        NEXT = "next", _("next answer")
        RESOLUTION = "resolution", _("solution")

    ANSWERS = (Kind.FIRST, Kind.NEXT)

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="clocks", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    turn = models.PositiveIntegerField(
        default=1, help_text=_("Which answer it counts: 1 for the first of its kind.")
    )
    policy = models.ForeignKey(SlaPolicy, models.PROTECT, null=True, related_name="+", db_index=False)
    hours = models.ForeignKey(HoursVersion, models.PROTECT, null=True, related_name="+", db_index=False)
    target = models.DurationField()
    used = models.DurationField(default=timedelta)
    started_at = models.DateTimeField()
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    wait_ended_at = models.DateTimeField(
        null=True, help_text=_("When a wait on us ended that was not looked at yet for what it has cost.")
    )
    seq = models.PositiveIntegerField(default=0, help_text=_("Of the last line of its log."))
    was_met = models.BooleanField(default=False, help_text=_("Ended by what was promised; late or not."))

    objects = ClockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind"], name="tickets_clock_one_of_a_kind"),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(ended_at=None, kind__in=["first", "next"]),
                name="tickets_clock_one_answer_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["first", "next", "resolution"]), name="tickets_clock_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(target__gt=timedelta(0), used__gte=timedelta(0)), name="tickets_clock_counts_up"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(due_at=None, next_at=None), name="tickets_clock_ended_stands"
            ),
            models.CheckConstraint(
                condition=Q(next_at=None) | Q(due_at__isnull=False),
                name="tickets_clock_looked_at_while_running",
            ),
            models.CheckConstraint(
                condition=Q(was_met=False) | Q(ended_at__isnull=False), name="tickets_clock_met_is_ended"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"], condition=Q(next_at__isnull=False), name="tickets_clock_to_tell"
            ),
            models.Index(
                fields=["wait_ended_at", "id"],
                condition=Q(wait_ended_at__isnull=False),
                name="tickets_clock_to_make_good",
            ),
            models.Index(
                fields=["breached_at"], condition=Q(breached_at__isnull=False), name="tickets_clock_late"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.turn} of {self.ticket_id}"

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None


class OfClockQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(clock__ticket__brand__in=Brand.objects.visible_to(agent))


class ClockFact(models.Model):
    """A line of a clock's log: what happened to it, and the target and hours it has from then on. Never changed."""

    class Kind(models.TextChoices):
        STARTED = "started", _("started")
        PAUSED = "paused", _("paused")
        RESUMED = "resumed", _("resumed")
        RETARGETED = "retargeted", _("another promise holds")
        MET = "met", _("kept")
        STOPPED = "stopped", _("stopped")
        WARNED = "warned", _("warned of")
        BREACHED = "breached", _("late")
        MERGED = "merged", _("goes on in another ticket")

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="facts", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    target = models.DurationField()
    hours = models.ForeignKey(HoursVersion, models.PROTECT, null=True, related_name="+", db_index=False)

    objects = OfClockQuerySet.as_manager()

    class Meta:
        ordering = ["clock", "seq"]
        triggers = append_only()
        constraints = [
            models.UniqueConstraint(fields=["clock", "seq"], name="tickets_clockfact_seq_once"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "started",
                        "paused",
                        "resumed",
                        "retargeted",
                        "met",
                        "stopped",
                        "warned",
                        "breached",
                        "merged",
                    ]
                ),
                name="tickets_clockfact_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.clock_id}"
