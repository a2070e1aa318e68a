from __future__ import annotations

from functools import partial

import pytest

from callbacks.models import Callback
from callbacks.services import claim_due, done, promise
from tests import make
from tests.together import at_once

pytestmark = pytest.mark.race


def due(count: int = 1) -> list[Callback]:
    """Promises whose window is open."""
    promised = [make.make_callback() for _ in range(count)]
    yesterday = make.next_day("UTC", days=-1)
    Callback.objects.update(window_from=yesterday[0], look_at=yesterday[0])
    return promised


def test_a_promise_that_is_due_goes_to_exactly_one_of_many_workers(own_db: str) -> None:
    for _ in range(15):
        callback = due()[0]
        answers = at_once(*[claim_due] * 4)
        assert sorted(len(answer) for answer in answers) == [0, 0, 0, 1]
        assert [claimed.pk for answer in answers for claimed in answer] == [callback.pk]


def test_workers_share_what_is_due_and_nothing_is_left_or_handed_out_twice(own_db: str) -> None:
    promised = due(60)
    answers = at_once(*[claim_due] * 3)
    claimed = [callback.pk for answer in answers for callback in answer]
    claimed += [callback.pk for callback in claim_due()]
    assert sorted(claimed) == sorted(callback.pk for callback in promised)


def test_control_without_the_lock_two_workers_are_handed_one_promise(own_db: str) -> None:
    callback = due()[0]
    answers = at_once(claim_due, claim_due, unlocked=True)
    assert [[claimed.pk for claimed in answer] for answer in answers] == [[callback.pk], [callback.pk]]


def test_one_outcome_told_twice_at_once_is_one_attempt(own_db: str) -> None:
    for number in range(10):
        callback = make.make_callback()
        tell = partial(done, callback, by=callback.owner, key=f"d{number}")
        answers = at_once(tell, tell)
        assert [answer.state for answer in answers] == ["kept", "kept"]
        assert callback.attempts.count() == 1


def test_control_without_the_lock_the_second_telling_is_an_error(own_db: str) -> None:
    callback = make.make_callback()
    tell = partial(done, callback, by=callback.owner, key="d")
    answers = at_once(tell, tell, unlocked=True)
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert "violates unique constraint" in str(refused)


@pytest.mark.parametrize("with_ticket", [True, False])
def test_one_promise_asked_for_twice_at_once_is_one(own_db: str, with_ticket: bool) -> None:
    ticket = make.make_ticket()
    agent, phone = make.make_agent(brands=[ticket.brand]), make.make_phone(customer=ticket.customer)
    ask = partial(
        promise,
        ticket.customer,
        make.next_day("UTC"),
        by=agent,
        reason="?",
        key="c1",
        contact_point=phone,
        ticket=ticket if with_ticket else None,
    )
    meet = "" if with_ticket else 'FROM "callbacks_callback"'
    first, second = at_once(ask, ask, meet_after=meet)
    assert first == second
    assert Callback.objects.count() == 1
