from __future__ import annotations

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from tests import make
from tickets.models import Ticket
from tickets.services import assign, reopen, resolve, set_status, take_next


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def events(ticket: Ticket) -> list[str]:
    return list(ticket.events.exclude(kind="opened").values_list("kind", flat=True))


def test_a_ticket_is_handed_from_one_to_another_and_back_to_nobody(
    ticket: Ticket, agent: Agent, supervisor: Agent
) -> None:
    for to in (agent, supervisor, None):
        assign(ticket, to, by=supervisor)
        assert now_of(ticket).assignee == to
    assert [event.data["after"] for event in ticket.events.filter(kind="assigned")] == [
        agent.pk,
        supervisor.pk,
        None,
    ]


def test_who_has_a_ticket_already_is_not_given_it_again(ticket: Ticket, agent: Agent) -> None:
    for _ in range(2):
        assign(ticket, agent, by=agent)
    assert events(ticket) == ["assigned"]


def test_only_somebody_who_serves_the_brand_can_have_its_ticket(
    ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    stranger = make.make_agent(brands=[other_brand])
    gone = make.make_agent(brands=[brand], is_active=False)
    for to in (stranger, gone):
        with pytest.raises(Refused) as refusal:
            assign(ticket, to, by=agent)
        assert refusal.value.code == "not_of_brand"
    assert now_of(ticket).assignee is None


def test_a_resolved_ticket_is_over_and_belongs_to_who_resolved_it(ticket: Ticket, agent: Agent) -> None:
    resolve(ticket, by=agent)
    now = now_of(ticket)
    assert (now.status, now.assignee, now.is_open, now.due_at) == ("resolved", agent, False, None)
    assert now.resolved_at is not None
    assert not Ticket.objects.unsolved().exists()


def test_resolving_twice_changes_nothing(ticket: Ticket, agent: Agent, supervisor: Agent) -> None:
    resolve(ticket, by=agent)
    first = now_of(ticket).resolved_at
    resolve(ticket, by=supervisor)
    assert now_of(ticket).resolved_at == first
    assert events(ticket) == ["assigned", "resolved"]


def test_reopening_twice_changes_nothing(ticket: Ticket, agent: Agent) -> None:
    resolve(ticket, by=agent)
    for _ in range(2):
        reopen(ticket, by=agent)
    now = now_of(ticket)
    assert (now.status, now.resolved_at, now.is_open) == ("open", None, True)
    assert events(ticket) == ["assigned", "resolved", "reopened"]


def test_reopening_what_is_open_does_nothing(ticket: Ticket, agent: Agent) -> None:
    reopen(ticket, by=agent)
    assert (now_of(ticket).status, events(ticket)) == ("new", [])


def test_a_status_is_set_once_and_written_down_with_what_it_was(ticket: Ticket, agent: Agent) -> None:
    for _ in range(2):
        set_status(ticket, "on_hold", by=agent)
    event = ticket.events.get(kind="status")
    assert (event.by, event.data) == (agent, {"before": "new", "after": "on_hold"})


@pytest.mark.parametrize("status", ["new", "resolved", "closed", "lost"])
def test_a_ticket_cannot_be_set_to_every_status(ticket: Ticket, agent: Agent, status: str) -> None:
    with pytest.raises(Refused) as refusal:
        set_status(ticket, status, by=agent)
    assert refusal.value.code == "no_such_move"


def test_an_ended_ticket_is_not_parked(ticket: Ticket, agent: Agent) -> None:
    resolve(ticket, by=agent)
    with pytest.raises(Refused) as refusal:
        set_status(ticket, "pending", by=agent)
    assert refusal.value.code == "ticket_ended"


def test_a_deed_works_on_the_ticket_as_it_is_and_not_as_the_page_remembers_it(
    ticket: Ticket, agent: Agent
) -> None:
    stale = now_of(ticket)
    make.hear(ticket, "One more thing.")
    assign(stale, agent, by=agent)
    assert now_of(ticket).message_seq == 2


def test_the_queue_shows_first_what_is_due_first_and_last_what_waits_for_others(
    brand: Brand, agent: Agent
) -> None:
    late, early = (
        make.make_ticket(brand=brand, at=make.instant(at))
        for at in ("2026-05-04T09:00+02:00", "2026-05-04T08:00+02:00")
    )
    waiting = make.make_ticket(brand=brand)
    set_status(waiting, "pending", by=agent)
    over = make.make_ticket(brand=brand)
    resolve(over, by=agent)
    assert list(Ticket.objects.unsolved().in_working_order()) == [early, late, waiting]


def test_my_tickets_are_the_open_ones_i_answer_for(brand: Brand, agent: Agent, supervisor: Agent) -> None:
    mine, ended, theirs = (make.make_ticket(brand=brand) for _ in range(3))
    for ticket, to in ((mine, agent), (ended, agent), (theirs, supervisor)):
        assign(ticket, to, by=supervisor)
    resolve(ended, by=agent)
    assert list(Ticket.objects.mine(agent)) == [mine]


def test_who_takes_the_next_ticket_gets_what_is_due_first_until_none_is_left(
    brand: Brand, agent: Agent
) -> None:
    late, early = (
        make.make_ticket(brand=brand, at=make.instant(at))
        for at in ("2026-05-04T09:00+02:00", "2026-05-04T08:00+02:00")
    )
    waiting = Ticket.objects.unsolved().filter(brand=brand, assignee=None)
    assert [take_next(waiting, by=agent) for _ in range(3)] == [early, late, None]
    assert now_of(early).assignee == agent
    assert events(early) == ["assigned"]
