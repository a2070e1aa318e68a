"""What a customer may choose from, by a signed link."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter.paging import newest
from goodwill.models.requests import Request
from loyalty.models import Benefit, Reward, Tier

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

CHOSEN_WITHIN = timedelta(days=7)  # then the default is given
SHOWN_FOR = timedelta(days=30)  # so long after that the link still says what was given


class OfferQuerySet(OfBrandQuerySet):
    def to_default(self, at: datetime) -> OfferQuerySet:
        """What nobody has chosen from in time, the oldest first."""
        return self.filter(state="open", default_at__lte=at).order_by("default_at", "pk")


class Offer(models.Model):
    """Two or three remedies of which the customer chooses one; after `default_at` they are given the default.

    It hangs on a request for the dearest of them, which says on which ticket, for what reason and by whom: that one is
    held against every limit, waits for approval and reserves its budget as any other. `text` is what the agent writes
    above the link. `tier` is the customer's when it was sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for approval")
        OPEN = "open", _("sent")
        CHOSEN = "chosen", _("chosen")
        DEFAULTED = "defaulted", _("not chosen in time")
        WITHDRAWN = "withdrawn", _("withdrawn")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    request = models.OneToOneField(Request, models.PROTECT, related_name="offer")
    text = models.TextField(blank=True, help_text=_("What stands above the link."))
    state = models.CharField(max_length=10, choices=State)
    tier = models.ForeignKey(Tier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    default_at = models.DateTimeField(null=True, blank=True, help_text=_("When the default is given."))
    chosen = models.ForeignKey(
        "Remedy", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    chosen_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None, default_at=None, state__in=["waiting", "withdrawn"])
                | (Q(sent_at__isnull=False, default_at__gt=F("sent_at")) & ~Q(state="waiting")),
                name="goodwill_offer_is_sent_for_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["chosen", "defaulted"], chosen__isnull=False, chosen_at__isnull=False)
                | Q(state__in=["waiting", "open", "withdrawn"], chosen=None, chosen_at=None),
                name="goodwill_offer_chosen_has_remedy",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="goodwill_offer_newest"),
            models.Index(fields=["brand", "sent_at"], name="goodwill_offer_by_time"),
            models.Index(
                fields=["default_at", "id"], condition=Q(state="open"), name="goodwill_offer_to_default"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {self.request_id}"


class RemedyQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        """Only those of brands this agent serves."""
        return self.filter(offer__brand__in=Brand.objects.visible_to(agent))


class Remedy(models.Model):
    """One of the things an offer lets the customer choose; `points` is what it counts for, a call nothing."""

    class Kind(models.TextChoices):
        POINTS = "points", _("points")
        VOUCHER = "voucher", _("a voucher")
        BENEFIT = "benefit", _("a benefit")
        CALL = "call", _("a call by a supervisor")

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="remedies")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    points = models.PositiveIntegerField()
    reward = models.ForeignKey(Reward, models.PROTECT, null=True, blank=True, related_name="+")
    benefit = models.ForeignKey(Benefit, models.PROTECT, null=True, blank=True, related_name="+")
    is_default = models.BooleanField(default=False, help_text=_("Given where nothing is chosen in time."))

    objects = RemedyQuerySet.as_manager()

    class Meta:
        ordering = ["offer", "position"]
        verbose_name_plural = "remedies"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="points", points__gt=0, reward=None, benefit=None)
                | Q(kind="voucher", points__gt=0, reward__isnull=False, benefit=None)
                | Q(kind="benefit", points__gt=0, reward=None, benefit__isnull=False)
                | Q(kind="call", points=0, reward=None, benefit=None, is_default=False),
                name="goodwill_remedy_fits_its_kind",
            ),
            models.UniqueConstraint(fields=["offer", "position"], name="goodwill_remedy_position_once"),
            models.UniqueConstraint(
                fields=["offer"], condition=Q(is_default=True), name="goodwill_remedy_one_default"
            ),
            # Lets an offer point at (id, offer): what was chosen is one of its own.
            models.UniqueConstraint(fields=["id", "offer"], name="goodwill_remedy_of_its_offer"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How people call it: 200 points, Free shipping."""
        if self.kind == self.Kind.POINTS:
            return _now("%d points") % self.points
        return str(self.reward or self.benefit or self.get_kind_display())
