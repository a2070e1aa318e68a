"""Promising a call, and what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from callbacks.models import Attempt, Callback
from contactcenter import clock
from customers.models import ContactPoint, Customer
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import keys_in, post
from tickets.models import Queue, Ticket

DIGITS = "9" * 5000
NONSENSE = [
    "", "x", "/", "2026-11-24", "2026-11-24T10:00:00/2026-11-24T11:00:00", "a/b/c", "\x00/\x00", "x" * 9000,
    "2026-99-99T10:00:00+00:00/2026-11-24T11:00:00+00:00", "2026-11-24T10:00:00+99:99/2026-11-24T11:00:00+99:99",
    "0001-01-01T00:00:00+14:00/0001-01-01T01:00:00+14:00", "9999-12-31T22:00:00-14:00/9999-12-31T23:00:00-14:00",
]  # fmt: skip


def window(hour: int = 15, days: int = 2, hours: int = 1) -> str:
    return word(*make.next_day("Europe/Berlin", hour, days=days, hours=hours))


def word(start: datetime, end: datetime) -> str:
    return f"{start.isoformat()}/{end.isoformat()}"


def promise(client: Client, ticket: Ticket, agent: Agent, **fields: Any) -> Any:
    phone = ticket.customer.contact_points.filter(kind="phone").first()
    standard = {
        "key": "p1", "kind": "call", "window": window(), "reason": "Where it is", "owner": agent.pk,
        "contact_point": phone.pk if phone else "",
    }  # fmt: skip
    return post(client, "promise", ticket.reference, **standard | fields)


def test_a_promise_is_kept_in_mind_and_stands_in_the_conversation(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    answer = promise(desk, ticket, agent)
    assert answer.status_code == 200
    made = Callback.objects.get()
    assert (made.owner, made.ticket, made.zone, made.key) == (agent, ticket, "Europe/Berlin", "p1")
    content = answer.content.decode()
    assert "Callback promised" in content
    assert "15:00–16:00 in Berlin" in content
    assert 'id="composer"' not in content


def test_the_same_promise_sent_twice_is_one(desk: Client, agent: Agent, ticket: Ticket) -> None:
    assert [promise(desk, ticket, agent).status_code for _ in range(2)] == [200, 200]
    assert Callback.objects.count() == 1
    assert promise(desk, ticket, agent, window=window(16)).status_code == 409


def test_a_number_given_with_a_promise_is_kept_with_the_customer_also_when_it_is_sent_twice(
    desk: Client, agent: Agent, customer: Customer, queue: Queue
) -> None:
    ticket = make.make_ticket(customer=customer, queue=queue)
    for _ in range(2):
        assert promise(desk, ticket, agent, number="+49 30 7654321").status_code == 200
    assert ContactPoint.objects.get(kind="phone").value == "+49307654321"
    assert Callback.objects.get().contact_point.customer == customer


def test_a_number_is_not_kept_when_the_promise_is_refused(
    desk: Client, agent: Agent, customer: Customer, queue: Queue
) -> None:
    ticket = make.make_ticket(customer=customer, queue=queue)
    assert promise(desk, ticket, agent, number="+49307654321", window=window(3)).status_code == 409
    assert not ContactPoint.objects.filter(kind="phone").exists()
    assert promise(desk, ticket, agent, number="call me").status_code == 409
    assert promise(desk, ticket, agent, number="").status_code == 409


def test_a_number_of_another_customer_is_refused(
    desk: Client, agent: Agent, customer: Customer, member: Customer, queue: Queue
) -> None:
    ticket = make.make_ticket(customer=customer, queue=queue)
    assert promise(desk, ticket, agent, number="+493012345678").status_code == 409
    theirs = member.contact_points.get(kind="phone")
    assert promise(desk, ticket, agent, contact_point=theirs.pk).status_code == 422
    assert not Callback.objects.exists()


def test_a_task_needs_no_number_and_may_lie_in_the_night(desk: Client, agent: Agent, ticket: Ticket) -> None:
    assert promise(desk, ticket, agent, kind="task", window=window(22), contact_point="").status_code == 200
    assert Callback.objects.get().contact_point is None


def test_a_window_that_is_none_is_answered_with_a_sentence(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    for text in NONSENSE:
        answer = promise(desk, ticket, agent, window=text)
        assert (answer.status_code, Callback.objects.count()) == (422, 0)
        assert answer["HX-Retarget"] == "#slot"


def test_a_window_that_cannot_be_promised_is_refused_with_the_reason(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    for text, sentence in [
        (window(22), "quiet hours"),
        (window(10, days=-1), "That time is over"),
        (window(10, days=100), "90 days ahead"),
        ("/".join(reversed(window().split("/"))), "ends before it begins"),
        (window(8, hours=13), "twelve hours at most"),
        ("0001-01-01T00:00:00+00:00/0001-01-01T01:00:00+00:00", "That time is over"),
        ("9999-12-31T22:00:00+00:00/9999-12-31T23:00:00+00:00", "90 days ahead"),
    ]:
        answer = promise(desk, ticket, agent, window=text)
        assert (answer.status_code, Callback.objects.count()) == (409, 0)
        assert sentence in answer.content.decode().replace("&#x27;", "'")


def test_a_promise_that_makes_no_sense_is_answered_with_a_sentence(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    for fields in [
        {"reason": ""},
        {"reason": "a" * 161},
        {"reason": "a\x00"},
        {"key": ""},
        {"key": "\x00"},
        {"kind": "x"},
        {"owner": ""},
        {"owner": "x"},
        {"owner": DIGITS},
        {"owner": str(10**30)},
        {"contact_point": "x"},
        {"contact_point": DIGITS},
        {"contact_point": "-1"},
        {"number": "\x00"},
        {"number": "1" * 41},
    ]:
        assert promise(desk, ticket, agent, **fields).status_code == 422
        assert not Callback.objects.exists()


def test_nobody_of_another_brand_owns_a_promise(
    desk: Client, other_brand: Brand, agent: Agent, ticket: Ticket
) -> None:
    other = make.make_agent(brands=[other_brand])
    assert promise(desk, ticket, agent, owner=other.pk).status_code == 422


def test_a_day_that_cannot_be_promised_shows_the_hours_of_today(
    desk: Client, ticket: Ticket, callback: Callback
) -> None:
    for day in ["", "9999-99-99", "9999-12-31", "0001-01-01", "x", "2026-11-24\x00", "1" * 9000]:
        for where in ("desk:promise", "desk:callback_windows"):
            args = [ticket.reference if where == "desk:promise" else callback.pk]
            assert desk.get(reverse(where, args=args), {"day": day}).status_code == 200


def due(callback: Callback) -> Callback:
    start = clock.now() - timedelta(minutes=5)
    Callback.objects.filter(pk=callback.pk).update(
        state=Callback.State.DUE, window_from=start, window_to=start + timedelta(hours=1)
    )
    return Callback.objects.get(pk=callback.pk)


def test_a_call_that_reached_the_customer_keeps_the_promise(desk: Client, callback: Callback) -> None:
    for _ in range(2):
        answer = post(
            desk, "outcome", due(callback).pk if not _ else callback.pk, "done", key="o1", note="Glad"
        )
        assert answer.status_code == 200
    callback.refresh_from_db()
    assert (callback.state, callback.attempts.count()) == ("kept", 1)
    assert "Glad" in answer.content.decode()


def test_a_call_nobody_answered_comes_back(desk: Client, callback: Callback) -> None:
    answer = post(desk, "outcome", due(callback).pk, "no-answer", key="o1")
    assert answer.status_code == 200
    assert keys_in(answer) != ["o1"]
    callback.refresh_from_db()
    assert callback.state == "no_answer"
    assert callback.window_from > clock.now()
    assert post(desk, "outcome", callback.pk, "no-answer", key="o1").status_code == 200
    assert callback.attempts.count() == 1


def test_a_promise_moves_to_another_window(desk: Client, callback: Callback) -> None:
    for _ in range(2):
        assert post(desk, "outcome", callback.pk, "move", key="o1", window=window(17)).status_code == 200
    callback.refresh_from_db()
    assert word(callback.window_from, callback.window_to) == window(17)
    assert callback.attempts.get().outcome == Attempt.Outcome.MOVED


def test_a_promise_does_not_move_to_no_window(desk: Client, callback: Callback) -> None:
    for text in NONSENSE:
        assert post(desk, "outcome", callback.pk, "move", key="o1", window=text).status_code == 422
        assert not callback.attempts.exists()


def test_a_refused_move_leaves_no_attempt(desk: Client, callback: Callback) -> None:
    assert post(desk, "outcome", callback.pk, "move", key="o1", window=window(23)).status_code == 409
    assert not callback.attempts.exists()


def test_a_promise_not_needed_any_more_is_taken_back_once(desk: Client, callback: Callback) -> None:
    for _ in range(2):
        assert post(desk, "outcome", callback.pk, "cancel", key="o1").status_code == 200
    callback.refresh_from_db()
    assert (callback.state, callback.ticket.events.filter(kind="callback").count()) == ("cancelled", 2)


def test_an_outcome_nobody_knows_is_not_there_and_changes_nothing(desk: Client, callback: Callback) -> None:
    for what in ["explode", "cancelled", "Done", "no_answer", "0"]:
        assert post(desk, "outcome", callback.pk, what, key="o1").status_code == 404
        callback.refresh_from_db()
        assert (callback.state, callback.attempts.count()) == ("promised", 0)


def test_an_outcome_that_makes_no_sense_is_answered_with_a_sentence(desk: Client, callback: Callback) -> None:
    for fields in [{"key": ""}, {"key": "\x00"}, {"note": "a\x00"}, {"note": "a" * 501}]:
        answer = post(desk, "outcome", callback.pk, "done", **{"key": "o1"} | fields)
        assert (answer.status_code, callback.attempts.count()) == (422, 0)


def test_a_promise_that_is_over_takes_no_outcome(desk: Client, callback: Callback) -> None:
    post(desk, "outcome", callback.pk, "done", key="o1")
    answer = post(desk, "outcome", callback.pk, "no-answer", key="o2")
    assert answer.status_code == 409
    assert "This promise is kept already." in answer.content.decode()


def test_what_is_due_is_told_to_its_owner_only(desk: Client, brand: Brand, callback: Callback) -> None:
    assert "Call Mara Mond" not in desk.get("/callbacks/due/").content.decode()
    due(callback)
    assert "Call Mara Mond" in desk.get("/callbacks/due/").content.decode()
    assert "Call Mara Mond" in desk.get("/").content.decode()
    colleague = signed_in(make.make_agent(brands=[brand]))
    assert "Call Mara Mond" not in colleague.get("/callbacks/due/").content.decode()


def test_the_agenda_shows_what_is_due_first_and_the_words_before_the_call(
    desk: Client, callback: Callback
) -> None:
    due(callback)
    content = desk.get("/callbacks/").content.decode()
    assert "Call Mara Mond" in content
    assert "It should have been here on Monday." in content
    assert "1,000 points to spend, €10.00" in content
