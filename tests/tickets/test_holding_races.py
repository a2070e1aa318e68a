"""Undo against the sender, and the sender against itself: exactly one wins, and nothing goes out twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make
from tests.together import at_once
from tickets.models import Draft, Message, Ticket
from tickets.services import hold, save_draft, send_next_held, send_now, take_back

pytestmark = pytest.mark.race


@pytest.fixture
def ticket(own_db: str) -> Ticket:
    customer = make.make_customer()
    return make.make_ticket(customer=customer, queue=make.make_queue(brand=customer.brand))


@pytest.fixture
def ann(ticket: Ticket) -> Agent:
    return make.make_agent(brands=[ticket.brand], name="Ann")


def held(ticket: Ticket, ann: Agent) -> Draft:
    key = make.unique("k")
    found: Any = hold(ticket, "Sorry", by=ann, key=key, until=clock.now() + timedelta(seconds=10))
    return found


def later() -> Any:
    return clock.now() + timedelta(seconds=11)


def test_of_undo_and_sender_exactly_one_wins(ticket: Ticket, ann: Agent) -> None:
    for sent in range(8):
        Draft.objects.all().delete()
        Message.objects.filter(kind="outbound").delete()
        draft = held(ticket, ann)
        undone, _ran = at_once(partial(take_back, draft, by=ann), partial(send_next_held, at=later()))
        was_undone = not isinstance(undone, Refused)
        assert Message.objects.filter(kind="outbound").count() == (0 if was_undone else 1), sent
        assert Draft.objects.written().count() == (1 if was_undone else 0)


def test_control_an_undo_that_looks_before_it_locks_gives_back_what_has_gone(
    ticket: Ticket, ann: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = held(ticket, ann)
    draft.ticket = ticket
    monkeypatch.setattr("tickets.services.holding._held", lambda draft, by: draft)
    send_next_held(at=later())
    take_back(draft, by=ann)
    assert Message.objects.filter(kind="outbound").count() == Draft.objects.written().count() == 1


def test_many_workers_send_it_once(ticket: Ticket, ann: Agent) -> None:
    for _round in range(5):
        held(ticket, ann)
        before = Message.objects.filter(kind="outbound").count()
        at_once(*[partial(send_next_held, at=later())] * 4)
        assert Message.objects.filter(kind="outbound").count() == before + 1


def test_a_save_and_the_press_at_once_leave_no_draft_of_what_was_sent(ticket: Ticket, ann: Agent) -> None:
    for number in range(6):
        key = f"k{number}"
        save_draft(ticket, "Sor", kind="reply", by=ann, version=0, key=key)
        version = Draft.objects.get().version
        save = partial(save_draft, ticket, "Sorr", kind="reply", by=ann, version=version, key=key)
        press = partial(send_now, ticket, "Sorry", by=ann, key=key, version=version)
        at_once(save, press)
        assert not Draft.objects.exists()
        assert Message.objects.filter(key=key).count() == 1
