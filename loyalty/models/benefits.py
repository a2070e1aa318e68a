"""What a tier entitles to, and what of it was used."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from contactcenter.guards import append_only
from loyalty.models.accounts import Account
from loyalty.models.ledger import OfAccountQuerySet
from loyalty.models.programmes import Programme
from loyalty.models.tiers import OfProgrammeQuerySet, Tier


class Benefit(models.Model):
    """Something a tier entitles its members to. The same `code` on a higher tier is more of the same thing.

    `value` is the percentage of the promised reply time for *reply_time*; `per_year` how often a *counted* one may
    be used in a calendar year of the programme's zone. With `gift_points`, what it is worth, it may be given for
    `gift_days` to any member; a counted one never is.
    """

    class Kind(models.TextChoices):
        PRIORITY = "priority", _("goes first in the queue")
        REPLY_TIME = "reply_time", _("is answered sooner")
        COUNTED = "counted", _("so many times a year")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="benefits")
    tier = models.ForeignKey(Tier, models.PROTECT, related_name="benefits")
    code = models.SlugField(max_length=20)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)
    value = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Percent of the usual reply time: 50 is twice as soon.")
    )
    per_year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text=_("Uses in a calendar year.")
    )
    gift_points = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("What it is worth as goodwill; empty: it is not given.")
    )
    gift_days = models.PositiveSmallIntegerField(default=30, help_text=_("So many days it is given for."))
    is_active = models.BooleanField(default=True)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["tier__rank", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tier", "code"], name="loyalty_benefit_code_once_a_tier"),
            models.CheckConstraint(
                condition=Q(kind="priority", value__isnull=True, per_year__isnull=True)
                | Q(kind="reply_time", value__gte=1, value__lte=100, per_year__isnull=True)
                | Q(kind="counted", value__isnull=True, per_year__gte=1),
                name="loyalty_benefit_figures_fit_kind",
            ),
            models.CheckConstraint(
                condition=Q(gift_points=None) | (Q(gift_points__gt=0, gift_days__gte=1) & ~Q(kind="counted")),
                name="loyalty_benefit_is_given_for_a_time",
                violation_error_message=_("What is counted is not given; anything else for a day at least."),
            ),
            # Lets a use point at (id, programme).
            models.UniqueConstraint(fields=["id", "programme"], name="loyalty_benefit_of_its_programme"),
        ]

    def __str__(self) -> str:
        return self.name


class GivenBenefit(models.Model):
    """A benefit that a member has within [starts_at, ends_at) whatever their tier: it was given to them.

    `points` is what it was worth. One that was taken back ends there.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="given_benefits")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="given")
    points = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="loyalty_givenbenefit_is_worth_points"),
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")), name="loyalty_givenbenefit_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | Q(ends_at=F("taken_back_at")),
                name="loyalty_givenbenefit_ends_when_taken_back",
            ),
        ]
        indexes = [models.Index(fields=["account", "ends_at"], name="loyalty_givenbenefit_running")]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.benefit_id}"


class BenefitUse(models.Model):
    """A counted benefit that a member used, once: written by `services`, never changed."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="benefit_uses")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="uses")
    used_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=80, unique=True)
    request_hash = models.CharField(max_length=64)
    source = models.CharField(max_length=80, blank=True, help_text=_("What it was used for: ticket:FF-4812."))
    actor = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["account", "used_at"], name="loyalty_benefituse_of_account")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.account_id}: {self.benefit_id}"
