"""When customers turn to us: what was opened by weekday and hour of four weeks, and in which hours answers were late.

Whole days that are over, so a brand is asked once a day and zone; what was found is kept in the cache of the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from agents.models import Agent, Brand
from contactcenter import clock
from desk.wall import asking
from desk.wall.lines import InTime

WEEKS = 4
ENOUGH = 20  # tickets, or first answers: of fewer nothing is said
SELDOM = 0.01  # of all: hours at the ends of the day with less stand together in one column
A_DAY = 24 * 60 * 60
Counts = list[list[int]]  # of each hour of the week: opened, answered in time, answered late


@dataclass(frozen=True)
class Cell:
    """An hour of a weekday: what was opened in it in four weeks, and how its first answers went."""

    opened: int
    in_time: InTime
    warmth: int

    @property
    def is_short(self) -> bool:
        """Whether too few were there: of 20 first answers or more, fewer were in time than the goal asks for."""
        return self.in_time.met + self.in_time.late >= ENOUGH and self.in_time.look != ""


@dataclass(frozen=True)
class Rhythm:
    """The week as it usually is: a row for a weekday, a column for each of `hours`, the rest of the day in the last."""

    days: Sequence[tuple[datetime, Sequence[Cell]]]
    hours: Sequence[int]
    opened: int
    is_cut: bool

    @property
    def is_known(self) -> bool:
        return self.opened >= ENOUGH


def rhythm(agent: Agent, brands: Iterable[Brand], at: datetime, zone: tzinfo) -> Rhythm:
    """The four weeks before today of `brands`, by the clock of `zone`. One question where all is known,
    else one more, and what it found is kept for a day."""
    today = timezone.localdate(at, zone)
    keys = {brand.pk: f"wall:weeks:{brand.pk}:{zone}:{today}" for brand in brands}
    known: dict[str, Counts] = cache.get_many(keys.values())
    if missing := [pk for pk, key in keys.items() if key not in known]:
        start = clock.day(today - timedelta(weeks=WEEKS), zone)[0]
        for brand in asking.weeks_of(agent, missing, start, clock.day(today, zone)[0]):
            known[keys[brand.pk]] = folded(brand.weeks, zone)  # type: ignore[attr-defined]
        cache.set_many({keys[pk]: known[keys[pk]] for pk in missing if keys[pk] in known}, timeout=A_DAY)
    return drawn(list(known.values()), clock.day(today, zone)[0].astimezone(zone))


def folded(weeks: Iterable[Any], zone: tzinfo) -> Counts:
    """Quarters of an hour added up by the hour of the week that `zone` calls them, Monday first."""
    found = [[0, 0, 0] for _hour in range(7 * 24)]
    for quarter, how, number in weeks:
        moment = datetime.fromtimestamp(quarter * asking.QUARTER, zone)
        cell = found[24 * moment.weekday() + moment.hour]
        cell[0] += number
        if how:
            cell[1 if how == "met" else 2] += number
    return found


def drawn(brands: Sequence[Counts], today: datetime) -> Rhythm:
    """The brands added up; a cell is the warmer the nearer it comes to the fullest one: 0 to 50, per cent of ink."""
    week = [[sum(one[hour][part] for one in brands) for part in range(3)] for hour in range(7 * 24)]
    total = sum(opened for opened, _met, _late in week)
    first, last = _ends([sum(week[24 * day + hour][0] for day in range(7)) for hour in range(24)], total)
    rows = []
    for day in range(7):
        of_day = week[24 * day : 24 * day + 24]
        rest = [sum(of_day[hour][part] for hour in (*range(first), *range(last, 24))) for part in range(3)]
        rows.append([*of_day[first:last], rest])
    top = max([row[hour][0] for row in rows for hour in range(len(row) - 1)], default=0) or 1
    monday = today - timedelta(days=today.weekday())
    days = [
        (
            monday + timedelta(days=day),
            [Cell(opened, InTime(met, late), min(50, 50 * opened // top)) for opened, met, late in row],
        )
        for day, row in enumerate(rows)
    ]
    is_cut = any(sum(hour[0] for hour in one) >= asking.WEEKS_AT_MOST for one in brands)
    return Rhythm(days, range(first, last), total, is_cut)


def _ends(by_hour: Sequence[int], total: int) -> tuple[int, int]:
    """From which hour of the day to which more than a hundredth of all was opened in each of the first and last."""
    busy = [hour for hour, opened in enumerate(by_hour) if opened > SELDOM * total]
    return (busy[0], busy[-1] + 1) if busy else (8, 20)
