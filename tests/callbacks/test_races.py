from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from agents.models import Agent
from callbacks.models import Callback, CallbackEvent, CallbackPolicy
from callbacks.services import accept, claim_due, done, look_at_next, offer_some, offering, promise
from callbacks.services.offering import _offer
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make
from tests.together import at_once, in_the_middle_of

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


def waiting_for(*agents: Agent, calls: int = 1) -> list[Callback]:
    """Due calls of a brand whose agents are all there, and of which many are promised for one hour."""
    brand = agents[0].brands.get()
    CallbackPolicy.objects.get_or_create(brand=brand, defaults={"per_quarter": 15})
    owner = make.make_agent(brands=[brand])
    rows = [make.make_callback(customer=make.make_customer(brand=brand), by=owner) for _ in range(calls)]
    start = clock.now() - timedelta(minutes=30)
    Callback.objects.filter(pk__in=[row.pk for row in rows]).update(
        state="due", due_since=start, window_from=start, window_to=start + timedelta(hours=2), look_at=start
    )
    make.come(*agents)
    return rows


def crew(count: int) -> list[Agent]:
    brand = make.make_brand()
    return [make.make_agent(brands=[brand]) for _ in range(count)]


def offers() -> list[int]:
    """The calls that were offered, as often as they were."""
    return list(CallbackEvent.objects.filter(kind="offered").values_list("callback", flat=True))


def test_no_call_is_offered_to_two_agents_and_none_gets_two(own_db: str) -> None:
    for _ in range(8):
        agents = crew(4)
        rows = waiting_for(*agents, calls=6)
        at_once(*[offer_some] * 4)
        held = Callback.objects.filter(pk__in=[row.pk for row in rows], state="offered")
        assert 1 <= held.count() <= 4
        assert len({call.offered_to_id for call in held}) == held.count()
        assert len(offers()) == len(set(offers()))


def test_control_without_the_lock_one_call_is_offered_twice(own_db: str) -> None:
    (call,) = waiting_for(*crew(1))
    at_once(offer_some, offer_some, unlocked=True)
    assert offers() == [call.pk, call.pk]


def test_two_calls_at_one_agent_are_one_offer_by_the_databases_own_word(own_db: str) -> None:
    agents = crew(1)
    calls = waiting_for(*agents, calls=2)
    policy, at = CallbackPolicy(brand=agents[0].brands.get()), clock.now()
    tries = [partial(_offer, call.pk, agents[0].pk, policy, at) for call in calls]
    assert sorted(at_once(*tries, unlocked=True)) == [0, 1]  # without any lock


def test_what_two_accept_at_once_is_one_of_theirs(own_db: str) -> None:
    for _ in range(8):
        agents = crew(2)
        (call,) = waiting_for(*agents)
        answers = at_once(*[partial(accept, call, by=agent) for agent in agents])
        (refused,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert refused.code == "callback_taken"
        assert CallbackEvent.objects.filter(callback=call, kind="accepted").count() == 1


def test_control_who_waited_for_a_lock_does_not_see_the_new_owner_in_the_same_statement(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why a promise is read again once it is locked."""

    def joined_at_once(callback: Callback) -> Callback:
        return Callback.objects.select_for_update(of=("self",)).select_related("owner").get(pk=callback.pk)

    monkeypatch.setattr(offering, "lock", joined_at_once)
    agents = crew(2)
    (call,) = waiting_for(*agents)
    first, second = (partial(accept, call, by=agent) for agent in agents)
    in_the_middle_of(first, second)
    assert CallbackEvent.objects.filter(callback=call, kind="accepted").count() == 2


def test_control_without_the_lock_two_have_one_call(own_db: str) -> None:
    agents = crew(2)
    (call,) = waiting_for(*agents)
    at_once(*[partial(accept, call, by=agent) for agent in agents], unlocked=True)
    assert CallbackEvent.objects.filter(callback=call, kind="accepted").count() == 2


def test_a_beat_that_is_doubled_misses_each_promise_once(own_db: str) -> None:
    rows = waiting_for(*crew(1), calls=12)
    Callback.objects.update(window_to=clock.now() - timedelta(minutes=1))
    at_once(*[look_at_next] * 4)
    look_at_next()
    assert [row.state for row in Callback.objects.filter(pk__in=[row.pk for row in rows])] == ["missed"] * 12
    assert CallbackEvent.objects.filter(kind="missed").count() == 12
    assert Callback.objects.filter(follows__isnull=False).count() == 12


def test_control_without_the_lock_a_promise_is_missed_twice(own_db: str) -> None:
    waiting_for(*crew(1))
    Callback.objects.update(window_to=clock.now() - timedelta(minutes=1))
    at_once(look_at_next, look_at_next, unlocked=True)
    missed = CallbackEvent.objects.filter(kind="missed").count()
    assert missed == 2 or Callback.objects.filter(follows__isnull=False).count() != 1


def test_an_agent_who_accepts_while_the_offer_lapses_has_it_or_not(own_db: str) -> None:
    for _ in range(8):
        (agent,) = crew(1)
        (call,) = waiting_for(agent)
        offer_some()
        late = clock.now() + timedelta(minutes=2)
        at_once(partial(accept, call, by=agent), partial(look_at_next, at=late))
        call.refresh_from_db()
        assert (call.state, call.owner == agent) in {("accepted", True), ("due", False)}
        assert (call.offered_to, call.offer_until) == (None, None)
