"""Who is asked, in which order, and what becomes of a call that nobody takes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agents.models import Agent, Brand, Notification, Skill
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import accept, decline, offer_some, offering, sweeping, take_back_some
from contactcenter.errors import Refused
from desk.bell import told_to
from tests import make
from tests.callbacks.life import (
    BEFORE,
    HOUR,
    MINUTE,
    TEN,
    begin,
    call_of,
    claim_due,
    due_call,
    leave,
    log,
    look,
    now,
    of_ticket,
    told,
)
from tickets.models import Ticket
from tickets.services import assign

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Otto")


def test_a_due_call_is_offered_to_its_owner_who_accepts_it(brand: Brand, agent: Agent, other: Agent) -> None:
    make.come(agent, other, at=BEFORE)
    callback = due_call(brand, by=agent)
    assert offer_some(at=TEN) == 1
    callback = now(callback)
    assert (callback.state, callback.offered_to) == ("offered", agent)
    assert callback.offer_until == callback.look_at == TEN + timedelta(seconds=60)
    accept(callback, by=agent, at=TEN)
    callback = now(callback)
    assert (callback.state, callback.owner, callback.offered_to) == ("accepted", agent, None)
    assert callback.look_at == callback.window_to
    assert log(callback) == ["promised", "due", "offered", "accepted"]
    assert accept(callback, by=agent, at=TEN) == callback
    assert log(callback) == ["promised", "due", "offered", "accepted"]


def test_an_owner_who_is_not_there_is_waited_for_and_then_the_team_is_asked(
    brand: Brand, agent: Agent, other: Agent
) -> None:
    stranger = make.make_agent(brands=[brand])
    team = make.make_team(brand=brand, agents=[other])
    CallbackPolicy.objects.create(brand=brand, team=team)
    make.come(stranger, other, at=BEFORE)
    callback = due_call(brand, by=agent)
    assert offer_some(at=TEN + 9 * MINUTE) == 0
    assert offer_some(at=TEN + 10 * MINUTE) == 1
    assert now(callback).offered_to == other


def test_who_of_the_team_has_the_skill_and_the_language_is_asked_first(
    ticket: Ticket, brand: Brand, agent: Agent
) -> None:
    skill = Skill.objects.create(name="Lamps", code="lamps")
    neither, able, speaks = (make.make_agent(brands=[brand], language=code) for code in ("en", "fr", "fr"))
    able.skills.add(skill)
    make.make_routing(queue=ticket.queue, skills=[skill])
    ticket.customer.language = able.language
    ticket.customer.save(update_fields=["language"])
    make.come(neither, speaks, able, at=BEFORE)
    callback = of_ticket(ticket, by=agent)
    claim_due(at=TEN)
    offer_some(at=TEN + 10 * MINUTE)
    assert now(callback).offered_to == able


def test_of_two_who_fit_the_one_with_less_to_do_is_asked(ticket: Ticket, brand: Brand, agent: Agent) -> None:
    laden, free = (make.make_agent(brands=[brand]) for _ in range(2))
    assign(make.make_ticket(customer=ticket.customer, queue=ticket.queue), laden, by=laden)
    make.come(laden, free, at=BEFORE)
    callback = due_call(brand, by=agent)
    offer_some(at=TEN + 10 * MINUTE)
    assert now(callback).offered_to == free


def test_supervisors_are_told_once_that_nobody_takes_it_and_one_who_is_free_is_asked(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    CallbackPolicy.objects.create(brand=brand, team=make.make_team(brand=brand))
    make.come(supervisor, at=BEFORE)
    callback = due_call(brand, by=agent)
    look(TEN + 15 * MINUTE)
    assert offer_some(at=TEN + 15 * MINUTE) == 0
    assert told(supervisor, "callback_nobody") == 0
    look(TEN + 20 * MINUTE)
    look(TEN + 25 * MINUTE)
    assert told(supervisor, "callback_nobody") == 1
    assert now(callback).escalated_at == TEN + 20 * MINUTE
    assert offer_some(at=TEN + 25 * MINUTE) == 1
    assert now(callback).offered_to == supervisor


def test_a_call_of_a_team_waits_for_no_owner(brand: Brand, agent: Agent, supervisor: Agent) -> None:
    team = make.make_team(brand=brand, agents=[agent])
    callback = due_call(brand, by=None, more=more(team))
    assert now(callback).look_at == TEN + 10 * MINUTE
    look(TEN + 10 * MINUTE)
    assert told(supervisor, "callback_nobody") == 1
    make.come(agent, at=BEFORE)
    offer_some(at=TEN)
    assert now(callback).offered_to == agent


def more(team: Any) -> Any:
    from callbacks.services.promising import More

    return More(team=team)


def test_the_clock_and_the_code_agree_when_supervisors_are_told(brand: Brand, agent: Agent) -> None:
    colleague = make.make_agent(brands=[brand])
    for owner, team in ((agent, None), (None, make.make_team(brand=brand, agents=[colleague]))):
        for minutes in ((10, 10), (3, 8), (50, 55)):
            CallbackPolicy.objects.update_or_create(
                brand=brand, defaults={"owner_minutes": minutes[0], "team_minutes": minutes[1]}
            )
            callback = due_call(brand, by=owner, more=more(team))
            assert callback.look_at == offering.next_look(callback, CallbackPolicy.objects.of(brand.pk))


def test_who_declined_is_not_asked_again_at_once(brand: Brand, agent: Agent, other: Agent) -> None:
    make.come(agent, other, at=BEFORE)
    callback = due_call(brand, by=agent)
    offer_some(at=TEN)
    decline(now(callback), by=agent, at=TEN)
    offer_some(at=TEN)
    assert now(callback).offered_to == other
    decline(now(callback), by=other, at=TEN)
    assert offer_some(at=TEN + 9 * MINUTE) == 0
    assert offer_some(at=TEN + 11 * MINUTE) == 1
    assert now(callback).offered_to == agent


def test_an_owner_who_declined_and_went_is_not_waited_for(brand: Brand, agent: Agent, other: Agent) -> None:
    make.come(agent, other, at=BEFORE)
    callback = due_call(brand, by=agent)
    offer_some(at=TEN)
    decline(now(callback), by=agent, at=TEN)
    leave(agent, kind="busy")
    offer_some(at=TEN)
    assert now(callback).offered_to == other


def test_an_offer_that_is_not_answered_goes_to_the_next(brand: Brand, agent: Agent, other: Agent) -> None:
    make.come(agent, other, at=BEFORE)
    callback = due_call(brand, by=agent)
    offer_some(at=TEN)
    look(TEN + timedelta(seconds=59))
    assert now(callback).state == "offered"
    look(TEN + MINUTE)
    assert now(callback).state == "due"
    offer_some(at=TEN + MINUTE)
    assert now(callback).offered_to == other
    assert log(callback)[-3:] == ["offered", "lapsed", "offered"]


@pytest.mark.parametrize("kind", ["away", "offline"])
def test_an_offer_does_not_wait_for_who_has_left(brand: Brand, agent: Agent, other: Agent, kind: str) -> None:
    make.come(agent, other, at=BEFORE)
    callback = due_call(brand, by=agent)
    offer_some(at=TEN)
    assert take_back_some(at=TEN) == 0
    leave(agent, kind=kind)
    assert take_back_some(at=TEN) == 1
    assert (now(callback).state, log(callback)[-1]) == ("due", "released")
    make.come(agent, at=TEN)  # who only left for a moment has not said no
    offer_some(at=TEN + MINUTE)
    assert now(callback).offered_to == agent


def test_an_accepted_call_of_who_went_offline_is_free_and_one_that_has_begun_is_not(
    brand: Brand, agent: Agent, other: Agent
) -> None:
    make.come(agent, at=BEFORE)
    accepted, called = due_call(brand, by=agent), due_call(brand, by=agent)
    for callback in (accepted, called):
        accept(callback, by=agent, at=TEN)
    begin(now(called), at=TEN)
    leave(agent, kind="away")
    assert take_back_some(at=TEN) == 0
    leave(agent)
    assert take_back_some(at=TEN) == 1
    assert (now(accepted).state, now(called).state) == ("due", "in_call")
    make.come(other, at=TEN)
    offer_some(at=TEN + 10 * MINUTE)
    assert now(accepted).offered_to == other


def test_one_agent_gets_one_call_at_a_time_the_customer_of_the_highest_tier_first(
    brand: Brand, agent: Agent
) -> None:
    make.come(agent, at=BEFORE)
    plain, gold = call_of(brand, by=agent), call_of(brand, by=agent)
    Callback.objects.filter(pk=gold.pk).update(priority=3)
    claim_due(at=TEN)
    assert (offer_some(at=TEN), offer_some(at=TEN)) == (1, 0)
    assert now(gold).offered_to == agent
    accept(now(gold), by=agent, at=TEN)
    assert offer_some(at=TEN) == 0
    begin(now(gold), at=TEN)
    assert offer_some(at=TEN) == 0
    assert now(plain).state == "due"


def test_what_somebody_has_nobody_else_takes(brand: Brand, agent: Agent, other: Agent) -> None:
    make.come(agent, at=BEFORE)
    callback = due_call(brand, by=agent)
    offer_some(at=TEN)
    refused_for(other, now(callback), "callback_taken")
    accept(now(callback), by=agent, at=TEN)
    refused_for(other, now(callback), "callback_taken")
    assert decline(now(callback), by=other, at=TEN).state == "accepted"
    begin(now(callback), at=TEN)
    with pytest.raises(Refused) as refusal:
        decline(now(callback), by=agent, at=TEN)
    assert refusal.value.code == "in_call"
    refused_for(agent, call_of(brand, by=agent, start=TEN + HOUR), "not_due")


def refused_for(agent: Agent, callback: Callback, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        accept(callback, by=agent, at=TEN)
    assert refusal.value.code == code


def test_the_owner_is_told_a_quarter_of_an_hour_before_and_when_it_is_due(
    brand: Brand, agent: Agent, ticket: Ticket
) -> None:
    callbacks = [call_of(brand, by=agent), of_ticket(ticket, by=agent)]
    look(TEN - 16 * MINUTE)
    assert told(agent, "callback_soon") == 0
    for _ in range(2):
        look(TEN - 15 * MINUTE)
        claim_due(at=TEN - MINUTE)
    assert (told(agent, "callback_soon"), told(agent, "callback_due")) == (2, 0)
    for _ in range(2):
        claim_due(at=TEN)
    assert told(agent, "callback_due") == 2
    subjects = set(Notification.objects.filter(kind="callback_due").values_list("subject", flat=True))
    assert subjects == {f"#{callbacks[0].pk}", ticket.reference}


def test_what_is_told_leads_to_the_ticket_or_to_the_promise(
    brand: Brand, agent: Agent, ticket: Ticket
) -> None:
    callback = call_of(brand, by=agent)
    of_ticket(ticket, by=agent)
    claim_due(at=TEN)
    lines = told_to(agent)
    assert {line.address for line in lines} == {f"/callbacks/{callback.pk}/", f"/tickets/{ticket.reference}/"}
    assert {str(line.words) for line in lines} == {"What you promised is due now"}


def test_a_call_without_an_outcome_is_asked_about(brand: Brand, agent: Agent, supervisor: Agent) -> None:
    make.come(agent, at=BEFORE)
    callback = due_call(brand, by=agent)
    accept(callback, by=agent, at=TEN)
    begin(now(callback), at=TEN + 50 * MINUTE)
    look(TEN + HOUR)  # the window's end finds them speaking
    assert now(callback).state == "in_call"
    assert told(agent, "callback_untold") == 0
    for hours in (2, 3):
        look(TEN + hours * HOUR)
    assert (told(agent, "callback_untold"), told(supervisor, "callback_untold")) == (2, 1)


def test_a_task_that_is_late_is_told_once(brand: Brand, agent: Agent, supervisor: Agent) -> None:
    task = call_of(brand, by=agent, kind="task")
    claim_due(at=TEN)
    look(TEN + HOUR - MINUTE)
    assert told(agent, "task_late") == 0
    for hours in (1, 2, 30):
        look(TEN + hours * HOUR)
    assert (told(agent, "task_late"), told(supervisor, "task_late")) == (1, 1)
    assert (now(task).state, now(task).look_at) == ("due", None)


def fail_on(broken: Callback, deed: Any) -> Any:
    def deed_of_ours(*arguments: Any, **more: Any) -> Any:
        if broken in arguments or broken.pk in arguments:
            raise RuntimeError("an error of ours")
        return deed(*arguments, **more)

    return deed_of_ours


def test_an_error_on_one_row_stands_before_no_other(
    brand: Brand, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, *behind = [due_call(brand, by=agent) for _ in range(4)]
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    monkeypatch.setattr(sweeping, "_window_over", fail_on(broken, sweeping._window_over))
    for _ in range(4):
        sweeping.look_at_next(at=TEN + HOUR)
    assert [now(one).state for one in behind] == ["missed"] * 3
    assert now(broken).state == "due"
    monkeypatch.undo()
    look(TEN + HOUR + 5 * MINUTE)
    assert now(broken).state == "missed"


def test_control_a_row_that_does_not_stand_aside_blocks_those_behind_it(
    brand: Brand, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, *behind = [due_call(brand, by=agent) for _ in range(4)]
    monkeypatch.setattr(sweeping, "AT_ONCE", 1)
    monkeypatch.setattr(sweeping, "AFTER_AN_ERROR", -HOUR)
    monkeypatch.setattr(sweeping, "_window_over", fail_on(broken, sweeping._window_over))
    for _ in range(4):
        sweeping.look_at_next(at=TEN + HOUR)
    assert [now(one).state for one in behind] == ["due"] * 3


def test_a_call_that_cannot_be_offered_leaves_its_agent_to_the_next(
    brand: Brand, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.come(agent, at=BEFORE)
    broken, behind = due_call(brand, by=agent), due_call(brand, by=agent)
    monkeypatch.setattr(offering, "_offer", fail_on(broken, offering._offer))
    assert offer_some(at=TEN) == 1
    assert (now(broken).state, now(behind).state) == ("due", "offered")
