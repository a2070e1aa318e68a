"""Who brought whom."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter.paging import newest
from customers.models import Order
from loyalty.models.accounts import Account


class Referral(models.Model):
    """A member (`referrer`) brought a `friend`, who became a member by it.

    Points for both wait for the friend's first paid order, which decides: `state`, `order` and `why` say how. Who
    brought whom is never changed.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for the first order")
        GIVEN = "given", _("points given")
        NOTHING = "nothing", _("no points")
        TAKEN_BACK = "taken_back", _("points taken back")

    class Way(models.TextChoices):
        NUMBER = "number", _("by the loyalty number")
        CODE = "code", _("by the code")

    class Why(models.TextChoices):
        ONE_PERSON = "one_person", _("both are one account by now")
        BOUGHT_BEFORE = "bought_before", _("the friend had bought before")
        NOT_ACTIVE = "not_active", _("an account was not active")
        NO_RULE = "no_rule", _("no rule gave anything for that order")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    referrer = models.ForeignKey(Account, models.PROTECT, related_name="referrals")
    friend = models.OneToOneField(Account, models.PROTECT, related_name="brought_by")
    way = models.CharField(max_length=6, choices=Way)
    key = models.CharField(max_length=80, unique=True, help_text=_("Makes a repeated request harmless."))
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    order = models.OneToOneField(Order, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=13, choices=Why, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(referrer=F("friend")), name="loyalty_referral_brings_another"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", order__isnull=True, decided_at__isnull=True, why="")
                | Q(state__in=["given", "taken_back"], order__isnull=False, decided_at__isnull=False, why="")
                | Q(
                    state="nothing", order__isnull=False, decided_at__isnull=False,
                    why__in=["one_person", "bought_before", "not_active", "no_rule"],
                ),
                name="loyalty_referral_state_fits",
            ),
            models.CheckConstraint(
                condition=Q(way__in=["number", "code"]), name="loyalty_referral_way_known"
            ),
        ]  # fmt: skip
        indexes = [models.Index("brand", newest(), name="loyalty_referral_newest")]
        triggers = [
            pgtrigger.ReadOnly(
                name="who_stays", fields=["brand", "referrer", "friend", "way", "key", "by", "recorded_at"]
            ),
            pgtrigger.Protect(name="is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.referrer_id} > {self.friend_id}"
