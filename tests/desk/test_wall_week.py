"""The wall's week and what is unusual: the rule by tables, then as rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from desk.wall import board
from desk.wall.kept import quarters
from desk.wall.rhythm import drawn, folded, rhythm
from desk.wall.unusual import hours_of, is_unusual
from goodwill.models import Finding
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.crowds import copies
from tickets.models import Queue, Ticket

WEEK = timedelta(weeks=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (30, [8, 7, 9, 6], True),  # four times as many
        (15, [8, 7, 9, 6], False),  # twice as many happens by chance
        (30, [8, 31, 9, 6], False),  # there was such a week
        (30, [20, 22, 19, 21], False),  # not twice the mean
        (0, [30, 28, 31, 33], True),  # silence
        (0, [4, 3, 5, 2], False),  # of so few silence says nothing
        (8, [30, 28, 31, 33], True),
        (15, [30, 28, 31, 33], False),  # half as many happens
        (300, [8, 7], False),  # two weeks are too few
        (0, [], False),
        (9, [0, 0, 0, 0], True),  # a queue in which nobody ever asked at this hour
        (4, [0, 0, 0, 0], False),
    ],
)  # fmt: skip
def test_an_hour_is_unusual_by_what_the_weeks_before_had(now: int, before: list[int], told: bool) -> None:
    assert is_unusual(now, before) is told


def test_the_hours_compared_are_called_the_same_where_the_clocks_change() -> None:
    at = datetime(2026, 3, 30, 10, 20, tzinfo=BERLIN)  # the day after
    found = hours_of(at, BERLIN)
    assert [f"{hour:%a %H:%M}" for hour in found] == ["Mon 09:15"] * 5
    assert found[0] - found[1] == WEEK  # by the wall; by the sun it is an hour less
    assert found[0].timestamp() - found[1].timestamp() == WEEK.total_seconds() - 3600


def many(queue: Queue, when: datetime, count: int) -> None:
    """`count` tickets of `queue` that were opened at `when`."""
    first = make.make_ticket(queue=queue)
    Ticket.objects.filter(pk=first.pk).update(opened_at=when)
    first.refresh_from_db()
    if count > 1:
        copies(first, count - 1, number="number * 1000 + n", key="'many:' || like_it.id || ':' || n")


def test_a_queue_is_told_of_when_far_more_turn_to_it_than_in_this_hour_of_other_weeks(
    supervisor: Agent, queue: Queue
) -> None:
    at = clock.now()
    hour, *weeks = hours_of(at, ZoneInfo("UTC"))
    many(queue, hour, 30)
    assert not board(supervisor).unusual.can_tell
    assert "after three weeks" in signed_in(supervisor).get("/wall/").content.decode()
    for week in weeks:
        many(queue, week, 6)
    found = board(supervisor).unusual
    assert found.can_tell
    assert [(one.queue, one.now, list(one.before)) for one in found.queues] == [(queue, 30, [6, 6, 6, 6])]
    assert "30 opened between" in signed_in(supervisor).get("/wall/").content.decode()


def test_another_brand_s_weeks_are_nobody_s_business(
    supervisor: Agent, queue: Queue, other_brand: Brand
) -> None:
    hour, *weeks = hours_of(clock.now(), ZoneInfo("UTC"))
    for when, count in ((hour, 30), *((week, 6) for week in weeks)):
        many(queue, when, count)
    other = make.make_agent(brands=[other_brand], role=roles.SUPERVISOR)
    make.make_queue(brand=other_brand)
    theirs = board(other)
    assert (theirs.unusual.queues, theirs.rhythm.opened) == ([], 0)
    assert board(supervisor).rhythm.opened == 24


def test_findings_of_the_radar_stand_there_but_not_before_whom_they_concern(
    supervisor: Agent, agent: Agent, brand: Brand
) -> None:
    colleague = make.make_agent(brands=[brand], role=roles.SUPERVISOR)
    Finding.objects.create(brand=brand, kind="merged", agent=supervisor, evidence={"hits": 3}, key="found")
    sentence = "3 given, then accounts were merged"
    assert sentence in signed_in(colleague).get("/wall/").content.decode()
    assert sentence not in signed_in(supervisor).get("/wall/").content.decode()


def test_quarters_are_folded_into_the_hours_that_the_reader_s_clock_calls() -> None:
    monday = datetime(2026, 3, 2, 9, 0, tzinfo=BERLIN)
    rows = [(quarters(monday) + part, how, 2) for part, how in ((0, "met"), (1, "late"), (3, ""))]
    counts = folded(rows, BERLIN)
    assert counts[9] == [6, 2, 2]
    assert sum(cell[0] for cell in counts) == 6
    there = folded(rows, ZoneInfo("Asia/Kathmandu"))  # a quarter to two
    assert (there[13][0], there[14][0]) == (2, 4)
    assert folded(rows, ZoneInfo("UTC"))[8][0] == 6


def test_an_hour_with_too_few_on_shift_is_one_of_many_late_answers() -> None:
    week = [[0, 0, 0] for _hour in range(168)]
    week[9], week[10], week[24 + 9] = [40, 30, 10], [40, 10, 9], [20, 20, 0]
    week[3] = [1, 0, 0]
    shown = drawn([week], datetime(2026, 3, 4, tzinfo=BERLIN))
    assert list(shown.hours) == [9, 10]
    (monday, cells), (_tuesday, others) = shown.days[0], shown.days[1]
    assert f"{monday:%A}" == "Monday"
    assert [cell.opened for cell in cells] == [40, 40, 1]  # the last is the rest of the day
    assert [cell.is_short for cell in cells] == [True, False, False]  # 19 answers say nothing
    assert [cell.warmth for cell in cells] == [50, 50, 1]
    assert [cell.opened for cell in others] == [20, 0, 0]


def test_four_weeks_are_counted_once_a_day_and_of_today_nothing(supervisor: Agent, queue: Queue) -> None:
    at, zone = clock.now(), ZoneInfo("UTC")
    brands = [queue.brand]
    start = clock.day(at.date(), zone)[0]
    many(queue, start - timedelta(hours=1), 25)
    many(queue, start, 3)
    many(queue, start - 4 * WEEK - timedelta(minutes=1), 3)
    with CaptureQueriesContext(connection) as first:
        assert rhythm(supervisor, brands, at, zone).opened == 25
    with CaptureQueriesContext(connection) as again:
        assert rhythm(supervisor, brands, at, zone).opened == 25
    assert len(again) == 1 < len(first)
    assert rhythm(supervisor, brands, at + timedelta(days=1), zone).opened == 28
    cache.clear()


def test_with_too_few_the_week_says_so_and_else_it_is_a_table(supervisor: Agent, queue: Queue) -> None:
    wall: Client = signed_in(supervisor)
    assert "Too few tickets in the last four weeks" in wall.get("/wall/").content.decode()
    cache.clear()
    many(queue, clock.now() - WEEK, 25)
    page = wall.get("/wall/").content.decode()
    assert page.count('class="d-heat"') == 1
    assert 'data-h="50"' in page
    assert "style=" not in page
