"""Who is a member, and what they own."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Brand, OfBrandQuerySet
from contactcenter import clock
from customers.models import Customer
from loyalty.models.programmes import Programme
from loyalty.models.tiers import Tier


class Account(models.Model):
    """A customer's membership. `balance` is owned, `held` reserved of it, `pending` not owned yet; in points.

    A balance below zero is a debt: points taken back that had been spent; what is earned next pays it first.
    """

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
    tier_valid_until = models.DateTimeField(
        null=True, blank=True, help_text=_("When the tier is reviewed; empty: it never ends.")
    )
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
            # Lets the history of tiers point at (id, programme).
            models.UniqueConstraint(fields=["id", "programme"], name="loyalty_account_of_its_programme"),
        ]
        indexes = [
            models.Index(
                fields=["next_expiry", "id"],
                condition=Q(next_expiry__isnull=False),
                name="loyalty_account_to_expire",
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
