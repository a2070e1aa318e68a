"""The conversation of a ticket: what was said and what was done, in one order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypedDict

from django.db.models import OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.nested import instances, nested
from customers.models import Customer
from desk import written
from desk.access import account_of
from desk.deeds import Known, Told, mark, told
from desk.kept import PICTURES
from desk.lists import TicketLists
from desk.naming import with_names
from desk.quoting import split_quoted
from loyalty.models import Account
from tickets.models import Attachment, Channel, FieldValue, Message, Ticket, TicketEvent

PAGE = 50
NEVER = datetime.min.replace(tzinfo=UTC)  # nothing was said before it
Kind = TicketEvent.Kind
SHOWN_CHARACTERS = 20_000  # the templates cut there; the rest is a page of its own
LOOKS: dict[str, str] = {Message.Kind.OUTBOUND: "d-msg--out", Message.Kind.NOTE: "d-msg--note"}
ICONS: dict[str, str] = {Channel.MAIL: "mail", Channel.PHONE: "phone"}
# What the page shows of a message and of an event: a mail's HTML is large, and nobody's password belongs here.
SAID = ("ticket_id", "seq", "kind", "channel", "sender", "text", "created_at", "state", "attempts", "last_error",
        "mentions", "is_rich", "author__name", "author__email", "recipient__value", "rule")  # fmt: skip
DONE = ("ticket_id", "kind", "actor", "at", "data", "by__name", "by__email")
SHOWN = [kind for kind in TicketEvent.Kind if kind != TicketEvent.Kind.OPENED]


class Printed(TypedDict):
    """Who says a message to whom and how that went, ready to be printed: the template chooses nothing any more.

    `origin` is the number of the ticket in which it was said, when that one went into the one that is shown.
    """

    origin: str
    look: str
    is_ours: bool
    is_note: bool
    initials: str
    who: str
    icon: str
    address: str
    state: str
    files: list[Attachment]
    has_looks: bool


@dataclass
class Item:
    """A message (as it is shown, with its text parted from what it quotes) or an event, at an instant."""

    at: datetime
    message: Message | None = None
    event: TicketEvent | None = None
    shown: Printed | None = None
    told: Told | None = None
    said: str = ""
    quoted: str = ""
    rich: str = ""  # what was said as HTML, where it has marks
    beside: Any = None  # an expert's side thread, see desk/beside.py
    undecided: Any = None  # the request that it tells of, while that waits for an answer
    comment: str = ""
    is_mark: bool = False  # of an event: where a message stood that is a ticket of its own now
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


def thread_of(ticket: Ticket, lists: TicketLists, *, before: int | None = None) -> Thread:
    """The last 50 messages (before the one with the id `before`, when given) with the events between them, oldest
    first; what went into the ticket is read with it.

    The version in `lists` was asked for first: what is added while the rest is read is news to whoever has this page.
    """
    whole = [ticket.pk, *lists.joined]
    following = None
    if before is not None:
        said = Message.objects.filter(ticket__in=whole, pk=before)
        following = said.values_list("created_at", "pk").first() or (NEVER, 0)
    newest = _newest(whole, following)
    messages = newest[:PAGE][::-1]
    earlier = messages[0].pk if len(newest) > PAGE else None
    first, end = messages[0].created_at if earlier else None, following[0] if following else None
    items = [_of_message(message, ticket.customer, lists.joined) for message in messages]
    items += _events(ticket, list(lists.joined), first, end)
    items.sort(key=lambda item: item.at)
    _mark_days(items)
    return Thread(items, lists.version, ticket.message_seq, earlier)


def _newest(tickets: list[int], following: tuple[datetime, int] | None) -> list[Message]:
    """The newest 51 messages of these tickets, of those before `following`: each ticket's by its index, then of all."""
    place = Q()
    if following:
        at, pk = following
        place = Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(pk__lt=pk))
    rows: Any = Message.objects.filter(place).order_by("-created_at", "-pk")
    files = nested(
        Attachment.objects.filter(message=OuterRef("pk")), "id", "name", "content_type", "size", "is_inline"
    )
    shown = rows.select_related("author", "recipient").only(*SAID)
    shown = shown.annotate(files=files, has_looks=~Q(html=""))
    if len(tickets) == 1:
        return list(shown.filter(ticket=tickets[0])[: PAGE + 1])
    arms = [rows.filter(ticket=pk).values_list("pk", "created_at")[: PAGE + 1] for pk in tickets]
    best = arms[0].union(*arms[1:], all=True).order_by("-created_at", "-pk")[: PAGE + 1]
    return list(shown.filter(pk__in=[pk for pk, _at in best]))


def _events(ticket: Ticket, others: list[int], first: datetime | None, end: datetime | None) -> list[Item]:
    """What was done from `first` on and before `end`, and a mark where a message stood that is a ticket of its own.

    Of what happened between a ticket and one that went into it, the line of this one is enough.
    """
    here = Q(ticket=ticket.pk, kind__in=SHOWN)
    there = Q(
        ticket__in=others, kind__in=[kind for kind in SHOWN if kind not in (Kind.MERGED, Kind.UNMERGED)]
    )
    rows = TicketEvent.objects.filter(here | there if others else here)
    if first is not None:
        rows = rows.filter(Q(at__gte=first) | Q(kind=Kind.SPLIT))
    if end is not None:
        rows = rows.filter(Q(at__lt=end) | Q(kind=Kind.SPLIT))
    account, items = account_of(ticket.customer), []
    for event in with_names(rows.select_related("by").only(*DONE), ticket):
        if event.kind == Kind.SPLIT and event.data["end"] == "one":
            said_at = datetime.fromisoformat(event.data["said_at"])
            items.append(Item(said_at, event=event, told=mark(event), is_mark=True))
        items.append(Item(event.at, event=event, told=told(event, _known(event, account))))
    return [item for item in items if (not first or item.at >= first) and (not end or item.at < end)]


def _known(event: Any, account: Account | None) -> Known:
    names = event.names
    return Known(names["named"], names["was"], instances(FieldValue, names["values"] or []), account)


def _of_message(message: Message, customer: Customer, origins: dict[int, str]) -> Item:
    said, quoted = split_quoted(message.text)
    shown = _shown(message, customer, origins.get(message.ticket_id, ""))
    rich = written.html_of(said[:SHOWN_CHARACTERS], shown["files"]) if message.is_rich else ""
    if rich:
        shown["files"] = [file for file in shown["files"] if not file.is_inline]
    return Item(message.created_at, message=message, shown=shown, said=said, quoted=quoted, rich=rich)


def _shown(message: Any, customer: Customer, origin: str) -> Printed:
    author = message.author
    return {
        "origin": origin,
        "look": LOOKS.get(message.kind, ""),
        "is_ours": author is not None,
        "is_note": message.kind == Message.Kind.NOTE,
        "initials": author.initials if author else customer.initials,
        "who": _who(message, customer),
        "icon": ICONS.get(message.channel, "message-circle"),
        "address": _address(message),
        "state": _state(message),
        "files": [_with_picture(file) for file in instances(Attachment, message.files)],
        "has_looks": message.has_looks,
    }


def _with_picture(file: Any) -> Attachment:
    """The same, and whether it says that it is a picture; whether it is one is seen when it is fetched."""
    file.is_picture = file.content_type.lower() in PICTURES
    return file


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
