"""Asking somebody outside the floor: a thread beside the ticket, of which the customer never sees a word."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.paging import newest
from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ConsultQuerySet(OfBrandQuerySet):
    def to_expire(self, at: datetime) -> ConsultQuerySet:
        """Questions that nobody has answered in time."""
        return self.filter(state="asked", expires_at__lte=at).order_by("expires_at", "pk")


class Consult(models.Model):
    """A question to an expert about one ticket. They see `question` and `shown`, and nothing else of the ticket."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        ANSWERED = "answered", _("answered")
        WITHDRAWN = "withdrawn", _("withdrawn")
        EXPIRED = "expired", _("not answered in time")

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="consults")
    asked_by = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    expert_name = models.CharField(max_length=80, blank=True)
    expert_address = models.EmailField(help_text=_("In lower case; answers count from here only."))
    question = models.TextField()
    shown = models.TextField(blank=True, help_text=_("What of the conversation the agent chose to include."))
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text=_("First answered, withdrawn or expired.")
    )
    key = models.CharField(max_length=200, unique=True, help_text=_("Makes a repeated deed harmless."))

    objects = ConsultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="asked", ended_at=None)
                | Q(state__in=["answered", "withdrawn", "expired"], ended_at__isnull=False),
                name="tickets_consult_ended_or_asked",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="tickets_consult_gives_time"
            ),
            models.CheckConstraint(
                condition=~Q(expert_address="") & ~Q(question=""), name="tickets_consult_asks_somebody"
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="tickets_consult_newest"),
            models.Index(
                fields=["expires_at", "id"], condition=Q(state="asked"), name="tickets_consult_to_expire"
            ),
        ]

    def __str__(self) -> str:
        return self.expert

    @property
    def expert(self) -> str:
        """Who was asked, by name or else by address."""
        return self.expert_name or self.expert_address


class ConsultWordQuerySet(models.QuerySet["ConsultWord"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(consult__brand__in=Brand.objects.visible_to(agent))

    def to_send(self, at: datetime, lease_until: datetime) -> ConsultWordQuerySet:
        """Our words that are due at `at`, or that a worker claimed before `lease_until` and never finished."""
        return self.filter(Q(state="queued", due_at__lte=at) | Q(state="sending", due_at__lte=lease_until))


class ConsultWord(models.Model):
    """One thing said beside a ticket: by us to the expert, by the expert, or by somebody who only wrote there."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("to the expert")
        ANSWER = "answer", _("from the expert")
        FLAGGED = "flagged", _("from another address")

    class State(models.TextChoices):
        DONE = "done", _("done")
        QUEUED = "queued", _("waits to be sent")
        SENDING = "sending", _("is being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")

    consult = models.ForeignKey(Consult, models.PROTECT, related_name="words")
    kind = models.CharField(max_length=8, choices=Kind)
    author = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    sender = models.CharField(
        max_length=320, blank=True, help_text=_("Address it came from; empty: by the signed page.")
    )
    text = models.TextField()
    at = models.DateTimeField(default=clock.now)
    key = models.CharField(max_length=200, unique=True, help_text=_("Makes a repeated deed harmless."))
    state = models.CharField(max_length=10, choices=State, default=State.DONE)
    due_at = models.DateTimeField(null=True, blank=True, help_text=_("When to send, or when it was claimed."))
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = ConsultWordQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="question", author__isnull=False)
                | Q(kind__in=["answer", "flagged"], author=None),
                name="tickets_consultword_ours_has_author",
            ),
            models.CheckConstraint(
                condition=Q(state="done", due_at=None)
                | Q(kind="question", state__in=["queued", "sending"], due_at__isnull=False)
                | Q(kind="question", state__in=["sent", "failed"], due_at=None),
                name="tickets_consultword_only_ours_is_sent",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["queued", "sending"]),
                name="tickets_consultword_to_send",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.consult_id}"
