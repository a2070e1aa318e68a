"""What every deed on a ticket is made of: lock, look, write, and leave the audit line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Refused
from contactcenter.live import nudge
from loyalty.models import Account
from tickets import rich
from tickets.lifecycle import may_move
from tickets.models import Message, Ticket, TicketEvent
from tickets.services.acting import acting_rule
from tickets.services.completing import expect_complete
from tickets.services.planning import plan_survey

Event, Actor = TicketEvent.Kind, TicketEvent.Actor
WORK = "tickets.work_ticket"
Status = Ticket.Status


def lock(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends: the first lock of the house's order.

    Refused: `ticket_merged` for one that goes on in another.
    """
    locked = lock_even_merged(ticket)
    expect_unmerged(locked)
    return locked


def expect_unmerged(ticket: Ticket) -> None:
    """Refuse (`ticket_merged`) a ticket that goes on in another."""
    if ticket.merged_into_id:
        raise Refused(
            "ticket_merged",
            _("%(ticket)s went into %(into)s. Work on that one, or take them apart.")
            % {"ticket": ticket, "into": reference_of(ticket, ticket.merged_into_id)},
        )


def lock_where_it_goes_on(ticket: Ticket) -> Ticket:
    """The ticket, or the one it went into, locked: a customer's word finds its way however often things were merged.

    A lock on one that was merged while we waited is given back before the next is taken: nobody holds two of them out
    of the order of their ids.
    """
    going_on = Ticket.objects.filter(pk=ticket.pk).values_list("merged_into", flat=True)
    while True:
        one = Ticket(pk=going_on.get() or ticket.pk)
        place = transaction.savepoint()
        locked = lock_even_merged(one)
        if locked.merged_into_id is None:
            transaction.savepoint_commit(place)
            return locked
        transaction.savepoint_rollback(place)


def reference_of(ticket: Ticket, other: int) -> str:
    """How people name the ticket with the id `other`, of the same brand."""
    return f"{ticket.brand.code}-{Ticket.objects.values_list('number', flat=True).get(pk=other)}"


def lock_even_merged(ticket: Ticket) -> Ticket:
    """As `lock`, whether or not it went into another one: for what hangs on it still."""
    locked = Ticket.objects.select_for_update(of=("self",), no_key=True).select_related(
        "brand", "queue", "customer", "assignee"
    )
    # A ticket that a merge has moved while we waited joins no customer in the statement that waited; the next one does.
    return locked.filter(pk=ticket.pk).first() or locked.get(pk=ticket.pk)


def record(
    ticket: Ticket,
    kind: str,
    /,
    *,
    by: Agent | None,
    at: datetime,
    actor: str = "",
    before: Any = None,
    after: Any = None,
    **data: Any,
) -> TicketEvent:
    """Write the audit line of a deed on a locked ticket, in the deed's own transaction; the database chains it.

    `actor` (default: the agent `by`, else the system) says who did it when no agent did. `before` and `after` are
    what was changed, `data` is more of it: all of them codes, ids and figures, never words of a person. While a rule
    acts it did it, and `rule` names its version.
    """
    if rule := acting_rule():
        by, actor, data["rule"] = None, Actor.RULE, rule.pk
    actor = actor or (Actor.AGENT if by else Actor.SYSTEM)
    data |= {"before": before, "after": after}
    return TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor, by=by, at=at, data=data)


def first_words(text: str, *, is_rich: bool) -> str:
    """What the row of a ticket shows of what was said, 120 characters at most."""
    beginning = text[:400]
    return (rich.in_a_line(beginning) if is_rich else " ".join(beginning.split()))[:120]


def say(
    ticket: Ticket, kind: str, text: str, *, channel: str, key: str, at: datetime, **fields: Any
) -> Message:
    """Add the next message to a locked ticket and let its row in the queue show it."""
    ticket.message_seq += 1
    rule = acting_rule()
    if (
        kind != Message.Kind.NOTE and not rule
    ):  # what the team says to itself is no answer, nor is what a rule says
        ticket.last_message_at = at
        ticket.last_words = first_words(text, is_rich=fields.get("is_rich", False))
        ticket.last_was_inbound = kind == Message.Kind.INBOUND
    return Message.objects.create(
        ticket=ticket,
        seq=ticket.message_seq,
        kind=kind,
        text=text,
        channel=channel,
        key=key,
        created_at=at,
        rule=rule,
        **fields,
    )


def take(ticket: Ticket, by: Agent, at: datetime) -> None:
    """Whoever answers a ticket nobody has, has it; not the installation's owner, who only helps out, nor a rule."""
    if acting_rule():
        return
    if ticket.assignee_id is None and serves(by, ticket):
        hand_to(ticket, by, by, at)


