"""The conversation of a ticket: what was said and what was done, in one order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.nested import instances, nested
from customers.models import Customer
from desk.access import account_of
from desk.deeds import Known, Told, told
from desk.naming import with_names
from desk.quoting import split_quoted
from tickets.models import Attachment, Channel, Message, Ticket, TicketEvent

PAGE = 50
SHOWN_CHARACTERS = 20_000  # the templates cut there; the rest is a page of its own
LOOKS: dict[str, str] = {Message.Kind.OUTBOUND: "d-msg--out", Message.Kind.NOTE: "d-msg--note"}
ICONS: dict[str, str] = {Channel.MAIL: "mail", Channel.PHONE: "phone"}
# What the page shows of a message and of an event: a mail's HTML is large, and nobody's password belongs here.
SAID = ("ticket_id", "seq", "kind", "channel", "sender", "text", "created_at", "state", "attempts", "last_error",
        "author__name", "author__email", "recipient__value")  # fmt: skip
DONE = ("ticket_id", "kind", "actor", "at", "data", "by__name", "by__email")
SHOWN = [kind for kind in TicketEvent.Kind if kind != TicketEvent.Kind.OPENED]


class Shown(TypedDict):
    """Who says a message to whom and how that went, ready to be printed: the template chooses nothing any more."""

    look: str
    is_ours: bool
    is_note: bool
    initials: str
    who: str
    icon: str
    address: str
    state: str
    files: list[Attachment]


@dataclass
class Item:
    """A message (as it is shown, with its text parted from what it quotes) or an event, at an instant."""

    at: datetime
    message: Message | None = None
    event: TicketEvent | None = None
    shown: Shown | None = None
    told: Told | None = None
    said: str = ""
    quoted: str = ""
    day: date | None = None  # set where a new day begins

    @property
    def is_long(self) -> bool:
        """Whether the page shows only the beginning."""
        return max(len(self.said), len(self.quoted)) > SHOWN_CHARACTERS


@dataclass
class Thread:
    """One page of a conversation. `version` changes whenever something was added; `earlier` pages back."""

    items: list[Item]
    version: str
    seen: int
    earlier: int | None


def thread_of(ticket: Ticket, *, version: str, before: int | None = None) -> Thread:
    """The last 50 messages (before number `before`, when given) with the events between them, oldest first.

    The `version` was asked for first: what is added while the rest is read is news to whoever has this page.
    """
    files = nested(Attachment.objects.filter(message=OuterRef("pk")), "id", "name", "content_type", "size")
    said: Any = ticket.messages.select_related("author", "recipient").only(*SAID).annotate(files=files)
    if before is not None:
        said = said.filter(seq__lt=before)
    newest = list(said.order_by("-seq")[: PAGE + 1])
    messages = newest[:PAGE][::-1]
    earlier = messages[0].seq if len(newest) > PAGE else None
    events = with_names(ticket.events.filter(kind__in=SHOWN).select_related("by").only(*DONE), ticket)
    if earlier is not None:
        events = events.filter(at__gte=messages[0].created_at)
    if before is not None:
        following = ticket.messages.filter(seq=before).values("created_at")
        events = events.filter(at__lt=Subquery(following))  # of no such message there are none
    account = account_of(ticket.customer)
    items = [_of_message(message, ticket.customer) for message in messages] + [
        Item(event.at, event=event, told=told(event, Known(event.named, account))) for event in events
    ]
    items.sort(key=lambda item: item.at)
    _mark_days(items)
    return Thread(items, version, ticket.message_seq, earlier)


def _of_message(message: Message, customer: Customer) -> Item:
    said, quoted = split_quoted(message.text)
    return Item(
        message.created_at, message=message, shown=_shown(message, customer), said=said, quoted=quoted
    )


def _shown(message: Any, customer: Customer) -> Shown:
    author = message.author
    return {
        "look": LOOKS.get(message.kind, ""),
        "is_ours": author is not None,
        "is_note": message.kind == Message.Kind.NOTE,
        "initials": author.initials if author else customer.initials,
        "who": author.name if author else str(customer),
        "icon": ICONS.get(message.channel, "message-circle"),
        "address": _address(message),
        "state": _state(message),
        "files": instances(Attachment, message.files),
    }


def _address(message: Message) -> str:
    """Where a customer's word came from, where ours goes to; the team's notes go nowhere."""
    if message.kind == Message.Kind.INBOUND:
        return message.sender or message.get_channel_display()
    return _("to %(to)s") % {"to": message.recipient} if message.recipient else ""


def _state(message: Message) -> str:
    """What is worth telling of the sending: failed, sending, again, else nothing."""
    if message.state == Message.State.FAILED:
        return "failed"
    if not message.is_waiting:
        return ""
    return "again" if message.attempts > 1 else "sending"


def _mark_days(items: list[Item]) -> None:
    last = None
    for item in items:
        day = timezone.localdate(item.at)
        if day != last:
            item.day = last = day
