"""What customers asked: queues, tickets, everything said in them, and the audit of every deed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, OfBrandQuerySet, Team
from contactcenter import clock
from contactcenter.guards import append_only
from contactcenter.paging import newest
from customers.contact import plain
from customers.models import ContactPoint, Customer

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Queue(models.Model):
    """Where tickets of a brand wait; mail to `address` lands here."""

    brand = models.ForeignKey(Brand, models.PROTECT, related_name="queues")
    name = models.CharField(max_length=80)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="queues")
    address = models.EmailField(unique=True, help_text=_("In lower case; also the sender of our answers."))
    reply_minutes = models.PositiveIntegerField(
        default=240, help_text=_("A customer's word is to be answered within so many minutes.")
    )
    is_default = models.BooleanField(
        default=False, help_text=_("Takes what belongs to no other queue of the brand.")
    )

    objects = OfBrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["brand", "name"], name="tickets_queue_name_once_a_brand"),
            models.UniqueConstraint(
                fields=["brand"],
                condition=Q(is_default=True),
                name="tickets_queue_one_default_a_brand",
                violation_error_message=_("Another queue of this brand is the default."),
            ),
            models.UniqueConstraint(fields=["id", "brand"], name="tickets_queue_of_its_brand"),
        ]

    def __str__(self) -> str:
        return self.name


class TicketNumber(models.Model):
    """The last ticket number given out for a brand."""

    brand = models.OneToOneField(Brand, models.PROTECT, primary_key=True, related_name="+")
    last = models.PositiveIntegerField(default=0)

    objects = OfBrandQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.last)


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
        heard = self.messages.filter(kind=Message.Kind.INBOUND, channel=Channel.MAIL).order_by("-seq")
        sender = plain(heard.values_list("sender", flat=True).first() or "")
        return next((point for point in points if point.value == sender), next(iter(points), None))


class MessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, agent: Agent | AnonymousUser) -> Any:
        return self.filter(ticket__brand__in=Brand.objects.visible_to(agent))

    def to_send(self, at: datetime, lease_until: datetime) -> MessageQuerySet:
        """Outbound mail that is due at `at`, or that a worker claimed before `lease_until` and never finished."""
        return self.filter(
            Q(state=Message.State.QUEUED, due_at__lte=at)
            | Q(state=Message.State.SENDING, due_at__lte=lease_until)
        )


class Message(models.Model):
    """One thing said in a ticket: by the customer, to the customer, or among us."""

    class Kind(models.TextChoices):
        INBOUND = "inbound", _("from the customer")
        OUTBOUND = "outbound", _("to the customer")
        NOTE = "note", _("note")

    class State(models.TextChoices):
        DONE = "done", _("done")
        QUEUED = "queued", _("waits to be sent")
        SENDING = "sending", _("is being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("could not be sent")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel)
    author = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    sender = models.CharField(
        max_length=320, blank=True, help_text=_("Address it came from, as it was given.")
    )
    recipient = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text=_("As it came; never shown without being cleaned."))
    message_id = models.CharField(
        max_length=998, blank=True, help_text=_("Of the mail, without angle brackets.")
    )
    in_reply_to = models.CharField(max_length=998, blank=True)
    key = models.CharField(max_length=200, unique=True, help_text=_("Makes a repeated deed harmless."))
    created_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=10, choices=State, default=State.DONE)
    due_at = models.DateTimeField(null=True, blank=True, help_text=_("When to send, or when it was claimed."))
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="tickets_message_seq_once"),
            models.CheckConstraint(
                condition=Q(kind="outbound") | Q(state="done"), name="tickets_message_only_outbound_is_sent"
            ),
            models.CheckConstraint(
                condition=Q(kind="inbound") | Q(author__isnull=False), name="tickets_message_ours_has_author"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["inbound", "outbound", "note"]), name="tickets_message_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "queued", "sending", "sent", "failed"]),
                name="tickets_message_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind="outbound") | Q(recipient__isnull=False),
                name="tickets_message_outbound_has_recipient",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["queued", "sending"]) | Q(due_at__isnull=False),
                name="tickets_message_waiting_has_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["queued", "sending"]),
                name="tickets_message_to_send",
            ),
            models.Index(fields=["created_at"], condition=Q(kind="outbound"), name="tickets_message_answers"),
            models.Index(fields=["created_at"], condition=Q(state="failed"), name="tickets_message_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.seq}"

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.SENDING)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> AttachmentQuerySet:
        return self.filter(message__ticket__brand__in=Brand.objects.visible_to(agent))


def by_digest(attachment: Attachment, _name: str) -> str:
    """Files are stored under their own digest: the same content once, no name of a stranger in our paths."""
    return f"attachments/{attachment.sha256[:2]}/{attachment.sha256}"


class Attachment(models.Model):
    """A file that came with a message, byte for byte."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127, default="application/octet-stream")
    size = models.PositiveBigIntegerField(help_text=_("Bytes."))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=by_digest, max_length=120)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


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

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["ticket", "id"], name="tickets_event_of_ticket")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} {self.ticket_id}"


class InboundMailQuerySet(OfBrandQuerySet):
    def cut_short(self, at: datetime, *, after: timedelta) -> InboundMailQuerySet:
        """Mail that came, or was tried last, so long `after` ago that nobody can still be at it."""
        tries = ExpressionWrapper(
            (F("attempts") + 1) * Value(after, models.DurationField()), output_field=models.DurationField()
        )
        rows = self.filter(outcome=InboundMail.Outcome.RECEIVED)
        return rows.annotate(tried_again=F("received_at") + tries).filter(tried_again__lt=at)


class InboundMail(models.Model):
    """A mail exactly as it arrived, stored before anything else is done with it."""

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("not worked on yet")
        CREATED = "created", _("opened a ticket")
        APPENDED = "appended", _("joined its ticket")
        DUPLICATE = "duplicate", _("was here before")
        IGNORED = "ignored", _("written by no person")
        QUARANTINED = "quarantined", _("belongs to no brand we know")

    sha256 = models.CharField(max_length=64, db_index=True)
    raw = models.BinaryField()
    received_at = models.DateTimeField(default=clock.now)
    brand = models.ForeignKey(Brand, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RECEIVED)
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="+")

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inbound mail"
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(outcome__in=["received", "quarantined"]),
                name="tickets_inboundmail_to_look_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.outcome}"
