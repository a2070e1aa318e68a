"""How long callers wait for so many agents, and how many agents it takes. Needs no database.

Erlang C: calls come at random (Poisson), take exponentially long, wait in one line and never hang up. Formulas: A. K.
Erlang, *Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges*,
1917; as written in ITU-D, *Teletraffic Engineering Handbook*, 2005, chapters 7 (Erlang B) and 12 (Erlang C).
"""

from __future__ import annotations

import math


def load(calls: float, handling: float, period: float) -> float:
    """The offered load in Erlang of `calls` that take `handling` seconds each and come within `period` seconds.

    A = calls x handling / period: how many agents talk on average.
    """
    return _amount(calls) * _length(handling) / _length(period)


def blocking(agents: int, load: float) -> float:
    """The share of calls that would find all `agents` busy and go away (Erlang B).

    By the recursion B(0) = 1, B(n) = A B(n-1) / (n + A B(n-1)), in which nothing grows over any bound, as the powers
    and factorials of the closed form do.
    """
    share, load = 1.0, _amount(load)
    for number in range(1, _people(agents) + 1):
        share = load * share / (number + load * share)
    return share


def waiting(agents: int, load: float) -> float:
    """The share of calls that have to wait (Erlang C): C = N B / (N - A (1 - B)); all of them where A is N or more."""
    return _waiting(agents, load, blocking(agents, load))


def occupancy(agents: int, load: float) -> float:
    """The share of their time in which agents talk: A / N, and never more than all of it."""
    return min(1.0, _amount(load) / agents) if _people(agents) else 1.0


def wait(agents: int, load: float, handling: float) -> float:
    """How many seconds a call waits on average (average speed of answer): C x handling / (N - A).

    `math.inf` where the load is that of all agents or more: the line grows and grows.
    """
    handling = _length(handling)
    free = _people(agents) - _amount(load)
    return waiting(agents, load) * handling / free if free > 0 else math.inf


def service_level(agents: int, load: float, handling: float, within: float) -> float:
    """The share of calls that are answered `within` so many seconds: 1 - C exp(-(N - A) within / handling)."""
    return _level(waiting(agents, load), agents - load, _length(handling), _amount(within))


def agents_needed(load: float, handling: float, *, share: float, within: float) -> int:
    """The fewest agents who answer at least `share` (0.8) of the calls `within` so many seconds; 0 for no load.

    Refused with `ValueError`: a share that is not above 0 and below 1.
    """
    load, handling, within = _amount(load), _length(handling), _amount(within)
    if not 0 < share < 1:
        raise ValueError("The share of calls must be above 0 and below 1.")
    agents, blocked = 0, 1.0
    while load and _level(_waiting(agents, load, blocked), agents - load, handling, within) < share:
        agents += 1
        blocked = load * blocked / (agents + load * blocked)
    return agents


def _waiting(agents: int, load: float, blocked: float) -> float:
    return agents * blocked / (agents - load * (1 - blocked)) if load < agents else 1.0


def _level(waiting: float, free: float, handling: float, within: float) -> float:
    return 1 - waiting * math.exp(-free * within / handling) if free > 0 else 0.0


def _people(agents: int) -> int:
    if isinstance(agents, bool) or not isinstance(agents, int) or agents < 0:
        raise ValueError("Agents are counted in whole numbers from 0 on.")
    return agents


def _amount(value: float) -> float:
    if not 0 <= value < math.inf:
        raise ValueError("A number of calls, a load or a time must be 0 or more.")
    return value


def _length(seconds: float) -> float:
    if not 0 < seconds < math.inf:
        raise ValueError("Handling and period must take longer than 0 seconds.")
    return seconds
