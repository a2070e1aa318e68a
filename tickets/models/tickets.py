"""One issue of one customer, and the audit of every deed on it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.db import models
from django.db.models import ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.contact import plain
from customers.models import ContactPoint, Customer

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
from tickets.models.queues import Queue


class Channel(models.TextChoices):
    MAIL = "mail", _("e-mail")
    CHAT = "chat", _("web chat")
    SMS = "sms", _("SMS")
    PHONE = "phone", _("phone")
    SOCIAL = "social", _("social")
    SHOP = "shop", _("in the shop")


class TicketQuerySet(OfBrandQuerySet):
    def referred_to_by(self, reference: str) -> TicketQuerySet:
        """The ticket with the reference FF-4812; nothing for what is no reference."""
        code, dash, number = reference.upper().rpartition("-")
        if not (code.isalnum() and dash and number.isascii() and number.isdecimal() and len(number) < 10):
            return self.none()
        return self.filter(brand__code=code, number=int(number))

    def unsolved(self) -> TicketQuerySet:
        return self.filter(is_open=True)

    def waiting(self) -> TicketQuerySet:
        """Tickets in which the customer waits for our answer."""
        return self.unsolved().filter(due_at__isnull=False)

    def overdue(self, at: datetime) -> TicketQuerySet:
        """Tickets whose answer was to be given before `at`."""
        return self.unsolved().filter(due_at__lt=at)

    def mine(self, agent: Agent) -> TicketQuerySet:
        return self.unsolved().filter(assignee=agent)

    def in_working_order(self) -> TicketQuerySet:
        """What is due first stands first; what waits for somebody else last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "id")


class Ticket(models.Model):
    """One issue of one customer, from opening to resolution.

    `due_at` is the nearest clock: when the customer's last word wants an answer, empty while we
    wait for somebody else. `message_seq` numbers what was said; a reply names the last one it has seen.
    """

    class Status(models.TextChoices):
        NEW = "new", _("New")
        OPEN = "open", _("Open")
        PENDING = "pending", _("Pending")
        ON_HOLD = "on_hold", _("On hold")
        RESOLVED = "resolved", _("Resolved")
        CLOSED = "closed", _("Closed")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    ENDED = (Status.RESOLVED, Status.CLOSED)

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="tickets", db_index=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="tickets")
    subject = models.CharField(max_length=250, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    is_open = models.GeneratedField(
        expression=ExpressionWrapper(~Q(status__in=["resolved", "closed"]), models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    assignee = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False
    )
    opened_at = models.DateTimeField(default=clock.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    last_message_at = models.DateTimeField()
    last_words = models.CharField(
        max_length=120, blank=True, help_text=_("The beginning of what was said last.")
    )
    last_was_inbound = models.BooleanField(default=True)
    message_seq = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=200, unique=True, help_text=_("Makes a repeated opening harmless."))

    objects = TicketQuerySet.as_manager()

    class Meta:
        permissions = [("work_ticket", "Can work tickets on the desk")]
        constraints = [
            models.UniqueConstraint(fields=["brand", "number"], name="tickets_ticket_number_once_a_brand"),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_ticket_of_its_brand"),
            # Lets other tables point at (id, customer), so that no row can ever join two customers.
            models.UniqueConstraint(fields=["id", "customer"], name="tickets_ticket_of_its_customer"),
            models.CheckConstraint(
                condition=Q(status__in=["new", "open", "pending", "on_hold", "resolved", "closed"]),
                name="tickets_ticket_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["resolved", "closed"], resolved_at__isnull=False, due_at__isnull=True)
                | (~Q(status__in=["resolved", "closed"]) & Q(resolved_at__isnull=True)),
                name="tickets_ticket_ended_has_no_clock",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="tickets_ticket_newest"),
            models.Index("brand", "status", newest(), name="tickets_ticket_by_status"),
            models.Index("brand", "queue", newest(), name="tickets_ticket_by_queue"),
            models.Index("brand", "assignee", newest(), name="tickets_ticket_by_assignee"),
            models.Index(
                F("brand"), F("due_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True), name="tickets_ticket_open_by_due",
            ),
            models.Index(
                F("assignee"), F("due_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True), name="tickets_ticket_mine_by_due",
            ),
            models.Index(
                F("brand"), F("due_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True, assignee__isnull=True), name="tickets_ticket_nobodys_by_due",
            ),
            models.Index(
                F("queue"), F("due_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True), name="tickets_ticket_queue_by_due",
            ),
            models.Index(fields=["customer", "-opened_at"], name="tickets_ticket_of_customer"),
            models.Index(fields=["brand", "opened_at"], name="tickets_ticket_by_opening"),
            models.Index(
                fields=["brand", "resolved_at"],
                condition=Q(resolved_at__isnull=False), name="tickets_ticket_by_resolution",
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="subject_is_found",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="opened"),
                func=(
                    "INSERT INTO tickets_ticketwords (ticket_id, brand_id, part, words)"
                    " SELECT t.id, t.brand_id, 0, setweight(to_tsvector(b.search_language::regconfig, t.subject), 'A')"
                    " FROM opened t JOIN agents_brand b ON b.id = t.brand_id; RETURN NULL;"
                ),
            ),
            pgtrigger.Trigger(
                name="new_subject_is_found",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("subject"),
                condition=pgtrigger.Q(old__subject__df=pgtrigger.F("new__subject")),
                func="PERFORM tickets_words_again(NEW.id); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people name the ticket: FF-4812. Needs `brand` loaded."""
        return f"{self.brand.code}-{self.number}"

    def answer_goes_to(self) -> ContactPoint | None:
        """The customer's address that wrote last, else their first one; a stranger's address never."""
        points = [
            point for point in self.customer.contact_points.all() if point.kind == ContactPoint.Kind.MAIL
        ]
        heard = self.messages.heard_by_mail().order_by("-seq")
        sender = plain(heard.values_list("sender", flat=True).first() or "")
        return next((point for point in points if point.value == sender), next(iter(points), None))


class OfTicketQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(ticket__brand__in=Brand.objects.visible_to(agent))


class TicketEvent(models.Model):
    """What was done on a ticket, by whom: written with the deed, never changed. Holds codes, ids and figures only."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        ASSIGNED = "assigned", _("assigned")
        STATUS = "status", _("status changed")
        RESOLVED = "resolved", _("resolved")
        REOPENED = "reopened", _("reopened")
        GOODWILL = "goodwill", _("goodwill given")
        CALLBACK = "callback", _("callback")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)
    data = models.JSONField(default=dict, blank=True)

    objects = OfTicketQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ticket", "id"], name="tickets_event_of_ticket")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"
