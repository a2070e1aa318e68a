"""What is unusual: a queue in which far more, or far fewer, were opened than in this hour of the weeks before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from agents.models import Agent
from desk.wall import asking
from desk.wall.kept import quarters
from goodwill.radar.chance import tail
from tickets.models import Queue

WEEKS = 4
ENOUGH = 3  # weeks to compare with; with fewer nothing is said
SELDOM = 0.0001  # what chance may do: about one false word in a month for ten queues
TWICE = 2
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Unusual:
    """A queue that is told of: what was opened in the hour up to `until`, and in the same hour of earlier weeks."""

    queue: Queue
    now: int
    before: Sequence[int]
    until: datetime

    @property
    def since(self) -> datetime:
        return self.until - HOUR

    @property
    def is_more(self) -> bool:
        return self.now * len(self.before) > sum(self.before)

    @property
    def earlier(self) -> str:
        """The weeks before, the last one first: 8, 6, 7, 9."""
        return ", ".join(str(number) for number in self.before)


@dataclass(frozen=True)
class Found:
    """What stands out, and whether there are weeks enough to tell."""

    queues: Sequence[Unusual]
    can_tell: bool


def is_unusual(now: int, before: Sequence[int]) -> bool:
    """Whether `now` tickets of an hour are no chance beside those of the same hour of the weeks `before`.

    If nothing has changed, every one of the N tickets of all these hours falls into this one by 1 / (weeks + 1): the
    tail of that binomial, in the direction of the change, has to be below 1 in 10,000 (J. Przyborowski and
    H. Wilenski, Homogeneity of results in testing samples from Poisson series, Biometrika 31, 1940). And because
    weeks differ by more than chance: it has to be twice their mean or more, or half of it or less, and outside of
    everything they had. With fewer than three weeks: no.
    """
    weeks, earlier = len(before), sum(before)
    if weeks < ENOUGH:
        return False
    of, share = now + earlier, 1 / (weeks + 1)
    if now > max(before) and now * weeks >= TWICE * earlier:
        return tail(now, of, share) < SELDOM
    if now < min(before) and now * weeks * TWICE <= earlier:
        return tail(of - now, of, 1 - share) < SELDOM
    return False


def hours_of(at: datetime, zone: tzinfo) -> list[datetime]:
    """When the last hour that is over began, by quarters of an hour, and the same hour of the four weeks before by the
    clock of `zone`."""
    until = datetime.fromtimestamp(quarters(at) * asking.QUARTER, zone)
    return [until - HOUR, *(until - HOUR - timedelta(weeks=back) for back in range(1, WEEKS + 1))]


def unusual(
    agent: Agent, queues: Iterable[Queue], opened: Iterable[Any], at: datetime, zone: tzinfo
) -> Found:
    """The queues of `agent` that stand out at `at`, by what was `opened` as the board has it. One question.

    A week in which the brand had not begun yet is none.
    """
    this, *weeks = hours_of(at, zone)
    now: dict[str, int] = {}
    first = quarters(this)
    for quarter, label, number in opened:
        if first <= quarter < first + 4:
            queue = label.partition(":")[0]
            now[queue] = now.get(queue, 0) + number
    before = {brand.pk: _weeks(brand, weeks) for brand in asking.same_hour_of(agent, weeks)}
    found = []
    for one in queues:
        earlier = [week.get(str(one.pk), 0) for week in before.get(one.brand_id, ())]
        if is_unusual(now.get(str(one.pk), 0), earlier):
            found.append(Unusual(one, now.get(str(one.pk), 0), earlier, this + HOUR))
    return Found(found, any(len(weeks) >= ENOUGH for weeks in before.values()))


def _weeks(brand: Any, weeks: Sequence[datetime]) -> list[Mapping[str, int]]:
    """Of each week in which the brand had tickets already: how many were opened, by queue."""
    begun = brand.begun
    found: list[Mapping[str, int]] = []
    for back, start in enumerate(weeks):
        if begun and begun <= start:
            counts: dict[str, int] = {}
            for _quarter, queue, number in getattr(brand, f"week{back}"):
                counts[queue] = counts.get(queue, 0) + number
            found.append(counts)
    return found
