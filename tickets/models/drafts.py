"""Words that an agent has begun, or has sent and that are held for a while: rows until they are a message."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from contactcenter import clock
from tickets.models.events import OfTicketQuerySet
from tickets.models.tickets import Ticket

KEPT_FOR = timedelta(days=30)


class DraftQuerySet(OfTicketQuerySet):
    def written(self) -> Any:
        """What is still being written; the text of everybody's own composer."""
        return self.filter(due_at=None)

    def held(self) -> Any:
        """What was sent and has not gone yet: it can be undone, changed, or sent now."""
        return self.filter(due_at__isnull=False)

    def ripe(self, at: datetime) -> Any:
        """What was held until now, the longest due first."""
        return self.filter(due_at__lte=at).order_by("due_at", "id")

    def forgotten(self, at: datetime) -> Any:
        """What nobody has gone on with for 30 days."""
        return self.filter(due_at=None, changed_at__lte=at - KEPT_FOR).order_by("changed_at", "id")


class Draft(models.Model):
    """What an agent writes in a ticket. With a `due_at` it was sent, and becomes a message then: the row is the job.

    One that is being written is the only one of its agent in the ticket. `version` counts its changes, so that two
    tabs never overwrite each other unseen. A draft is no log: nothing of it stays when it is sent or dropped.
    """

    class Kind(models.TextChoices):
        REPLY = "reply", _("reply")
        NOTE = "note", _("note")

    class Then(models.TextChoices):
        STAY = "stay", _("send")
        RESOLVE = "resolve", _("send and resolve")
        NEXT = "next", _("send, resolve, next ticket")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="drafts")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField(blank=True)
    macros = ArrayField(
        models.BigIntegerField(), default=list, db_default=[], help_text=_("Whose deeds go with it.")
    )
    seen = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text=_("The last word its author had before their eyes; empty: whatever comes."),
    )
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When it goes out; empty while it is written.")
    )
    is_scheduled = models.BooleanField(
        default=False, help_text=_("Its author chose the hour; else it can be undone.")
    )
    then = models.CharField(max_length=10, choices=Then, default=Then.STAY)
    key = models.CharField(max_length=64, blank=True, help_text=_("Of the message it becomes."))
    returned = models.CharField(
        max_length=300, blank=True, help_text=_("Why it came back instead of going out.")
    )

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "agent"], condition=Q(due_at=None), name="tickets_draft_one_is_written"
            ),
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="tickets_draft_key_once"),
            models.CheckConstraint(condition=Q(kind__in=["reply", "note"]), name="tickets_draft_kind_known"),
            models.CheckConstraint(
                condition=Q(then__in=["stay", "resolve", "next"]), name="tickets_draft_then_known"
            ),
            # Only a reply leaves the house, and only with words and under a key.
            models.CheckConstraint(
                condition=Q(due_at=None) | (Q(kind="reply") & ~Q(key="") & ~Q(text="")),
                name="tickets_draft_held_can_go",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(due_at__isnull=False), name="tickets_draft_to_send"
            ),
            models.Index(
                fields=["changed_at", "id"], condition=Q(due_at=None), name="tickets_draft_to_forget"
            ),
            models.Index(fields=["agent", "ticket"], name="tickets_draft_of_agent"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.get_kind_display()}"
