"""How long an agent still has to do with a ticket after the last word on it, as facts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from agents import roles
from agents.models import Agent
from contactcenter import clock, keys
from tickets.models import Ticket, WrapUp
from tickets.services.steps import serves

How = WrapUp.How


def begin_wrap_up(ticket: Ticket, *, by: Agent, at: datetime) -> None:
    """With an answer or the end of a locked ticket the agent's wrap-up begins, where the queue measures it.

    A further word on the same ticket begins it anew; what still ran of another ticket ends. Systems wrap nothing up.
    """
    minutes = ticket.queue.wrap_up_minutes
    if not minutes or not serves(by, ticket) or by.role == roles.INTEGRATION:
        return
    until = at + timedelta(minutes=minutes)
    running = _running(by)
    if running and running.ticket_id == ticket.pk and running.started_at <= at < running.until:
        running.started_at, running.until = at, until
        running.save(update_fields=["started_at", "until"])
        return
    if running:
        _end(running, at, How.NEXT)
    WrapUp.objects.create(brand_id=ticket.brand_id, ticket=ticket, agent=by, started_at=at, until=until)


@transaction.atomic
def end_wrap_up(*, by: Agent, how: str = How.AGENT, at: datetime | None = None) -> WrapUp | None:
    """The agent is free again: they say so, or go on to another ticket. What ended, None where nothing ran."""
    running = _running(by)
    if running:
        _end(running, at or clock.now(), how)
    return running


def _running(agent: Agent) -> WrapUp | None:
    """What is not ended yet of this agent's; two deeds of theirs at once come one after the other."""
    keys.claim(WrapUp, str(agent.pk))
    return WrapUp.objects.filter(agent=agent, ended_at=None).first()


def _end(running: WrapUp, at: datetime, how: str) -> None:
    """It ended at `at`, or when its time was over; never before it began, whatever the clocks say."""
    over = at >= running.until
    running.ended_at = running.until if over else max(at, running.started_at)
    running.how = How.LIMIT if over else how
    running.save(update_fields=["ended_at", "how"])
