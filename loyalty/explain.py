"""Why a line of the ledger is what it is, and what an account had at any point in time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F

from customers.models import OrderLine, OrderLineRefund
from loyalty import tier_windows
from loyalty.models import Account, Entry, Lot, LotExtension, Referral

# Lines are written under the account's lock, so that `posted_at` rises with `seq`: the last line posted by an
# instant is found by halving, along the unique key (account, seq). An index by time would cost every posting.
LAST_LINE = """
WITH RECURSIVE half AS (
    SELECT 0 AS low, version AS high FROM loyalty_account WHERE id = %(account)s
    UNION ALL
    SELECT CASE WHEN posted_at <= %(at)s THEN seq ELSE low END, CASE WHEN posted_at <= %(at)s THEN high ELSE seq - 1 END
    FROM half JOIN loyalty_entry ON account_id = %(account)s AND seq = (low + high + 1) / 2
    WHERE low < high
)
SELECT low FROM half WHERE low = high
"""


@dataclass(frozen=True)
class Article:
    """A line of the order the points came from: of a refund, `quantity` (0: none) and money that came back."""

    name: str
    quantity: int
    amount_minor: int


@dataclass(frozen=True)
class LotMoved:
    """`points` that an entry took from a lot or put back (`restored`); when and with which `order` it was earned."""

    points: int
    restored: bool
    earned_at: datetime
    order: str


@dataclass(frozen=True)
class LotOpened:
    """What an entry gave, as it stands now: `remaining` of `granted`, to be spent up to `last_day` (None: for ever)."""

    granted: int
    remaining: int
    last_day: date | None


@dataclass(frozen=True)
class Explanation:
    """All that stands behind one entry: the number of its `order`, in `referral` who brought whom, in `extension` why
    its lot ends later than it would have."""

    entry: Entry
    rules: Sequence[dict[str, Any]]
    order: str
    articles: Sequence[Article]
    opened: Sequence[LotOpened]
    moved: Sequence[LotMoved]
    partners: Sequence[Entry]
    referral: Referral | None = None
    extension: LotExtension | None = None

    @property
    def is_for_friend(self) -> bool:
        """Whether the points are those of who was brought, not of who brought them."""
        return self.referral is not None and self.referral.friend_id == self.entry.account_id

    @property
    def balance_before(self) -> int:
        return self.entry.balance_after - self.entry.points

    @property
    def pays_debt(self) -> bool:
        """Whether what was taken from lots paid a debt with the points given at the same moment."""
        return self.entry.points > 0 and not any(one.restored for one in self.moved)


def explain(entry: Entry) -> Explanation:
    """What gave, took or moved the points of `entry`, which came with its account, programme and brand.

    Rules are as the breakdown kept them at the time: code, version, figures. Five questions at most.
    """
    order = _order_of(entry.source)
    return Explanation(
        entry=entry,
        rules=entry.breakdown.get("rules") or [],
        order=order,
        articles=_articles(entry, order) if order else [],
        opened=_opened(entry),
        moved=[
            LotMoved(
                abs(use.points), use.points < 0, use.lot.entry.occurred_at, _order_of(use.lot.entry.source)
            )
            for use in entry.uses.select_related("lot__entry").order_by("id")
        ],
        partners=_partners(entry) if entry.group else [],
        referral=_referral_of(entry),
        extension=_extension_of(entry),
    )


def balance_at(account: Account, at: datetime) -> int:
    """The balance (points owned) as the books had it at `at`, by what had been posted then."""
    return balance_after(account, last_line_by(account, at))


def balance_after(account: Account, seq: int) -> int:
    """The balance after line `seq`; before the first line 0."""
    return account.entries.filter(seq=seq).values_list("balance_after", flat=True).first() or 0


def last_line_by(account: Account, at: datetime) -> int:
    """The number (seq) of the last line posted at or before `at`; 0 when there was none."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_LINE, {"account": account.pk, "at": at})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _order_of(source: str) -> str:
    """The number of the order that `source` names; "" when it names none."""
    kind, _colon, number = source.partition(":")
    return number if kind == "order" else ""


def _referral_of(entry: Entry) -> Referral | None:
    """The referral that the points were given for, or taken back with."""
    rows = Referral.objects.select_related("referrer", "friend", "order")
    return rows.filter(pk=entry.breakdown["referral"]).first() if "referral" in entry.breakdown else None


def _extension_of(entry: Entry) -> LotExtension | None:
    """The newest extension of the lot that the entry opened, or that its points came back to."""
    rows = LotExtension.objects.select_related("lot__account__programme").order_by("-pk")
    if "lot" in entry.breakdown:
        return rows.filter(lot=entry.breakdown["lot"], source=entry.source).first()
    return rows.filter(lot__entry=entry).first() if entry.points > 0 else None


def _articles(entry: Entry, order: str) -> list[Article]:
    """The lines of the order; for a refund, those that it gave money back for, and how much."""
    of_order = {"order__brand": entry.account.brand_id, "order__number": order}
    if refund := re.fullmatch(r"refund:(\d+):reverse", entry.key):
        back = OrderLineRefund.objects.filter(refund=int(refund[1]), **of_order).select_related("line")
        return [Article(one.line.name, one.quantity, one.amount_minor) for one in back]
    lines = OrderLine.objects.filter(**of_order)
    return [Article(line.name, line.quantity, line.amount_minor) for line in lines]


def _opened(entry: Entry) -> list[LotOpened]:
    zone = entry.account.programme.zone
    lots = Lot.objects.filter(entry=entry).order_by(F("expires_at").asc(nulls_last=True), "id")
    return [
        LotOpened(
            lot.granted,
            lot.remaining,
            tier_windows.last_day_before(lot.expires_at, zone) if lot.expires_at else None,
        )
        for lot in lots
    ]


def _partners(entry: Entry) -> list[Entry]:
    """The other lines of a transfer or a merge."""
    others = Entry.objects.filter(account__brand=entry.account.brand_id, group=entry.group)
    return list(others.exclude(pk=entry.pk).exclude(group="").select_related("account").order_by("pk"))
