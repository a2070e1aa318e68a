from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from agents.models import Agent, Brand
from callbacks.models import Callback
from callbacks.services import cancel, claim_due, done, move, no_answer, promise
from callbacks.tasks import hand_out_due
from contactcenter.errors import Refused
from customers.models import ContactPoint, Customer
from tests import make
from tickets.models import Ticket

MONDAY = make.instant("2026-05-04T10:00+02:00")
WINDOW = (make.instant("2026-05-05T14:00+02:00"), make.instant("2026-05-05T15:00+02:00"))


@pytest.fixture
def phone(member: Customer) -> ContactPoint:
    return member.contact_points.get(kind="phone")


@pytest.fixture
def asked(ticket: Ticket, agent: Agent, phone: ContactPoint) -> dict[str, Any]:
    """What a promise is made of."""
    return {
        "by": agent,
        "reason": "Where the parcel is",
        "key": "c1",
        "ticket": ticket,
        "contact_point": phone,
        "at": MONDAY,
    }


@pytest.fixture
def callback(member: Customer, asked: dict[str, Any]) -> Callback:
    return promise(member, WINDOW, **asked)


def now_of(callback: Callback) -> Callback:
    return Callback.objects.get(pk=callback.pk)


def said(ticket: Ticket) -> list[str]:
    return [event.data["what"] for event in ticket.events.filter(kind="callback")]


def test_a_promise_has_an_owner_a_window_and_the_customers_zone(callback: Callback, agent: Agent) -> None:
    assert (callback.owner, callback.promised_by, callback.state) == (agent, agent, "promised")
    assert (callback.window_from, callback.window_to, callback.zone) == (*WINDOW, "Europe/Berlin")


def test_the_conversation_shows_the_promise(callback: Callback, ticket: Ticket, agent: Agent) -> None:
    event = ticket.events.get(kind="callback")
    assert (event.by, event.at) == (agent, MONDAY)
    assert event.data == {
        "callback": callback.pk,
        "what": "promised",
        "kind": "call",
        "zone": "Europe/Berlin",
        "before": None,
        "after": {
            "state": "promised",
            "from": "2026-05-05T12:00:00+00:00",
            "to": "2026-05-05T13:00:00+00:00",
        },
    }


def test_the_window_is_judged_by_the_customers_own_clock(brand: Brand, agent: Agent) -> None:
    for zone, code in (("Asia/Tokyo", "quiet_hours"), ("America/Sao_Paulo", ""), ("Asia/Kathmandu", "")):
        customer = make.make_customer(brand=brand, time_zone=zone, phone=f"+49301{len(zone):07d}")
        fields = {"by": agent, "reason": "?", "key": zone, "contact_point": customer.contact_points.last()}
        if code:
            with pytest.raises(Refused) as refusal:
                promise(customer, WINDOW, at=MONDAY, **fields)
            assert refusal.value.code == code
        else:
            assert promise(customer, WINDOW, at=MONDAY, **fields).zone == zone


@pytest.mark.parametrize(
    ("start", "hours", "code"),
    [
        ("2026-05-04T08:00+02:00", 1, "past"),
        ("2026-05-05T14:00+02:00", 0, "backwards"),
        ("2026-05-05T08:00+02:00", 13, "too_long"),
        ("2026-09-05T14:00+02:00", 1, "too_far"),
        ("2026-05-05T22:00+02:00", 1, "quiet_hours"),
    ],
)
def test_a_window_that_cannot_be_kept_is_not_promised(
    member: Customer, asked: dict[str, Any], start: str, hours: int, code: str
) -> None:
    begins = make.instant(start)
    with pytest.raises(Refused) as refusal:
        promise(member, (begins, begins + timedelta(hours=hours)), **asked)
    assert refusal.value.code == code
    assert not Callback.objects.exists()


def test_what_makes_no_promise_is_refused_each_with_its_code(
    member: Customer, asked: dict[str, Any], other_brand: Brand
) -> None:
    somebody = make.make_customer(brand=member.brand, phone="+49301111111")
    cases = {
        "no_number": {"contact_point": None},
        "reason_missing": {"reason": "  "},
        "not_of_brand": {"owner": make.make_agent(brands=[other_brand])},
    }
    for code, change in cases.items():
        with pytest.raises(Refused) as refusal:
            promise(member, WINDOW, **(asked | change))
        assert refusal.value.code == code
    for change in (
        {"ticket": make.make_ticket(customer=somebody)},
        {"contact_point": somebody.contact_points.get(kind="phone")},
    ):
        with pytest.raises(Refused) as refusal:
            promise(member, WINDOW, **(asked | change))
        assert refusal.value.code == "other_customer"
    with pytest.raises(Refused) as refusal:
        promise(member, WINDOW, **(asked | {"contact_point": member.contact_points.get(kind="mail")}))
    assert refusal.value.code == "no_number"


