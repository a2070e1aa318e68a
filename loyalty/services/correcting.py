"""Correcting a balance by hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty.models import Account, Entry
from loyalty.services.book import Book


@transaction.atomic
def adjust(
    account: Account, points: int, *, by: Agent, reason: str, key: str, at: datetime | None = None
) -> Entry:
    """Correct a balance by hand by `points` (not 0), with a reason code; counts nothing towards tiers.

    Refused: `not_allowed` without the permission to adjust, `reason_missing`, `key_conflict`,
    `account_not_active`, `nothing_to_adjust`, `not_enough_points` where more is taken than can be spent.
    """
    expect_right(by, "loyalty.adjust_points", account.brand_id)
    if not reason:
        raise Refused("reason_missing", _("An adjustment needs a reason."))
    if points == 0:
        raise Refused("nothing_to_adjust", _("An adjustment of 0 points changes nothing."))
    at = at or clock.now()
    book = Book.lock(account)
    request = keys.digest("adjust", account.pk, points, reason)
    if earlier := book.earlier(key, request):
        return earlier
    book.expect_active()
    book.expire_first(at)
    if points < 0:
        book.expect_available(-points)
    entry = book.post(
        Entry.Kind.ADJUST,
        points,
        contra="adjust",
        key=key,
        request=request,
        at=at,
        by=by,
        reason=reason,
    )
    if points > 0:
        book.open_lot(entry, months=book.account.programme.validity_months)
    else:
        book.use(entry, book.in_spending_order(), -points)
    book.keep()
    return entry
