"""Points that move from one account to another: a transfer, a merge of two accounts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import bulk, clock, keys
from contactcenter.errors import Refused
from customers.services import require
from customers.verification import Deed
from loyalty.models import Account, AccountEvent, Entry, Hold
from loyalty.services import tiers
from loyalty.services.book import Book, expect_positive, keep_all, not_active
from loyalty.services.tier_floors import floor_from_merge

MOVE = "loyalty.transfer_points"


@transaction.atomic
def transfer(
    account: Account,
    to: Account,
    points: int,
    *,
    by: Agent | None,
    key: str,
    at: datetime | None = None,
    source: str = "",
    reason: str = "",
) -> Entry:
    """Move `points` (> 0) to another account of the brand; gives the entry that took them, of one group with the other.

    What expires first goes first, and each lot keeps its end on the other side; a debt there is paid first.
    Counts nothing towards tiers. `key` has 77 characters at most: the other entry's is `key` + ":in".
    Refused: `not_allowed` for a `by` without the right, `not_positive`, `same_account`, `other_brand`,
    `key_conflict`, `verification_needed` of who gives, `account_not_active` (either), `not_enough_points`.
    """
    if by is not None:
        expect_right(by, MOVE, account.brand_id)
    expect_positive(points)
    at = at or clock.now()
    giver, taker = _lock_pair(account, to)
    request = keys.digest("transfer", account.pk, to.pk, points, source, reason)
    if earlier := giver.earlier(key, request):
        return earlier
    require(giver.account.customer, Deed.TRANSFER, by=by, at=at)
    giver.expect_active()
    taker.expect_active()
    giver.expire_first(at)
    taker.expire_first(at)
    giver.expect_available(points)
    left = move(giver, taker, points, key=key, request=request, at=at, by=by, source=source, reason=reason)
    keep_all(in_order(giver, taker))
    return left


@transaction.atomic
def merge_accounts(
    loser: Account, winner: Account, *, by: Agent | None, key: str, at: datetime | None = None
) -> Account:
    """Make two accounts of a brand one: balance or debt, open holds and the higher tier go to `winner`, who reaches
    at once what both have earned together.

    Two entries of one group whose sum is 0 (none where the loser has 0 points); each lot keeps its end.
    The loser stays with its history, merged. Gives the winner as it is now; a repeat changes nothing.
    Refused: `not_allowed`, `same_account`, `other_brand`, `key_conflict`, `account_not_active` (either).
    """
    if by is not None:
        expect_right(by, MOVE, loser.brand_id)
    at = at or clock.now()
    giver, taker = _lock_pair(loser, winner)
    request = keys.digest("merge", loser.pk, winner.pk)
    giver.earlier(key, request)
    if giver.account.merged_into_id == winner.pk:
        return taker.account
    giver.expect_active()
    taker.expect_active()
    giver.expire_first(at)
    taker.expire_first(at)
    if giver.account.balance:
        move(giver, taker, giver.account.balance, key=key, request=request, at=at, by=by, reason="merge")
    _move_holds(giver, taker)
    _move_pending(giver, taker)
    floor_from_merge(taker.account, giver.account, at)
    giver.account.status, giver.account.merged_into = Account.Status.MERGED, taker.account
    keep_all(in_order(giver, taker))
    tiers.keep_changes(tiers.joined(taker.account, at))
    AccountEvent.objects.create(
        brand_id=loser.brand_id, account=giver.account, kind=AccountEvent.Kind.MERGED, actor=by, at=at
    )
    return taker.account


def expect_movable(account: Account, to: Account) -> None:
    """Refuse what `transfer` between these two would refuse as they stand: `same_account`, `account_not_active`."""
    if account.pk == to.pk:
        raise _same()
    for one in (account, to):
        if one.status != Account.Status.ACTIVE:
            raise not_active(one.get_status_display())


def move(
    giver: Book,
    taker: Book,
    points: int,
    *,
    key: str,
    request: str,
    at: datetime,
    by: Agent | None,
    source: str = "",
    reason: str = "",
) -> Entry:
    """Post both entries of a move of `points`; below zero it is a debt that goes from `giver` to `taker`."""
    group = keys.digest("group", key)[:40]
    words = {"contra": "transfer", "request": request, "at": at, "by": by, "source": source, "reason": reason}
    left = giver.post(Entry.Kind.TRANSFER, -points, key=key, group=group, **words)  # type: ignore[arg-type]
    came = taker.post(Entry.Kind.TRANSFER, points, key=f"{key}:in", group=group, **words)  # type: ignore[arg-type]
    if points > 0:
        giver.use(left, giver.in_spending_order(), points)
        taken = [(use.lot, use.points, use.lot.expires_at) for use in giver.uses if use.entry is left]
        taker.open_lots(came, taken)
    else:
        taker.use(came, taker.in_spending_order(), -points)
    return left


def in_order(*books: Book) -> list[Book]:
    return sorted(books, key=lambda book: book.account.pk)


def _lock_pair(account: Account, other: Account) -> tuple[Book, Book]:
    """Both books, locked in the order of their ids; refused unless they are two of one brand."""
    if account.pk == other.pk:
        raise _same()
    books = {book.account.pk: book for book in Book.lock_all([account.pk, other.pk])}
    pair = books[account.pk], books[other.pk]
    if pair[0].account.brand_id != pair[1].account.brand_id:
        raise Refused("other_brand", _("These accounts are of two brands."))
    return pair


def _same() -> Refused:
    return Refused("same_account", _("That is the same account."))


def _move_pending(giver: Book, taker: Book) -> None:
    """What is not owned yet matures for who has the points then."""
    taker.account.pending += giver.account.pending
    giver.account.pending = 0
    bulk.update([giver.account, taker.account], ["pending"])
    giver.account.pending_grants.filter(is_open=True).update(account=taker.account)


def _move_holds(giver: Book, taker: Book) -> None:
    """Reservations go where the points go."""
    taker.account.held += giver.account.held
    giver.account.held = 0
    giver.account.holds.filter(state=Hold.State.OPEN).update(account=taker.account)
