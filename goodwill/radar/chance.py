"""How likely something is by chance, and how far something stands out. Needs no database."""

from __future__ import annotations

import math
from collections.abc import Collection
from statistics import median

SELDOM = (
    0.01  # false alarms of one sign in one night that chance may raise, over all who are looked at together
)
FAR = 3.0  # so many times the spread above the median is far
TO_SIGMA = 1.4826  # makes the median absolute deviation of normal figures their standard deviation
PEERS = 8  # with fewer figures to compare with, their spread says nothing


def tail(hits: int, of: int, chance: float) -> float:
    """How likely `hits` or more are in `of` trials that each hit with `chance`: the binomial upper tail.

    Where the trials differ, `chance` is their mean: from the mean + 1 on their tail is at most this one (W. Hoeffding,
    On the distribution of the number of successes in independent trials, 1956).
    """
    if hits <= 0:
        return 1.0
    if hits > of or chance <= 0:
        return 0.0
    if chance >= 1:
        return 1.0
    whole, yes, no = math.lgamma(of + 1), math.log(chance), math.log1p(-chance)
    total = 0.0
    for k in range(hits, of + 1):
        ways = whole - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        term = math.exp(ways + k * yes + (of - k) * no)
        total += term
        if k > of * chance and term < total * 1e-12:  # they only get smaller from here
            break
    return min(1.0, total)


def both(one: float, other: float) -> float:
    """How likely two independent results together are, each by its own likelihood (R. A. Fisher's method for two)."""
    product = max(one * other, 1e-300)
    return min(1.0, product * (1 - math.log(product)))


def spread(values: Collection[float]) -> float:
    """The median absolute deviation, times 1.4826: the standard deviation of normal figures, whatever some few are."""
    middle = median(values)
    return TO_SIGMA * median(abs(value - middle) for value in values)


def is_far_above(value: float, others: Collection[float]) -> bool:
    """Whether `value` is more than 3 spreads above the median of `others`, of which there have to be 8 at least.

    The median absolute deviation because a single liar, or a few, cannot move it; 3 as the most careful of the usual
    thresholds (C. Leys et al., Detecting outliers, Journal of Experimental Social Psychology 49, 2013).
    """
    return len(others) >= PEERS and value > median(others) + FAR * spread(others)
