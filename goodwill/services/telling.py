"""What the customer is told of goodwill: what waited for an answer, what they chose, and whether they know already."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from django.db import transaction
from django.db.models import Q, QuerySet, Value

import tickets.services
from contactcenter.errors import Refused
from goodwill.models import Reason, Request, filled_in
from goodwill.services.posting import note
from loyalty.models import Voucher
from tickets.models import Message, Ticket


def send_what_waited(request: Request, *, at: datetime, on: Ticket) -> None:
    """Send the message that waited for the answer, in the name of who asked.

    Where the customer wrote since, or there is nowhere to send it, it comes back: the conversation says so, and the
    desk offers it for the reply. The ticket is locked.
    """
    if not request.message:
        return
    heard = _said_in(on).filter(kind=Message.Kind.INBOUND, created_at__gt=request.asked_at)
    if heard.exists():
        note(request, "not_sent", by=None, at=at, on=on)
        return
    try:
        with transaction.atomic():
            key = f"gw:{request.key}"
            request.said = tickets.services.reply(on, request.message, by=request.asker, key=key, at=at)
    except Refused:
        note(request, "not_sent", by=None, at=at, on=on)
    else:
        request.save(update_fields=["said"])


def was_told(given: Request, on: Ticket) -> bool:
    """Whether we wrote to the customer since the points were given."""
    since = given.decided_at or given.asked_at
    return _said_in(on).filter(kind=Message.Kind.OUTBOUND, created_at__gte=since).exists()


def _said_in(ticket: Ticket) -> QuerySet[Message]:
    return Message.objects.filter(Q(ticket=ticket.pk) | Q(ticket__merged_into=ticket.pk))


def tell_given(request: Request, *, on: Ticket, at: datetime) -> None:
    """Tell who chose, or did not choose in time, what they were given: a mail in the thread, in the name of who
    offered it; where none can go out, the page says it alone.

    A benefit has no words of its own: the page says it.
    """
    words = _words(request, on.customer.language)
    try:
        if words:
            with transaction.atomic():
                tickets.services.tell(on, words, by=request.asker, key=f"offer:{request.pk}:given", at=at)
    except Refused:
        return


def _words(request: Request, language: str) -> str:
    locale = _locale(language)
    if request.redemption is not None:
        voucher = Voucher.objects.select_related("redemption__reward__programme").get(
            redemption=request.redemption
        )
        until = format_date(voucher.last_day, "long", locale=locale)
        return voucher.redemption.reward.words(voucher.code, until)
    if request.entry is None or request.account is None:
        return ""
    said = Reason.objects.said_in(Value(language)).get(pk=request.reason_id).said
    money = Decimal(request.account.worth(request.points)) / 100
    worth = format_currency(money, request.ticket.brand.currency, locale=locale)
    return filled_in(said, request.points, worth)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")
