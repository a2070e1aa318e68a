"""One issue of one customer."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import ExpressionWrapper, F, Func, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.paging import newest
from customers.models import ContactPoint, Customer
from loyalty.models import Tier
from tickets.models.asking import TicketQuerySet
from tickets.models.channels import Channel, recipient_among
from tickets.models.queues import Queue
from tickets.models.reasons import ContactReason

# The formula of `tickets.score.turn_of` in SQL; in UTC without a zone, where adding is the same at all times.
TURN = (
    "CASE WHEN due_at IS NULL THEN NULL ELSE LEAST("
    "(due_at AT TIME ZONE 'UTC') - make_interval(mins => head_start),"
    " (due_since AT TIME ZONE 'UTC') + interval '24 hours') AT TIME ZONE 'UTC' END"
)


class Ticket(models.Model):
    """One issue of one customer, from opening to resolution.

    `due_at` is the nearest end of its clocks, `due_kind` of which, `due_since` from when that one counts; empty while
    none runs. `turn_at` is its place in the queue (tickets/score.py). `message_seq` numbers what was said; a reply
    names the last one it has seen.
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

    class Type(models.TextChoices):
        QUESTION = "question", _("Question")
        INCIDENT = "incident", _("Incident")
        PROBLEM = "problem", _("Problem")
        TASK = "task", _("Task")

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
    type = models.CharField(max_length=8, choices=Type, default=Type.QUESTION, db_default=Type.QUESTION)
    assignee = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="tickets", db_index=False
    )
    opened_at = models.DateTimeField(default=clock.now)
    reason = models.ForeignKey(
        ContactReason, models.PROTECT, null=True, blank=True, related_name="+", help_text=_("Why they wrote.")
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("The customer’s tier when it was resolved."),
    )  # fmt: skip
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Resolved until then, and closed for good after.")
    )
    snoozed_until = models.DateTimeField(
        null=True, blank=True, help_text=_("Out of the queues until then, or until something happens.")
    )
    wakes_on_thanks = models.BooleanField(
        default=False, db_default=False, help_text=_("A plain “thanks” ends the snooze too.")
    )
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by", db_index=False,
        help_text=_("The closed ticket that its customer answered with this one."),
    )  # fmt: skip
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="joined", db_index=False,
        help_text=_("The ticket in which this one goes on: never one that went into another itself."),
    )  # fmt: skip
    merged_at = models.DateTimeField(null=True, blank=True)
    joined_count = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("How many tickets went into this one.")
    )
    due_at = models.DateTimeField(null=True, blank=True)
    due_kind = models.CharField(max_length=10, blank=True, default="", db_default="")
    due_since = models.DateTimeField(null=True, blank=True)
    promised_tier = models.ForeignKey(
        Tier, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("The customer's, as its promises and its place in the queue reckon with it."),
    )  # fmt: skip
    head_start = models.SmallIntegerField(
        default=0,
        db_default=0,
        help_text=_("Minutes that priority and tier put it ahead of its due instant."),
    )
    turn_at = models.GeneratedField(
        expression=Func(template=TURN, output_field=models.DateTimeField()),
        output_field=models.DateTimeField(null=True), db_persist=True,
    )  # fmt: skip
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
                condition=Q(priority__in=[1, 2, 3, 4]), name="tickets_ticket_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(type__in=["question", "incident", "problem", "task"]),
                name="tickets_ticket_type_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["resolved", "closed"], resolved_at__isnull=False, due_at__isnull=True)
                | (~Q(status__in=["resolved", "closed"]) & Q(resolved_at__isnull=True)),
                name="tickets_ticket_ended_has_no_clock",
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(status="resolved"), name="tickets_ticket_resolved_closes"
            ),
            models.CheckConstraint(
                condition=Q(snoozed_until=None) | ~Q(status__in=["resolved", "closed"]),
                name="tickets_ticket_ended_is_awake",
            ),
            models.CheckConstraint(
                condition=Q(resolved_tier=None) | Q(status__in=["resolved", "closed"]),
                name="tickets_ticket_tier_at_the_end",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None, merged_at=None)
                | Q(merged_into__isnull=False, merged_at__isnull=False, status="closed", joined_count=0),
                name="tickets_ticket_merged_is_over",
            ),
        ]
        indexes = [
            models.Index("brand", newest(), name="tickets_ticket_newest"),
            models.Index("brand", "status", newest(), name="tickets_ticket_by_status"),
            models.Index("brand", "queue", newest(), name="tickets_ticket_by_queue"),
            models.Index("brand", "assignee", newest(), name="tickets_ticket_by_assignee"),
            models.Index(
                fields=["brand", "due_at"],
                condition=Q(is_open=True, due_at__isnull=False), name="tickets_ticket_open_by_due",
            ),
            # What the lists of the desk walk; counts beside their names read nothing else, hence what is included.
            models.Index(
                F("brand"), F("turn_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True), include=["snoozed_until"], name="tickets_ticket_open_by_turn",
            ),
            models.Index(
                F("assignee"), F("turn_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True), include=["brand", "snoozed_until"], name="tickets_ticket_mine_by_turn",
            ),
            models.Index(
                F("brand"), F("turn_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True, assignee__isnull=True), include=["snoozed_until"],
                name="tickets_ticket_nobodys_by_turn",
            ),
            models.Index(
                F("queue"), F("turn_at").asc(nulls_last=True), F("id"),
                condition=Q(is_open=True), include=["brand", "assignee", "snoozed_until"],
                name="tickets_ticket_queue_by_turn",
            ),
            models.Index(
                F("queue"), Coalesce("turn_at", "last_message_at"), F("id"),
                condition=Q(is_open=True, assignee__isnull=True, snoozed_until__isnull=True),
                name="tickets_ticket_to_route",
            ),
            models.Index(
                fields=["queue", "id"],
                condition=Q(is_open=True, assignee__isnull=False, snoozed_until__isnull=True),
                name="tickets_ticket_to_return",
            ),
            models.Index(
                fields=["closes_at", "id"], condition=Q(closes_at__isnull=False), name="tickets_ticket_to_close"
            ),
            models.Index(
                fields=["snoozed_until", "id"],
                condition=Q(snoozed_until__isnull=False), name="tickets_ticket_to_wake",
            ),
            models.Index(fields=["follows"], condition=Q(follows__isnull=False), name="tickets_ticket_follows"),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="tickets_ticket_joined"
            ),
            models.Index(fields=["customer", "-opened_at"], name="tickets_ticket_of_customer"),
            models.Index(fields=["brand", "opened_at"], name="tickets_ticket_by_opening"),
            models.Index(fields=["brand", "id"], condition=Q(is_open=True), name="tickets_ticket_open_in_turn"),
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
            # Every merged ticket is one step away from the one it goes on in: so no chain, and no ring, can be.
            pgtrigger.Trigger(
                name="merged_in_one_step",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                condition=pgtrigger.Q(new__merged_into__isnull=False),
                func=(
                    "PERFORM FROM tickets_ticket WHERE id = NEW.merged_into_id AND merged_into_id IS NULL FOR SHARE;"
                    " IF NOT FOUND OR EXISTS (SELECT FROM tickets_ticket WHERE merged_into_id = NEW.id) THEN"
                    " RAISE EXCEPTION 'ticket % cannot go into ticket %', NEW.id, NEW.merged_into_id"
                    " USING ERRCODE = 'check_violation', CONSTRAINT = 'tickets_ticket_merged_in_one_step'; END IF;"
                    " RETURN NULL;"
                ),
            ),
            pgtrigger.Trigger(
                name="words_go_along",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("merged_into_id"),
                condition=pgtrigger.Q(old__merged_into__df=pgtrigger.F("new__merged_into")),
                func=(
                    "PERFORM tickets_words_again(NEW.id); IF OLD.merged_into_id IS NOT NULL THEN"
                    " PERFORM tickets_words_again(OLD.merged_into_id); END IF; RETURN NULL;"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """How people name the ticket: FF-4812. Needs `brand` loaded."""
        return f"{self.brand.code}-{self.number}"

    def where_it_goes_on(self) -> Ticket:
        """The ticket into which this one was merged, else the ticket itself; as it was when this one was read."""
        return self.merged_into or self

    def whole(self) -> list[int]:
        """The ids of the ticket and of all that went into it: whatever counts per ticket counts over these."""
        if not self.joined_count:
            return [self.pk]
        return [
            self.pk,
            *Ticket.objects.filter(merged_into=self.pk).order_by("pk").values_list("pk", flat=True),
        ]

    def said(self) -> Any:
        """What was said in the ticket and in all that went into it."""
        if not self.joined_count:
            return self.messages.all()
        return self.messages.model.objects.filter(ticket__in=self.whole())

    def answer_goes_to(self) -> ContactPoint | None:
        """The customer's address that wrote last, else their first one; a stranger's address never."""
        heard = self.said().heard_by_mail().order_by("-created_at", "-pk")
        sender = heard.values_list("sender", flat=True).first() or ""
        return recipient_among(self.customer.contact_points.all(), sender)
