"""Who gets which ticket, by tables: no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import routing
from tickets.routing import Waiting, Worker, choose, in_order, plan, step_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ASKS = Waiting(
    ticket=1, brand=1, queue=1, channel="mail", since=NOON, turn=NOON + 60 * MINUTE, limit=4,
    team=1, skills=frozenset({7}), language="de",
)  # fmt: skip
PLAIN = replace(ASKS, team=None, skills=frozenset(), language="")


def worker(agent: int = 1, **fields: object) -> Worker:
    """Somebody who fits in all."""
    sound = {
        "brands": frozenset({1}), "is_available": True, "idle_since": NOON - agent * MINUTE,
        "teams": frozenset({1}), "skills": frozenset({7}), "languages": frozenset({"de", "en"}),
    }  # fmt: skip
    return Worker(agent=agent, **(sound | fields))  # type: ignore[arg-type]


OF_NO_TEAM = worker(teams=frozenset())
UNSKILLED = worker(skills=frozenset())
SPEAKS_NO_GERMAN = worker(languages=frozenset({"en"}))
FULL = worker(load=Fraction(1))


@pytest.mark.parametrize(
    ("minutes", "step"), [(0, 0), (4, 0), (5, 1), (19, 1), (20, 2), (35, 3), (50, 4), (65, 5), (9999, 5)]
)
def test_what_a_ticket_needs_is_asked_less_of_the_longer_it_waits(minutes: int, step: int) -> None:
    assert step_of(ASKS, NOON + minutes * MINUTE) == step


@pytest.mark.parametrize(
    ("who", "nobody", "from_minute", "reasons"),
    [
        (worker(), "", 0, ("team", "skills", "language", "only_one")),
        (SPEAKS_NO_GERMAN, "no_language_here", 20, ("team", "skills", "no_language", "only_one")),
        (UNSKILLED, "no_skills_here", 35, ("team", "no_skills", "language", "only_one")),
        (OF_NO_TEAM, "no_team_here", 50, ("no_team", "skills", "language", "only_one")),
    ],
)
def test_who_lacks_something_gets_the_ticket_once_it_is_no_longer_asked_for(
    who: Worker, nobody: str, from_minute: int, reasons: tuple[str, ...]
) -> None:
    if from_minute:
        before = choose(ASKS, [who], NOON + (from_minute - 1) * MINUTE)
        assert (before.agent, before.reasons) == (None, (nobody,))
    answer = choose(ASKS, [who], NOON + from_minute * MINUTE)
    assert (answer.agent, answer.reasons, answer.considered) == (1, reasons, 1)


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ([], "nobody_here"),
        ([worker(brands=frozenset({2}))], "nobody_here"),
        ([worker(is_available=False)], "nobody_here"),
        ([FULL], "all_full"),
        ([worker(limits={(1, "mail"): 0})], "all_full"),
        ([OF_NO_TEAM, SPEAKS_NO_GERMAN], "no_language_here"),  # the nearest of all
    ],
)
def test_that_nobody_fits_says_how_near_the_nearest_came(who: list[Worker], why: str) -> None:
    assert choose(ASKS, who, NOON).reasons == (why,)


@pytest.mark.parametrize(
    ("load", "limit", "own", "fits"),
    [
        (Fraction(3, 4), 4, None, True),
        (Fraction(1, 3) + Fraction(1, 3), 3, None, True),  # thirds add up to a whole
        (Fraction(7, 8), 4, None, False),
        (Fraction(1, 8), 1, None, False),  # a call wants somebody who has nothing else
        (Fraction(0), 1, None, True),
        (Fraction(3, 4), 4, 2, False),
        (Fraction(1, 2), 1, 2, True),
    ],
)
def test_an_agent_is_never_filled_over_the_brim(
    load: Fraction, limit: int, own: int | None, fits: bool
) -> None:
    who = worker(load=load, limits={(1, "mail"): own} if own else {})
    assert (choose(replace(PLAIN, limit=limit), [who], NOON).agent is not None) is fits


def test_the_agent_who_had_the_customer_last_gets_the_ticket_though_others_are_freer() -> None:
    last = worker(2, load=Fraction(3, 4), teams=frozenset(), skills=frozenset())
    answer = choose(replace(ASKS, last=2), [worker(1), last], NOON)
    assert (answer.agent, answer.reasons) == (2, ("sticky",))


def test_a_ticket_waits_for_its_last_agent_while_they_are_busy_and_not_once_they_are_gone() -> None:
    asks, busy = replace(ASKS, last=2), worker(2, is_available=False)
    assert choose(asks, [worker(1), busy], NOON).reasons == ("kept_for_last",)
    assert choose(asks, [worker(1), busy], NOON + 5 * MINUTE).agent == 1
    assert choose(asks, [worker(1)], NOON).agent == 1


def test_who_gave_a_ticket_away_gets_it_back_only_after_a_while_and_when_nobody_else_has_room() -> None:
    asks = replace(PLAIN, left=1, last=1)
    assert choose(asks, [worker(1)], NOON).reasons == ("nobody_here",)
    assert choose(asks, [worker(1), worker(2)], NOON + 20 * MINUTE).agent == 2
    assert choose(asks, [worker(1)], NOON + 20 * MINUTE).agent == 1


def test_of_those_who_fit_the_least_loaded_gets_it_and_of_equals_who_was_idle_longest() -> None:
    free, taken = worker(1), worker(2, load=Fraction(1, 4))
    assert choose(PLAIN, [taken, free], NOON).reasons == ("least_loaded",)
    assert choose(PLAIN, [taken, free], NOON).agent == 1
    longest = worker(3)
    answer = choose(PLAIN, [free, longest], NOON)
    assert (answer.agent, answer.reasons) == (3, ("longest_idle",))


def test_what_is_no_longer_asked_for_still_counts_where_several_fit() -> None:
    answer = choose(ASKS, [SPEAKS_NO_GERMAN, worker(2, load=Fraction(3, 4))], NOON + 20 * MINUTE)
    assert (answer.agent, answer.reasons[-2:]) == (2, ("language", "only_one"))


def test_tickets_are_given_out_in_their_turn_and_who_waited_too_long_before_all_the_longest_first() -> None:
    later, sooner = (
        replace(PLAIN, ticket=n, turn=NOON + minutes * MINUTE) for n, minutes in ((1, 60), (2, 10))
    )
    starved, longer = (replace(PLAIN, ticket=n, since=NOON - n * 40 * MINUTE) for n in (3, 4))
    order = [row.ticket for row in in_order([later, sooner, starved, longer], NOON)]
    assert order == [4, 3, 2, 1]


NUMBERS = st.integers(0, 3)


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(0, 90)), max_size=12),
    st.lists(st.tuples(NUMBERS, NUMBERS, st.booleans()), max_size=4),
)
def test_a_plan_fills_nobody_over_the_brim_and_at_last_leaves_nobody_free_while_a_ticket_waits(
    asked: list[tuple[int, int, int]], crew: list[tuple[int, int, bool]]
) -> None:
    tickets = [
        replace(ASKS, ticket=n, team=team or None, skills=frozenset({skill}), since=NOON - waited * MINUTE)
        for n, (team, skill, waited) in enumerate(asked)
    ]
    workers = [
        worker(n, teams=frozenset({team}), skills=frozenset({skill}), is_available=here)
        for n, (team, skill, here) in enumerate(crew, 1)
    ]
    answers = plan(tickets, workers, NOON)
    assert sorted(one.ticket for one, _answer in answers) == list(range(len(asked)))
    assert all(one.load <= 1 for one in workers)
    free = [one for one in workers if one.is_available and one.load <= Fraction(3, 4)]
    waits_long = [one for one, answer in answers if answer.agent is None and NOON - one.since >= 50 * MINUTE]
    assert not (free and waits_long)
    assert all(
        answer.agent is None for _one, answer in answers if not any(one.is_available for one in workers)
    )
    assert routing.TELL == 5
