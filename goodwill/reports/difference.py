"""How much more often something happens to those who were given something than to others like them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

LEAST = 50  # people on each side who have somebody like them on the other
LEAST_EITHER = 10  # on both sides together: who did it, and who did not
Z = NormalDist().inv_cdf(0.975)  # of an interval of 95 %


@dataclass(frozen=True)
class Stratum:
    """People who are alike: how many were given something, how many were not, and how many of each did it."""

    given: int
    given_did: int
    others: int
    others_did: int

    @property
    def weight(self) -> float:
        return self.given * self.others / self.both if self.both else 0.0

    @property
    def both(self) -> int:
        return self.given + self.others


@dataclass(frozen=True)
class Difference:
    """Shares of 0 to 1 among those given something and among others like them, and the interval of their difference.

    `given` and `others` count people who have somebody like them on the other side, `alone` those given something
    who have nobody. `naive` is the difference when nobody looks who is like whom; None where one side is empty.
    """

    given: int = 0
    others: int = 0
    did: int = 0
    did_not: int = 0
    alone: int = 0
    given_share: float = 0.0
    others_share: float = 0.0
    low: float = 0.0
    high: float = 0.0
    naive: float | None = None

    @property
    def found(self) -> float:
        return self.given_share - self.others_share

    @property
    def is_enough(self) -> bool:
        """Whether there are people enough for the interval to mean something."""
        return min(self.given, self.others) >= LEAST and min(self.did, self.did_not) >= LEAST_EITHER

    @property
    def says(self) -> str:
        """What can be said: more, less, nothing (it may be chance), too_few."""
        if not self.is_enough:
            return "too_few"
        return "more" if self.low > 0 else "less" if self.high < 0 else "nothing"


def difference(strata: Iterable[Stratum]) -> Difference:
    """The common difference of shares over `strata`, each counting by given × others / both, with its 95 % interval.

    Mantel and Haenszel's weights with Sato's variance (T. Sato, "On the variance estimator for the Mantel-Haenszel
    risk difference", Biometrics 45, 1989, 1323–1324), which holds for few large strata and for many small ones alike.
    A stratum in which one side is empty compares nobody and is left out: exact matching on coarsened figures
    (Iacus, King and Porro, "Causal inference without balance checking", Political Analysis 20, 2012, 1–24).
    """
    rows = list(strata)
    alike = [row for row in rows if row.given and row.others]
    alone = sum(row.given for row in rows if not row.others)
    naive = _naive(rows)
    weight = sum(row.weight for row in alike)
    if not weight:
        return Difference(alone=alone, naive=naive)
    given_share = sum(row.weight * row.given_did / row.given for row in alike) / weight
    others_share = sum(row.weight * row.others_did / row.others for row in alike) / weight
    found = given_share - others_share
    variance = (found * sum(map(_p, alike)) + sum(map(_q, alike))) / weight**2
    reach = Z * sqrt(max(0.0, variance))
    did = sum(row.given_did + row.others_did for row in alike)
    return Difference(
        given=sum(row.given for row in alike), others=sum(row.others for row in alike),
        did=did, did_not=sum(row.both for row in alike) - did, alone=alone,
        given_share=given_share, others_share=others_share,
        low=max(-1.0, found - reach), high=min(1.0, found + reach), naive=naive,
    )  # fmt: skip


def _naive(rows: list[Stratum]) -> float | None:
    given, others = sum(row.given for row in rows), sum(row.others for row in rows)
    if not given or not others:
        return None
    return sum(row.given_did for row in rows) / given - sum(row.others_did for row in rows) / others


def _p(row: Stratum) -> float:
    n, m = row.given, row.others
    return (n * n * row.others_did - m * m * row.given_did + n * m * (m - n) / 2) / row.both**2


def _q(row: Stratum) -> float:
    stayed, left = row.others - row.others_did, row.given - row.given_did
    return (row.given_did * stayed + row.others_did * left) / (2 * row.both)
