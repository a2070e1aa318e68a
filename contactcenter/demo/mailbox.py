"""What a customer of the demo has in their mail program: letters as we sent them, and their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr

from django.db.models import Case, Q, QuerySet, Value, When

from agents.models import Brand
from contactcenter import clock
from contactcenter.demo import brands
from customers.letters import letter
from customers.models import ContactPoint, Customer, Notice
from desk.quoting import split_quoted
from tickets.channels.email import receive, send
from tickets.models import Channel, Message, Queue, Ticket

# Whom a visitor should try first.
SHOWCASE = ("Maria Rossi", "Amara Nwosu", "Oliver Grant", "Haruka Tanaka", "Beatriz Carvalho", "Marcus Bell")
AT_ONCE = 40
CONVERSATIONS = 30
NOTICES = 5


@dataclass(frozen=True)
class Letter:
    """One mail as its reader sees it; `mine` when the customer wrote it, `waiting` until ours has left."""

    sender: str
    address: str
    to: str
    subject: str
    text: str
    at: datetime
    mine: bool
    waiting: bool = False


def customers() -> QuerySet[Customer]:
    """Everybody of the demo who can be written to, those to try first standing first."""
    mail = ContactPoint.objects.filter(kind=ContactPoint.Kind.MAIL).values("customer")
    rank = Case(
        *(When(name=name, then=Value(at)) for at, name in enumerate(SHOWCASE)), default=Value(len(SHOWCASE))
    )
    found = Customer.objects.filter(brand__code__in=brands.BRANDS, pk__in=mail).alias(rank=rank)
    return found.select_related("brand").prefetch_related("contact_points").order_by("rank", "name", "pk")


def named(words: str) -> QuerySet[Customer]:
    """Those whose name or address holds `words`."""
    by_address = ContactPoint.objects.filter(kind=ContactPoint.Kind.MAIL, value__icontains=words)
    return customers().filter(Q(name__icontains=words) | Q(pk__in=by_address.values("customer")))


def addresses(customer: Customer) -> list[str]:
    """The mail addresses the customer writes from, the first one first."""
    return [point.value for point in customer.contact_points.all() if point.kind == ContactPoint.Kind.MAIL]


def conversations(customer: Customer) -> list[Ticket]:
    """Their conversations in which a mail went either way, the newest first."""
    mailed = Message.objects.filter(channel=Channel.MAIL).exclude(kind=Message.Kind.NOTE).values("ticket")
    found = customer.tickets.filter(pk__in=mailed).select_related("brand", "queue", "assignee")
    return list(found.order_by("-last_message_at", "-pk")[:CONVERSATIONS])


def letters(ticket: Ticket) -> list[Letter]:
    """All mails of a conversation, the oldest first, ours exactly as they were or will be sent."""
    said = ticket.messages.filter(channel=Channel.MAIL).exclude(kind=Message.Kind.NOTE).order_by("seq")
    return [
        _ours(message) if message.kind == Message.Kind.OUTBOUND else _theirs(message, ticket)
        for message in said.select_related("ticket__brand", "ticket__queue", "ticket__customer", "recipient")
    ]


def notices(customer: Customer) -> list[Letter]:
    """Letters to them that belong to no conversation, the newest first; those that never leave are none."""
    rows = customer.notices.exclude(state__in=[Notice.State.DROPPED, Notice.State.FAILED])
    return [_notice(notice) for notice in rows.select_related("contact_point").order_by("-pk")[:NOTICES]]


def _notice(notice: Notice) -> Letter:
    mail = letter(notice)
    sender, address = parseaddr(mail.from_email)
    return Letter(
        sender=sender,
        address=address,
        to=mail.to[0],
        subject=str(mail.subject),
        text=str(mail.body),
        at=notice.sent_at or notice.written_at,
        mine=False,
        waiting=notice.state != Notice.State.SENT,
    )


def _ours(message: Message) -> Letter:
    mail = send.letter(message)
    name, _, address = mail.from_email.rpartition(" ")
    return Letter(
        sender=name.strip('"'),
        address=address.strip("<>"),
        to=mail.to[0],
        subject=str(mail.subject),
        text=str(mail.body),
        at=message.sent_at or message.created_at,
        mine=False,
        waiting=message.state != Message.State.SENT,
    )


def _theirs(message: Message, ticket: Ticket) -> Letter:
    return Letter(
        sender=ticket.customer.name,
        address=message.sender,
        to=ticket.queue.address,
        subject=ticket.subject,
        text=split_quoted(message.text)[0],
        at=message.created_at,
        mine=True,
    )


def queues(brand: Brand) -> QuerySet[Queue]:
    """Whom a customer of this brand can write to, the general address first."""
    return Queue.objects.filter(brand=brand).order_by("-is_default", "name")


def write(
    customer: Customer,
    text: str,
    *,
    sender: str,
    key: str,
    subject: str = "",
    to: str = "",
    answers: Ticket | None = None,
) -> receive.Receipt:
    """Send a mail as the customer: a new one to the address `to`, or one that `answers` the last of ours.

    It is a real mail and goes the way of all mail. The same `key` is the same mail: twice sent, it counts once.
    """
    mail = EmailMessage()
    mail["From"] = formataddr((customer.name, sender))
    mail["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    mail["Date"] = format_datetime(clock.now())
    if answers is not None:
        said = answers.messages.filter(kind=Message.Kind.OUTBOUND).exclude(message_id="")
        if last := said.order_by("seq").last():
            mail["In-Reply-To"] = mail["References"] = f"<{last.message_id}>"
        subject, to = f"Re: {answers.subject}", answers.queue.address
    mail["To"], mail["Subject"] = to, " ".join(subject.split())
    mail.set_content(text)
    return receive.receive(mail.as_bytes(), brand=customer.brand)
