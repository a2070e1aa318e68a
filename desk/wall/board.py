"""The wall put together: lines of queues, the figures above them, and what stands beside and below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.paging import COUNT_AT_MOST
from desk.due import due
from desk.wall import asking
from desk.wall.kept import Day, Hour, days_of, hours_of, quarters
from desk.wall.lines import GOAL, SPARK, Asked, InTime, Line, Next, Person, Spent, instant
from desk.wall.rhythm import Rhythm, rhythm
from desk.wall.unusual import Found, unusual
from goodwill.models import Finding
from goodwill.radar.words import sentence_of
from tickets.models import Queue


@dataclass
class Board:
    """Everything the wall shows, as of `at`; counted where it says *1,000+*."""

    at: datetime
    lines: list[Line]
    brands: list[Brand]
    people: list[Person]
    next: Next | None
    hours: list[Hour]
    days: list[Day]
    sees_callbacks: bool
    rhythm: Rhythm
    unusual: Found
    requests: list[Asked] = field(default_factory=list)
    findings: list[tuple[Finding, str]] = field(default_factory=list)
    budgets: list[Spent] = field(default_factory=list)
    decides: bool = False

    @property
    def several(self) -> bool:
        return len(self.brands) > 1

    @property
    def waiting(self) -> int:
        return sum(line.waiting for line in self.lines)

    @property
    def nobodys(self) -> int:
        return sum(line.nobodys for line in self.lines)

    @property
    def late(self) -> int:
        return sum(line.late for line in self.lines)

    @property
    def soon(self) -> int:
        return sum(line.soon for line in self.lines)

    @property
    def is_cut(self) -> bool:
        """Whether a queue was not counted to its end."""
        return any(line.waiting >= COUNT_AT_MOST for line in self.lines)

    @property
    def latest(self) -> Line | None:
        """The queue with the promise that is broken longest."""
        broken = [line for line in self.lines if line.late]
        return min(broken, key=lambda line: str(line.figures["latest"]), default=None)

    @property
    def in_time(self) -> InTime:
        return InTime(
            sum(line.in_time.met for line in self.lines), sum(line.in_time.late for line in self.lines)
        )

    @property
    def goal(self) -> int:
        return GOAL

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def kept(self) -> Day:
        """The seven days together."""
        return Day(self.today.day, *(sum(n) for n in zip(*(day.counts for day in self.days), strict=True)))

    def on(self, kind: str) -> int:
        """How many are available, busy, away or in a call."""
        return sum(person.kind == kind for person in self.people)

    @property
    def available(self) -> int:
        return self.on("available")

    @property
    def in_calls(self) -> int:
        return self.on("call")

    @property
    def away(self) -> int:
        return self.on("away")


def board(agent: Agent) -> Board:
    """The wall of `agent`: their brands, their queues, and of goodwill and callbacks what they may read.

    Ten questions where everything may be seen, however many queues, people and tickets there are; on the first look
    of a day one more, and what was found is kept.
    """
    at = clock.now()
    zone = timezone.get_current_timezone()
    days = [timezone.localdate(at) - timedelta(days=back) for back in reversed(range(asking.DAYS))]
    (today, tomorrow), (week, _end) = clock.day(days[-1], zone), clock.day(days[0], zone)
    brands = list(asking.brands_of(agent, at, today=today, week=week, tomorrow=tomorrow))
    people = [*_people(agent, at)]
    opened = [row for brand in brands for row in brand.opened]  # type: ignore[attr-defined]
    promises = [row for brand in brands for row in getattr(brand, "promises", ())]
    decides = agent.has_perm("goodwill.approve_goodwill")
    lines = [*_lines(agent, at, today, brands, people, opened)]
    return Board(
        at=at,
        lines=lines,
        brands=brands,
        people=people,
        next=_next(brands, at),
        hours=hours_of(opened, [row for brand in brands for row in brand.resolved], at, zone),  # type: ignore[attr-defined]
        days=days_of(promises, days, zone),
        sees_callbacks=agent.has_perm("callbacks.view_callback"),
        rhythm=rhythm(agent, brands, at, zone),
        unusual=unusual(agent, [line.queue for line in lines], opened, at, zone),
        requests=[Asked(one, agent) for one in asking.requests_of(agent)] if decides else [],
        findings=[(one, sentence_of(one)) for one in asking.findings_of(agent)]
        if agent.has_perm("goodwill.view_finding")
        else [],
        budgets=[Spent(one, at) for one in asking.budgets_of(agent, at)]
        if agent.has_perm("goodwill.view_budget")
        else [],
        decides=decides,
    )


def _people(agent: Agent, at: datetime) -> Iterator[Person]:
    since = dict(asking.calls_of(agent)) if agent.has_perm("callbacks.view_callback") else {}
    for one in asking.people_of(agent):
        yield Person(one, since.get(one.pk), at)


def _lines(
    agent: Agent,
    at: datetime,
    today: datetime,
    brands: Iterable[Brand],
    people: list[Person],
    opened: list[Any],
) -> Iterator[Line]:
    answered: dict[str, dict[str, int]] = {}
    came: dict[str, dict[int, int]] = {}
    for quarter, label, number in opened:
        queue, _colon, how = label.partition(":")
        came.setdefault(queue, {}).setdefault(quarter, 0)
        came[queue][quarter] += number
        if quarter >= quarters(today):
            answered.setdefault(queue, {}).setdefault(how, 0)
            answered[queue][how] += number
    calls: dict[str, int] = {}
    for brand in brands:
        for _quarter, queue, number in getattr(brand, "calls", ()):
            calls[queue] = calls.get(queue, 0) + number
    last = quarters(at)
    for queue in asking.queues_of(agent, at):
        key = str(queue.pk)
        how_many: Mapping[str, int] = answered.get(key, {})
        yield Line(
            queue, at,
            in_time=InTime(how_many.get("met", 0), how_many.get("late", 0)),
            people=[one for one in people if one.kind == "available" and _serves(one.agent, queue)],
            opened=[came.get(key, {}).get(quarter, 0) for quarter in range(last - SPARK + 1, last + 1)],
            calls=calls.get(key, 0),
        )  # fmt: skip


def _serves(agent: Any, queue: Queue) -> bool:
    """Whether who is on works this queue: its team does, without one everybody of the brand."""
    return queue.team_id in agent.team_ids if queue.team_id else queue.brand_id in agent.brand_ids


def _next(brands: Iterable[Any], at: datetime) -> Next | None:
    found = [(brand, brand.next) for brand in brands if brand.next]
    if not found:
        return None
    brand, row = min(found, key=lambda one: datetime.fromisoformat(one[1]["due"]))
    chip = due(instant(row["due"]), now=at, since=instant(row["since"]))
    return Next(f"{brand.code}-{row['number']}", row["customer"] or _("Unknown"), row["tier"] or "", chip)
