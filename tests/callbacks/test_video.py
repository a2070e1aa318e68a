"""A video call is a call: it begins, runs and ends as one, though nobody is rung."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent, Brand
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import More, accept, claim_due, dial, done, link_of, look_at_next, promise
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make

MINUTE = timedelta(minutes=1)


@pytest.fixture
def policy(brand: Brand) -> CallbackPolicy:
    return CallbackPolicy.objects.create(brand=brand, video_url="https://meet.example/", dialler="rest")


def a_call(member: Customer, agent: Agent) -> Callback:
    return promise(
        member, make.next_day(member.zone), by=agent, reason="Show it", key="v", more=More(channel="video"),
        contact_point=member.contact_points.get(kind="mail"),
    )  # fmt: skip


def test_it_begins_without_a_number_and_is_not_missed_while_it_runs(
    policy: CallbackPolicy, member: Customer, agent: Agent
) -> None:
    callback = a_call(member, agent)
    start, end = callback.window_from, callback.window_to
    claim_due(at=start)
    accept(callback, by=agent, at=start + 50 * MINUTE)
    attempt = dial(callback, by=agent, key="begun", at=start + 55 * MINUTE)
    assert (attempt.dialler, attempt.ref, link_of(attempt)) == ("", "", "")
    look_at_next(at=end + MINUTE)
    callback.refresh_from_db()
    assert (callback.state, callback.called_at) == ("in_call", start + 55 * MINUTE)
    assert done(callback, by=agent, key="ended", at=end + 5 * MINUTE).state == "kept"
    assert callback.attempts.get().outcome == "done"


def test_none_is_promised_where_the_brand_has_no_place_for_it(member: Customer, agent: Agent) -> None:
    with pytest.raises(Refused) as refusal:
        a_call(member, agent)
    assert refusal.value.code == "no_video"
