"""What the customer reads of what was given after they chose, or did not choose in time: in the words of its reason."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency
from django.db import transaction

import tickets.services
from contactcenter.errors import Refused
from goodwill.models import Request
from loyalty.models import Voucher
from tickets.models import Ticket


def tell_given(request: Request, *, on: Ticket, at: datetime) -> None:
    """A mail in the thread, in the name of who offered it; where none can go out, the page says it alone.

    A benefit has no words of its own: the page says it.
    """
    words = _words(request, _locale(on.customer.language))
    try:
        if words:
            with transaction.atomic():
                tickets.services.tell(on, words, by=request.by, key=f"offer:{request.pk}:given", at=at)
    except Refused:
        return


def _words(request: Request, locale: Locale) -> str:
    if request.redemption is not None:
        voucher = Voucher.objects.select_related("redemption__reward__programme").get(
            redemption=request.redemption
        )
        until = format_date(voucher.last_day, "long", locale=locale)
        return voucher.redemption.reward.words(voucher.code, until)
    if request.entry is None or request.account is None:
        return ""
    money = Decimal(request.account.worth(request.points)) / 100
    currency = request.ticket.brand.currency
    return request.reason.words(request.points, format_currency(money, currency, locale=locale))


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")
