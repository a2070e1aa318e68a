"""Tickets that nobody has find an agent: the one who fits best, by what the queue's policy asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from agents.models import Agent
from agents.presence.models import Kind, Presence
from agents.telling import notify, supervisors_of
from contactcenter import clock
from tickets import routing
from tickets.models import RoutingDecision, RoutingPolicy, Ticket, TicketEvent
from tickets.services.crew import Crew, waiting_in
from tickets.services.steps import hand_to, keep

RULE = TicketEvent.Actor.RULE


def route(*, at: datetime | None = None) -> int:
    """Give every ticket that waits in a queue that hands out to the agent who fits best; how many found one.

    Any number may do so at once: each ticket is given in a transaction of its own, that leaves out what somebody
    else holds and looks again at ticket and agent once both are locked. Why the others wait on, `_keep_waiting` says.
    """
    at = at or clock.now()
    policies = list(
        RoutingPolicy.objects.select_related("queue", "brand").prefetch_related("skills").order_by("queue")
    )
    active = [policy for policy in policies if policy.is_active]
    waiting = [one for policy in active for one in waiting_in(policy)]
    if not waiting:
        return 0
    crew = Crew(policies)
    answers = routing.plan(waiting, crew.workers({one.brand for one in waiting}), at)
    given = sum(_give(one, answer, crew, at) for one, answer in answers if answer.agent is not None)
    _keep_waiting([pair for pair in answers if pair[1].agent is None], at)
    return given


@transaction.atomic
def _give(waiting: routing.Waiting, answer: routing.Answer, crew: Crew, at: datetime) -> bool:
    """Give one ticket as planned, unless ticket or agent have changed since: then the next round plans anew."""
    rows = Ticket.objects.to_route().filter(pk=waiting.ticket, queue=waiting.queue)
    ticket = rows.select_for_update(skip_locked=True, of=("self",)).select_related("brand", "queue").first()
    if ticket is None:
        return False
    # Locked after the ticket: whoever gives this agent something waits for us, and sees it then.
    if not Presence.objects.select_for_update(of=("self",)).filter(agent=answer.agent, kind=Kind.AVAILABLE):
        return False
    to = Agent.objects.serving(ticket.brand).filter(pk=answer.agent).first()
    if to is None:
        return False
    more = crew.share(to.pk, ticket.brand_id, ticket.queue_id, ticket.channel)
    if more is None or crew.loads([to.pk])[to.pk] + more > 1:
        return False
    hand_to(ticket, to, None, at, actor=RULE, routed=list(answer.reasons))
    keep(ticket)
    _write(ticket.pk, ticket.brand_id, answer, at)
    return True


@transaction.atomic
def _keep_waiting(answers: Sequence[tuple[routing.Waiting, routing.Answer]], at: datetime) -> None:
    """Write down why tickets wait on, where that is news; when nothing is asked for any more, supervisors hear."""
    news = _news(answers)
    if not news:
        return
    # Locked, then looked again: of two who found the same news one writes it.
    rows = Ticket.objects.to_route().filter(pk__in=[one.ticket for one, _answer in news])
    locked = rows.select_for_update(skip_locked=True, of=("self",)).select_related("brand")
    tickets = {ticket.pk: ticket for ticket in locked}
    for waiting, answer in _news([pair for pair in news if pair[0].ticket in tickets]):
        ticket = tickets[waiting.ticket]
        _write(ticket.pk, ticket.brand_id, answer, at)
        if answer.step == routing.TELL:
            notify(
                supervisors_of(ticket.brand), brand_id=ticket.brand_id, kind="not_routed", subject=ticket.reference,
                key=f"not_routed:{ticket.pk}:{waiting.since.isoformat()}", at=at, reason=answer.reasons[0],
            )  # fmt: skip


def _news(
    answers: Sequence[tuple[routing.Waiting, routing.Answer]],
) -> list[tuple[routing.Waiting, routing.Answer]]:
    """Those of the answers that say something else than was written down last since the ticket began to wait."""
    tickets = [waiting.ticket for waiting, _answer in answers]
    newest = RoutingDecision.objects.filter(ticket__in=tickets).order_by("ticket", "-id").distinct("ticket")
    known = {row.ticket_id: row for row in newest}

    def is_news(waiting: routing.Waiting, answer: routing.Answer) -> bool:
        last = known.get(waiting.ticket)
        if last is None or last.agent_id is not None or last.at < waiting.since:
            return True
        return (last.step, last.reasons) != (answer.step, list(answer.reasons))

    return [pair for pair in answers if is_news(*pair)]


def _write(ticket: int, brand: int, answer: routing.Answer, at: datetime) -> None:
    RoutingDecision.objects.create(
        brand_id=brand,
        ticket_id=ticket,
        agent_id=answer.agent,
        at=at,
        step=answer.step,
        considered=answer.considered,
        reasons=list(answer.reasons),
    )
