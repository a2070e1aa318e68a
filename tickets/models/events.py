"""The audit of every deed on a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.guards import append_only
from tickets.chain import CHAINED
from tickets.models.tickets import Ticket
from tickets.occasions import OF_EVENTS

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class OfTicketQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(ticket__brand__in=Brand.objects.visible_to(agent))


class TicketEvent(models.Model):
    """What was done on a ticket, by whom, and what it changed: written with the deed, never changed.

    `data` holds codes, ids and figures only, so that a person can be erased and the chain still holds; `before` and
    `after` in it say what was changed (null: nothing was there, or, in lines older than the chain, not written down).
    The database numbers the lines of a ticket and chains them; see tickets/chain.py.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        ASSIGNED = "assigned", _("assigned")
        STATUS = "status", _("status changed")
        RESOLVED = "resolved", _("resolved")
        REOPENED = "reopened", _("reopened")
        MOVED = "moved", _("moved to another queue")
        LATE = "late", _("a promise was not kept")
        CLOSED = "closed", _("closed")
        SNOOZED = "snoozed", _("put off")
        WOKEN = "woken", _("back from being put off")
        GOODWILL = "goodwill", _("goodwill given")
        GOODWILL_REQUEST = "goodwill_request", _("goodwill asked for")
        CALLBACK = "callback", _("callback")
        PRIORITY = "priority", _("priority changed")
        TYPE = "type", _("type changed")
        TAGGED = "tagged", _("tag put on")
        UNTAGGED = "untagged", _("tag taken off")
        TIER = "tier", _("customer's tier changed")
        LINKED = "linked", _("linked")
        UNLINKED = "unlinked", _("link undone")
        VERIFIED = "verified", _("customer verified")
        KEPT = "kept", _("kept what ended while we were late")
        ACKNOWLEDGED = "acknowledged", _("acknowledged by itself")
        SURVEYED = "surveyed", _("asked how it was")
        RATED = "rated", _("the customer said how it was")
        CONSULT = "consult", _("somebody else asked")
        REASON = "reason", _("contact reason changed")
        CHECKED = "checked", _("ticked on the checklist")
        UNCHECKED = "unchecked", _("tick taken back")
        FIELD = "field", _("field changed")
        SHOP = "shop", _("task for the shop")
        MERGED = "merged", _("merged")
        UNMERGED = "unmerged", _("merge undone")
        SPLIT = "split", _("a message made a ticket of its own")

    class Actor(models.TextChoices):
        AGENT = "agent", _("agent")
        CUSTOMER = "customer", _("customer")
        RULE = "rule", _("rule")
        SYSTEM = "system", _("system")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField(db_default=0, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.CharField(max_length=8, choices=Actor)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    data = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64, db_default="", editable=False)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="tickets_ticketevent_seq_once"),
            models.CheckConstraint(
                condition=Q(actor="agent", by__isnull=False)
                | Q(actor__in=["customer", "rule", "system"], by__isnull=True),
                name="tickets_ticketevent_actor_fits",
            ),
            models.CheckConstraint(
                condition=Q(kind__regex="^[a-z_]+$"), name="tickets_ticketevent_kind_is_code"
            ),
            models.CheckConstraint(
                condition=Q(data__has_keys=["before", "after"]), name="tickets_ticketevent_tells_change"
            ),
        ]
        triggers = [*append_only(), CHAINED, OF_EVENTS]

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"
