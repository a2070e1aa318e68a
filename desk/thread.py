"""The conversation of a ticket: what was said and what was done, in one order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from django.utils import timezone
from django.utils.translation import gettext as _

from customers.models import Customer
from desk.deeds import Told
from desk.quoting import split_quoted
from tickets.models import Attachment, Channel, Message, Ticket, TicketEvent

PAGE = 50
SHOWN_CHARACTERS = 20_000  # the templates cut there; the rest is a page of its own
LOOKS: dict[str, str] = {Message.Kind.OUTBOUND: "d-msg--out", Message.Kind.NOTE: "d-msg--note"}
ICONS: dict[str, str] = {Channel.MAIL: "mail", Channel.PHONE: "phone"}
# What the page shows of a message and of an event: a mail's HTML is large, and nobody's password belongs here.
SAID = ("ticket_id", "seq", "kind", "channel", "sender", "text", "created_at", "state", "attempts", "last_error",
        "mentions", "author__name", "author__email", "recipient__value", "rule")  # fmt: skip
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
    beside: Any = None  # an expert's side thread, see desk/beside.py
    comment: str = ""
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


def version_of(ticket: Ticket) -> str:
    """A word that is another one as soon as anything was said, done or sent in the ticket."""
    event = ticket.events.order_by("-seq").values_list("seq", flat=True).first() or 0
    waiting = ticket.messages.filter(state__in=[Message.State.QUEUED, Message.State.SENDING]).count()
    return f"{ticket.message_seq}.{event}.{waiting}"


def thread_of(ticket: Ticket, *, before: int | None = None, version: str = "") -> Thread:
    """The last 50 messages (before number `before`, when given) with the events between them, oldest first.

    The version is asked first: what is added while the rest is read is news to whoever has this page.
    """
    version = version or version_of(ticket)
    said: Any = (
        ticket.messages.select_related("author", "recipient").prefetch_related("attachments").only(*SAID)
    )
    if before is not None:
        said = said.filter(seq__lt=before)
    newest = list(said.order_by("-seq")[: PAGE + 1])
    messages = newest[:PAGE][::-1]
    earlier = messages[0].seq if len(newest) > PAGE else None
    events = ticket.events.filter(kind__in=SHOWN).select_related("by").only(*DONE)
    if earlier is not None:
        events = events.filter(at__gte=messages[0].created_at)
    if before is not None:
        following = ticket.messages.filter(seq=before).values_list("created_at", flat=True).first()
        events = events.filter(at__lt=following) if following else events.none()
    items = [_of_message(message, ticket.customer) for message in messages] + [
        Item(event.at, event=event) for event in events
    ]
    items.sort(key=lambda item: item.at)
    _mark_days(items)
    return Thread(items, version, ticket.message_seq, earlier)


def _of_message(message: Message, customer: Customer) -> Item:
    said, quoted = split_quoted(message.text)
    return Item(
        message.created_at, message=message, shown=_shown(message, customer), said=said, quoted=quoted
    )


def _shown(message: Message, customer: Customer) -> Shown:
    author = message.author
    return {
        "look": LOOKS.get(message.kind, ""),
        "is_ours": author is not None,
        "is_note": message.kind == Message.Kind.NOTE,
        "initials": author.initials if author else customer.initials,
        "who": _who(message, customer),
        "icon": ICONS.get(message.channel, "message-circle"),
        "address": _address(message),
        "state": _state(message),
        "files": list(message.attachments.all()),
    }


def _who(message: Message, customer: Customer) -> str:
    """Who says it; what a rule wrote bears the name of whoever answers for the rule, and says so."""
    if message.author is None:
        return str(customer)
    return _("%s, by a rule") % message.author.name if message.rule_id else message.author.name


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
