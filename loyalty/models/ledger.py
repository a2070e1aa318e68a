"""The ledger that is only ever added to: entries, lots, and which lots an entry used."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, OuterRef, Q, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from contactcenter.guards import append_only
from loyalty import tier_windows
from loyalty.models.accounts import Account

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OfAccountQuerySet(models.QuerySet[Any]):
    """Questions of the tables that hang on an account."""

    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only rows of brands this agent serves."""
        return self.filter(account__brand__in=Brand.objects.visible_to(agent))


class EntryQuerySet(OfAccountQuerySet):
    def qualifying_between(self, start: datetime, end: datetime) -> int:
        """Qualifying points that count in [start, end)."""
        rows = self.filter(counts_at__gte=start, counts_at__lt=end).exclude(qualifying=0)
        return rows.aggregate(sum=Sum("qualifying"))["sum"] or 0

    def qualifying_by_account(self, start: datetime, end: datetime) -> dict[int, int]:
        """The same for each account (id) that has any."""
        rows = self.filter(counts_at__gte=start, counts_at__lt=end).exclude(qualifying=0)
        return dict(rows.order_by().values_list("account").annotate(sum=Sum("qualifying")))


class Entry(models.Model):
    """One line of the points ledger: written once by `services`, never changed.

    `key` makes a repeated request harmless; `request_hash` tells a repeat from other content
    under the same key. `contra` says what stands against it: issue.order, issue.goodwill,
    redeem.reward, expire, adjust. `occurred_at` is when it happened, `posted_at` when it was written,
    `counts_at` in which year it counts towards tiers: a reversal in that of what it takes back.
    """

    class Kind(models.TextChoices):
        EARN = "earn", _("earned")
        REDEEM = "redeem", _("redeemed")
        EXPIRE = "expire", _("expired")
        ADJUST = "adjust", _("adjusted")
        REVERSE = "reverse", _("reversed")
        TRANSFER = "transfer", _("transferred")

    # Written all day: no index that a key begins with, and of rare links one of the rows that have it (see Meta).
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    contra = models.CharField(max_length=40)
    points = models.IntegerField(help_text=_("Positive when given, negative when spent."))
    qualifying = models.IntegerField(default=0, help_text=_("What counts towards tiers; goodwill counts 0."))
    balance_after = models.IntegerField()
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reversals", db_index=False
    )
    group = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    counts_at = models.DateTimeField(help_text=_("When it counts towards tiers."))
    actor = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    source = models.CharField(max_length=80, blank=True, help_text=_("What it came from: order:A-20931."))
    reason = models.CharField(max_length=40, blank=True, help_text=_("A code, never free text."))
    breakdown = models.JSONField(
        default=dict, blank=True, help_text=_("The rule and figures that gave the points.")
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["key"], name="loyalty_entry_key_once"),
            # seq = the account's version: two writers that read the same version cannot both commit.
            models.UniqueConstraint(fields=["account", "seq"], name="loyalty_entry_seq_once"),
            # What has expired or is forgiven is not taken again, yet it no longer counts towards tiers.
            models.CheckConstraint(
                condition=~Q(points=0) | (Q(kind="reverse") & ~Q(qualifying=0)),
                name="loyalty_entry_moves_points",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse") | Q(counts_at=F("occurred_at")),
                name="loyalty_entry_counts_when_it_occurred",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="earn", points__gt=0)
                    | Q(kind__in=["redeem", "expire"], points__lt=0)
                    | Q(kind__in=["adjust", "reverse", "transfer"])
                ),
                name="loyalty_entry_sign_fits_kind",
            ),
            # No back door: nothing is adjusted by earning, nothing earned by adjusting.
            models.CheckConstraint(
                condition=(
                    Q(kind="earn", contra__startswith="issue.")
                    | Q(kind="redeem", contra__startswith="redeem.")
                    | Q(kind__in=["expire", "adjust", "transfer"], contra=F("kind"))
                    | (
                        Q(kind="reverse")
                        & (
                            Q(contra__startswith="issue.")
                            | Q(contra__startswith="redeem.")
                            | Q(contra="expire", points__gt=0)
                        )
                    )
                ),
                name="loyalty_entry_contra_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses__isnull=True)),
                name="loyalty_entry_reverse_names_entry",
            ),
            # Lets a lot and a reversal point at (id, account): entry and account are of one piece.
            models.UniqueConstraint(fields=["id", "account"], name="loyalty_entry_of_its_account"),
        ]
        indexes = [
            models.Index(
                fields=["account", "counts_at"],
                include=["qualifying"],
                condition=~Q(qualifying=0),
                name="loyalty_entry_qualifying",
            ),
            models.Index(fields=["account", "-occurred_at", "-id"], name="loyalty_entry_newest"),
            models.Index(fields=["posted_at"], name="loyalty_entry_by_posting"),
            models.Index(
                fields=["reverses"], condition=Q(reverses__isnull=False), name="loyalty_entry_reversals"
            ),
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="loyalty_entry_by_hand"),
            models.Index(fields=["group"], condition=~Q(group=""), name="loyalty_entry_of_a_group"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.points:+d} {self.contra}"

    @cached_property
    def lot(self) -> Lot | None:
        """The first lot this entry opened; what is moved between accounts opens one for each it took from."""
        return self.lots.select_related("account__programme").order_by("id").first()

    @property
    def owed(self) -> int:
        """How many points this entry took that were not there: they are paid by what is earned next."""
        return min(max(0, -self.points), max(0, -self.balance_after))

    @property
    def forgiven(self) -> int:
        """How many points a reversal was asked to take and did not: expired before, or forgiven."""
        return max(0, int(self.breakdown.get("asked", 0)) - abs(self.points)) if self.reverses_id else 0


