"""Points whose time is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from contactcenter import clock
from loyalty.models import Account, Entry
from loyalty.services.book import Book


@transaction.atomic
def expire(account: Account, *, at: datetime | None = None) -> Entry | None:
    """Take the points of lots that ended at or before `at`; nothing is due: None. Safe to repeat."""
    book = Book.lock(account)
    entry = book.expire(at or clock.now())
    book.keep()
    return entry


@transaction.atomic
def expire_next(*, at: datetime | None = None) -> bool:
    """Expire one account that is due and that nobody else works on; False when none is left.

    Where all that is left is held, nothing can expire before the hold ends: such an account is passed over.
    """
    at = at or clock.now()
    due = Account.objects.filter(next_expiry__lte=at, balance__gt=F("held")).order_by("next_expiry")
    account = due.select_for_update(skip_locked=True, of=("self",)).first()
    if account is None:
        return False
    expire(account, at=at)
    return True
