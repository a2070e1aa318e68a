"""Points whose time is over."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from contactcenter import clock
from loyalty.models import Account, Entry
from loyalty.services.book import Book

AT_A_TIME = 500  # accounts of one transaction


@transaction.atomic
def expire(account: Account, *, at: datetime | None = None) -> Entry | None:
    """Take the points of lots that ended at or before `at`; nothing is due: None. Safe to repeat."""
    book = Book.lock(account)
    entry = book.expire(at or clock.now())
    book.keep()
    return entry


@transaction.atomic
def expire_some(*, at: datetime | None = None) -> int:
    """Expire accounts that are due and that nobody else works on, some at a time; gives how many, 0: none is left.

    Where all that is left is held, nothing can expire before the hold ends: such an account is passed over.
    """
    at = at or clock.now()
    due = Account.objects.filter(next_expiry__lte=at, balance__gt=F("held")).order_by("next_expiry")
    free = due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
    accounts = list(free[:AT_A_TIME])
    if accounts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT loyalty_expire_all(%s, %s, %s)", [accounts, at, clock.now()])
    return len(accounts)
