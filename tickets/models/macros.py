"""Answers that are written once and sent often, with what is done beside them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet, Team


class MacroQuerySet(OfBrandQuerySet):
    def offered_to(self, agent: Agent, brand: Brand) -> MacroQuerySet:
        """What `agent` may use on tickets of `brand`: the brand's own, and those of their teams."""
        mine = Q(team=None) | Q(team__in=agent.teams.through.objects.filter(agent=agent.pk).values("team"))
        return self.filter(mine, brand=brand, is_active=True)


class Macro(models.Model):
    """A text with placeholders, and the actions that are done when it is sent, all or nothing."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Empty: for everybody of the brand.")
    )  # fmt: skip
    title = models.CharField(max_length=80)
    shortcut = models.SlugField(
        max_length=20, blank=True, help_text=_("What an agent types after / to have it first.")
    )
    text = models.TextField(max_length=10_000, blank=True, help_text=_("What the customer reads."))
    actions = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0, editable=False, help_text=_("How often it was sent."))

    objects = MacroQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(
                "brand",
                Lower("title"),
                name="tickets_macro_title_once_a_brand",
                violation_error_message=_("This brand has a macro of that title."),
            ),
            models.UniqueConstraint(
                fields=["brand", "shortcut"],
                condition=~Q(shortcut=""),
                name="tickets_macro_shortcut_once_a_brand",
                violation_error_message=_("Another macro of this brand has that shortcut."),
            ),
        ]

    def __str__(self) -> str:
        return self.title
