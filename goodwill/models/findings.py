"""What the radar found in what was given, what became of it, and the nights in which it looked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from customers.models import Customer

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class FindingQuerySet(OfBrandQuerySet):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Those of the brands this agent serves, but none in which they are concerned themselves."""
        return super().visible_to(agent).exclude(agent=agent.pk).exclude(approver=agent.pk)

    def undecided(self) -> FindingQuerySet:
        """What nobody has come to a conclusion about."""
        return self.filter(decided_at=None)


class Finding(models.Model):
    """Something about what an agent gave that somebody should look at: a question, never a verdict.

    `evidence` holds plain figures and under `requests` the ids of what it is about. `key` is made of what was found:
    a further night refreshes an undecided one and adds nothing. Whoever is concerned (`agent`, `approver`) neither sees
    nor decides it.
    """

    class Kind(models.TextChoices):
        RELATED = "related", _("own or related account")
        ONE_CUSTOMER = "one_customer", _("the same customer again and again")
        SILENT = "silent", _("nothing from the customer on the ticket")
        ALONE = "alone", _("opened and closed by who gave")
        JUST_UNDER = "just_under", _("just under the limit")
        SPLIT = "split", _("split over tickets of one customer")
        MERGED = "merged", _("given, accounts merged, spent within a day")
        NEW_ACCOUNTS = "new_accounts", _("to new accounts")
        EACH_OTHER = "each_other", _("two who agree to each other’s")
        ABOVE_PEERS = "above_peers", _("far above peers of the queue")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        LOOKED_INTO = "looked_into", _("looked into")
        DISMISSED = "dismissed", _("dismissed")
        CONFIRMED = "confirmed", _("confirmed")

    DECIDED = (State.DISMISSED, State.CONFIRMED)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    approver = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=11, choices=State, default=State.OPEN)
    owner = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Who looks into it.")
    )
    found_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now, help_text=_("When it was last found."))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    key = models.CharField(max_length=80, unique=True, help_text=_("Makes a repeated finding harmless."))

    objects = FindingQuerySet.as_manager()

    class Meta:
        permissions = [("decide_finding", "Can look into what the radar of goodwill found")]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state__in=["open", "looked_into"], decided_at__isnull=True, decided_by__isnull=True)
                    | (
                        Q(state__in=["dismissed", "confirmed"])
                        & Q(decided_at__isnull=False, decided_by__isnull=False)
                        & ~Q(note="")
                    )
                ),
                name="goodwill_finding_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="open") | Q(owner__isnull=False), name="goodwill_finding_has_owner"
            ),
            models.CheckConstraint(
                condition=(Q(owner=None) | ~Q(owner=F("agent")))
                & (Q(owner=None) | Q(approver=None) | ~Q(owner=F("approver")))
                & (Q(decided_by=None) | ~Q(decided_by=F("agent")))
                & (Q(decided_by=None) | Q(approver=None) | ~Q(decided_by=F("approver"))),
                name="goodwill_finding_takes_others",
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("agent")), name="goodwill_finding_of_two"
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="goodwill_finding_newest"),
            models.Index("brand", "state", newest(), name="goodwill_finding_by_state"),
            models.Index(fields=["brand", "agent", "kind"], name="goodwill_finding_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.agent}"


class Watch(models.Model):
    """A night in which the radar looked at what a brand gave: how many gifts it looked at, how much it newly found."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    night = models.DateField(help_text=_("The day that began, in the time zone of the brand."))
    at = models.DateTimeField(default=clock.now)
    gifts = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        verbose_name = _("night of the radar")
        verbose_name_plural = _("nights of the radar")
        constraints = [models.UniqueConstraint(fields=["brand", "night"], name="goodwill_watch_once_a_night")]
        indexes = [models.Index("brand", newest(), name="goodwill_watch_newest")]

    def __str__(self) -> str:
        return f"{self.night}"
