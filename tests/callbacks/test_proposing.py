"""What is proposed when a ticket was solved, and what stands against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import tickets.services
from agents.models import Agent, Brand
from callbacks.models import Callback, FollowUp
from callbacks.services import (
    cancel,
    decline_proposed,
    done,
    promise_proposed,
    proposal_for,
    proposing,
)
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import record_consent
from tests import make
from tests.together import at_once
from tickets.models import Ticket, TicketEvent

MONDAY = make.instant("2026-05-04T10:00+02:00")
THURSDAY = make.instant("2026-05-07T10:00+02:00")  # two days after it is solved, a day later


def solve(ticket: Ticket, by: Agent, *, at: datetime = MONDAY) -> Ticket:
    tickets.services.resolve(ticket, by=by, at=at)
    return now_of(ticket)


def reopen(ticket: Ticket, by: Agent) -> None:
    tickets.services.reopen(now_of(ticket), by=by, at=MONDAY)


def be_late(ticket: Ticket, clock: str = "first") -> None:
    tickets.services.record(ticket, TicketEvent.Kind.LATE, by=None, at=MONDAY, clock=clock, turn=1)


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("brand", "customer__brand", "queue", "assignee").get(pk=ticket.pk)


@pytest.fixture
def solved(ticket: Ticket, agent: Agent) -> Ticket:
    """A ticket of the member that was answered late, and is solved by the agent who has it."""
    be_late(ticket)
    tickets.services.assign(ticket, agent, by=agent)
    return solve(ticket, agent, at=MONDAY + timedelta(days=1))


def about(ticket: Ticket, at: datetime = MONDAY) -> str:
    found = proposal_for(now_of(ticket), at)
    return found.about if found else ""


def test_a_ticket_that_was_answered_late_warrants_a_call_two_days_after_it_was_solved(
    solved: Ticket, agent: Agent
) -> None:
    proposal = proposal_for(solved, MONDAY + timedelta(days=1))
    assert proposal
    assert proposal.about == "We were late: ask whether all is well now"
    assert proposal.window == (THURSDAY, THURSDAY + timedelta(hours=1))
    assert (proposal.owner, proposal.number.value) == (agent, "+493012345678")
    assert proposal.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("went", "warrants"),
    [
        (lambda ticket, agent: None, ""),
        (lambda ticket, agent: be_late(ticket, "resolution"), ""),
        (lambda ticket, agent: be_late(ticket, "next"), "We were late: ask whether all is well now"),
    ],
)
def test_only_a_late_answer_warrants_a_call_by_itself(
    ticket: Ticket, agent: Agent, went: Callable[..., Any], warrants: str
) -> None:
    went(ticket, agent)
    assert about(solve(ticket, agent)) == warrants


def test_a_ticket_that_was_solved_before_warrants_a_call(ticket: Ticket, agent: Agent) -> None:
    solve(ticket, agent)
    reopen(ticket, agent)
    assert about(ticket) == ""
    solve(ticket, agent)
    assert about(ticket) == "Solved twice: ask whether it stays solved"


def test_a_contact_reason_and_all_under_it_warrant_a_call_the_nearest_first(
    brand: Brand, ticket: Ticket, agent: Agent
) -> None:
    top = make.make_contact_reason(brand=brand)
    lower = make.make_contact_reason(brand=brand, parent=top)
    lowest = make.make_contact_reason(brand=brand, parent=lower)
    other = make.make_contact_reason(brand=brand)
    for reason, words in ((top, "Ask about the top"), (lower, "Ask about the lower")):
        FollowUp.objects.create(brand=brand, sign="reason", contact_reason=reason, about=words, after_hours=1)
    be_late(ticket)
    solve(ticket, agent)
    found = {}
    for reason in (None, top, lower, lowest, other):
        Ticket.objects.filter(pk=ticket.pk).update(reason=reason)
        found[reason] = about(ticket)
    asked = {top: "Ask about the top", lower: "Ask about the lower", lowest: "Ask about the lower"}
    assert found == {None: "", other: ""} | asked  # a brand with follow-ups of its own has those alone


def test_a_follow_up_that_is_switched_off_proposes_nothing(brand: Brand, solved: Ticket) -> None:
    FollowUp.objects.create(brand=brand, sign="late", about="Ask", is_active=False)
    assert about(solved) == ""


def without_number(ticket: Ticket, agent: Agent) -> None:
    ticket.customer.contact_points.filter(kind="phone").update(removed_at=MONDAY)


def says(given: bool) -> Callable[[Ticket, Agent], None]:
    return lambda ticket, agent: (
        record_consent(ticket.customer, "calls", given=given, source="call", by=agent) and None
    )


def promised(ticket: Ticket, agent: Agent) -> None:
    make.make_callback(customer=ticket.customer, by=agent)


def called(ticket: Ticket, agent: Agent) -> None:
    one = make.make_callback(customer=ticket.customer, by=agent)
    done(one, by=agent, key="d", at=THURSDAY)


def called_before(ticket: Ticket, agent: Agent) -> None:
    one = make.make_callback(customer=ticket.customer, by=agent)
    done(one, by=agent, key="d", at=MONDAY)


def reopened(ticket: Ticket, agent: Agent) -> None:
    tickets.services.reopen(ticket, by=agent, at=MONDAY + timedelta(days=1))


@pytest.mark.parametrize("against", [without_number, says(False), promised, called, reopened])
def test_nothing_is_proposed_against_it(solved: Ticket, agent: Agent, against: Any) -> None:
    assert about(solved)
    against(solved, agent)
    assert about(solved) == ""


@pytest.mark.parametrize("not_against", [says(True), called_before])
def test_and_this_does_not_stand_against_it(solved: Ticket, agent: Agent, not_against: Any) -> None:
    not_against(solved, agent)
    assert about(solved)


def test_what_is_proposed_is_promised_once_however_often_it_is_asked_for(
    solved: Ticket, agent: Agent
) -> None:
    first, again = (promise_proposed(solved, by=agent, at=THURSDAY) for _ in range(2))
    assert first == again
    assert (first.source, first.owner, first.ticket) == ("resolved", agent, solved)
    assert Callback.objects.count() == 1
    assert about(solved) == ""


def test_the_call_is_whoever_promises_its_where_nobody_has_the_ticket(
    solved: Ticket, supervisor: Agent
) -> None:
    Ticket.objects.filter(pk=solved.pk).update(assignee=None)
    assert promise_proposed(solved, by=supervisor, at=MONDAY).owner == supervisor


def test_a_call_that_was_cancelled_is_not_proposed_again_but_after_the_next_solution_one_is(
    solved: Ticket, agent: Agent
) -> None:
    first = promise_proposed(solved, by=agent, at=MONDAY)
    cancel(first, by=agent)
    assert about(solved) == ""
    reopened(now_of(solved), agent)
    solve(now_of(solved), agent, at=THURSDAY)
    assert about(solved, THURSDAY)
    assert promise_proposed(solved, by=agent, at=THURSDAY) != first


def test_who_finds_it_needless_says_so_once_for_all(solved: Ticket, agent: Agent) -> None:
    for _ in range(2):
        decline_proposed(solved, by=agent, at=THURSDAY)
    line = solved.events.get(kind="callback")
    assert (line.data["what"], line.by) == ("declined", agent)
    assert about(solved) == ""
    with pytest.raises(Refused) as refusal:
        promise_proposed(solved, by=agent, at=THURSDAY)
    assert refusal.value.code == "not_proposed"


def test_only_who_may_promise_decides(solved: Ticket, other_brand: Brand) -> None:
    stranger = make.make_agent(brands=[other_brand])
    for deed in (promise_proposed, decline_proposed):
        with pytest.raises(Refused) as refusal:
            deed(solved, by=stranger)
        assert refusal.value.code == "not_allowed"


def test_it_takes_fifteen_questions_at_most_however_much_there_is(
    solved: Ticket, agent: Agent, member: Customer
) -> None:
    top = make.make_contact_reason(brand=solved.brand)
    FollowUp.objects.create(brand=solved.brand, sign="reason", contact_reason=top, about="Ask")
    FollowUp.objects.create(brand=solved.brand, sign="late", about="Ask")
    asked = []
    for _ in range(2):
        for _ in range(5):
            called_before_once(member, agent)
            tickets.services.note(solved, "Noted.", by=agent, key=make.unique())
        ticket = now_of(solved)
        with CaptureQueriesContext(connection) as queries:
            assert proposal_for(ticket, MONDAY)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 15


def called_before_once(member: Customer, agent: Agent) -> None:
    one = make.make_callback(customer=member, by=agent)
    done(one, by=agent, key=make.unique(), at=MONDAY)


@pytest.mark.race
def test_two_who_promise_at_once_promise_one_call(own_db: str) -> None:
    solved, agent = late_and_solved()
    answers = at_once(*[lambda: promise_proposed(solved, by=agent)] * 3)
    assert len({answer.pk for answer in answers}) == 1 == Callback.objects.count()


@pytest.mark.race
def test_control_without_the_key_of_the_solution_a_cancelled_call_is_promised_again(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    solved, agent = late_and_solved()
    monkeypatch.setattr(proposing, "key_of", lambda ticket: make.unique("followup"))
    for _ in range(2):
        cancel(promise_proposed(solved, by=agent), by=agent)
    assert Callback.objects.count() == 2


def late_and_solved() -> tuple[Ticket, Agent]:
    ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand])
    make.make_phone(customer=ticket.customer)
    be_late(ticket)
    tickets.services.resolve(ticket, by=agent)
    return now_of(ticket), agent