class LotQuerySet(OfAccountQuerySet):
    def in_spending_order(self) -> LotQuerySet:
        """Open lots, what expires first goes first; lots that never expire go last."""
        return self.filter(is_open=True).order_by(F("expires_at").asc(nulls_last=True), "id")

    def open_until(self, end: datetime | OuterRef) -> LotQuerySet:
        """Open lots that expire at the very instant `end`."""
        return self.filter(is_open=True, expires_at=end)


class Lot(models.Model):
    """Points earned together, that expire together. `remaining` of `granted` are not spent yet.

    `origin` is the lot they were in before: on the other account of a transfer, or one that had expired when a
    spend was undone.
    """

    # The key over both columns holds them: one of each alone would only cost another look at every row.
    account = models.ForeignKey(Account, models.PROTECT, related_name="lots", db_constraint=False)
    entry = models.ForeignKey(
        Entry, models.PROTECT, related_name="lots", db_index=False, db_constraint=False
    )  # (entry, origin) is one
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="heirs", db_index=False
    )
    granted = models.IntegerField()
    remaining = models.IntegerField()
    is_open = models.BooleanField()
    contra = models.CharField(max_length=40)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "origin"], nulls_distinct=False, name="loyalty_lot_once_an_entry"
            ),
            models.CheckConstraint(condition=Q(granted__gt=0), name="loyalty_lot_grants_something"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("granted")),
                name="loyalty_lot_remaining_in_range",
            ),
            models.CheckConstraint(
                condition=Q(is_open=True, remaining__gt=0) | Q(is_open=False, remaining=0),
                name="loyalty_lot_open_while_remaining",
            ),
        ]
        indexes = [
            # On is_open, not on remaining: a partial use stays a HOT update.
            models.Index(
                fields=["account", "expires_at", "id"],
                condition=Q(is_open=True),
                name="loyalty_lot_open_by_expiry",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.granted}"

    @property
    def last_day(self) -> date | None:
        """The last day, in the programme's zone, on which these points can be spent; None for ever."""
        zone = self.account.programme.zone
        return tier_windows.last_day_before(self.expires_at, zone) if self.expires_at else None


class LotUseQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(entry__account__brand__in=Brand.objects.visible_to(agent))


class LotUse(models.Model):
    """How many points of a lot an entry used; negative when it gave them back."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="uses", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="uses")
    points = models.IntegerField()

    objects = LotUseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="loyalty_lotuse_once_an_entry"),
            models.CheckConstraint(condition=~Q(points=0), name="loyalty_lotuse_moves_points"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.points} of lot {self.lot_id}"
