"""Merging while others merge, answer, close and write."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from agents.models import Agent
from contactcenter.errors import Refused
from tests import make
from tests.together import at_once
from tickets.models import Ticket
from tickets.services import close, hear, lock_where_it_goes_on, merge, reply, resolve, unmerge

pytestmark = pytest.mark.race


def two() -> tuple[Ticket, Ticket, Agent]:
    one = make.make_ticket()
    other = make.make_ticket(customer=one.customer, queue=one.queue)
    return one, other, make.make_agent(brands=[one.brand])


def code(answer: object) -> object:
    return getattr(answer, "code", answer)


def test_two_tickets_merged_into_each_other_at_once_become_one(own_db: str) -> None:
    for _ in range(8):
        one, other, agent = two()
        answers = at_once(partial(merge, one, other, by=agent), partial(merge, other, one, by=agent))
        (refusal,) = [code(answer) for answer in answers if isinstance(answer, Exception)]
        assert refusal in ("merged_ring", "merged_meanwhile")
        assert Ticket.objects.filter(pk__in=[one.pk, other.pk], merged_into__isnull=False).count() == 1


def test_control_without_the_tickets_locks_only_the_database_keeps_them_from_closing_a_ring(
    own_db: str,
) -> None:
    one, other, agent = two()
    answers = at_once(
        partial(merge, one, other, by=agent), partial(merge, other, one, by=agent), unlocked=True
    )
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert errors
    assert not any(isinstance(error, Refused) for error in errors)
    assert Ticket.objects.filter(merged_into__isnull=False).count() <= 1


def test_a_chain_made_from_both_ends_at_once_is_one_step_for_all(own_db: str) -> None:
    for _ in range(8):
        one, other, agent = two()
        third = make.make_ticket(customer=one.customer, queue=one.queue)
        at_once(partial(merge, one, other, by=agent), partial(merge, other, third, by=agent))
        went = Ticket.objects.filter(customer=one.customer, merged_into__isnull=False)
        assert not went.filter(merged_into__merged_into__isnull=False).exists()
        (kept,) = Ticket.objects.filter(customer=one.customer, joined_count__gt=0)
        assert kept.joined_count == went.count()


def test_an_answer_stands_in_the_merged_ticket_or_is_refused(own_db: str) -> None:
    for _ in range(8):
        one, other, agent = two()
        answer = partial(reply, one, "Hello", by=agent, key=make.unique())
        merged, said = at_once(partial(merge, one, other, by=agent), answer)
        assert merged == other
        if isinstance(said, Exception):
            assert code(said) == "ticket_merged"
        kept = Ticket.objects.get(pk=other.pk)
        assert kept.due_at is not None  # whose own word waits
        assert kept.said().filter(kind="outbound").count() == (0 if isinstance(said, Exception) else 1)


def test_a_ticket_that_ends_at_this_moment_takes_none_in_or_ends_whole(own_db: str) -> None:
    for _ in range(8):
        one, other, agent = two()
        merged, _ended = at_once(partial(merge, one, other, by=agent), partial(resolve, other, by=agent))
        kept = Ticket.objects.get(pk=other.pk)
        assert (kept.status, kept.due_at) == ("resolved", None)
        assert (code(merged) == "ticket_ended") == (kept.joined_count == 0)


def test_closing_and_merging_at_once_leave_one_end(own_db: str) -> None:
    for _ in range(8):
        one, other, agent = two()
        resolve(one, by=agent)
        merged, closed = at_once(partial(merge, one, other, by=agent), partial(close, one))
        assert merged == other
        assert not isinstance(closed, Exception) or code(closed) == "ticket_merged"
        gone = Ticket.objects.get(pk=one.pk)
        assert (gone.status, gone.merged_into_id) == ("closed", other.pk)


def heard_where_it_goes_on(ticket: Ticket) -> Any:
    """As mail does it."""
    with transaction.atomic():
        there = lock_where_it_goes_on(ticket)
        return make.hear(there)


def test_a_word_that_comes_while_tickets_are_merged_and_taken_apart_is_never_lost(own_db: str) -> None:
    for _ in range(6):
        one, other, agent = two()
        third = make.make_ticket(customer=one.customer, queue=one.queue)
        merge(one, other, by=agent)
        answers = at_once(
            partial(heard_where_it_goes_on, one),
            partial(merge, other, third, by=agent),
            partial(unmerge, one, by=agent),
            partial(heard_where_it_goes_on, other),
        )
        for answer in (answers[0], answers[3]):
            assert not isinstance(answer, Exception), answer
        assert code(answers[2]) == "merged_meanwhile" or not isinstance(answers[2], Exception)


def test_control_a_word_for_a_ticket_that_was_merged_is_refused(own_db: str) -> None:
    one, other, agent = two()
    merge(one, other, by=agent)
    with pytest.raises(Refused) as refusal:
        hear(one, "Hello?", channel="mail", sender="", key="k")
    assert refusal.value.code == "ticket_merged"
