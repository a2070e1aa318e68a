"""The state an agent is in now, and every stretch of time in one state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter.guards import never_truncated

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

KINDS = ["available", "busy", "away", "offline"]


class Kind(models.TextChoices):
    AVAILABLE = "available", _("Available")
    BUSY = "busy", pgettext_lazy("presence", "Busy")
    AWAY = "away", _("Away")
    OFFLINE = "offline", _("Offline")


class StateReason(models.Model):
    """Why somebody is in a state, as their brand names it: lunch, training, after-call work."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="state_reasons")
    code = models.SlugField(max_length=20)
    label = models.CharField(max_length=60)
    kind = models.CharField(_("state"), max_length=10, choices=Kind)
    counts_as_work = models.BooleanField(default=True, help_text=_("Time in it is working time."))
    rank = models.PositiveSmallIntegerField(default=0, help_text=_("The lowest is offered first."))
    is_active = models.BooleanField(default=True, help_text=_("Is offered."))

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["rank", "label"]
        verbose_name = _("reason of a state")
        verbose_name_plural = _("reasons of states")
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "code"],
                name="agents_statereason_code_once_a_brand",
                violation_error_message=_("This brand has a reason of that code."),
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="agents_statereason_kind_known"),
        ]

    def __str__(self) -> str:
        return self.label


class OfAgentQuerySet(models.QuerySet[Any]):
    """Questions of tables whose rows are somebody's: who knows the agent knows their rows."""

    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self if agent.is_superuser else self.filter(agent__in=Agent.objects.visible_to(agent))


class PresenceQuerySet(OfAgentQuerySet):
    def to_lose(self, at: datetime) -> PresenceQuerySet:
        """Agents who are said to be here and were last heard of before `at`, the longest ago first."""
        return self.exclude(kind="offline").filter(seen_at__lt=at).order_by("seen_at")


class Presence(models.Model):
    """The state an agent is in now; the row to lock for whoever gives them work. No row: never here, offline.

    `seen_at` is when their desk was last heard of, to half a minute; `was_lost` that it fell silent, and the house
    says offline.
    """

    agent = models.OneToOneField(Agent, models.PROTECT, primary_key=True, related_name="presence")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.OFFLINE)
    reason = models.ForeignKey(
        StateReason, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    was_lost = models.BooleanField(default=False)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="agents_presence_kind_known"),
            models.CheckConstraint(
                condition=Q(was_lost=False) | Q(kind="offline"), name="agents_presence_lost_is_offline"
            ),
        ]
        indexes = [
            models.Index(fields=["seen_at"], condition=~Q(kind="offline"), name="agents_presence_to_lose")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind}"


class Stretch(models.Model):
    """A time that an agent was in one state: written when it begins, given its end once, never changed otherwise."""

    class Cause(models.TextChoices):
        CHOSEN = "chosen", _("chosen")
        OPENED = "opened", _("opened the desk")
        LOST = "lost", _("desk fell silent")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="stretches", db_index=False)
    kind = models.CharField(_("state"), max_length=10, choices=Kind)
    reason = models.ForeignKey(StateReason, models.PROTECT, null=True, related_name="+", db_index=False)
    cause = models.CharField(max_length=10, choices=Cause)
    by = models.ForeignKey(
        Agent, models.PROTECT, null=True, related_name="+", db_index=False, help_text=_("Empty: the house.")
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OfAgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("time in a state")
        verbose_name_plural = _("times in states")
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(ended_at=None), name="agents_stretch_one_running"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="agents_stretch_runs_forward",
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="agents_stretch_kind_known"),
            models.CheckConstraint(
                condition=Q(cause__in=["chosen", "opened", "lost"]), name="agents_stretch_cause_known"
            ),
        ]
        indexes = [models.Index(fields=["agent", "-started_at"], name="agents_stretch_of_agent")]
        triggers = [
            pgtrigger.Trigger(
                name="ends_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=(
                    "IF OLD.ended_at IS NOT NULL OR to_jsonb(NEW) - 'ended_at' <> to_jsonb(OLD) - 'ended_at' THEN"
                    " RAISE EXCEPTION 'pgtrigger: Cannot update % table but for its end', TG_TABLE_NAME; END IF;"
                    " RETURN NEW;"
                ),
            ),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.agent_id}"

    def length(self, at: datetime) -> timedelta:
        """How long it lasted; the one that runs, up to `at`."""
        return (self.ended_at or at) - self.started_at
