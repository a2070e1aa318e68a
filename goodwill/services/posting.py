"""What becomes of a request in the ledger and in the conversation; the locks are held by whoever calls."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

import loyalty.services
import tickets.services
from agents.models import Agent
from contactcenter.errors import Refused
from contactcenter.live import nudge
from goodwill.models import Request
from goodwill.services import locking
from loyalty.models import Account
from tickets.models import Ticket, TicketEvent


def account_of(ticket: Ticket) -> Account:
    """The account that the points of this ticket go to; refused (`no_member`) where there is none."""
    account = Account.objects.select_related("programme").filter(customer=ticket.customer_id).first()
    if account is None:
        sentence = _("%s is no member yet, so there is no account for points.")
        raise Refused("no_member", sentence % ticket.customer)
    return account


def post(request: Request, *, at: datetime, on: Ticket | None = None) -> Request:
    """Give the points of a request; `on` is the ticket that is told of it, the request's own by default.

    What it had reserved of its budget is spent.
    """
    account, reason = request.account, request.reason
    entry = loyalty.services.earn(
        account,
        request.points,
        contra="issue.goodwill",
        by=request.by,
        key=f"gw:{request.key}",
        at=at,
        months=account.programme.goodwill_months,
        source=f"ticket:{request.ticket.reference}",
        reason=reason.code,
        breakdown={"reason": reason.code},
    )
    waited = request.pk is not None
    request.entry, request.state, request.lapses_at = entry, Request.State.POSTED, None
    request.save()
    locking.book(request.budget, spent=request.points, reserved=-request.points if waited else 0)
    tickets.services.record(
        on or request.ticket, TicketEvent.Kind.GOODWILL, by=request.by, at=at,
        before=entry.balance_after - request.points, after=entry.balance_after,
        points=request.points, reason=reason.code, request=request.pk, entry=entry.pk,
    )  # fmt: skip
    nudge("goodwill.tasks.watch_moment")
    return request


def note(request: Request, what: str, *, by: Agent | None, at: datetime, on: Ticket | None = None) -> None:
    """Write into the conversation `what` became of a request: asked, agreed, declined, withdrawn, lapsed, undone,
    reversed."""
    tickets.services.record(
        on or request.ticket, TicketEvent.Kind.GOODWILL_REQUEST, by=by, at=at, after=request.state,
        what=what, points=request.points, reason=request.reason.code, request=request.pk,
    )  # fmt: skip
