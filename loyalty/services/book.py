"""The one writer of the ledger: a locked account with its open lots, and the lines that a deed posts to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Agent
from contactcenter import bulk, clock, keys
from contactcenter.errors import Refused
from loyalty.models import Account, Entry, Lot, LotUse
from loyalty.services import tiers

FOR_EVER = datetime.max.replace(tzinfo=UTC)
MOVED = (
    "balance", "held", "version", "lifetime_earned", "lifetime_redeemed", "lifetime_expired", "next_expiry",
    "tier_id", "tier_valid_until", "status", "merged_into_id",
)  # fmt: skip


class Book:
    """An account as it is now, locked until the transaction ends. What is posted is written by `keep`."""

    def __init__(self, account: Account, lots: Iterable[Lot]) -> None:
        self.account = account
        self.lots = list(lots)  # the open ones, by id; what is opened now comes after
        self.entries: list[Entry] = []
        self.opened: list[Lot] = []
        self.changed: dict[int, Lot] = {}
        self.uses: list[LotUse] = []

    @classmethod
    def lock(cls, account: Account) -> Book:
        """The book of one account. Nothing may be read before this."""
        (book,) = cls.lock_all([account.pk])
        return book

    @classmethod
    def lock_all(cls, accounts: Iterable[int], held: Mapping[int, Account] | None = None) -> list[Book]:
        """The books of all these accounts (ids), locked in the order of their ids.

        `held` are accounts (by id) that the caller has locked and read since nothing of them was written.
        """
        held, wanted = held or {}, set(accounts)
        found = [held[pk] for pk in sorted(wanted & held.keys())]
        if missing := wanted - held.keys():
            rows = Account.objects.select_for_update(of=("self",)).filter(pk__one_of=missing).order_by("pk")
            # One object of each programme and tier, however many accounts there are.
            found += rows.prefetch_related("programme", "tier")
        books = {account.pk: cls(account, ()) for account in found}
        # In a statement of its own: one that waits for the account would see the lots as they were before.
        for lot in Lot.objects.filter(account__pk__one_of=list(books), is_open=True).order_by("id"):
            books[lot.account_id].lots.append(lot)
        return list(books.values())

    def earlier(self, key: str, request: str) -> Entry | None:
        """The entry this key has made already; refused when it was asked for with other content."""
        keys.claim(Entry, key)
        entry = Entry.objects.filter(key=key).first()
        if entry and entry.request_hash != request:
            raise keys.conflict()
        return entry

    def expect_active(self) -> None:
        expect_active(self.account)

    def expect_available(self, points: int) -> None:
        if self.account.available < points:
            raise not_enough(self.account.available)

    def post(
        self,
        kind: str,
        points: int,
        *,
        contra: str,
        key: str,
        request: str,
        at: datetime,
        by: Agent | None,
        qualifying: int = 0,
        source: str = "",
        reason: str = "",
        breakdown: dict[str, Any] | None = None,
        reverses: Entry | None = None,
        group: str = "",
    ) -> Entry:
        """The next entry of the account; its balance moves along."""
        self.account.version += 1
        self.account.balance += points
        entry = Entry(
            account=self.account,
            seq=self.account.version,
            kind=kind,
            contra=contra,
            points=points,
            qualifying=qualifying,
            balance_after=self.account.balance,
            key=key,
            request_hash=request,
            reverses=reverses,
            group=group,
            occurred_at=at,
            posted_at=clock.now(),
            counts_at=reverses.counts_at if reverses else at,
            actor=by,
            source=source,
            reason=reason,
            breakdown=breakdown or {},
        )
        self.entries.append(entry)
        return entry

    def open_lot(self, entry: Entry, *, months: int) -> None:
        """What an entry gave, to be spent within `months`; a debt of the account is paid with it first."""
        ends = self.account.programme.end_of(entry.occurred_at, months)
        self.open_lots(entry, [(None, entry.points, ends)])

    def open_lots(self, entry: Entry, shares: Iterable[tuple[Lot | None, int, datetime | None]]) -> None:
        """What an entry brought, as lots of (origin, points, end); a debt of the account is paid with it first."""
        opened = [
            Lot(
                account=self.account,
                entry=entry,
                origin=origin,
                granted=points,
                remaining=points,
                is_open=True,
                contra=origin.contra if origin else entry.contra,
                expires_at=ends,
            )
            for origin, points, ends in shares
        ]
        self.lots += opened
        self.opened += opened
        self.use(entry, opened, owed_before(entry))

    def give_back(self, entry: Entry, lot: Lot, points: int) -> None:
        """Put `points` back into a lot that they were taken from."""
        lot = next((known for known in self.lots if known.pk == lot.pk), lot)
        if lot not in self.lots:
            self.lots.append(lot)
        lot.remaining += points
        lot.is_open = True
        self.changed[lot.pk] = lot
        self.uses.append(LotUse(entry=entry, lot=lot, points=-points))

    def in_spending_order(self) -> list[Lot]:
        """Open lots, what expires first goes first; lots that never expire go last."""
        return sorted((lot for lot in self.lots if lot.is_open), key=lambda lot: lot.expires_at or FOR_EVER)

    def use(self, entry: Entry, lots: Iterable[Lot], points: int) -> int:
        """Take up to `points` from `lots` in their order; gives how many they did not hold."""
        for lot in lots:
            taken = min(points, lot.remaining)
            if taken <= 0:
                continue
            lot.remaining -= taken
            lot.is_open = lot.remaining > 0
            if lot.pk:
                self.changed[lot.pk] = lot
            self.uses.append(LotUse(entry=entry, lot=lot, points=taken))
            points -= taken
        return points

    def expire_first(self, at: datetime) -> Entry | None:
        """What every deed of `at` begins with: post what has expired by then, never what has not yet expired."""
        return self.expire(min(at, clock.now()))

    def expire(self, at: datetime) -> Entry | None:
        """Post what has expired by `at`, whatever the time is now; held points stay until their hold ends."""
        due = [lot for lot in self.in_spending_order() if lot.expires_at and lot.expires_at <= at]
        points = min(sum(lot.remaining for lot in due), self.account.available)
        if points <= 0:
            return None
        key = f"exp:{self.account.pk}:{self.account.version}"
        entry = self.post(
            Entry.Kind.EXPIRE,
            -points,
            contra="expire",
            key=key,
            request=keys.digest(key),
            at=at,
            by=None,
        )
        self.use(entry, due, points)
        self.account.lifetime_expired += points
        return entry

    def keep(self) -> None:
        """Write what was posted."""
        keep_all([self])


def keep_all(books: Sequence[Book]) -> None:
    """Write what was posted to `books`: entries, lots, uses, tiers that were reached, balances."""
    bulk.insert([entry for book in books for entry in book.entries])
    bulk.insert([lot for book in books for lot in book.opened])
    bulk.insert([use for book in books for use in book.uses])
    bulk.update([lot for book in books for lot in book.changed.values()], ["remaining", "is_open"])
    accounts = {book.account.pk: book.account for book in books}
    bulk.insert(tiers.reached(accounts, [entry for book in books for entry in book.entries]))
    for book in books:
        ends = [lot.expires_at for lot in book.lots if lot.is_open and lot.expires_at]
        book.account.next_expiry = min(ends, default=None)
    bulk.update([*accounts.values()], MOVED)


def owed_before(entry: Entry) -> int:
    """How many points of an `entry` that brings some pay what the account owed before it."""
    return min(entry.points, max(0, entry.points - entry.balance_after))


def expect_active(account: Account) -> None:
    """Refuse (`account_not_active`) an account on which no points move."""
    if account.status != Account.Status.ACTIVE:
        raise not_active(account.get_status_display())


def not_active(status: str) -> Refused:
    return Refused("account_not_active", _("This account is %s; no points move on it.") % status)


def not_enough(available: int) -> Refused:
    sentence = ngettext(
        "Only %(available)d point can be spent.", "Only %(available)d points can be spent.", available
    )
    return Refused("not_enough_points", sentence % {"available": available}, details={"available": available})


def expect_positive(points: int) -> None:
    if points <= 0:
        raise Refused("not_positive", _("Give a number of points above zero."))
