"""What somebody has taken is theirs to end; supervisors may end it for them. Nobody is rung at night for being late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent, Brand
from callbacks.services import accept, cancel, claim_due, dial, done, move, not_reached, offer_some
from contactcenter.errors import Refused
from tests import make
from tests.callbacks.life import BEFORE, HOUR, TEN, due_call, now


def test_a_call_that_a_colleague_has_taken_is_neither_ended_moved_nor_cancelled(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    callback, other = due_call(brand, by=agent), make.make_agent(brands=[brand])
    accept(callback, by=agent, at=TEN)
    later = (callback.window_from + timedelta(days=1), callback.window_to + timedelta(days=1))
    deeds = (
        lambda by: done(callback, by=by, key="d", at=TEN),
        lambda by: not_reached(callback, "busy", by=by, key="b", at=TEN),
        lambda by: move(callback, later, by=by, key="m", at=TEN),
        lambda by: cancel(callback, by=by, at=TEN),
    )
    for deed in deeds:
        with pytest.raises(Refused) as refusal:
            deed(other)
        assert refusal.value.code == "not_yours"
    assert now(callback).state == "accepted"
    assert done(callback, by=supervisor, key="d", at=TEN).state == "kept"


def test_a_promise_that_is_late_is_not_kept_at_night(brand: Brand, agent: Agent) -> None:
    callback = due_call(brand, by=agent)
    for at, code in ((TEN + 12 * HOUR, "quiet_hours"), (TEN + 2 * HOUR, "")):
        if code:
            with pytest.raises(Refused) as refusal:
                dial(callback, by=agent, key="k", at=at)
            assert refusal.value.code == code
            assert now(callback).state == "due"
        else:
            dial(callback, by=agent, key="k", at=at)
            assert now(callback).state == "in_call"


def test_an_offer_does_not_outlast_the_window(brand: Brand, agent: Agent) -> None:
    make.come(agent, at=BEFORE)
    callback = due_call(brand, by=agent)
    claim_due(at=TEN)
    almost = TEN + HOUR - timedelta(seconds=20)
    assert offer_some(at=almost) == 1
    assert now(callback).offer_until == TEN + HOUR
