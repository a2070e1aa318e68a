"""Lists of waiting tickets that somebody gave a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class SavedViewQuerySet(OfBrandQuerySet):
    def visible_to(self, agent: Agent | AnonymousUser) -> SavedViewQuerySet:
        """The views of the brands this agent serves, but for the private ones of others."""
        return super().visible_to(agent).filter(Q(owner=None) | Q(owner=agent.pk))

    def on_the_desk_of(self, agent: Agent) -> SavedViewQuerySet:
        """Those an agent works with: their own, their teams', and those of the whole brand."""
        teams = Agent.teams.through.objects.filter(agent=agent.pk).values("team")
        return self.visible_to(agent).filter(Q(team=None) | Q(team__in=teams))


class SavedView(models.Model):
    """Open tickets of a brand that operators pick out, in the order of their turn, under a name.

    Private to its `owner`, or shared with a `team`, or with neither for everybody of the brand.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    query = models.CharField(
        max_length=400, help_text=_("Operators as the search has them: tier:gold due:<2h")
    )
    owner = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="views", help_text=_("Empty: shared.")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Empty: the whole brand.")
    )

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "brand", Lower("name"), condition=Q(owner=None), name="tickets_savedview_name_once_shared",
                violation_error_message=_("This brand has a view of that name."),
            ),
            models.UniqueConstraint(
                "brand", "owner", Lower("name"), condition=Q(owner__isnull=False),
                name="tickets_savedview_name_once_private",
                violation_error_message=_("You have a view of that name."),
            ),
            models.CheckConstraint(condition=Q(owner=None) | Q(team=None), name="tickets_savedview_private_or_shared"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="tickets_savedview_not_empty"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name
