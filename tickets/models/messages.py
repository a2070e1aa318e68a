"""Everything said in a ticket, and the files that came with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import ContactPoint

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
from tickets.models.channels import Channel
from tickets.models.drafts import Draft
from tickets.models.events import OfTicketQuerySet
from tickets.models.tickets import Ticket
from tickets.occasions import OF_MESSAGES


class MessageQuerySet(OfTicketQuerySet):
    def unanswered(self, ticket: Ticket) -> MessageQuerySet:
        """Of what was said in `ticket` the customer's words after which nobody answered: in the one where they stand,
        or, since that one was merged, in the one it went into."""
        answers = Message.objects.filter(kind=Message.Kind.OUTBOUND, pk__gt=OuterRef("pk"))
        there = answers.filter(ticket=OuterRef("ticket"))
        since = answers.filter(ticket=ticket.pk, created_at__gte=OuterRef("ticket__merged_at"))
        return self.filter(~Exists(there), ~Exists(since), kind=Message.Kind.INBOUND)

    def heard_by_mail(self) -> MessageQuerySet:
        """What customers wrote by mail."""
        return self.filter(kind=Message.Kind.INBOUND, channel=Channel.MAIL)

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

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel)
    author = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.ForeignKey(
        "tickets.RuleVersion", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text=_("The rule that wrote it in the author's name; empty: the author did."),
    )  # fmt: skip
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
    mentions = ArrayField(
        models.CharField(max_length=80), default=list, db_default=[], editable=False,
        help_text=_("Of a note: the names after an @ in it that named somebody."),
    )  # fmt: skip
    is_rich = models.BooleanField(
        default=False, db_default=False,
        help_text=_("Written in the composer: bold, lists, links and pictures as in tickets/rich.py."),
    )  # fmt: skip
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
            models.Index(fields=["ticket", "created_at", "id"], name="tickets_message_in_order"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state__in=["queued", "sending"]),
                name="tickets_message_to_send",
            ),
            models.Index(fields=["created_at"], condition=Q(kind="outbound"), name="tickets_message_answers"),
            models.Index(fields=["created_at"], condition=Q(state="failed"), name="tickets_message_failed"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="text_is_found",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__text=""),
                func="PERFORM tickets_add_words(NEW.ticket_id, NEW.text); RETURN NULL;",
            ),
            pgtrigger.Trigger(
                name="new_text_is_found",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("text", "ticket_id"),
                condition=pgtrigger.Q(old__text__df=pgtrigger.F("new__text"))
                | pgtrigger.Q(old__ticket_id__df=pgtrigger.F("new__ticket_id")),
                func=(
                    "PERFORM tickets_words_again(NEW.ticket_id);"
                    " IF OLD.ticket_id <> NEW.ticket_id THEN PERFORM tickets_words_again(OLD.ticket_id); END IF;"
                    " RETURN NULL;"
                ),
            ),
            pgtrigger.Trigger(
                name="gone_text_is_not_found",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                func="PERFORM tickets_words_again(OLD.ticket_id); RETURN NULL;",
            ),
            OF_MESSAGES,
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.seq}"

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.SENDING)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, agent: Agent | AnonymousUser) -> AttachmentQuerySet:
        brands = Brand.objects.visible_to(agent)
        return self.filter(Q(message__ticket__brand__in=brands) | Q(draft__ticket__brand__in=brands))

    def with_brand(self) -> AttachmentQuerySet:
        """Each with the id of its brand as `of_brand`."""
        return self.annotate(of_brand=Coalesce("message__ticket__brand", "draft__ticket__brand"))


def by_digest(attachment: Attachment, _name: str) -> str:
    """Files are stored under their own digest: the same content once, no name of a stranger in our paths."""
    return f"attachments/{attachment.sha256[:2]}/{attachment.sha256}"


class Attachment(models.Model):
    """A file that came with a message, or waits to go out with a draft, byte for byte."""

    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="attachments")
    draft = models.ForeignKey(
        Draft, models.PROTECT, null=True, blank=True, related_name="files", help_text=_("Until it is sent.")
    )
    is_inline = models.BooleanField(
        default=False, db_default=False, help_text=_("A picture that stands within the words.")
    )
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=127, default="application/octet-stream")
    size = models.PositiveBigIntegerField(help_text=_("Bytes."))
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=by_digest, max_length=120)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(message=None) ^ Q(draft=None), name="tickets_attachment_of_one"
            ),
        ]

    def __str__(self) -> str:
        return self.name
