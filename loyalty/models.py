"""What customers earned: programmes, accounts, and the ledger that is only ever added to."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from customers.models import Customer
from loyalty import tier_windows

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Programme(models.Model):
    """The rules by which one brand gives points. Amounts of money are in minor units of its currency."""

    class Clawback(models.TextChoices):
        DEBT = "debt", _("the balance may go below zero")
        CLAMP = "clamp", _("what is spent already is forgiven")

    brand = models.OneToOneField(Brand, models.PROTECT, related_name="programme")
    code = models.SlugField(
        max_length=12, unique=True, help_text=_("Stands before account numbers: CODE-0000001.")
    )
    name = models.CharField(max_length=80)
    unit_name = models.CharField(max_length=20, default="points")
    time_zone = models.CharField(
        max_length=40, default="UTC", help_text=_("Whose midnight ends a year or a lot.")
    )
    points_per_unit = models.PositiveIntegerField(
        default=5, help_text=_("Earned per whole unit of currency paid.")
    )
    validity_months = models.PositiveIntegerField(default=24, help_text=_("Points of an order live so long."))
    goodwill_months = models.PositiveIntegerField(
        default=12, help_text=_("Points given as an apology live so long.")
    )
    point_value_minor = models.PositiveIntegerField(
        default=1, help_text=_("What a point is worth when spent.")
    )
    clawback = models.CharField(max_length=5, choices=Clawback, default=Clawback.DEBT)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(validity_months__gte=1, goodwill_months__gte=1),
                name="loyalty_programme_points_live",
                violation_error_message=_("Points live for a month at least."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="loyalty_programme_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)


class TierQuerySet(models.QuerySet["Tier"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> TierQuerySet:
        """Only tiers of brands this agent serves."""
        return self.filter(programme__brand__in=Brand.objects.visible_to(agent))


class Tier(models.Model):
    """A status reached by qualifying points within a calendar year of the programme's zone."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="tiers")
    rank = models.PositiveSmallIntegerField(help_text=_("1 is the first; higher is better."))
    code = models.SlugField(max_length=20)
    name = models.CharField(max_length=40)
    qualifying_points = models.PositiveIntegerField(help_text=_("Reached with so many in one calendar year."))

    objects = TierQuerySet.as_manager()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "rank"], name="loyalty_tier_rank_once"),
            models.UniqueConstraint(fields=["programme", "code"], name="loyalty_tier_code_once"),
            models.UniqueConstraint(
                fields=["programme", "qualifying_points"], name="loyalty_tier_threshold_once"
            ),
            # Lets an account point at (id, programme): its tier is one of its own programme.
            models.UniqueConstraint(fields=["id", "programme"], name="loyalty_tier_of_its_programme"),
        ]

    def __str__(self) -> str:
        return self.name


class Account(models.Model):
    """A customer's membership. `balance` is owned, `held` reserved of it, `pending` not owned yet; in points."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        FROZEN = "frozen", _("frozen")
        MERGED = "merged", _("merged")
        CLOSED = "closed", _("closed")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="accounts")
    customer = models.OneToOneField(Customer, models.PROTECT, related_name="account")
    number = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    balance = models.IntegerField(default=0)
    held = models.IntegerField(default=0)
    pending = models.IntegerField(default=0)
    lifetime_earned = models.BigIntegerField(default=0)
    lifetime_redeemed = models.BigIntegerField(default=0)
    lifetime_expired = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(
        default=0, help_text=_("Number of entries: the seq of the last one.")
    )
    next_expiry = models.DateTimeField(null=True, blank=True, help_text=_("When the earliest open lot ends."))
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+")
    joined_at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        permissions = [
            ("redeem_points", "Can spend points for a customer"),
            ("adjust_points", "Can adjust points by hand"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="loyalty_account_number_once"),
            models.CheckConstraint(condition=Q(held__gte=0), name="loyalty_account_held_not_negative"),
            models.CheckConstraint(condition=Q(pending__gte=0), name="loyalty_account_pending_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "frozen", "merged", "closed"]),
                name="loyalty_account_status_known",
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="loyalty_account_of_its_brand"),
        ]
        indexes = [
            models.Index(
                fields=["next_expiry", "id"],
                condition=Q(next_expiry__isnull=False),
                name="loyalty_account_to_expire",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def available(self) -> int:
        """Points that can be spent now."""
        return self.balance - self.held

    def worth(self, points: int | None = None) -> int:
        """What `points` (default: all available) are worth when spent, in minor units of the brand's currency."""
        return (self.available if points is None else points) * self.programme.point_value_minor


