"""What points are spent on: the catalogue of a programme, who took what, and the vouchers that were given for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import BooleanField, Case, F, Func, OuterRef, Q, When
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from loyalty import tier_windows
from loyalty.models.accounts import Account, with_merged
from loyalty.models.holds import Hold
from loyalty.models.ledger import Entry
from loyalty.models.programmes import Programme

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


# Whether a document of prices holds anything else than whole numbers above zero.
NO_WHOLE_PRICE = Func(
    F("tier_prices"),
    function="jsonb_path_exists",
    template="%(function)s(%(expressions)s, '$.* ? (@.type() != \"number\" || @ < 1 || @.floor() != @)'::jsonpath)",
    output_field=BooleanField(),
)


class RewardQuerySet(OfBrandQuerySet):
    def offered(self, at: datetime) -> RewardQuerySet:
        """What is in the catalogue at `at`, sold out or not."""
        begun = Q(starts_at__isnull=True) | Q(starts_at__lte=at)
        return self.filter(begun, Q(ends_at__isnull=True) | Q(ends_at__gt=at), is_active=True)


class Reward(models.Model):
    """Something points are spent on. Prices are in points: `points` for everybody, `tier_prices` by tier's code.

    A tier's price holds from that tier upwards; without `points` only tiers with a price may have it.
    """

    class Kind(models.TextChoices):
        VOUCHER = "voucher", _("a voucher code")
        SHIPPED = "shipped", _("sent by hand")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rewards")
    code = models.SlugField(max_length=40, help_text=_("Stands on the ledger: reward:CODE."))
    name = models.CharField(max_length=60)
    sentence = models.CharField(
        max_length=300,
        help_text=_("What the customer reads; {code} and {until} stand for the voucher and its last day."),
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.VOUCHER)
    points = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("The price for everybody; empty: only for tiers with a price.")
    )
    tier_prices = models.JSONField(
        default=dict, blank=True, help_text=_("Prices from a tier upwards, by the tier's code.")
    )
    stock = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("How many are left; empty: as many as are wanted.")
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    voucher_days = models.PositiveSmallIntegerField(
        default=90, help_text=_("So many days a voucher can be used.")
    )
    is_active = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(default=0, help_text=_("Order on the desk."))

    objects = RewardQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "code"],
                name="loyalty_reward_code_once",
                violation_error_message=_("This programme has a reward of that code."),
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gt=0), name="loyalty_reward_costs_points"
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=False) | ~Q(tier_prices={}),
                name="loyalty_reward_has_a_price",
                violation_error_message=_("Give a price for everybody, or for one tier at least."),
            ),
            models.CheckConstraint(condition=~Q(NO_WHOLE_PRICE), name="loyalty_reward_tier_prices_whole"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="loyalty_reward_window_runs",
                violation_error_message=_("The end lies after the start."),
            ),
            models.CheckConstraint(condition=Q(voucher_days__gte=1), name="loyalty_reward_voucher_lives"),
            models.CheckConstraint(
                condition=Q(kind__in=["voucher", "shipped"]), name="loyalty_reward_kind_known"
            ),
            # Never oversold: below zero there is nothing to give.
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__gte=0), name="loyalty_reward_never_oversold"
            ),
            # Lets a redemption point at (id, brand): account and reward are of one brand.
            models.UniqueConstraint(fields=["id", "brand"], name="loyalty_reward_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name

    def words(self, code: str = "", until: str = "") -> str:
        """What the customer reads about it; `code` and the last day it can be used, where it is a voucher."""
        return self.sentence.replace("{code}", code).replace("{until}", until)

    def price_for(self, rank: int, ranks: dict[str, int]) -> int | None:
        """The price in points for a tier of this `rank` (0: no tier), given the `ranks` of tiers by code.

        None: not for this tier. Of several prices that hold, that of the highest tier counts.
        """
        held = [
            (ranks[code], price)
            for code, price in self.tier_prices.items()
            if ranks.get(code, rank + 1) <= rank
        ]
        return max(held)[1] if held else self.points

    @property
    def worth(self) -> int:
        """What it counts for when it is given for nothing, in points: the price for everybody, else the dearest."""
        return self.points or max(self.tier_prices.values())


class RedemptionQuerySet(OfBrandQuerySet):
    def of_member(self, account: Account | OuterRef) -> RedemptionQuerySet:
        """What was taken on this account, and on those that were merged into it."""
        return self.filter(account__pk__one_of=with_merged(account))

    def can_be_undone(self) -> RedemptionQuerySet:
        """What was taken for points and neither used nor sent."""
        return self.filter(state="posted", is_gift=False, shipped_at=None, voucher__used_at=None)

    def usable_first(self, at: datetime) -> RedemptionQuerySet:
        """Those whose voucher can be used at `at` before all others, each the newest first; with reward and voucher."""
        usable = Q(voucher__used_at=None, voucher__cancelled_at=None, voucher__valid_until__gt=at)
        rows = self.select_related("reward__programme", "voucher").annotate(
            is_usable=Case(When(usable, then=True), default=False, output_field=BooleanField())
        )
        return rows.order_by("-is_usable", "-pk")

    def to_send(self) -> RedemptionQuerySet:
        """What was taken, goes out by hand, and nobody has marked as sent."""
        shipped = Reward.objects.filter(kind=Reward.Kind.SHIPPED)
        return self.filter(state="posted", shipped_at=None, reward__in=shipped)


class Redemption(models.Model):
    """A reward that was taken, and what became of it; `points` is the price that was paid.

    What was given for nothing is a gift: `points` is what it is worth, and who is no member may have one too.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for the customer")
        POSTED = "posted", _("taken")
        LAPSED = "lapsed", _("never confirmed")
        UNDONE = "undone", _("undone")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="redemptions",
        help_text=_("Empty: given to somebody who is no member."),
    )  # fmt: skip
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="redemptions")
    points = models.PositiveIntegerField()
    is_gift = models.BooleanField(default=False, help_text=_("Given for nothing: no points were taken."))
    state = models.CharField(max_length=10, choices=State)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="redemption")
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, blank=True, related_name="redemption")
    nonce = models.CharField(
        max_length=32,
        blank=True,
        editable=False,
        help_text=_("What the customer's code is made of, with a secret."),
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("How often a code was typed."))
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated request harmless."))
    request_hash = models.CharField(max_length=64)
    asked_at = models.DateTimeField(default=clock.now)
    shipped_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was marked as sent."))
    shipped_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    shipped_key = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("The key of the last marking, also once undone."),
    )
    ended_at = models.DateTimeField(null=True, blank=True, help_text=_("When it was undone or lapsed."))

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="loyalty_redemption_costs_points"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "posted", "lapsed", "undone"]),
                name="loyalty_redemption_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "lapsed"], entry__isnull=True)
                | Q(is_gift=True)
                | (~Q(state__in=["waiting", "lapsed"]) & Q(entry__isnull=False)),
                name="loyalty_redemption_posted_has_entry",
            ),
            models.CheckConstraint(
                condition=Q(is_gift=False) | Q(state__in=["posted", "undone"], entry=None, hold=None),
                name="loyalty_redemption_gift_takes_no_points",
            ),
            models.CheckConstraint(
                condition=Q(is_gift=True) | Q(account__isnull=False),
                name="loyalty_redemption_bought_by_account",
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="loyalty_redemption_of_its_brand"),
            models.CheckConstraint(
                condition=~Q(state="waiting") | (Q(hold__isnull=False) & ~Q(nonce="")),
                name="loyalty_redemption_waiting_is_held",
            ),
            models.CheckConstraint(condition=Q(tries__lte=5), name="loyalty_redemption_five_tries"),
            models.CheckConstraint(
                condition=Q(state__in=["lapsed", "undone"], ended_at__isnull=False)
                | (~Q(state__in=["lapsed", "undone"]) & Q(ended_at__isnull=True)),
                name="loyalty_redemption_ended_when_over",
            ),
            models.CheckConstraint(
                condition=Q(shipped_by__isnull=True) | Q(shipped_at__isnull=False),
                name="loyalty_redemption_sent_by_somebody_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(shipped_at__isnull=True) | Q(state="posted"),
                name="loyalty_redemption_only_taken_ones_are_sent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reward", "-id"],
                condition=Q(state="posted", shipped_at__isnull=True),
                name="loyalty_redemption_to_send",
            ),
            models.Index(fields=["account"], condition=Q(state="waiting"), name="loyalty_redemption_waiting"),
            models.Index("brand", newest(), name="loyalty_redemption_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.points} · {self.reward_id}"

    @property
    def is_to_send(self) -> bool:
        """Taken, of a reward that is sent by hand, and not sent yet."""
        taken = self.state == self.State.POSTED and self.shipped_at is None
        return taken and self.reward.kind == Reward.Kind.SHIPPED


class VoucherQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only vouchers of brands this agent serves."""
        return self.filter(redemption__brand__in=Brand.objects.visible_to(agent))


class Voucher(models.Model):
    """A code that is worth a reward, once. It stands here in the plain: agents read it out while it is valid."""

    class State(models.TextChoices):
        VALID = "valid", _("can be used")
        USED = "used", _("used")
        CANCELLED = "cancelled", _("taken back")
        OVER = "over", _("its time is over")

    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="voucher")
    code = models.CharField(max_length=14, unique=True)
    valid_until = models.DateTimeField(help_text=_("The instant at which it ends."))
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    used_key = models.CharField(
        max_length=64, blank=True, help_text=_("The key of the use, so that a repeat is harmless.")
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = VoucherQuerySet.as_manager()

    class Meta:
        permissions = [("use_voucher", "Can take in vouchers")]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[2-9A-HJ-KM-NP-Z]{4}(-[2-9A-HJ-KM-NP-Z]{4}){2}$"),
                name="loyalty_voucher_code_is_plain",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(cancelled_at__isnull=True),
                name="loyalty_voucher_used_or_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"…{self.code[-4:]}"

    def state_at(self, at: datetime) -> Voucher.State:
        """What it is worth at the instant `at`."""
        if self.used_at:
            return self.State.USED
        if self.cancelled_at:
            return self.State.CANCELLED
        return self.State.VALID if at < self.valid_until else self.State.OVER

    @property
    def last_day(self) -> date:
        """The last day, in the programme's zone, on which it can be used."""
        zone = self.redemption.reward.programme.zone
        return tier_windows.last_day_before(self.valid_until, zone)
