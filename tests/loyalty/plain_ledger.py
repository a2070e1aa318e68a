"""The ledger as plain Python: lists and numbers, no keys, no locks. What the real one is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty import tier_windows

GRACE_DAYS = 30


class No(Exception):  # noqa: N818  an answer, as `Refused` is
    """A deed that is refused, by its code."""


@dataclass(eq=False)
class Lot:
    granted: int
    remaining: int
    ends: datetime
    number: int
    gone: int = 0  # spent or taken back, not what expired


@dataclass(eq=False)
class Line:
    """An entry that can be undone: a gift with its lot, or a spend with what it used."""

    kind: str
    points: int
    lot: Lot | None = None
    used: dict[Lot, int] = field(default_factory=dict)
    undone: int = 0


@dataclass(eq=False)
class Held:
    points: int
    ends: datetime
    state: str = "open"


@dataclass(eq=False)
class Plain:
    """One account."""

    zone: ZoneInfo
    clamp: bool
    balance: int = 0
    held: int = 0
    version: int = 0
    status: str = "active"
    heir: Plain | None = None
    lots: list[Lot] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    holds: list[Held] = field(default_factory=list)

    @property
    def available(self) -> int:
        return max(0, self.balance - self.held)

    def open_lots(self) -> list[Lot]:
        return sorted((lot for lot in self.lots if lot.remaining), key=lambda lot: (lot.ends, lot.number))

    def due(self, now: datetime) -> int:
        return min(sum(lot.remaining for lot in self.open_lots() if lot.ends <= now), self.available)

    def expect(self, points: int, now: datetime) -> None:
        """Refuse what cannot be spent once what is due has expired."""
        if self.balance - self.due(now) - self.held < points:
            raise No("not_enough_points")

    def expect_active(self) -> None:
        if self.status != "active":
            raise No("account_not_active")

    def expire(self, now: datetime) -> None:
        if points := self.due(now):
            self.move(-points)
            self.take([lot for lot in self.open_lots() if lot.ends <= now], points, expired=True)

    def move(self, points: int) -> None:
        self.version += 1
        self.balance += points

    def take(self, lots: list[Lot], points: int, *, expired: bool = False) -> dict[Lot, int]:
        used: dict[Lot, int] = {}
        for lot in lots:
            if taken := min(points, lot.remaining):
                lot.remaining -= taken
                lot.gone += 0 if expired else taken
                used[lot] = taken
                points -= taken
        return used

    def open(self, shares: list[tuple[int, datetime]], points: int) -> list[Lot]:
        """New lots for points that came; what was owed before is paid with them."""
        owed = min(points, max(0, points - self.balance))
        opened = [Lot(granted, granted, ends, len(self.lots) + n) for n, (granted, ends) in enumerate(shares)]
        self.lots += opened
        self.take(opened, owed)
        return opened

    def give(self, points: int, months: int, now: datetime) -> Line:
        self.expect_active()
        self.expire(now)
        self.move(points)
        (lot,) = self.open([(points, tier_windows.months_on(now, months, self.zone))], points)
        line = Line("earn", points, lot)
        self.lines.append(line)
        return line

    def spend(self, points: int, now: datetime) -> Line:
        self.expect_active()
        self.expect(points, now)
        self.expire(now)
        self.move(-points)
        line = Line("redeem", points, used=self.take(self.open_lots(), points))
        self.lines.append(line)
        return line

    def adjust(self, points: int, now: datetime) -> None:
        if points > 0:
            self.give(points, 24, now)
        else:
            self.spend(-points, now)
        self.lines.pop()

    def undo(self, line: Line, points: int, now: datetime) -> None:
        if points > line.points - line.undone:
            raise No("more_than_given")
        payer = self.heir or self
        while payer.heir:
            payer = payer.heir
        self.expire(now)
        if payer is not self:
            payer.expire(now)
        (self.take_back if line.kind == "earn" else self.put_back)(line, points, now, payer)
        if payer is not self and self.balance:
            self.hand_over(payer, self.balance)

    def take_back(self, line: Line, points: int, _now: datetime, payer: Plain) -> None:
        assert line.lot
        taken = min(points, line.lot.remaining + max(0, line.lot.gone - line.undone))
        taken = min(taken, payer.available) if self.clamp else taken
        if taken:
            self.move(-taken)
            line.undone += taken
            self.take([line.lot, *(lot for lot in self.open_lots() if lot is not line.lot)], taken)

    def put_back(self, line: Line, points: int, now: datetime, _payer: Plain) -> None:
        self.move(points)
        line.undone += points
        left = points - min(points, max(0, points - self.balance))
        for lot in sorted(line.used, key=lambda lot: (lot.ends, lot.number), reverse=True):
            if lot.ends > now:
                back = min(left, line.used[lot])
                lot.remaining += back
                lot.gone -= back
                line.used[lot] -= back
                left -= back
        if left:
            last = now.astimezone(self.zone).date() + timedelta(days=GRACE_DAYS + 1)
            self.lots.append(Lot(left, left, tier_windows.midnight(last, self.zone), len(self.lots)))

    def hold(self, points: int, ends: datetime, now: datetime) -> None:
        self.expect_active()
        self.expect(points, now)
        self.expire(now)
        self.held += points
        self.holds.append(Held(points, ends))

    def capture(self, held: Held, now: datetime) -> None:
        self.expect_active()
        if held.state != "open" or held.ends <= now:
            raise No("hold_is_over")
        if self.balance - self.due(now) - self.held < 0:
            raise No("not_enough_points")
        self.expire(now)
        self.held -= held.points
        held.state = "captured"
        self.move(-held.points)
        self.lines.append(Line("redeem", held.points, used=self.take(self.open_lots(), held.points)))

    def release(self, held: Held, now: datetime) -> None:
        if held.state == "captured":
            raise No("hold_is_over")
        if held.state == "open":
            self.end(held, "released", now)

    def end_holds(self, now: datetime) -> None:
        over = [held for held in self.holds if held.state == "open" and held.ends <= now]
        for held in over:
            self.held -= held.points
            held.state = "expired"
        if over:
            self.expire(now)

    def end(self, held: Held, state: str, now: datetime) -> None:
        self.held -= held.points
        held.state = state
        self.expire(now)

    def send(self, to: Plain, points: int, now: datetime) -> None:
        self.expect_active()
        to.expect_active()
        self.expect(points, now)
        self.expire(now)
        to.expire(now)
        self.hand_over(to, points)

    def merge(self, winner: Plain, now: datetime) -> None:
        self.expect_active()
        winner.expect_active()
        self.expire(now)
        winner.expire(now)
        if self.balance:
            self.hand_over(winner, self.balance)
        winner.held += self.held
        self.held = 0
        winner.holds += [held for held in self.holds if held.state == "open"]
        self.holds = [held for held in self.holds if held.state != "open"]
        self.status, self.heir = "merged", winner

    def hand_over(self, to: Plain, points: int) -> None:
        """Points, or a debt below zero, go to another account with the ends of their lots."""
        self.move(-points)
        to.move(points)
        if points > 0:
            used = self.take(self.open_lots(), points)
            to.open([(taken, lot.ends) for lot, taken in used.items()], points)
        else:
            to.take(to.open_lots(), -points)
