"""What we give back: the reasons, who may give how much, and every grant that was asked for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents import roles
from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from loyalty.models import Account, Entry
from tickets.models import Ticket


class Reason(models.Model):
    """Why points are given. `sentence` is what the customer reads, with {points} and {worth}."""

    class Kind(models.TextChoices):
        APOLOGY = "apology", _("apology")
        DELIGHT = "delight", _("delight")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="goodwill_reasons")
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.APOLOGY)
    min_points = models.PositiveIntegerField(default=50)
    default_points = models.PositiveIntegerField(default=200)
    max_points = models.PositiveIntegerField(default=1000)
    sentence = models.CharField(max_length=300)
    is_active = models.BooleanField(default=True)
    rank = models.PositiveSmallIntegerField(default=0, help_text=_("Order on the desk."))

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "label"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "code"], name="goodwill_reason_code_once_a_brand"),
            models.CheckConstraint(
                condition=Q(min_points__gt=0)
                & Q(min_points__lte=F("default_points"))
                & Q(default_points__lte=F("max_points")),
                name="goodwill_reason_points_in_order",
                violation_error_message=_(
                    "The least, the usual and the most points stand in this order, above 0."
                ),
            ),
            # Lets other tables point at (id, brand), so that no row can ever join two brands.
            models.UniqueConstraint(fields=["id", "brand"], name="goodwill_reason_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.label

    def words(self, points: int, worth: str) -> str:
        """What the customer reads about `points` given for this reason; `worth` is their value as money."""
        return self.sentence.replace("{points}", str(points)).replace("{worth}", worth)


class Policy(models.Model):
    """How many points a role may give in one grant. No policy means none."""

    role = models.CharField(max_length=20, unique=True, choices=[(role, role) for role in roles.RANKED])
    per_grant = models.PositiveIntegerField(help_text=_("Points."))

    class Meta:
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return f"{self.role}: {self.per_grant}"


class Request(models.Model):
    """Points asked for on a ticket, as an apology or as delight, and what became of it."""

    class State(models.TextChoices):
        POSTED = "posted", _("given")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="goodwill")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    reason = models.ForeignKey(Reason, models.PROTECT, related_name="requests")
    points = models.PositiveIntegerField()
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated request harmless."))
    state = models.CharField(max_length=10, choices=State, default=State.POSTED)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        permissions = [("grant_goodwill", "Can grant goodwill points on a ticket")]
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="goodwill_request_gives_something"),
            models.CheckConstraint(
                condition=~Q(state="posted") | Q(entry__isnull=False),
                name="goodwill_request_posted_has_entry",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="goodwill_request_newest"),
            models.Index(fields=["ticket", "state"], name="goodwill_request_of_ticket"),
            models.Index(fields=["brand", "asked_at"], name="goodwill_request_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.points} · {self.reason_id}"
