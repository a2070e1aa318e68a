"""How the tickets of a queue are handed out, how much an agent takes, and why each went to whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet, Skill
from contactcenter import clock
from contactcenter.guards import append_only
from tickets.models.channels import Channel
from tickets.models.queues import Queue
from tickets.models.tickets import Ticket


class RoutingPolicy(models.Model):
    """How a queue's tickets find their agent. Without one, or while it is off, agents take them themselves.

    A figure by channel says how many tickets of it fill an agent: 1 mail of 8 takes an eighth of them.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    queue = models.OneToOneField(Queue, models.PROTECT, related_name="routing")
    is_active = models.BooleanField(
        _("hands out"), default=False, help_text=_("Off: agents take tickets themselves.")
    )
    skills = models.ManyToManyField(
        Skill, related_name="+", blank=True, help_text=_("Who gets a ticket has all of these.")
    )
    by_language = models.BooleanField(
        default=False, help_text=_("Who gets a ticket speaks the customer’s language.")
    )
    mail = models.PositiveSmallIntegerField(default=8, help_text=_("So many e-mails fill an agent."))
    chat = models.PositiveSmallIntegerField(default=3)
    sms = models.PositiveSmallIntegerField(default=5)
    phone = models.PositiveSmallIntegerField(default=1, help_text=_("1: nothing else beside it."))
    social = models.PositiveSmallIntegerField(default=5)
    shop = models.PositiveSmallIntegerField(default=1)
    sticky_minutes = models.PositiveSmallIntegerField(
        default=5, help_text=_("So long a ticket waits for the agent who had this customer last.")
    )
    widen_minutes = models.PositiveSmallIntegerField(
        default=15, help_text=_("After so long each, language, skills and team are no longer asked for.")
    )
    floor_minutes = models.PositiveSmallIntegerField(
        default=120, help_text=_("Who has waited so long goes first, before every tier.")
    )
    return_minutes = models.PositiveSmallIntegerField(
        default=10, help_text=_("So long after their agent has gone offline tickets come back to the queue.")
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["queue__name"]
        verbose_name = _("routing policy")
        verbose_name_plural = _("routing policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(mail__gte=1, chat__gte=1, sms__gte=1, phone__gte=1, social__gte=1, shop__gte=1),
                name="tickets_routingpolicy_takes_each",
                violation_error_message=_("Of each channel an agent takes one at least."),
            ),
            models.CheckConstraint(
                condition=Q(widen_minutes__gte=1, floor_minutes__gte=1),
                name="tickets_routingpolicy_gives_time",
                violation_error_message=_("Give at least a minute."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.queue)

    def limit(self, channel: str) -> int:
        """How many tickets of a channel fill an agent."""
        return int(getattr(self, channel))


class Capacity(models.Model):
    """How many tickets of a channel fill this one agent of a brand, instead of what the queues say."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="capacities")
    channel = models.CharField(max_length=10, choices=Channel)
    tickets = models.PositiveSmallIntegerField(help_text=_("0: none of this channel is handed to them."))

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["agent__name", "channel"]
        verbose_name_plural = _("capacities")
        constraints = [
            models.UniqueConstraint(
                fields=["brand", "agent", "channel"],
                name="tickets_capacity_once",
                violation_error_message=_("This agent has a figure for this channel."),
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="tickets_capacity_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.channel}"


class RoutingDecision(models.Model):
    """To whom a ticket was given and why, or that nobody fitted and why: written once, never changed.

    `reasons` are codes of tickets/routing.py; `step` is how far its needs had been widened, `considered` how many
    agents were looked at. That nobody fits is written down once, and again when its reason or step changes.
    """

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="routed", db_index=False)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)
    step = models.PositiveSmallIntegerField()
    considered = models.PositiveIntegerField()
    reasons = models.JSONField(default=list)

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(step__lte=5), name="tickets_routingdecision_step_known"),
            models.CheckConstraint(condition=~Q(reasons=[]), name="tickets_routingdecision_says_why"),
        ]
        indexes = [
            models.Index(fields=["ticket", "-id"], name="tickets_routed_of_ticket"),
            models.Index(
                fields=["agent", "-id"], condition=Q(agent__isnull=False), name="tickets_routed_to_agent"
            ),
            models.Index(fields=["brand", "-id"], name="tickets_routed_newest"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.ticket_id} → {self.agent_id or '–'}"
