"""Asking somebody outside the floor: a thread beside the ticket that the customer never sees.

The expert gets a mail and a signed link, answers by either, and sees the question and what the agent chose to show.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify
from contactcenter import clock, keys
from contactcenter.errors import Refused
from contactcenter.live import nudge
from customers.contact import plain
from customers.models import ContactPoint
from tickets.models import Consult, ConsultWord, Queue, Ticket, TicketEvent
from tickets.services.clocks import Clocks
from tickets.services.steps import WORK, keep, lock, move, record, wake
from tickets.services.talking import expect_words

AT_ONCE = 50
ANSWERED_WITHIN = timedelta(days=14)
MOST_WORDS = 50  # of a thread: a page that anybody with the link can write on has an end
LONGEST = 20_000  # signs of one answer
State, Kind, Event, Status = Consult.State, ConsultWord.Kind, TicketEvent.Kind, Ticket.Status


@transaction.atomic
def ask_expert(
    ticket: Ticket,
    question: str,
    *,
    address: str,
    name: str = "",
    shown: str = "",
    hold: bool = False,
    by: Agent,
    key: str,
    at: datetime | None = None,
) -> Consult:
    """Ask the expert at `address`, who sees `question` and `shown` only; with `hold` the ticket waits for the answer.

    A repeated `key` gives the question that is there. Refused: `nothing_said`, `bad_address`, `own_address` (of a
    queue), `customers_address`, `ticket_ended`, `key_conflict`.
    """
    expect_right(by, WORK, ticket.brand_id)
    expect_words(question)
    at, address = at or clock.now(), plain(address)
    ticket = lock(ticket)
    keys.claim(Consult, key)
    if earlier := Consult.objects.filter(key=key).first():
        if (earlier.ticket_id, earlier.expert_address, earlier.question) != (ticket.pk, address, question):
            raise keys.conflict()
        return earlier
    _expect_expert(ticket, address)
    if ticket.status in Ticket.ENDED:
        raise Refused("ticket_ended", _("This ticket is resolved. Reopen it first."))
    consult = Consult.objects.create(
        brand_id=ticket.brand_id, ticket=ticket, asked_by=by, expert_name=" ".join(name.split())[:80],
        expert_address=address, question=question, shown=shown, asked_at=at, expires_at=at + ANSWERED_WITHIN, key=key,
    )  # fmt: skip
    ConsultWord.objects.create(
        consult=consult, kind=Kind.QUESTION, author=by, text=question, at=at, key=f"consult:{consult.pk}",
        state=ConsultWord.State.QUEUED, due_at=at,
    )  # fmt: skip
    record(ticket, Event.CONSULT, by=by, at=at, before=None, after=State.ASKED, consult=consult.pk)
    if hold:
        move(ticket, Status.ON_HOLD, by, at)
        _settle(ticket, at)
    nudge("tickets.tasks.send_consults")
    return consult


@transaction.atomic
def withdraw(consult: Consult, *, by: Agent, at: datetime | None = None) -> Consult:
    """The answer is not needed any more: the link is closed. One that has ended stays as it is."""
    expect_right(by, WORK, consult.brand_id)
    at = at or clock.now()
    ticket = lock(consult.ticket)
    consult = Consult.objects.select_for_update(of=("self",)).get(pk=consult.pk)
    if consult.state == State.ASKED:
        _end(ticket, consult, State.WITHDRAWN, by, at)
    return consult


@transaction.atomic
def hear_expert(
    consult: Consult, text: str, *, sender: str = "", key: str, at: datetime | None = None
) -> ConsultWord:
    """What came back joins the side thread: the expert's answer, or flagged where another `sender` wrote it.

    `sender` "" is the signed page. An answer tells the agents and takes the ticket from on hold; what is flagged only
    tells them. What comes after the end is kept too. A repeated `key` gives the word that is there. Refused:
    `nothing_said`, `consult_full`.
    """
    expect_words(text)
    at = at or clock.now()
    ticket = lock(consult.ticket)
    consult = Consult.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=consult.pk)
    keys.claim(ConsultWord, key)
    if earlier := ConsultWord.objects.filter(key=key).first():
        if earlier.consult_id != consult.pk:
            raise keys.conflict()
        return earlier
    if consult.words.count() >= MOST_WORDS:
        raise Refused("consult_full", _("This conversation has become too long. Ask for a new one."))
    is_expert = sender == "" or plain(sender) == consult.expert_address
    word = ConsultWord.objects.create(
        consult=consult, kind=Kind.ANSWER if is_expert else Kind.FLAGGED, sender=sender, text=text[:LONGEST], at=at,
        key=key,
    )  # fmt: skip
    kind = "consult_answered" if is_expert else "consult_flagged"
    _tell({consult.asked_by, ticket.assignee}, ticket, kind, key=f"{kind}:{word.pk}", at=at)
    if is_expert and consult.state == State.ASKED:
        _end(ticket, consult, State.ANSWERED, None, at)
    if is_expert and ticket.status == Status.ON_HOLD:
        wake(ticket, None, at)
        move(ticket, Status.OPEN, None, at)
        _settle(ticket, at)
    return word


@transaction.atomic
def expire_consults(*, at: datetime | None = None) -> int:
    """Close questions that nobody answered in time, and tell who asked; how many tickets that were, fifty at most."""
    at = at or clock.now()
    found = Consult.objects.to_expire(at).values("ticket")[:AT_ONCE]
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=found)
    tickets = list(rows.select_related("brand", "assignee").order_by("pk"))
    for ticket in tickets:
        due = Consult.objects.to_expire(at).filter(ticket=ticket).select_related("asked_by")
        for consult in due.select_for_update(of=("self",)):
            _end(ticket, consult, State.EXPIRED, None, at)
            told = {consult.asked_by, ticket.assignee}
            _tell(told, ticket, "consult_expired", key=f"consult_expired:{consult.pk}", at=at)
    return len(tickets)


def _expect_expert(ticket: Ticket, address: str) -> None:
    try:
        validate_email(address)
    except ValidationError:
        raise Refused("bad_address", _("That is no e-mail address.")) from None
    if Queue.objects.filter(address=address).exists():
        raise Refused("own_address", _("That is an address of ours; move the ticket to that queue instead."))
    if ContactPoint.objects.filter(customer=ticket.customer_id, value=address).exists():
        raise Refused("customers_address", _("That is the customer's own address; write them a reply."))


def _end(ticket: Ticket, consult: Consult, state: str, by: Agent | None, at: datetime) -> None:
    record(ticket, Event.CONSULT, by=by, at=at, before=consult.state, after=state, consult=consult.pk)
    consult.state, consult.ended_at = state, at
    consult.save(update_fields=["state", "ended_at"])


def _tell(agents: Iterable[Agent | None], ticket: Ticket, kind: str, *, key: str, at: datetime) -> None:
    told = sorted((agent for agent in agents if agent), key=lambda agent: agent.pk)
    notify(told, brand_id=ticket.brand_id, kind=kind, subject=ticket.reference, key=key, at=at)


def _settle(ticket: Ticket, at: datetime) -> None:
    clocks = Clocks(ticket, at)
    clocks.settle()
    clocks.keep()
    keep(ticket)
