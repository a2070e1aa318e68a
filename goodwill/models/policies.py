"""Who may give how much alone, and who may agree to more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents import roles
from agents.models import Agent, Brand, OfBrandQuerySet, Team
from contactcenter import clock

# Whoever a policy names more closely comes first; then the brand's own before that of all brands.
BY_CLOSENESS = (
    F("agent").asc(nulls_last=True),
    F("team").asc(nulls_last=True),
    F("brand").asc(nulls_last=True),
)


class PolicyQuerySet(OfBrandQuerySet):
    def of(self, agent: Agent, brand: Brand | int, at: datetime) -> PolicyQuerySet:
        """What holds for `agent` in this brand at `at`, the closest first: for them, their teams, their role."""
        whom = Q(agent=agent.pk) | Q(team__in=agent.teams.values("pk")) | Q(role=agent.role or "-")
        return self.in_force(brand, at).filter(whom)

    def in_force(self, brand: Brand | int, at: datetime) -> PolicyQuerySet:
        """All that hold in this brand at `at`, for whomever, the closest first."""
        rows = self.filter(Q(brand=brand) | Q(brand=None), starts_at__lte=at)
        return rows.filter(Q(ends_at=None) | Q(ends_at__gt=at)).order_by(*BY_CLOSENESS, "-starts_at", "-pk")


class Policy(models.Model):
    """What a role, a team or an agent may give alone; more than that is asked for. No policy means nothing.

    All figures are points but those that count grants; an empty one is not looked at. Days, weeks (from Monday) and
    months are those of the brand's time zone; the customer's are the 30, 90 and 365 days before the grant.
    """

    brand = models.ForeignKey(
        Brand, models.PROTECT, null=True, blank=True, related_name="goodwill_policies",
        help_text=_("Empty: for all brands that have none of their own."),
    )  # fmt: skip
    role = models.CharField(max_length=20, blank=True, choices=[(role, role) for role in roles.RANKED])
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    per_grant = models.PositiveIntegerField(help_text=_("Points in one grant."))
    per_ticket = models.PositiveIntegerField(null=True, blank=True, help_text=_("Points on one ticket."))
    per_day = models.PositiveIntegerField(null=True, blank=True, help_text=_("Points of one agent in a day."))
    per_week = models.PositiveIntegerField(null=True, blank=True)
    per_month = models.PositiveIntegerField(null=True, blank=True)
    grants_per_day = models.PositiveIntegerField(null=True, blank=True, help_text=_("Grants of one agent."))
    grants_per_week = models.PositiveIntegerField(null=True, blank=True)
    grants_per_month = models.PositiveIntegerField(null=True, blank=True)
    customer_30 = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Points that one customer is given in 30 days, by anybody.")
    )
    customer_90 = models.PositiveIntegerField(null=True, blank=True)
    customer_365 = models.PositiveIntegerField(null=True, blank=True)
    grants_customer_30 = models.PositiveIntegerField(null=True, blank=True)
    grants_customer_90 = models.PositiveIntegerField(null=True, blank=True)
    grants_customer_365 = models.PositiveIntegerField(null=True, blank=True)
    apart_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("A further grant to the same customer within so many days is asked for."),
    )
    second_above = models.PositiveIntegerField(
        null=True, blank=True, help_text=_("Above so many points in one grant two people have to agree.")
    )
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(
                condition=(~Q(role="") & Q(team=None, agent=None))
                | (Q(role="", agent=None) & Q(team__isnull=False))
                | (Q(role="", team=None) & Q(agent__isnull=False)),
                name="goodwill_policy_names_one",
                violation_error_message=_("A policy is for a role, a team or an agent: for one of them."),
            ),
            models.CheckConstraint(
                condition=Q(team=None) | Q(brand__isnull=False), name="goodwill_policy_of_team_has_brand"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="goodwill_policy_ends_after_it_starts",
                violation_error_message=_("A policy ends after it starts."),
            ),
            models.UniqueConstraint(
                fields=["brand", "role", "team", "agent", "starts_at"], nulls_distinct=False,
                name="goodwill_policy_once",
                violation_error_message=_("There is such a policy from that instant on."),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.agent or self.team or self.role}: {self.per_grant}"


def policy_of(agent: Agent, brand: Brand | int, at: datetime) -> Any:
    """The policy that holds for `agent` in this brand at `at`; None: they give nothing. One query."""
    return Policy.objects.of(agent, brand, at).first()


def policies_of(agents: Collection[int], brand: Brand | int, at: datetime) -> dict[int, Policy]:
    """The policy that holds for each of these agents (ids), as `policy_of` gives it. Three queries for all of them."""
    teams, held = defaultdict(set), defaultdict(set)
    for agent, team in Agent.teams.through.objects.filter(agent__in=agents).values_list("agent", "team"):
        teams[agent].add(team)
    for agent, role in Agent.groups.through.objects.filter(agent__in=agents).values_list(
        "agent", "group__name"
    ):
        held[agent].add(role)
    policies = list(Policy.objects.in_force(brand, at))
    found = {}
    for agent in agents:
        role = next((role for role in roles.RANKED if role in held[agent]), "-")
        closest = (
            one
            for one in policies
            if one.agent_id == agent or one.team_id in teams[agent] or one.role == role
        )
        if policy := next(closest, None):
            found[agent] = policy
    return found
