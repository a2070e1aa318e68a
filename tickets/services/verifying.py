"""Finding out who asks in a ticket: the deeds of `customers.services`, each with its line of the ticket's audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

import customers.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, SentCode, Verification
from tickets.models import Ticket, TicketEvent
from tickets.services.steps import WORK, lock, record


def conversation_of(ticket: Ticket) -> str:
    """How the rooms below name the conversation of a ticket."""
    return f"ticket:{ticket.pk}"


@transaction.atomic
def judge_caller(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Verification:
    """The agent is satisfied by what the customer of the ticket said. Refused: `not_allowed`."""
    ticket, at = _begin(ticket, by, at)
    before = _level(ticket, by, at)
    words: dict[str, Any] = {"by": by, "conversation": conversation_of(ticket), "at": at}
    fact = customers.services.judge(ticket.customer, **words)
    return _recorded(ticket, fact, before)


def question_caller(
    ticket: Ticket, answers: Mapping[str, str], *, by: Agent, at: datetime | None = None
) -> Verification:
    """Compare what the customer of the ticket answered. Refused as `customers.services.answer` refuses."""
    with transaction.atomic():
        ticket, at = _begin(ticket, by, at)
        before = _level(ticket, by, at)
        words: dict[str, Any] = {"by": by, "conversation": conversation_of(ticket), "at": at}
        fact, refusal = customers.services.try_answers(ticket.customer, answers, **words)
        if fact:
            _recorded(ticket, fact, before)
    return _result(fact, refusal)


@transaction.atomic
def send_code_to_caller(
    ticket: Ticket, point: ContactPoint, *, by: Agent, at: datetime | None = None
) -> SentCode:
    """Send a code to an address of the ticket's customer. Refused as `customers.services.send_code` refuses."""
    ticket, at = _begin(ticket, by, at)
    if point.customer_id != ticket.customer_id:
        raise customers.services.not_confirmed()
    return customers.services.send_code(point, by=by, conversation=conversation_of(ticket), at=at)


def confirm_caller(
    ticket: Ticket, code: SentCode, typed: str, *, by: Agent, at: datetime | None = None
) -> Verification:
    """The code that was sent in this ticket, read out. Refused as `customers.services.confirm_code` refuses."""
    with transaction.atomic():
        ticket, at = _begin(ticket, by, at)
        if code.conversation != conversation_of(ticket):
            raise customers.services.not_waiting()
        before = _level(ticket, by, at)
        fact, refusal = customers.services.try_code(code, typed, by=by, at=at)
        if fact:
            _recorded(ticket, fact, before)
    return _result(fact, refusal)


def _begin(ticket: Ticket, by: Agent, at: datetime | None) -> tuple[Ticket, datetime]:
    expect_right(by, WORK, ticket.brand_id)
    return lock(ticket), at or clock.now()


def _level(ticket: Ticket, by: Agent, at: datetime) -> int:
    conversation = conversation_of(ticket)
    return customers.services.standing(ticket.customer, by=by, conversation=conversation, at=at).level


def _recorded(ticket: Ticket, fact: Verification, before: int) -> Verification:
    after = max(before, fact.level)
    record(
        ticket,
        TicketEvent.Kind.VERIFIED,
        by=fact.by,
        at=fact.at,
        before=before,
        after=after,
        method=fact.method,
    )
    return fact


def _result(fact: Verification | None, refusal: Refused | None) -> Verification:
    if refusal:
        raise refusal
    assert fact  # noqa: S101  one of the two is there
    return fact
