"""Points that go back when a merge of two accounts is undone: by new entries of one group, nothing is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import bulk, keys
from contactcenter.errors import Refused
from loyalty.models import Account, AccountEvent, Entry, Hold, Lot, LotUse, PendingGrant, Programme
from loyalty.services.book import Book, keep_all
from loyalty.services.transferring import in_order

REASON = "unmerge"


@dataclass(frozen=True)
class Moved:
    """What came along with a merge: the holds and grants (ids) that moved.

    Before it `seq` was the winner's and `entry` the id of the last entry of all.
    """

    seq: int
    entry: int
    holds: Collection[int]
    grants: Collection[int]


def part_accounts(
    loser: Account, winner: Account, moved: Moved, spends: Mapping[int, bool], *, by: Agent | None, key: str,
    at: datetime,
) -> tuple[Account, Account]:  # fmt: skip
    """Undo a merge of accounts: what came along and is there goes back, each lot with its end.

    `spends` says of entries (ids) of the winner since whether the loser made them (True): their points are not
    given back, those of the others are. What the winner no longer has is owed or forgiven, as the programme says.
    Gives both accounts as they are now, loser first. Refused: `account_not_active`.
    """
    books = {book.account.pk: book for book in Book.lock_all([loser.pk, winner.pk])}
    one, other = books[loser.pk], books[winner.pk]
    if one.account.merged_into_id != winner.pk:
        raise Refused("account_not_active", _("These accounts are not one any more; please look again."))
    other.expect_active()
    other.expire_first(at)
    _bring_holds(one, other, moved.holds)
    _bring_grants(one, other, moved.grants)
    one.account.status, one.account.merged_into = Account.Status.ACTIVE, None
    lots = _lots_that_came(one.account, other, moved.seq)
    due = _due(one.account, other, moved.seq, lots, spends) + _went_past(
        one.account, other.account, moved.entry
    )
    _give_back(one, other, lots, due, by=by, key=key, at=at)
    keep_all(in_order(one, other))
    AccountEvent.objects.create(
        brand_id=loser.brand_id, account=one.account, kind=AccountEvent.Kind.UNMERGED, actor=by, at=at
    )
    return one.account, other.account


def _shared(loser: Account, winner: Account, seq: int) -> list[Entry]:
    """The winner's side of all that went from one to the other since the merge, and from who was merged before."""
    groups = Entry.objects.filter(account__in=_with_merged(loser)).exclude(group="").values("group")
    return list(
        winner.entries.filter(seq__gt=seq, kind=Entry.Kind.TRANSFER, group__in=groups).order_by("seq")
    )


def _went_past(loser: Account, winner: Account, entry: int) -> int:
    """What went from the loser to the heir of the winner, while there was one; the winner has it from there by now."""
    moves = Entry.objects.filter(
        account__in=_with_merged(loser), pk__gt=entry, kind=Entry.Kind.TRANSFER, reason="merge"
    )
    past = moves.exclude(group__in=winner.entries.values("group"))
    return -(past.aggregate(sum=Sum("points"))["sum"] or 0)


def _with_merged(account: Account) -> list[int]:
    """The ids of an account and of all that were merged into it, one after the other."""
    found = last = [account.pk]
    while last := list(Account.objects.filter(merged_into__in=last).values_list("pk", flat=True)):
        found = found + last
    return found


def _lots_that_came(loser: Account, other: Book, seq: int) -> list[Lot]:
    """The winner's lots that hold what came along, also those in which something of it came back later."""
    found = list(Lot.objects.filter(entry__in=_shared(loser, other.account, seq)))
    last = found
    while last := list(Lot.objects.filter(origin__in=last, account=other.account)):
        found += last
    return found


