"""Room for what is promised, against a matching of calls and places found by trying."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import product
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from callbacks.capacity import QUARTER, Book, Crew, Span, fits, quarters, share_in
from tests.make import instant

NOON = instant("2026-05-04T12:00+00:00")
MINUTE = timedelta(minutes=1)


ONE = frozenset([1])


def book_of(windows: Iterable[Span], per_quarter: int = 1) -> Book:
    """What one agent has promised, of whom the next call is asked for too."""
    return Book([(window, ONE) for window in windows], ONE, per_quarter)


def free_for(windows: Iterable[Span], candidates: Iterable[Span], per_quarter: int = 1) -> list[bool]:
    """Of each of `candidates`, alone, whether there is room for it besides `windows`."""
    book = book_of(windows, per_quarter)
    return [book.has_room(*candidate) for candidate in candidates]


def span(start: float, end: float) -> Span:
    """A window in minutes from noon."""
    return NOON + start * MINUTE, NOON + end * MINUTE


spans = st.builds(lambda start, length: span(start, start + length), st.integers(0, 120), st.integers(1, 90))
sharp = st.builds(
    lambda start, length: span(15 * start, 15 * (start + length)), st.integers(0, 6), st.integers(1, 4)
)


def whole_quarters(start: datetime, end: datetime) -> list[int]:
    """Slowly: which of the quarter hours around lie wholly in a window, else the one that it begins in."""
    around = range(-2, 50)
    inside = [n for n in around if start <= NOON + n * QUARTER and NOON + (n + 1) * QUARTER <= end]
    return inside or [n for n in around if NOON + n * QUARTER <= start < NOON + (n + 1) * QUARTER]


def can_be_matched(windows: list[Span], per_quarter: int) -> bool:
    return can_be_made([(window, ONE) for window in windows], per_quarter)


def can_be_made(calls: list[tuple[Span, Crew]], per_quarter: int) -> bool:
    """Whether each call gets a place of its own: whoever holds one is asked to look for another (H. W. Kuhn)."""
    holder: dict[tuple[int, int, int], int] = {}

    def finds(job: int, asked: set[tuple[int, int, int]]) -> bool:
        window, crew = calls[job]
        for quarter, agent in product(whole_quarters(*window), crew):
            for place in ((quarter, agent, n) for n in range(per_quarter)):
                if place not in asked:
                    asked.add(place)
                    if place not in holder or finds(holder[place], asked):
                        holder[place] = job
                        return True
        return False

    return all(finds(job, set()) for job in range(len(calls)))


crews = st.frozensets(st.integers(1, 4), min_size=1, max_size=3)
calls_of_crews = st.lists(st.tuples(sharp | spans, crews), max_size=12)


@given(calls_of_crews, st.tuples(sharp | spans, crews), st.integers(1, 2))
def test_whoever_works_in_several_teams_is_counted_once(
    calls: list[tuple[Span, Crew]], one_more: tuple[Span, Crew], per_quarter: int
) -> None:
    kept: list[tuple[Span, Crew]] = []
    for call in calls:
        if can_be_made([*kept, call], per_quarter):
            kept.append(call)
    book = Book(kept, one_more[1], per_quarter)
    assert book.late == 0
    assert book.has_room(*one_more[0]) == can_be_made([*kept, one_more], per_quarter)


def test_control_counting_each_crew_by_itself_promises_more_than_can_be_made() -> None:
    """Two teams with one agent in common, and a call each in the same quarter hour besides the third."""
    quarter, first, second = span(0, 15), frozenset([1, 2]), frozenset([2, 3])
    calls = [(quarter, first)] * 2 + [(quarter, second)]

    def by_itself(crew: Crew) -> bool:
        mine = [window for window, who in calls if who == crew]
        return fits([*mine, quarter], len(crew))

    assert by_itself(second) is True
    assert can_be_made([*calls, (quarter, second)], 1) is False
    assert Book(calls, second).has_room(*quarter) is False


@given(st.lists(spans | sharp, max_size=14), st.integers(1, 3))
def test_there_is_room_exactly_if_a_matching_finds_it(windows: list[Span], per_quarter: int) -> None:
    assert fits(windows, per_quarter) == can_be_matched(windows, per_quarter)


@given(
    st.lists(sharp | spans, max_size=14), st.lists(sharp | spans, min_size=1, max_size=6), st.integers(1, 2)
)
@example([span(0, 15), span(0, 30), span(15, 45), span(30, 60)], [span(45, 60), span(60, 75)], 1)
def test_one_more_is_free_exactly_if_all_still_fit(
    windows: list[Span], candidates: list[Span], per_quarter: int
) -> None:
    kept: list[Span] = []
    for window in windows:
        if fits([*kept, window], per_quarter):
            kept.append(window)
    expected = [can_be_matched([*kept, candidate], per_quarter) for candidate in candidates]
    assert free_for(kept, candidates, per_quarter) == expected


def test_taking_turns_by_their_beginning_would_be_found() -> None:
    """The negative control: who begins first is placed first, and the second of these loses its only place."""
    windows = [span(0, 30), span(0, 15)]

    def by_beginning(jobs: list[Span]) -> bool:
        taken: set[int] = set()
        for job in jobs:
            free = [quarter for quarter in range(*quarters(*job)) if quarter not in taken]
            if not free:
                return False
            taken.add(free[0])
        return True

    assert by_beginning(windows) is False
    assert can_be_matched(windows, 1) is True
    assert fits(windows) is True


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (span(0, 60), 4), (span(0, 15), 1), (span(1, 60), 3), (span(0, 59), 3), (span(1, 44), 1),
        (span(1, 14), 1), (span(14, 16), 1), (span(1, 29), 1), (span(0, 720), 48),
    ],
)  # fmt: skip
def test_a_window_counts_the_whole_quarter_hours_in_it(window: Span, expected: int) -> None:
    first, last = quarters(*window)
    assert last - first == expected
    noon = quarters(*span(0, 15))[0]
    assert [quarter - noon for quarter in range(first, last)] == whole_quarters(*window)


def test_an_hour_holds_four_calls_of_one_agent() -> None:
    hour = span(0, 60)
    assert free_for([hour] * 3, [hour]) == [True]
    assert free_for([hour] * 4, [hour, span(0, 75), span(60, 120)]) == [False, True, True]
    assert free_for([hour] * 4, [hour], per_quarter=2) == [True]


def test_whoever_has_time_makes_way() -> None:
    """A window of the whole afternoon does not block the only hour that somebody else has."""
    assert free_for([span(0, 300)] * 4, [span(0, 60)]) == [True]


def test_nobody_there_has_no_room() -> None:
    assert fits([], 0)
    assert not fits([span(0, 60)], 0)
    assert free_for([], [span(0, 60)], 0) == [False]
    with pytest.raises(ValueError, match="fewer"):
        book_of([], -1)


def test_whoever_is_behind_stays_so_until_there_is_time() -> None:
    """Six calls of one hour take an hour and a half, though nobody should have promised them."""
    book = book_of([span(0, 60)] * 6)
    assert book.late == 2
    assert [book.has_room(*span(15 * n, 15 * n + 15)) for n in range(4, 8)] == [False, False, True, True]


def test_three_months_of_full_hours_are_looked_through_in_a_moment() -> None:
    quarters_there = 90 * 96
    windows = [span(15 * n, 15 * min(n + 4, quarters_there)) for n in range(quarters_there)]
    book = book_of(windows)
    began = process_time()
    assert not any(book.has_room(*window) for window in windows)
    assert process_time() - began < 2


def test_a_long_window_falls_into_an_hour_by_its_share() -> None:
    windows = [span(0, 60), span(0, 120), span(30, 90), span(60, 120), span(-60, 180)]
    assert share_in(windows, *span(0, 60)) == 1 + 0.5 + 0.5 + 0 + 0.25
    assert share_in([], *span(0, 60)) == 0
