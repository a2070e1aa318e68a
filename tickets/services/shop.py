"""What the shop is asked to do with an order, and what it reports. Locked in the order ticket, order, account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

import customers.services
from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify, supervisors_of
from contactcenter import clock, keys
from contactcenter.errors import Invalid, Refused
from customers.models import Order, OrderLine
from customers.services.orders import expect_happened
from customers.services.refunds import expect_refundable
from tickets.models import ShopTask, ShopTaskLine, Ticket, TicketEvent
from tickets.services.steps import WORK, lock, record

Kind, State = ShopTask.Kind, ShopTask.State
DO = "tickets.do_shoptask"
LEASE = timedelta(minutes=15)  # who has taken a task has it so long
AT_ONCE = 50  # tickets in a transaction of the sweep
LETTERS_AT_MOST = 500


@dataclass(frozen=True)
class Piece:
    """An article of a task: how many of it, and for a refund how much of what was paid for it, in minor units."""

    line: OrderLine
    quantity: int = 0
    amount_minor: int = 0


@transaction.atomic
def ask_shop(
    ticket: Ticket,
    order: Order,
    kind: str,
    pieces: Sequence[Piece],
    *,
    by: Agent,
    key: str,
    note: str = "",
    at: datetime | None = None,
) -> ShopTask:
    """Ask the shop for a refund, a return or a second parcel of articles of the customer's `order`.

    The same `key` with the same content gives the task that is there. Over all tasks of the order that were not
    refused or withdrawn no more than was bought, and for refunds no more than was paid and has not gone back.
    Refused: `not_their_order`, `order_cancelled`, `no_such_kind`, `too_long`, `key_conflict`, `nothing_to_refund` for
    no articles, `unknown_line`, `line_twice`, `not_positive`, `more_than_paid`, `more_than_bought`.
    """
    expect_right(by, WORK, ticket.brand_id)
    if kind not in Kind.values:
        raise Invalid("no_such_kind", _("The shop gives back, takes back or sends again."))
    note = _short(note)
    at = at or clock.now()
    ticket = lock(ticket)
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    keys.claim(ShopTask, key)
    asked = sorted((piece.line.pk, piece.quantity, piece.amount_minor) for piece in pieces)
    request = keys.digest("shop", ticket.pk, order.pk, kind, asked, note)
    if earlier := ShopTask.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    if (order.brand_id, order.customer_id) != (ticket.brand_id, ticket.customer_id):
        raise Refused("not_their_order", _("This order is not of the ticket’s customer."))
    _expect_askable(order, kind, pieces)
    task = ShopTask.objects.create(
        brand_id=ticket.brand_id, ticket=ticket, order=order, kind=kind, note=note, key=key, request_hash=request,
        asked_by=by, asked_at=at, tell_at=at + timedelta(minutes=ticket.queue.shop_minutes),
    )  # fmt: skip
    ShopTaskLine.objects.bulk_create(
        ShopTaskLine(
            task=task, order=order, kind=kind, line=piece.line, quantity=piece.quantity,
            amount_minor=piece.amount_minor,
        )
        for piece in pieces
    )  # fmt: skip
    _record(task, ticket, None, by=by, at=at)
    return task


@transaction.atomic
def withdraw_task(task: ShopTask, *, by: Agent, at: datetime | None = None) -> ShopTask:
    """Take back what nobody has taken yet. Again does nothing; refused: `task_taken`, `task_ended`."""
    expect_right(by, WORK, task.brand_id)
    ticket, task = _locked(task)
    if task.state == State.WITHDRAWN:
        return task
    if task.state == State.TAKEN:
        raise Refused("task_taken", _("The shop is at it already."))
    _expect_open(task)
    return _end(task, ticket, State.WITHDRAWN, by=by, at=at or clock.now())


@transaction.atomic
def take_task(task: ShopTask, *, by: Agent, at: datetime | None = None) -> ShopTask:
    """Give `by` the task for fifteen minutes; asking again before they are over gives them anew.

    Of two at once one gets it. Refused: `task_taken` while another has it, `task_ended`.
    """
    expect_right(by, DO, task.brand_id)
    at = at or clock.now()
    ticket, task = _locked(task)
    _expect_open(task)
    before, mine = task.state, task.taken_by_id == by.pk
    if task.lease_until is not None and task.lease_until > at and not mine:
        raise Refused("task_taken", _("Somebody else has taken this task."))
    task.state, task.lease_until = State.TAKEN, at + LEASE
    task.tell_at = task.lease_until + timedelta(minutes=ticket.queue.shop_minutes)
    if not mine:
        task.taken_by, task.taken_at = by, at
        _record(task, ticket, before, by=by, at=at)
    task.save(update_fields=["state", "lease_until", "tell_at", "taken_by", "taken_at"])
    return task


@transaction.atomic
def do_task(task: ShopTask, *, by: Agent, answer: str = "", at: datetime | None = None) -> ShopTask:
    """The shop has done it. Money that went back is booked with it, and its points follow, once.

    `at` is when it was done. Reporting it again does nothing. Refused: `task_not_yours` for who has not taken it,
    `task_ended`, `too_long`, `in_future`, and what refunding the order refuses.
    """
    expect_right(by, DO, task.brand_id)
    answer, at = _short(answer), at or clock.now()
    expect_happened(at)
    ticket, task = _locked(task)
    if task.state == State.DONE:
        return task
    _expect_taken_by(task, by)
    if task.kind == Kind.REFUND:
        lines = task.lines.select_related("line")
        refunds = [customers.services.Refund(one.line, one.amount_minor, one.quantity) for one in lines]
        key = f"shop-task:{task.pk}"
        task.refund = customers.services.refund_order(task.order, refunds, key=key, by=by, at=at)
    return _end(task, ticket, State.DONE, by=by, at=at, answer=answer)


@transaction.atomic
def refuse_task(task: ShopTask, *, by: Agent, answer: str, at: datetime | None = None) -> ShopTask:
    """The shop will not do it, and says why in `answer`. Reporting it again does nothing.

    Refused: `nothing_said` without a sentence, `too_long`, `task_not_yours`, `task_ended`.
    """
    expect_right(by, DO, task.brand_id)
    answer = _short(answer)
    if not answer:
        raise Invalid("nothing_said", _("Say in a sentence why not."))
    ticket, task = _locked(task)
    if task.state == State.REFUSED:
        return task
    _expect_taken_by(task, by)
    return _end(task, ticket, State.REFUSED, by=by, at=at or clock.now(), answer=answer)


@transaction.atomic
def tell_untaken(*, at: datetime | None = None) -> int:
    """Tell supervisors of tasks that have come no further in time, of fifty tickets at most; how many tasks.

    A ticket that somebody is working on at this moment is left to the next sweep.
    """
    at = at or clock.now()
    found = ShopTask.objects.to_tell(at).values("ticket")[:AT_ONCE]
    rows = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=found)
    tickets = {ticket.pk: ticket for ticket in rows.select_related("brand").order_by("pk")}
    waiting = list(ShopTask.objects.to_tell(at).filter(ticket__in=tickets).select_related("order"))
    for task in waiting:
        ticket = tickets[task.ticket_id]
        notify(
            supervisors_of(ticket.brand), brand_id=task.brand_id, kind="shop_task_waits", subject=ticket.reference,
            key=f"shop:{task.pk}:{task.tell_at:%Y%m%d%H%M%S}", at=at, task=task.pk, task_kind=task.kind,
            state=task.state, order=task.order.number,
        )  # fmt: skip
        task.tell_at = None
        task.save(update_fields=["tell_at"])
    return len(waiting)


def left_for_shop(order: Order, kind: str) -> dict[int, Piece]:
    """What of each article of an order, by its id, the shop may still be asked for: how many, and how much money."""
    asked = _asked(order, kind)
    left = {}
    for line in order.lines.annotate(returned=Sum("refunds__quantity", default=0)):
        quantity, amount = asked[line.pk]
        back, paid = (
            (line.returned, line.amount_minor - line.refunded_minor) if kind == Kind.REFUND else (0, 0)
        )
        left[line.pk] = Piece(line, max(line.quantity - back - quantity, 0), max(paid - amount, 0))
    return left


def _asked(order: Order, kind: str) -> dict[int, tuple[int, int]]:
    """How many and how much of each article the shop is asked for: refunds that are done are booked on the order."""
    counts: tuple[Any, ...] = State.ASKED, State.TAKEN
    if kind != Kind.REFUND:
        counts = *counts, State.DONE
    rows = ShopTaskLine.objects.filter(order=order, kind=kind, task__state__in=counts)
    sums = rows.values_list("line").annotate(Sum("quantity"), Sum("amount_minor"))
    found: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    return found | {line: (quantity, amount) for line, quantity, amount in sums}


def _expect_askable(order: Order, kind: str, pieces: Sequence[Piece]) -> None:
    """Of a locked order no more is asked for than is left of it."""
    if kind == Kind.REFUND:
        expect_refundable(
            order, [customers.services.Refund(one.line, one.amount_minor, one.quantity) for one in pieces]
        )
    else:
        _expect_articles(order, pieces)
    left = left_for_shop(order, kind)
    for piece in pieces:
        here = left[piece.line.pk]
        if piece.amount_minor > here.amount_minor:
            raise Refused(
                "more_than_paid",
                _("Of “%(article)s” %(amount).2f are left; the rest is asked for already.")
                % {"article": here.line.name, "amount": here.amount_minor / 100},
                details={"line": piece.line.pk, "amount_minor": here.amount_minor},
            )
        if piece.quantity > here.quantity:
            raise Refused(
                "more_than_bought",
                _("Of “%(article)s” no more than %(quantity)d are left to ask for.")
                % {"article": here.line.name, "quantity": here.quantity},
                details={"line": piece.line.pk, "quantity": here.quantity},
            )


def _expect_articles(order: Order, pieces: Sequence[Piece]) -> None:
    """What moves articles names each once, at least one of it, and no money."""
    if order.status == Order.Status.CANCELLED:
        raise Refused("order_cancelled", _("Order %s was cancelled.") % order.number)
    lines = [piece.line.pk for piece in pieces]
    if not lines:
        raise Refused("nothing_to_refund", _("Say which articles it is about."))
    if len(set(lines)) < len(lines):
        raise Refused("line_twice", _("Name each article once."))
    if order.lines.filter(pk__in=lines).count() < len(lines):
        raise Refused("unknown_line", _("Order %s has no such article.") % order.number)
    if any(piece.quantity < 1 or piece.amount_minor for piece in pieces):
        raise Refused("not_positive", _("Say how many of each article."))


def _locked(task: ShopTask) -> tuple[Ticket, ShopTask]:
    """The task's ticket, locked, and the task as it is now: whoever changes it has locked its ticket."""
    ticket = lock(Ticket(pk=task.ticket_id))
    return ticket, ShopTask.objects.select_related("order", "taken_by").get(pk=task.pk)


