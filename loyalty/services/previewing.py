"""What a refund would do to points and tier, before anyone confirms it. Nothing is written, nothing locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contactcenter import clock
from customers.models import Order
from customers.services import Refund
from customers.services.refunds import expect_refundable
from loyalty import tier_windows
from loyalty.models import Account, Entry, PendingGrant, Tier
from loyalty.services.book import Book
from loyalty.services.orders import earned_by
from loyalty.services.refunding import goes_with, paid_lines
from loyalty.services.reversing import can_be_had


@dataclass(frozen=True)
class Preview:
    """What goes with `amount_minor` given back; all but that in points.

    `points` go in all, of which `pending` never came to be; the rest is `unspent` of the order's own points,
    `from_others` because its own were spent, `owed` where nothing is left, and `forgiven`: expired before, or by
    the rule of the programme. `qualifying` no longer count. `tier` is the one that the rest of the year they
    counted in would not reach any more, None: no tier is at stake; it is held on until it is looked at.
    """

    amount_minor: int
    points: int = 0
    qualifying: int = 0
    pending: int = 0
    unspent: int = 0
    from_others: int = 0
    owed: int = 0
    forgiven: int = 0
    balance_after: int | None = None
    tier: Tier | None = None


def refund_preview(order: Order, refunds: Sequence[Refund], *, at: datetime | None = None) -> Preview:
    """What `refund_order` with these `refunds` would do at `at`; refused as that would be."""
    expect_refundable(order, refunds)
    at = at or clock.now()
    back = {refund.line.pk: -refund.amount_minor for refund in refunds}
    amount = -sum(back.values())
    rows = earned_by(order)
    going = [(row, *goes_with(row, paid_lines(order), paid_lines(order, back))) for row in rows]
    if not rows:
        return Preview(amount)
    account = rows[0].account
    pending = sum(points for row, points, _counted in going if isinstance(row, PendingGrant))
    book = Book(account, account.lots.filter(is_open=True).order_by("id"))
    book.expire_first(at)  # in memory only: it is never kept
    before, unspent, taken = account.balance, 0, 0
    for row, points, _counted in going:
        if isinstance(row, Entry) and points:
            had = can_be_had(book, book, row, points)
            own = next((lot.remaining for lot in book.lots if lot.entry_id == row.pk), 0)
            unspent += min(own, had)
            account.balance -= had
            taken += had
    points = sum(one[1] for one in going)
    owed = max(0, -account.balance) - max(0, -before)
    qualifying = sum(counted for row, _points, counted in going if isinstance(row, Entry))
    return Preview(
        amount,
        points=points,
        qualifying=qualifying,
        pending=pending,
        unspent=unspent,
        from_others=max(0, taken - unspent - owed),
        owed=owed,
        forgiven=points - pending - taken,
        balance_after=account.balance,
        tier=_tier_lost(account, order.placed_at, qualifying),
    )


def _tier_lost(account: Account, counted_at: datetime, qualifying: int) -> Tier | None:
    """The tier held, if the year of `counted_at` reaches it with the qualifying points and not without them."""
    held = account.tier
    if held is None or not qualifying:
        return None
    start, end = tier_windows.calendar_year(counted_at, account.programme.zone)
    counted = account.entries.qualifying_between(start, end)
    return held if counted - qualifying < held.qualifying_points <= counted else None


def left_of(order: Order, named: Mapping[int, int]) -> list[Refund]:
    """A refund of the lines `named` (id to minor units, 0: all that is left of it); none named: of the whole order."""
    return [
        Refund(line, named.get(line.pk) or line.amount_minor - line.refunded_minor)
        for line in order.lines.all()
        if (line.pk in named or not named) and line.amount_minor > line.refunded_minor
    ]
