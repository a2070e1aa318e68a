"""What we promised: a call or a task within a window of time, its owner, and every attempt to keep it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.models import ContactPoint, Customer
from tickets.models import Ticket


class CallbackQuerySet(OfBrandQuerySet):
    def due(self, at: datetime) -> CallbackQuerySet:
        """Promises whose window has opened and that nobody has been told of yet."""
        return self.filter(state=Callback.State.PROMISED, window_from__lte=at)

    def on_the_desk_of(self, agent: Agent) -> CallbackQuerySet:
        """What this agent is to do now, what ends first stands first."""
        return self.filter(owner=agent, state=Callback.State.DUE).order_by("window_to", "id")

    def open(self) -> CallbackQuerySet:
        return self.filter(state__in=Callback.OPEN)

    def missed(self, at: datetime) -> CallbackQuerySet:
        """Open promises whose window was over before `at`."""
        return self.open().filter(window_to__lt=at)

    def late(self, at: datetime) -> CallbackQuerySet:
        """Promises missed at `at`, and those kept after their window."""
        kept_late = Q(state=Callback.State.KEPT, ended_at__gt=F("window_to"))
        return self.filter(kept_late | Q(state__in=Callback.OPEN, window_to__lt=at))


class Callback(models.Model):
    """A promise to call a customer, or with `kind` task to do something, within a window (UTC instants).

    `zone` is the customer's, in which the window was offered. The row is the job: beat hands out what is due.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("Callback")
        TASK = "task", _("Task")

    class State(models.TextChoices):
        PROMISED = "promised", _("promised")
        DUE = "due", _("due")
        KEPT = "kept", _("kept")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (State.PROMISED, State.DUE)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="callbacks")
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, blank=True, related_name="callbacks")
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CALL)
    reason = models.CharField(max_length=160)
    owner = models.ForeignKey(Agent, models.PROTECT, related_name="callbacks", db_index=False)
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()
    zone = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.PROMISED)
    due_since = models.DateTimeField(null=True, blank=True, help_text=_("When it was handed to its owner."))
    ended_at = models.DateTimeField(null=True, blank=True)
    promised_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    promised_at = models.DateTimeField(default=clock.now)
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated promise harmless."))
    request_hash = models.CharField(max_length=64)  # what was promised first: `move` changes the window

    objects = CallbackQuerySet.as_manager()

    class Meta:
        permissions = [("promise_callback", "Can promise callbacks and keep them")]
        constraints = [
            models.CheckConstraint(
                condition=Q(window_to__gt=F("window_from")), name="callbacks_callback_window_runs"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["promised", "due"], ended_at__isnull=True)
                | Q(state__in=["kept", "cancelled"], ended_at__isnull=False),
                name="callbacks_callback_ended_when_over",
            ),
            models.CheckConstraint(
                condition=~Q(kind="call") | Q(contact_point__isnull=False),
                name="callbacks_callback_call_has_number",
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=Q(kind="call", state__in=["promised", "due"]),
                name="callbacks_callback_one_open_call_a_ticket",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="callbacks_callback_newest"),
            models.Index("brand", "state", newest(), name="callbacks_callback_by_state"),
            models.Index("brand", "owner", newest(), name="callbacks_callback_by_owner"),
            models.Index(
                fields=["window_from", "id"], condition=Q(state="promised"), name="callbacks_callback_to_come"
            ),
            models.Index(
                fields=["owner", "window_to", "id"],
                condition=Q(state="due"),
                name="callbacks_callback_on_desk",
            ),
            models.Index(fields=["owner", "window_from"], name="callbacks_callback_agenda"),
            models.Index(fields=["customer", "-window_from"], name="callbacks_callback_of_customer"),
            models.Index(fields=["brand", "window_from"], name="callbacks_callback_by_day"),
            models.Index(
                fields=["brand", "window_to"],
                condition=Q(state__in=["promised", "due"]),
                name="callbacks_callback_open_by_end",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class AttemptQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent) -> Any:
        return self.filter(callback__brand__in=Brand.objects.visible_to(agent))


class Attempt(models.Model):
    """One try to keep a promise and what came of it."""

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        NO_ANSWER = "no_answer", _("no answer")
        MOVED = "moved", _("moved")

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="attempts")
    outcome = models.CharField(max_length=10, choices=Outcome)
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.CharField(max_length=500, blank=True)
    key = models.CharField(max_length=64, unique=True, help_text=_("Makes a repeated outcome harmless."))
    request_hash = models.CharField(max_length=64)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        triggers = append_only()

    def __str__(self) -> str:
        return self.get_outcome_display()