def _expect_open(task: ShopTask) -> None:
    if task.state not in ShopTask.OPEN:
        raise Refused("task_ended", _("This task is %s.") % task.get_state_display())


def _expect_taken_by(task: ShopTask, by: Agent) -> None:
    _expect_open(task)
    if task.taken_by_id != by.pk:
        raise Refused("task_not_yours", _("Take this task before you report on it."))


def _end(
    task: ShopTask, ticket: Ticket, state: str, *, by: Agent, at: datetime, answer: str = ""
) -> ShopTask:
    before = task.state
    task.state, task.answer, task.ended_at, task.tell_at = state, answer, at, None
    task.save(update_fields=["state", "answer", "ended_at", "tell_at", "refund"])
    _record(task, ticket, before, by=by, at=at)
    return task


def _record(task: ShopTask, ticket: Ticket, before: str | None, *, by: Agent, at: datetime) -> None:
    record(
        ticket, TicketEvent.Kind.SHOP, by=by, at=at, before=before, after=task.state, task=task.pk, what=task.kind,
        order=task.order.number, amount_minor=task.amount_minor, currency=task.order.currency,
    )  # fmt: skip


def _short(text: str) -> str:
    text = text.strip()
    if len(text) > LETTERS_AT_MOST:
        raise Invalid("too_long", _("Up to %d characters.") % LETTERS_AT_MOST)
    return text
