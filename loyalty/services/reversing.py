"""Taking points back that should not have been given, or no longer, and giving back what was spent for nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty import tier_windows
from loyalty.models import Account, Entry, Lot, LotUse, Programme
from loyalty.services.book import FOR_EVER, Book, expect_positive, keep_all, owed_before
from loyalty.services.tier_refunds import lower_after_reversal
from loyalty.services.transferring import in_order, move

MERGES = ("merge", "unmerge")  # why lots went to another account that were not given away


@transaction.atomic
def reverse(
    account: Account,
    entry: Entry,
    points: int,
    *,
    by: Agent | None,
    key: str,
    at: datetime | None = None,
    qualifying: int = 0,
    source: str = "",
    reason: str = "",
    breakdown: dict[str, Any] | None = None,
) -> Entry | None:
    """Undo `points` (> 0) of an `entry` of this account: of a gift, and `qualifying` of what it counted; of a spend.

    Of a gift its own lot goes first, then what expires first. What cannot be had then is owed or forgiven, as
    the programme says; what has expired is never taken a second time. Qualifying points go in full, out of the
    year they counted in, and a tier they gave follows by the rule that the version has for refunds. Gives None
    where all is forgiven and nothing counted.

    What was spent goes back into the lots it came from, those that expire last first; of lots that are over by
    `at` it comes back as a lot that lives `Programme.restore_grace_days`. A debt is paid with it first.

    Any status of the account will do: money came back already; of a merged account it goes on to the account
    that has its points now. `by` has been asked for the right by whoever calls.
    Refused: `not_positive`, `key_conflict`, `not_reversible`, `more_than_given`.
    """
    at = at or clock.now()
    words: dict[str, Any] = {"source": source, "reason": reason, "breakdown": breakdown}
    reversal, is_new = undo(account, entry, points, by=by, key=key, at=at, qualifying=qualifying, **words)
    if reversal and is_new and qualifying:
        lower_after_reversal(account, entry, at, by=by)
    return reversal


def undo(
    account: Account,
    entry: Entry,
    points: int,
    *,
    by: Agent | None,
    key: str,
    at: datetime,
    qualifying: int = 0,
    source: str = "",
    reason: str = "",
    breakdown: dict[str, Any] | None = None,
) -> tuple[Entry | None, bool]:
    """What `reverse` does to the ledger, in a transaction, and whether it is new; whoever calls sees to the tier."""
    expect_positive(points)
    book, heir = _lock_with_heir(account)
    request = keys.digest("reverse", account.pk, entry.pk, points, source, reason, qualifying)
    if earlier := book.earlier(key, request):
        return earlier, False
    _expect_reversible(account, entry, points, qualifying)
    for each in in_order(book, heir) if heir else [book]:
        each.expire_first(at)
    given = entry.kind == Entry.Kind.EARN
    moved = -can_be_had(book, heir or book, entry, points) if given else points
    reversal = None
    if moved or qualifying:
        reversal = book.post(
            Entry.Kind.REVERSE, moved, contra=entry.contra, key=key, request=request, at=at, by=by, reverses=entry,
            qualifying=-qualifying, source=source, reason=reason, breakdown=(breakdown or {}) | {"asked": points},
        )  # fmt: skip
        if given:
            _take_from_lots(book, entry, reversal)
        else:
            _put_into_lots(book, entry, reversal)
        if heir and book.account.balance:
            move(
                book,
                heir,
                book.account.balance,
                key=f"{key}:on",
                request=request,
                at=at,
                by=by,
                reason="merge",
            )
    keep_all(in_order(book, heir) if heir else [book])
    return reversal, True


def _lock_with_heir(account: Account) -> tuple[Book, Book | None]:
    """The book of an account and, of one that was merged, the book of the account that has its points now."""
    chain = [account.pk]  # a guess, for the order of the locks; each link is looked up under them
    while next_one := Account.objects.filter(pk=chain[-1]).values_list("merged_into", flat=True).first():
        chain.append(next_one)
    books = {book.account.pk: book for book in Book.lock_all(chain)}
    if any(
        books[one].account.merged_into_id != heir for one, heir in zip(chain, [*chain[1:], None], strict=True)
    ):
        raise Refused(
            "account_not_active", _("These accounts were merged or parted just now; please look again.")
        )
    return books[account.pk], books[chain[-1]] if len(chain) > 1 else None


def _expect_reversible(account: Account, entry: Entry, points: int, qualifying: int) -> None:
    """Refuse to undo what is no gift and no spend of this account, or what was undone before."""
    if entry.account_id != account.pk or entry.kind not in (Entry.Kind.EARN, Entry.Kind.REDEEM):
        raise Refused("not_reversible", _("These points cannot be taken back."))
    before = entry.reversals.aggregate(points=Sum("points"), qualifying=Sum("qualifying"))
    left = abs(entry.points + (before["points"] or 0))
    counted = entry.qualifying + (before["qualifying"] or 0)
    if points > left or not 0 <= qualifying <= counted:
        raise Refused(
            "more_than_given",
            _("Of these points no more than %d can be taken back.") % left,
            details={"points": left, "qualifying": counted},
        )


def _take_from_lots(book: Book, entry: Entry, reversal: Entry) -> None:
    own = [lot for lot in book.lots if lot.entry_id == entry.pk]
    others = [lot for lot in book.in_spending_order() if lot not in own]
    book.use(reversal, [*own, *others], -reversal.points)


def can_be_had(book: Book, payer: Book, entry: Entry, points: int) -> int:
    """How many of `points` can be taken: what is left of them and what was spent of them, nothing that expired."""
    lot = next((lot for lot in book.lots if lot.entry_id == entry.pk), None) or Lot.objects.get(entry=entry)
    taken = min(points, lot.remaining + _spent_and_not_charged(book, lot, entry))
    if book.account.programme.clawback == Programme.Clawback.CLAMP:
        taken = min(taken, payer.account.available)
    return taken


def _spent_and_not_charged(book: Book, lot: Lot, entry: Entry) -> int:
    """How many points of a lot were spent, less those an earlier reversal of its `entry` charged elsewhere."""
    uses = lot.uses.exclude(entry__contra=Entry.Kind.EXPIRE)  # nor what came back of it
    gone = uses.aggregate(sum=Sum("points"))["sum"] or 0  # spent, or taken by earlier reversals
    gone -= _expired_after_merge(lot)
    reversed_before = -(entry.reversals.aggregate(sum=Sum("points"))["sum"] or 0)
    return max(0, gone - reversed_before)


def _expired_after_merge(lot: Lot) -> int:
    """How many points of a lot expired on the accounts that had them after a merge, and after it was undone."""
    heirs = Lot.objects.filter(origin=lot, entry__kind=Entry.Kind.TRANSFER, entry__reason__in=MERGES)
    expired = LotUse.objects.filter(lot__in=heirs, entry__contra=Entry.Kind.EXPIRE).aggregate(
        sum=Sum("points")
    )
    return (expired["sum"] or 0) + sum(_expired_after_merge(heir) for heir in heirs)


def _put_into_lots(book: Book, spend: Entry, reversal: Entry) -> None:
    """Give the points of a spend back to its lots, the latest-expiring first; those that are over get a grace."""
    left = reversal.points - owed_before(reversal)
    lots = _used_by(spend)
    for lot, used in lots:
        if lot.expires_at and lot.expires_at <= reversal.occurred_at:
            break
        points = min(left, used)
        if points:
            book.give_back(reversal, lot, points)
            left -= points
    if left:
        book.open_lots(reversal, [(lots[-1][0], left, _end_of_grace(book, reversal.occurred_at))])


def _used_by(spend: Entry) -> list[tuple[Lot, int]]:
    """The lots a spend used and how many of their points are still gone by it, the latest-expiring first."""
    uses = LotUse.objects.filter(Q(entry=spend) | Q(entry__reverses=spend))
    net = dict(uses.order_by().values_list("lot").annotate(sum=Sum("points")))
    lots = Lot.objects.filter(pk__in=net).order_by("-id")
    return [
        (lot, net[lot.pk]) for lot in sorted(lots, key=lambda lot: lot.expires_at or FOR_EVER, reverse=True)
    ]


def _end_of_grace(book: Book, at: datetime) -> datetime:
    """The local midnight that ends the last day of grace for what is restored at `at`."""
    programme = book.account.programme
    last = at.astimezone(programme.zone).date() + timedelta(days=programme.restore_grace_days)
    return tier_windows.midnight(last + timedelta(days=1), programme.zone)