def _due(loser: Account, other: Book, seq: int, lots: Sequence[Lot], spends: Mapping[int, bool]) -> int:
    """How many points the winner owes the loser; below zero: the loser owes them."""
    came, due = {lot.pk for lot in lots}, 0
    open_now = {lot.pk: lot.remaining for lot in other.lots}
    due = sum(open_now.get(pk, 0) for pk in came)
    shared = {entry.pk: entry for entry in _shared(loser, other.account, seq)}
    used = _used(other.account, seq, came)
    for pk, entry in shared.items():
        points = used.pop(pk, 0)
        # A debt that came along, or money of the loser's that went back: theirs. What paid the winner's debt is due.
        due += points if entry.points > 0 else entry.points + points
    for pk, theirs in spends.items():
        points = used.pop(pk, 0) - _opened_again(pk, came)
        due += -(_spent(pk) - points) if theirs else points
    return due + sum(used.values())


def _used(winner: Account, seq: int, came: Collection[int]) -> dict[int, int]:
    """How many points of these lots (ids) each entry of the winner (id) used; what undid an entry counts for it."""
    uses = LotUse.objects.filter(lot__in=came, entry__account=winner, entry__seq__gt=seq)
    used: dict[int, int] = {}
    for use in uses.exclude(entry__contra=Entry.Kind.EXPIRE).select_related("entry"):
        undone = use.entry.reverses_id if use.points < 0 else None
        used[undone or use.entry_id] = used.get(undone or use.entry_id, 0) + use.points
    return used


def _opened_again(spend: int, came: Collection[int]) -> int:
    """How many points of a spend (id) came back as lots of their own, since those they came from were over."""
    lots = Lot.objects.filter(pk__in=came, entry__reverses=spend)
    return lots.aggregate(sum=Sum("granted"))["sum"] or 0


def _spent(spend: int) -> int:
    """How many points an entry (id) took, less what was undone of it."""
    entry = Entry.objects.get(pk=spend)
    return -entry.points - (entry.reversals.aggregate(sum=Sum("points"))["sum"] or 0)


def _give_back(
    one: Book, other: Book, lots: Sequence[Lot], due: int, *, by: Agent | None, key: str, at: datetime
) -> None:
    """Post both entries of what goes back, of one group whose sum is nothing."""
    if other.account.programme.clawback == Programme.Clawback.CLAMP:
        due = max(0, min(due, other.account.available))  # nor does the one who comes back owe anything
    if not due:
        return
    words: dict[str, Any] = {
        "contra": "transfer", "request": keys.digest(key, due), "at": at, "by": by, "reason": REASON,
        "group": keys.digest("group", key)[:40],
    }  # fmt: skip
    left = other.post(Entry.Kind.TRANSFER, -due, key=key, **words)
    came = one.post(Entry.Kind.TRANSFER, due, key=f"{key}:in", **words)
    end = one.account.programme.end_of(at, one.account.programme.validity_months)
    if due < 0:
        other.open_lots(left, [(None, -due, end)])
        one.use(came, one.in_spending_order(), -due)
        return
    first = {lot.pk for lot in lots}
    spending = other.in_spending_order()
    owed = other.use(left, sorted(spending, key=lambda lot: lot.pk not in first), due)
    taken = [(use.lot, use.points, use.lot.expires_at) for use in other.uses if use.entry is left]
    one.open_lots(came, [*taken, *([(None, owed, end)] if owed else [])])


def _bring_holds(one: Book, other: Book, holds: Collection[int]) -> None:
    """Reservations that came along and still stand go where they came from."""
    rows = Hold.objects.filter(pk__in=holds, account=other.account, state=Hold.State.OPEN)
    points = rows.aggregate(sum=Sum("points"))["sum"] or 0
    other.account.held -= points
    one.account.held += points
    rows.update(account=one.account)


def _bring_grants(one: Book, other: Book, grants: Collection[int]) -> None:
    """Points that are still pending mature for who had them before."""
    rows = PendingGrant.objects.filter(pk__in=grants, account=other.account, is_open=True)
    points = rows.aggregate(sum=Sum("points"))["sum"] or 0
    other.account.pending -= points
    one.account.pending += points
    bulk.update([one.account, other.account], ["pending"])
    rows.update(account=one.account)