def serves(agent: Agent, ticket: Ticket) -> bool:
    """Whether `agent` answers customers of the ticket's brand."""
    return Agent.objects.serving(ticket.brand).filter(pk=agent.pk).exists()


def hand_to(
    ticket: Ticket, to: Agent | None, by: Agent | None, at: datetime, *, actor: str = "", **data: Any
) -> None:
    """Give a locked ticket to another agent, or to nobody; `actor` and `data` as for `record`."""
    before, after = ticket.assignee_id, to.pk if to else None
    if before != after:
        ticket.assignee = to
        record(ticket, Event.ASSIGNED, by=by, at=at, actor=actor, before=before, after=after, **data)


def end(ticket: Ticket, by: Agent, at: datetime) -> None:
    """Resolve a locked ticket; one that has ended stays as it is. Refused: `not_complete`."""
    if ticket.status not in Ticket.ENDED:
        expect_complete(ticket)
        off = {"snoozed": ticket.snoozed_until.isoformat()} if ticket.snoozed_until else {}
        record(ticket, Event.RESOLVED, by=by, at=at, before=ticket.status, after=Status.RESOLVED, **off)
        ticket.status, ticket.resolved_at = Status.RESOLVED, at
        tiers = Account.objects.filter(customer=ticket.customer_id).values_list("tier", flat=True)
        ticket.resolved_tier_id = tiers.first()
        ticket.closes_at = at + timedelta(days=ticket.queue.reopen_days)
        ticket.snoozed_until = None
        plan_survey(ticket, at)


def take_up(ticket: Ticket, by: Agent | None, at: datetime, *, actor: str = "") -> None:
    """Open a locked ticket that was resolved again: `by` does, or `actor` (default: the customer) where that is None.

    Refused: `ticket_closed`.
    """
    if not may_move(ticket.status, Status.OPEN):
        raise Refused("ticket_closed", _("This ticket is closed for good. Open a new one."))
    actor = actor or ("" if by else Actor.CUSTOMER)
    ended = {
        "resolved_at": ticket.resolved_at and ticket.resolved_at.isoformat(),
        "closes_at": ticket.closes_at and ticket.closes_at.isoformat(),
        "tier": ticket.resolved_tier_id,
    }  # how it ended, for who takes the reopening back
    record(
        ticket, Event.REOPENED, by=by, at=at, actor=actor, before=ticket.status, after=Status.OPEN, **ended
    )
    ticket.status, ticket.resolved_at, ticket.closes_at = Status.OPEN, None, None
    ticket.resolved_tier_id = None


def wake(ticket: Ticket, by: Agent | None, at: datetime, *, actor: str = "") -> None:
    """Bring a locked ticket that was put off back into the queues; one that was not stays as it is."""
    if ticket.snoozed_until is not None:
        before = ticket.snoozed_until.isoformat()
        record(ticket, Event.WOKEN, by=by, at=at, actor=actor, before=before, after=None)
        ticket.snoozed_until = None


def move(ticket: Ticket, status: str, by: Agent | None, at: datetime, *, actor: str = "") -> None:
    """Put a locked ticket into another status; `actor` as for `record`. Refused: `no_such_move`."""
    if not may_move(ticket.status, status):
        raise Refused("no_such_move", _("A ticket cannot go from this status to that."))
    if ticket.status != status:
        record(ticket, Event.STATUS, by=by, at=at, actor=actor, before=ticket.status, after=status)
        ticket.status = status


def keep(ticket: Ticket) -> None:
    """Save what the deed has moved on the locked ticket; rules may wait for it, and routing where it is nobody's."""
    nudge("tickets.tasks.run_rules")
    ticket.save(
        update_fields=[
            "status", "assignee", "queue", "priority", "type", "reason", "resolved_at", "resolved_tier", "closes_at",
            "snoozed_until", "wakes_on_thanks", "due_at", "due_kind", "due_since", "promised_tier", "head_start",
            "message_seq", "last_message_at", "last_words", "last_was_inbound", "joined_count",
        ]
    )  # fmt: skip
    if ticket.assignee_id is None or ticket.status not in (Status.NEW, Status.OPEN):
        nudge("tickets.tasks.route_waiting")


def can_be_answered(ticket: Ticket, at: datetime) -> bool:
    """Whether what the customer says at `at` belongs into the ticket: not where it is closed, or would be by then."""
    return ticket.status != Status.CLOSED and (ticket.closes_at is None or at < ticket.closes_at)
