"""Which tier an account held when and why, and the tiers that were set by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from contactcenter.guards import append_only
from loyalty import tier_windows
from loyalty.models.accounts import Account
from loyalty.models.ledger import OfAccountQuerySet
from loyalty.models.programmes import Programme
from loyalty.models.tiers import Tier


class TierChange(models.Model):
    """A tier that was reached, kept or lost: written once by the deed that did it, never changed.

    `effective_at` is when it holds from, `recorded_at` when it was written. `valid_until` is when it ends unless it
    is earned again (null: never); `benefits_until` how long the benefits of the tier before outlive it.
    `snapshot` has the version, the window and what was counted in it.
    """

    class Cause(models.TextChoices):
        EARNED = "earned", _("reached")
        LATE_ORDER = "late_order", _("reached by a late order")
        KEPT = "kept", _("kept")
        LAPSED = "lapsed", _("not earned again")
        REFUND = "refund", _("money given back")
        REVERSAL = "reversal", _("points taken back")
        MANUAL = "manual", _("set by hand")
        MERGE = "merge", _("accounts merged")
        UNMERGE = "unmerge", _("merge undone")
        VERSION = "version", _("a new version of the tiers")
        DELAY = "delay", _("we answered late")

    # Keys over two columns hold all four: one of each alone would only cost another look at every row.
    account = models.ForeignKey(Account, models.PROTECT, related_name="tier_changes", db_constraint=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_constraint=False)
    from_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    to_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    cause = models.CharField(max_length=12, choices=Cause)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    benefits_until = models.DateTimeField(null=True, blank=True)
    snapshot = models.JSONField(default=dict)
    actor = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cause="kept") | ~Q(from_tier=F("to_tier")), name="loyalty_tierchange_changes_tier"
            ),
            models.CheckConstraint(
                condition=~Q(cause__in=["manual"]) | Q(actor__isnull=False),
                name="loyalty_tierchange_manual_has_actor",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="loyalty_tierchange_newest")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.from_tier_id} > {self.to_tier_id}"


class TierFloorQuerySet(OfAccountQuerySet):
    def holding(self, at: datetime) -> Any:
        """Floors that hold at the instant `at`."""
        return self.filter(starts_at__lte=at).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))


class TierFloor(models.Model):
    """A tier below which an account does not fall within [starts_at, ends_at): set by hand, by a merge, or because
    it was lost while the customer waited on us.

    `key` makes a repeated request harmless. It is ended early by a shorter `ends_at`, never deleted.
    """

    class Cause(models.TextChoices):
        MANUAL = "manual", _("set by hand")
        MERGE = "merge", _("accounts merged")
        DELAY = "delay", _("we answered late")

    account = models.ForeignKey(Account, models.PROTECT, related_name="tier_floors")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="+")
    cause = models.CharField(max_length=6, choices=Cause)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=40, help_text=_("A code, never free text."))
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)
    set_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who ended it before its day."),
    )

    objects = TierFloorQuerySet.as_manager()

    class Meta:
        permissions = [("set_tier", "Can hold a member on a tier by hand")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="loyalty_tierfloor_lasts",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["merge", "delay"]) | Q(set_by__isnull=False) & ~Q(reason=""),
                name="loyalty_tierfloor_manual_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["account", "starts_at"], name="loyalty_tierfloor_of_account")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.tier_id}"

    @property
    def last_day(self) -> date | None:
        """The last day, in the programme's zone, on which it holds; None without an end."""
        return tier_windows.last_day_before(self.ends_at, self.programme.zone) if self.ends_at else None
