"""Taking points back that should not have been given, or no longer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty.models import Account, Entry, Lot, Programme
from loyalty.services.book import Book, expect_positive


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
    """Take back `points` (> 0) of those that `entry` of this account gave, and `qualifying` of what it counted.

    Its own lot goes first, then what expires first. What cannot be had then is owed or forgiven, as the
    programme says; what has expired is never taken a second time. Qualifying points go in full, out of the
    year they counted in; a tier is not lowered. Any status of the account will do: money came back already.
    Gives None where all is forgiven and nothing counted. `by` has been asked for the right by whoever calls.
    Refused: `not_positive`, `key_conflict`, `not_reversible`, `more_than_given`.
    """
    expect_positive(points)
    at = at or clock.now()
    book = Book.lock(account)
    request = keys.digest("reverse", account.pk, entry.pk, points, source, reason, qualifying)
    if earlier := book.earlier(key, request):
        return earlier
    _expect_given(account, entry, points, qualifying)
    book.expire_first(at)
    taken = _can_be_had(book, entry, points)
    if not taken and not qualifying:
        book.keep()
        return None
    own = [lot for lot in book.lots if lot.entry_id == entry.pk]
    reversal = book.post(
        Entry.Kind.REVERSE, -taken, contra=entry.contra, key=key, request=request, at=at, by=by, reverses=entry,
        qualifying=-qualifying, source=source, reason=reason, breakdown=(breakdown or {}) | {"asked": points},
    )  # fmt: skip
    book.use(reversal, [*own, *(lot for lot in book.in_spending_order() if lot not in own)], taken)
    book.keep()
    return reversal


def _expect_given(account: Account, entry: Entry, points: int, qualifying: int) -> None:
    """Refuse to take back what this account was not given by `entry`, or what was taken back before."""
    if entry.account_id != account.pk or entry.kind != Entry.Kind.EARN:
        raise Refused("not_reversible", _("These points cannot be taken back."))
    before = entry.reversals.aggregate(points=Sum("points"), qualifying=Sum("qualifying"))
    left = entry.points + (before["points"] or 0)
    counted = entry.qualifying + (before["qualifying"] or 0)
    if points > left or not 0 <= qualifying <= counted:
        raise Refused(
            "more_than_given",
            _("Of these points no more than %d can be taken back.") % left,
            details={"points": left, "qualifying": counted},
        )


def _can_be_had(book: Book, entry: Entry, points: int) -> int:
    """How many of `points` can be taken: what is left of them and what was spent of them, nothing that expired."""
    lot = next((lot for lot in book.lots if lot.entry_id == entry.pk), None) or Lot.objects.get(entry=entry)
    taken = min(points, lot.remaining + _spent_and_not_charged(lot, entry))
    if book.account.programme.clawback == Programme.Clawback.CLAMP:
        taken = min(taken, book.account.available)
    return taken


def _spent_and_not_charged(lot: Lot, entry: Entry) -> int:
    """How many points of a lot were spent, less those an earlier reversal of its `entry` charged elsewhere."""
    uses = lot.uses.exclude(entry__kind=Entry.Kind.EXPIRE)
    gone = uses.aggregate(sum=Sum("points"))["sum"] or 0  # spent, or taken by earlier reversals
    reversed_before = -(entry.reversals.aggregate(sum=Sum("points"))["sum"] or 0)
    return max(0, gone - reversed_before)
