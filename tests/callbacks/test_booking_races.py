from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from agents.models import Agent
from callbacks.models import Callback
from callbacks.services import move, promise
from callbacks.services.promising import More
from contactcenter.errors import Refused
from tests import make
from tests.together import at_once

pytestmark = pytest.mark.race

HELD = 4  # calls of one agent in an hour


def into_one_hour(agent: Agent, count: int, *, more: More | None = None) -> list[Callable[[], Callback]]:
    """So many promises of other customers' calls, all in one hour of tomorrow."""
    brand, window = agent.brands.get(), make.next_day("UTC")
    phones = [make.make_phone(customer=make.make_customer(brand=brand)) for _ in range(count)]
    return [
        partial(
            promise,
            phone.customer,
            window,
            by=agent,
            owner=None if more else agent,
            reason="?",
            key=f"c{phone.pk}",
            contact_point=phone,
            more=more,
        )
        for phone in phones
    ]


def told(answers: list[object]) -> tuple[int, int]:
    """How many were promised, how many refused because the hour is full."""
    promised = sum(isinstance(answer, Callback) for answer in answers)
    full = sum(isinstance(answer, Refused) and answer.code == "full" for answer in answers)
    assert promised + full == len(answers), answers
    return promised, full


def test_of_twenty_promises_at_once_an_hour_takes_exactly_what_it_holds(own_db: str) -> None:
    agent = make.make_agent()
    assert told(at_once(*into_one_hour(agent, 20))) == (HELD, 16)
    assert Callback.objects.filter(owner=agent).count() == HELD


def test_a_teams_hour_takes_what_its_agents_hold_whoever_is_named(own_db: str) -> None:
    agent = make.make_agent()
    colleague = make.make_agent(brands=[agent.brands.get()])
    team = make.make_team(brand=agent.brands.get(), agents=[agent, colleague])
    asked = [
        *into_one_hour(agent, 8, more=More(team=team)),
        *into_one_hour(agent, 4),
        *into_one_hour(colleague, 4),
    ]
    promised, full = told(at_once(*asked))
    assert (promised, full) == (2 * HELD, 8)
    assert Callback.objects.filter(owner=agent).count() <= HELD
    assert Callback.objects.filter(owner=colleague).count() <= HELD


def test_control_without_the_lock_more_is_promised_than_can_be_kept(own_db: str) -> None:
    agent = make.make_agent()
    promised, _full = told(at_once(*into_one_hour(agent, 8), unlocked=True))
    assert promised > HELD


def test_promises_moved_into_one_hour_at_once_take_only_what_it_holds(own_db: str) -> None:
    agent = make.make_agent()
    later = make.next_day("UTC", days=2)
    callbacks = [deed() for deed in into_one_hour(agent, HELD)]
    callbacks += [
        make.make_callback(customer=make.make_customer(brand=agent.brands.get()), by=agent, window=window)
        for window in [make.next_day("UTC", days=3)] * 3
    ]
    deeds = [partial(move, callback, later, by=agent, key=f"m{callback.pk}") for callback in callbacks]
    assert told(at_once(*deeds)) == (HELD, 3)
    assert Callback.objects.filter(window_from=later[0]).count() == HELD
