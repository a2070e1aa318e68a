"""Who is a member, and what they own."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Value
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from customers.models import Customer, figures_of
from loyalty.models.programmes import Programme
from loyalty.models.tiers import Tier

WITH_MERGED = """ARRAY(
    WITH RECURSIVE own AS (
        SELECT %(expressions)s::bigint AS id
        UNION ALL SELECT m.id FROM own JOIN loyalty_account m ON m.merged_into_id = own.id
    ) SELECT id FROM own
)"""


def with_merged(account: Account | OuterRef) -> Func:
    """The ids of an account and of all that were merged into it, one after the other: `account__pk__one_of=` them.

    The account may be one of the statement around: `OuterRef("account")`.
    """
    ids = ArrayField(models.BigIntegerField())
    one = Value(account.pk) if isinstance(account, Account) else account
    return Func(one, template=WITH_MERGED, output_field=ids)


class Account(models.Model):
    """A customer's membership. `balance` is owned, `held` reserved of it, `pending` not owned yet; in points.

    A balance below zero is a debt: points taken back that had been spent; what is earned next pays it first.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        FROZEN = "frozen", _("frozen")
        MERGED = "merged", _("merged")
        CLOSED = "closed", _("closed")

    # Keys over two columns hold these and `tier` and `merged_into`: one of each alone would only cost another look.
    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_constraint=False)
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="accounts", db_index=False, db_constraint=False
    )
    customer = models.OneToOneField(Customer, models.PROTECT, related_name="account", db_constraint=False)
    number = models.CharField(max_length=20)
    referral_code = models.CharField(
        max_length=10,
        editable=False,
        db_default=Func(function="loyalty_new_referral_code"),
        help_text=_("Friends name it who were brought by this member."),
    )
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
    tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    tier_valid_until = models.DateTimeField(
        null=True, blank=True, help_text=_("When the tier is reviewed; empty: it never ends.")
    )
    joined_at = models.DateTimeField(default=clock.now)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_index=False,
        db_constraint=False,
        help_text=_("Who has its points now."),
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        permissions = [
            ("redeem_points", "Can spend points for a customer"),
            ("adjust_points", "Can adjust points by hand"),
            ("transfer_points", "Can move points between accounts"),
            ("freeze_account", "Can freeze accounts"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="loyalty_account_number_once"),
            models.UniqueConstraint(
                fields=["programme", "referral_code"], name="loyalty_account_referral_code_once"
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="loyalty_account_held_not_negative"),
            models.CheckConstraint(condition=Q(pending__gte=0), name="loyalty_account_pending_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["active", "frozen", "merged", "closed"]),
                name="loyalty_account_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False)
                | (~Q(status="merged") & Q(merged_into__isnull=True)),
                name="loyalty_account_merged_names_heir",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="loyalty_account_merged_into_another",
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="loyalty_account_of_its_brand"),
            # Lets the history of tiers point at (id, programme).
            models.UniqueConstraint(fields=["id", "programme"], name="loyalty_account_of_its_programme"),
        ]
        indexes = [
            models.Index(
                fields=["next_expiry", "id"],
                condition=Q(next_expiry__isnull=False),
                name="loyalty_account_to_expire",
            ),
            models.Index("programme", figures_of("number"), name="loyalty_account_digits"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="loyalty_account_merged",
            ),
            models.Index(
                fields=["tier_valid_until", "id"],
                condition=Q(tier_valid_until__isnull=False),
                name="loyalty_account_tier_to_review",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def available(self) -> int:
        """Points that can be spent now; none of a debt."""
        return max(0, self.balance - self.held)

    @property
    def owed(self) -> int:
        """Points taken back that were not there: what is earned next pays them."""
        return max(0, -self.balance)

    def worth(self, points: int | None = None) -> int:
        """What `points` (default: all available) are worth when spent, in minor units of the brand's currency."""
        return (self.available if points is None else points) * self.programme.point_value_minor


class AccountEvent(models.Model):
    """What was done to an account as a whole: frozen, unfrozen, merged, parted again. Written once, by whom and why."""

    class Kind(models.TextChoices):
        FROZEN = "frozen", _("frozen")
        UNFROZEN = "unfrozen", _("unfrozen")
        MERGED = "merged", _("merged into another")
        UNMERGED = "unmerged", _("merge undone")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=40, blank=True, help_text=_("A code, never free text."))
    actor = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["frozen", "unfrozen", "merged", "unmerged"]),
                name="loyalty_accountevent_kind_known",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}"
