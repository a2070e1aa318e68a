"""Reserving points while somebody decides: held, then captured or released, or over by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty.models import Account, Entry, Hold
from loyalty.services.book import Book, expect_positive

SPEND = "loyalty.redeem_points"


@transaction.atomic
def hold(
    account: Account,
    points: int,
    *,
    by: Agent | None,
    key: str,
    until: datetime,
    at: datetime | None = None,
    source: str = "",
    reason: str = "",
) -> Hold:
    """Reserve `points` (> 0) up to the instant `until`: nobody else can spend them, and they do not expire.

    Refused: `not_allowed` for a `by` without the right, `not_positive`, `hold_is_over` for an `until` that is
    past, `key_conflict`, `account_not_active`, `not_enough_points`.
    """
    if by is not None:
        expect_right(by, SPEND, account.brand_id)
    expect_positive(points)
    at = at or clock.now()
    book = Book.lock(account)
    request = keys.digest("hold", account.pk, points, source, reason)
    keys.claim(Hold, key)
    if earlier := Hold.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    if until <= at:
        raise _over()
    book.expect_active()
    book.expire_first(at)
    book.expect_available(points)
    book.account.held += points
    book.keep()
    return Hold.objects.create(
        account=book.account, points=points, key=key, request_hash=request, made_at=at, expires_at=until, actor=by,
        source=source, reason=reason,
    )  # fmt: skip


@transaction.atomic
def capture(
    hold: Hold, *, by: Agent | None, key: str, at: datetime | None = None, contra: str = "redeem.reward"
) -> Entry:
    """Spend what `hold` reserved, all of it, what expires first goes first; also what has expired meanwhile.

    Refused: `not_allowed`, `key_conflict`, `account_not_active`, `hold_is_over` when it ended or its time is
    over, `not_enough_points` where a refund has taken what was held.
    """
    book, hold = _lock(hold, by)
    at = at or clock.now()
    request = keys.digest("capture", hold.pk, contra)
    if earlier := book.earlier(key, request):
        return earlier
    book.expect_active()
    if hold.state != Hold.State.OPEN or hold.expires_at <= at:
        raise _over()
    book.expire_first(at)
    book.account.held -= hold.points
    book.expect_available(hold.points)
    entry = book.post(
        Entry.Kind.REDEEM, -hold.points, contra=contra, key=key, request=request, at=at, by=by,
        source=hold.source, reason=hold.reason,
    )  # fmt: skip
    book.use(entry, book.in_spending_order(), hold.points)
    book.account.lifetime_redeemed += hold.points
    book.keep()
    _end(hold, Hold.State.CAPTURED, at=at, by=by, entry=entry)
    return entry


@transaction.atomic
def release(hold: Hold, *, by: Agent | None, at: datetime | None = None) -> Hold:
    """Give back what `hold` reserved; what has expired meanwhile expires now. Safe to repeat.

    Refused: `not_allowed`, `hold_is_over` when it was captured.
    """
    book, hold = _lock(hold, by)
    at = at or clock.now()
    if hold.state == Hold.State.CAPTURED:
        raise _over()
    if hold.state == Hold.State.OPEN:
        book.account.held -= hold.points
        book.expire_first(at)
        book.keep()
        _end(hold, Hold.State.RELEASED, at=at, by=by)
    return hold


@transaction.atomic
def release_next(*, at: datetime | None = None) -> bool:
    """End all holds of one account whose time is over, of an account nobody else works on; False: none left."""
    at = at or clock.now()
    over = Account.objects.filter(holds__state=Hold.State.OPEN, holds__expires_at__lte=at)
    account = over.order_by("holds__expires_at").select_for_update(skip_locked=True, of=("self",)).first()
    if account is None:
        return False
    book = Book.lock(account)
    for hold in account.holds.filter(state=Hold.State.OPEN, expires_at__lte=at):
        book.account.held -= hold.points
        _end(hold, Hold.State.EXPIRED, at=at, by=None)
    book.expire_first(at)
    book.keep()
    return True


def _lock(hold: Hold, by: Agent | None) -> tuple[Book, Hold]:
    """The book of the account of a hold, and the hold as it is under that lock."""
    account = Account.objects.only("brand_id").get(holds=hold)
    if by is not None:
        expect_right(by, SPEND, account.brand_id)
    book = Book.lock(account)
    hold = Hold.objects.get(pk=hold.pk)
    if hold.account_id != account.pk:  # a merge moved it while we waited
        raise Refused("account_not_active", _("These accounts were merged just now; please look again."))
    return book, hold


def _end(
    hold: Hold, state: Hold.State, *, at: datetime, by: Agent | None, entry: Entry | None = None
) -> None:
    hold.state, hold.ended_at, hold.ended_by, hold.entry = state, at, by, entry
    hold.save(update_fields=["state", "ended_at", "ended_by", "entry"])


def _over() -> Refused:
    return Refused("hold_is_over", _("These points are not held any more."))
