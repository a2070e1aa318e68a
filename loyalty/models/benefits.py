"""What a tier entitles to, and what of it was used."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
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
    be used in a calendar year of the programme's zone.
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
            # Lets a use point at (id, programme).
            models.UniqueConstraint(fields=["id", "programme"], name="loyalty_benefit_of_its_programme"),
        ]

    def __str__(self) -> str:
        return self.name


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
