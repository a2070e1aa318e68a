"""Every try to keep a promise."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from callbacks.models.promises import Callback
from contactcenter import clock
from contactcenter.guards import never_truncated

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# What never changes of a try, and what never changes once it is told.
FIXED = ["callback_id", "at", "dial_key"]
TOLD = ["outcome", "key", "request_hash", "note"]


class AttemptQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(callback__brand__in=Brand.objects.visible_to(agent))

    def running(self) -> AttemptQuerySet:
        """Calls of which nobody has said yet what came of them."""
        return self.filter(outcome="")


class Attempt(models.Model):
    """One try to keep a promise and what came of it.

    `at` is when it began (UTC). A dialler that follows the call tells the rest: `ref` is its name for the call, and
    ringing, answered and hung up are instants. `outcome` is what the agent says came of it, "" while the call runs; it
    is said once.
    """

    class Dialler(models.TextChoices):
        NONE = "", _("by hand")
        TEL = "tel", _("tel: link")
        SIP = "sip", _("SIP server")
        REST = "rest", _("REST service")

    class Outcome(models.TextChoices):
        RUNNING = "", _("running")
        DONE = "done", _("reached, done")
        NO_ANSWER = "no_answer", _("no answer")
        BUSY = "busy", _("busy")
        VOICEMAIL = "voicemail", _("voicemail")
        WRONG_NUMBER = "wrong_number", _("wrong number")
        MOVED = "moved", _("asked to move")
        LOST = "lost", _("broken off")

    callback = models.ForeignKey(Callback, models.PROTECT, related_name="attempts")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    note = models.CharField(max_length=500, blank=True)
    dialler = models.CharField(max_length=10, choices=Dialler, blank=True, default="", db_default="")
    ref = models.CharField(max_length=120, blank=True, default="", db_default="")
    ringing_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    hung_up_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(
        max_length=20, blank=True, default="", db_default="", help_text=_("Why the dialler says it ended.")
    )
    fell_back = models.CharField(
        max_length=200, blank=True, default="", db_default="",
        help_text=_("Why the number was dialled by hand instead."),
    )  # fmt: skip
    ask_at = models.DateTimeField(null=True, blank=True, help_text=_("When the dialler is asked next."))
    dial_key = models.CharField(
        max_length=64, unique=True, null=True, blank=True, help_text=_("Makes a repeated call harmless.")
    )
    key = models.CharField(
        max_length=64, unique=True, null=True, blank=True, help_text=_("Makes a repeated outcome harmless.")
    )
    request_hash = models.CharField(max_length=64, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["callback"], condition=Q(outcome=""), name="callbacks_attempt_one_running"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "lost"], key__isnull=True)
                | ~Q(outcome__in=["", "lost"]) & Q(key__isnull=False),
                name="callbacks_attempt_told_has_key",
            ),
            models.UniqueConstraint(
                fields=["dialler", "ref"], condition=~Q(ref=""), name="callbacks_attempt_ref_once_a_dialler"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True)
                | Q(hung_up_at__isnull=True)
                | Q(hung_up_at__gte=F("answered_at")),
                name="callbacks_attempt_ends_after_it_began",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ask_at"], condition=Q(ask_at__isnull=False), name="callbacks_attempt_to_ask"
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="told_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=(
                    "IF "
                    + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED)
                    + " OR OLD.outcome <> '' AND ("
                    + " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in TOLD)
                    + ") THEN RAISE EXCEPTION 'pgtrigger: Cannot change what came of a try in %', TG_TABLE_NAME;"
                    " END IF; RETURN NEW;"
                ),
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            never_truncated(),
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()

    @property
    def duration(self) -> timedelta | None:
        """How long they spoke; None where the dialler did not say."""
        return self.hung_up_at - self.answered_at if self.hung_up_at and self.answered_at else None