def test_a_ticket_has_one_open_call(member: Customer, callback: Callback, asked: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        promise(member, WINDOW, **(asked | {"key": "c2"}))
    assert refusal.value.code == "already_promised"
    cancel(callback, by=asked["by"])
    assert promise(member, WINDOW, **(asked | {"key": "c2"})).state == "promised"


def test_only_a_second_open_call_is_called_promised_already(
    member: Customer, asked: dict[str, Any], other_brand: Brand
) -> None:
    member.brand = other_brand  # a mistake of ours, no answer for a person
    asked["by"].brands.add(other_brand)
    with pytest.raises(IntegrityError, match="callbacks_callback_customer_id_of_one_brand"):
        promise(member, WINDOW, **(asked | {"ticket": None}))


def test_one_promise_made_twice_is_one(member: Customer, callback: Callback, asked: dict[str, Any]) -> None:
    assert promise(member, WINDOW, **asked) == callback
    assert said(callback.ticket) == ["promised"]
    later = (WINDOW[0] + timedelta(hours=1), WINDOW[1] + timedelta(hours=1))
    with pytest.raises(Refused) as refusal:
        promise(member, later, **asked)
    assert refusal.value.code == "key_conflict"


def test_a_promise_asked_for_again_is_answered_wherever_it_was_moved_since(
    member: Customer, callback: Callback, asked: dict[str, Any]
) -> None:
    later = (WINDOW[0] + timedelta(days=1), WINDOW[1] + timedelta(days=1))
    move(callback, later, by=asked["by"], key="m1", at=MONDAY)
    assert promise(member, WINDOW, **asked) == callback
    with pytest.raises(Refused) as refusal:
        promise(member, later, **asked)
    assert refusal.value.code == "key_conflict"


def test_one_key_makes_one_promise_and_answers_for_no_other(
    member: Customer, callback: Callback, asked: dict[str, Any], supervisor: Agent
) -> None:
    others = (
        {"kind": "task"},
        {"reason": "Something else"},
        {"owner": supervisor},
        {"ticket": None},
        {"contact_point": make.make_phone(customer=member)},
    )
    for other in others:
        with pytest.raises(Refused) as refusal:
            promise(member, WINDOW, **(asked | other))
        assert refusal.value.code == "key_conflict"
    with pytest.raises(Refused) as refusal:
        promise(make.make_customer(brand=member.brand), WINDOW, **(asked | {"ticket": None}))
    assert refusal.value.code == "key_conflict"


def test_a_task_needs_no_number_may_lie_in_the_night_and_stand_beside_a_call(
    member: Customer, callback: Callback, asked: dict[str, Any]
) -> None:
    night = (make.instant("2026-05-06T02:00+02:00"), make.instant("2026-05-06T04:00+02:00"))
    for key in ("t1", "t2"):
        task = promise(member, night, **(asked | {"kind": "task", "key": key, "contact_point": None}))
        assert (task.kind, task.contact_point) == ("task", None)


def test_a_colleague_can_be_the_one_to_call(
    member: Customer, asked: dict[str, Any], supervisor: Agent
) -> None:
    callback = promise(member, WINDOW, **(asked | {"owner": supervisor}))
    assert (callback.owner, callback.promised_by) == (supervisor, asked["by"])


def test_a_promise_is_handed_to_its_owner_when_its_window_opens_and_only_once(
    callback: Callback, agent: Agent, supervisor: Agent
) -> None:
    assert claim_due(at=WINDOW[0] - timedelta(seconds=1)) == []
    assert not Callback.objects.on_the_desk_of(agent).exists()
    assert [handed.pk for handed in claim_due(at=WINDOW[0])] == [callback.pk]
    assert claim_due(at=WINDOW[0]) == []
    assert Callback.objects.on_the_desk_of(agent).get().due_since == WINDOW[0]
    assert not Callback.objects.on_the_desk_of(supervisor).exists()


def test_the_clocks_task_hands_out_everything_that_is_due(brand: Brand, agent: Agent) -> None:
    yesterday = make.next_day("Europe/Berlin", days=-1)
    for _ in range(60):
        promised = make.make_callback(customer=make.make_customer(brand=brand), by=agent, kind="task")
        Callback.objects.filter(pk=promised.pk).update(window_from=yesterday[0], look_at=yesterday[0])
    hand_out_due()
    assert Callback.objects.on_the_desk_of(agent).count() == 60


def test_a_kept_promise_is_over_and_the_conversation_says_so(callback: Callback, agent: Agent) -> None:
    claim_due(at=WINDOW[0])
    for _ in range(2):
        done(callback, by=agent, key="d1", note="All is well.", at=WINDOW[0])
    now = now_of(callback)
    assert (now.state, now.ended_at) == ("kept", WINDOW[0])
    assert [(a.outcome, a.note, a.by) for a in now.attempts.all()] == [("done", "All is well.", agent)]
    assert said(callback.ticket) == ["promised", "kept"]
    assert not Callback.objects.on_the_desk_of(agent).exists()


def test_when_nobody_answers_it_comes_back_in_another_hour(callback: Callback, agent: Agent) -> None:
    claim_due(at=WINDOW[0])
    for _ in range(2):
        no_answer(callback, by=agent, key="n1", at=WINDOW[0])
    now = now_of(callback)
    assert (now.state, now.due_since, now.window_from) == (
        "no_answer",
        None,
        WINDOW[0] + timedelta(hours=1),
    )
    assert now.window_to - now.window_from == timedelta(hours=1)
    assert said(callback.ticket) == ["promised", "no_answer"]
    assert [handed.pk for handed in claim_due(at=now.window_from)] == [callback.pk]


@pytest.mark.parametrize(
    ("zone", "tried", "again"),
    [
        ("Europe/Berlin", "2026-05-05T20:30+02:00", "2026-05-06T08:00+02:00"),
        ("Asia/Tokyo", "2026-05-05T13:00+02:00", "2026-05-06T08:00+09:00"),
        ("America/Sao_Paulo", "2026-05-05T20:45-03:00", "2026-05-06T08:00-03:00"),
    ],
)
def test_when_nobody_answers_in_the_evening_it_comes_back_in_the_customers_morning(
    callback: Callback, agent: Agent, zone: str, tried: str, again: str
) -> None:
    Customer.objects.filter(pk=callback.customer_id).update(time_zone=zone)  # they have moved since
    no_answer(callback, by=agent, key="n1", at=make.instant(tried))
    assert now_of(callback).window_from == make.instant(again)
    assert now_of(callback).window_from.astimezone(ZoneInfo(zone)).hour == 8
    assert now_of(callback).zone == zone


def test_a_promise_is_moved_to_another_window(callback: Callback, agent: Agent) -> None:
    claim_due(at=WINDOW[0])
    later: tuple[datetime, datetime] = (WINDOW[0] + timedelta(days=1), WINDOW[1] + timedelta(days=1))
    for _ in range(2):
        move(callback, later, by=agent, key="m1", at=WINDOW[0])
    now = now_of(callback)
    assert (now.state, now.window_from, now.window_to) == ("moved", *later)
    assert now.attempts.get().outcome == "moved"
    assert said(callback.ticket) == ["promised", "moved"]


def test_a_promise_is_not_moved_into_the_night_and_nothing_is_written(
    callback: Callback, agent: Agent
) -> None:
    night = (make.instant("2026-05-05T23:00+02:00"), make.instant("2026-05-06T00:00+02:00"))
    with pytest.raises(Refused) as refusal:
        move(callback, night, by=agent, key="m1", at=MONDAY)
    assert refusal.value.code == "quiet_hours"
    assert now_of(callback).window_from == WINDOW[0]
    assert not callback.attempts.exists()


def test_one_key_tells_one_outcome_of_one_promise(callback: Callback, agent: Agent) -> None:
    no_answer(callback, by=agent, key="o1", at=WINDOW[0])
    other = make.make_callback(customer=callback.customer, by=agent)
    for deed in (lambda: done(callback, by=agent, key="o1"), lambda: no_answer(other, by=agent, key="o1")):
        with pytest.raises(Refused) as refusal:
            deed()
        assert refusal.value.code == "key_conflict"


def test_one_key_moves_a_promise_to_one_window_with_one_note(callback: Callback, agent: Agent) -> None:
    later, latest = ((WINDOW[0] + timedelta(days=n), WINDOW[1] + timedelta(days=n)) for n in (1, 2))
    move(callback, later, by=agent, key="m1", at=MONDAY)
    for window, note in ((latest, ""), (later, "She is away.")):
        with pytest.raises(Refused) as refusal:
            move(callback, window, by=agent, key="m1", note=note, at=MONDAY)
        assert refusal.value.code == "key_conflict"
    assert now_of(callback).window_from == later[0]


def test_what_is_over_has_no_further_outcome(callback: Callback, agent: Agent) -> None:
    cancel(callback, by=agent, at=MONDAY)
    for number, deed in enumerate((done, no_answer)):
        with pytest.raises(Refused) as refusal:
            deed(callback, by=agent, key=f"x{number}")
        assert refusal.value.code == "callback_over"
    with pytest.raises(Refused) as refusal:
        move(callback, WINDOW, by=agent, key="x9", at=MONDAY)
    assert refusal.value.code == "callback_over"


def test_a_promise_taken_back_is_over_and_taking_it_back_twice_changes_nothing(
    callback: Callback, agent: Agent
) -> None:
    for at in (MONDAY, MONDAY + timedelta(hours=1)):
        cancel(callback, by=agent, at=at)
    assert (now_of(callback).state, now_of(callback).ended_at) == ("cancelled", MONDAY)
    assert said(callback.ticket) == ["promised", "cancelled"]
    assert claim_due(at=WINDOW[0]) == []


def test_a_kept_promise_is_not_taken_back(callback: Callback, agent: Agent) -> None:
    done(callback, by=agent, key="d1")
    cancel(callback, by=agent)
    assert now_of(callback).state == "kept"


def test_a_promise_without_a_ticket_is_kept_like_any_other(member: Customer, agent: Agent) -> None:
    callback = make.make_callback(customer=member, by=agent)
    assert done(callback, by=agent, key="d1").state == "kept"
