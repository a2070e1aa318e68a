"""The tiers of a programme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from loyalty.models.programmes import Programme

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


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
