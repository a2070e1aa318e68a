"""What outstanding points are worth: how many of them will be spent, and what revenue waits with them.

A point that is promised with a sale is a sale of its own that has not happened yet (IFRS 15, B39–B43): part of the
price is put off until the point is spent. Nobody knows how many points will be; vintage curves estimate it from how
earlier months were spent. Whole points, money in the unit it comes in; fractions are exact until they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

TOLD = 6  # so many months have to be known before they say how a curve ends
LOOKED_AT = 6  # the last months of a curve, by which it is said


def allocated(price: int, goods: int, points: Fraction | int) -> Fraction:
    """The part of a `price` paid that belongs to the points: by their stand-alone price beside that of the goods.

    The stand-alone price of points is what they are worth times how likely it is that they are spent.
    """
    return Fraction(price) * points / (goods + points)


def recognised(allocated: Fraction | int, redeemed: int, expected: int) -> Fraction:
    """Revenue of points earned so far, of what was `allocated` to them: as many as were `redeemed` in all of those
    that are `expected` to be in the end; never more than was allocated. Nothing expected: nothing is put off.

    What a period brings is the difference to the period before, so that a new expectation corrects what went before.
    """
    if expected <= 0:
        return Fraction(allocated)
    return Fraction(allocated) * min(Fraction(redeemed, expected), Fraction(1))


@dataclass(frozen=True)
class Vintage:
    """Points given in one month: `issued` (less what was taken back), `redeemed` of them by months since (0: in the
    same month), `outstanding` now, and how many months (`age`) have passed whole."""

    month: date
    issued: int
    outstanding: int
    age: int
    redeemed: Mapping[int, int] = field(default_factory=dict)

    @property
    def redeemed_so_far(self) -> int:
        return sum(self.redeemed.values())


def curve(vintages: Sequence[Vintage]) -> list[Fraction]:
    """The share of points spent by months since they were given, added up: of all vintages old enough to tell."""
    shares, so_far = [], Fraction(0)
    for month in range(max((one.age for one in vintages), default=0)):
        told = [one for one in vintages if one.age > month and one.issued > 0]
        issued = sum(one.issued for one in told)
        so_far += Fraction(sum(one.redeemed.get(month, 0) for one in told), issued) if issued else 0
        shares.append(max(Fraction(0), min(so_far, Fraction(1))))
    return shares


def with_tail(shares: Sequence[Fraction], *, months: int | None) -> list[Fraction]:
    """The curve and, as one value more, where it ends `months` after points were given (None: they never end).

    A curve ends with the oldest vintage. What is spent later follows by exponential decay, as actuaries extend a
    development triangle: each month after the n that are known brings r times what the one before brought,

        r = (p[n-k+1] + … + p[n]) / (p[n-k] + … + p[n-1]),    tail = m (r + r² + … + r^(months-n)),

    with p the share spent in a month, m the mean of the last k of them, and k = 6, or n - 1 where that is less.
    Source: Casualty Actuarial Society, Tail Factor Working Party, “The Estimation of Loss Development Tail Factors:
    A Summary Report” (2013), exponential decay of the development portions. m in place of p[n] lets no single still
    month end a curve, and errs to the side of more. Where fewer than `TOLD` months are known, or those k brought no
    less than the ones before, nothing says how it ends: all is expected to be spent that is not over. Where they
    brought nothing, or spends were undone in them, it has ended. Never above 1, nor below what is known.
    """
    known = len(shares)
    if not known or (months is not None and known >= months):
        return list(shares)
    steps = [share - before for share, before in zip(shares, [Fraction(0), *shares], strict=False)]
    looked_at = min(LOOKED_AT, known - 1)
    now, before = sum(steps[known - looked_at :]), sum(steps[known - looked_at - 1 : -1])
    if known < TOLD or (now > 0 and now >= before):
        return [*shares, Fraction(1)]
    if now <= 0:
        return list(shares)
    r = Fraction(now) / before
    rest = r / (1 - r) if months is None else r * (1 - r ** (months - known)) / (1 - r)
    return [*shares, min(Fraction(1), shares[-1] + Fraction(now) / looked_at * rest)]


def still_to_come(vintage: Vintage, shares: Sequence[Fraction]) -> int:
    """How many points of a vintage are expected to be spent yet: what the curve still rises from its age on, of what
    was issued; never more than is outstanding. Rounded up, for a promise is not to be told too small."""
    if not shares:
        return vintage.outstanding
    gone = shares[min(vintage.age, len(shares)) - 1] if vintage.age else Fraction(0)
    to_come = vintage.issued * (shares[-1] - gone)
    return max(0, min(vintage.outstanding, -(-to_come.numerator // to_come.denominator)))


@dataclass(frozen=True)
class Row:
    """One vintage with what is expected of it: points to be spent yet (`expected`), and the rest (`breakage`)."""

    vintage: Vintage
    expected: int

    @property
    def breakage(self) -> int:
        return self.vintage.outstanding - self.expected

    @property
    def share(self) -> int:
        """How much of it has been spent, in percent."""
        return self.vintage.redeemed_so_far * 100 // self.vintage.issued if self.vintage.issued > 0 else 0


@dataclass(frozen=True)
class Liability:
    """All vintages of a programme; `point_value_minor` is what a point is worth when spent."""

    rows: Sequence[Row]
    shares: Sequence[Fraction]
    point_value_minor: int

    @property
    def told(self) -> Sequence[Fraction]:
        """The curve as far as whole months tell it, without its tail."""
        return self.shares[: max((row.vintage.age for row in self.rows), default=0)]

    @property
    def outstanding(self) -> int:
        return sum(row.vintage.outstanding for row in self.rows)

    @property
    def expected(self) -> int:
        return sum(row.expected for row in self.rows)

    @property
    def breakage(self) -> int:
        return self.outstanding - self.expected

    @property
    def value_minor(self) -> int:
        """What is owed, in minor units: the points expected to be spent, at what they are worth then."""
        return self.expected * self.point_value_minor

    @property
    def ultimate(self) -> int:
        """The share of points that is spent in the end, in percent."""
        return int(self.shares[-1] * 100) if self.shares else 100


def liability_of(
    vintages: Sequence[Vintage], *, point_value_minor: int, months: int | None = None
) -> Liability:
    """What is owed for all `vintages` together, of points that live `months` (None: for ever).

    Without any history every point is expected to be spent.
    """
    shares = with_tail(curve(vintages), months=months)
    return Liability([Row(one, still_to_come(one, shares)) for one in vintages], shares, point_value_minor)