class OfAccountQuerySet(models.QuerySet[Any]):
    """Questions of the tables that hang on an account."""

    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only rows of brands this agent serves."""
        return self.filter(account__brand__in=Brand.objects.visible_to(agent))


class EntryQuerySet(OfAccountQuerySet):
    def qualifying_between(self, start: datetime, end: datetime) -> int:
        """Qualifying points that occurred in [start, end)."""
        rows = self.filter(occurred_at__gte=start, occurred_at__lt=end).exclude(qualifying=0)
        return rows.aggregate(sum=Sum("qualifying"))["sum"] or 0


class Entry(models.Model):
    """One line of the points ledger: written once by `services`, never changed.

    `key` makes a repeated request harmless; `request_hash` tells a repeat from other content
    under the same key. `contra` says what stands against it: issue.order, issue.goodwill,
    redeem.reward, expire, adjust. `occurred_at` is when it happened, `posted_at` when it was written.
    """

    class Kind(models.TextChoices):
        EARN = "earn", _("earned")
        REDEEM = "redeem", _("redeemed")
        EXPIRE = "expire", _("expired")
        ADJUST = "adjust", _("adjusted")
        REVERSE = "reverse", _("reversed")
        TRANSFER = "transfer", _("transferred")

    account = models.ForeignKey(Account, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    contra = models.CharField(max_length=40)
    points = models.IntegerField(help_text=_("Positive when given, negative when spent."))
    qualifying = models.IntegerField(default=0, help_text=_("What counts towards tiers; goodwill counts 0."))
    balance_after = models.IntegerField()
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reversals")
    group = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    actor = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(max_length=80, blank=True, help_text=_("What it came from: order:A-20931."))
    reason = models.CharField(max_length=40, blank=True, help_text=_("A code, never free text."))
    breakdown = models.JSONField(
        default=dict, blank=True, help_text=_("The rule and figures that gave the points.")
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            # seq = the account's version: two writers that read the same version cannot both commit.
            models.UniqueConstraint(fields=["account", "seq"], name="loyalty_entry_seq_once"),
            models.CheckConstraint(condition=~Q(points=0), name="loyalty_entry_moves_points"),
            models.CheckConstraint(
                condition=(
                    Q(kind="earn", points__gt=0)
                    | Q(kind__in=["redeem", "expire"], points__lt=0)
                    | Q(kind__in=["adjust", "reverse", "transfer"])
                ),
                name="loyalty_entry_sign_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses__isnull=True)),
                name="loyalty_entry_reverse_names_entry",
            ),
            # Lets a lot point at (id, account): the entry that opened it is of its own account.
            models.UniqueConstraint(fields=["id", "account"], name="loyalty_entry_of_its_account"),
        ]
        indexes = [
            models.Index(
                fields=["account", "occurred_at"],
                include=["qualifying"],
                condition=~Q(qualifying=0),
                name="loyalty_entry_qualifying",
            ),
            models.Index(fields=["account", "-occurred_at", "-id"], name="loyalty_entry_newest"),
            models.Index(fields=["posted_at"], name="loyalty_entry_by_posting"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.points:+d} {self.contra}"


class LotQuerySet(OfAccountQuerySet):
    def in_spending_order(self) -> LotQuerySet:
        """Open lots, what expires first goes first; lots that never expire go last."""
        return self.filter(is_open=True).order_by(F("expires_at").asc(nulls_last=True), "id")


class Lot(models.Model):
    """Points earned together, that expire together. `remaining` of `granted` are not spent yet."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="lot")
    granted = models.IntegerField()
    remaining = models.IntegerField()
    is_open = models.BooleanField()
    contra = models.CharField(max_length=40)
    expires_at = models.DateTimeField(null=True, blank=True)

    objects = LotQuerySet.as_manager()

    class Meta:
        constraints = [
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

    @property
    def last_day(self) -> date | None:
        """The last day, in the programme's zone, on which these points can be spent; None for ever."""
        zone = self.account.programme.zone
        return tier_windows.last_day_before(self.expires_at, zone) if self.expires_at else None

    def __str__(self) -> str:
        return f"{self.remaining}/{self.granted}"


class LotUseQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(entry__account__brand__in=Brand.objects.visible_to(agent))


class LotUse(models.Model):
    """How many points of a lot an entry used; negative when it gave them back."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="uses")
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
