"""What becomes of a request in the ledger and in the conversation; the locks are held by whoever calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import loyalty.services
import tickets.services
from agents.models import Agent
from contactcenter.errors import Refused
from contactcenter.live import nudge
from goodwill.models import Request
from goodwill.services import locking
from loyalty.models import Account, Benefit, Entry, Reward
from tickets.models import Ticket, TicketEvent

Gift = Reward | Benefit


def account_of(ticket: Ticket) -> Account:
    """The account that the points of this ticket go to; refused (`no_member`) where there is none."""
    account = member_of(ticket)
    if account is None:
        sentence = _("%s is no member yet, so there is no account for points.")
        raise Refused("no_member", sentence % ticket.customer)
    return account


def worth_of(gift: Gift) -> int:
    """What a voucher or a benefit counts for, in points. Refused: `not_given` for a benefit without a value."""
    worth = gift.worth if isinstance(gift, Reward) else gift.gift_points
    if worth is None:
        raise Refused("not_given", _("%s is not given as goodwill.") % gift)
    return worth


def account_for(ticket: Ticket, gift: Gift | None) -> Account | None:
    """The account of whoever is given `gift` (None: points); who is no member may have a voucher, and nothing else."""
    return member_of(ticket) if isinstance(gift, Reward) else account_of(ticket)


def member_of(ticket: Ticket) -> Account | None:
    """The account of the customer; None for who is no member."""
    return Account.objects.select_related("programme").filter(customer=ticket.customer_id).first()


def gift_of(request: Request) -> Gift | None:
    """What is given instead of points, None for points."""
    return request.reward or request.benefit


def post(request: Request, *, at: datetime, on: Ticket | None = None) -> Request:
    """Give what a request asks for; `on` is the ticket that is told of it, the request's own by default.

    What it had reserved of its budget is spent.
    """
    waited = request.pk is not None
    gift = gift_of(request)
    if gift is None:
        request.entry = _earn(request, at)
    else:
        _issue(request, at)
    request.state = Request.State.POSTED
    request.lapses_at = request.passes_at = None
    request.save()
    locking.book(request.budget, spent=request.points, reserved=-request.points if waited else 0)
    told: dict[str, Any] = {"gift": gift.code, "entry": None} if gift else {}
    if entry := request.entry:
        told = {
            "before": entry.balance_after - request.points,
            "after": entry.balance_after,
            "entry": entry.pk,
        }
    tickets.services.record(
        on or request.ticket, TicketEvent.Kind.GOODWILL, by=request.by, at=at, points=request.points,
        reason=request.reason.code, request=request.pk, **told,
    )  # fmt: skip
    if request.given_benefit is not None:
        tickets.services.follow_benefits(on or request.ticket, at)
    nudge("goodwill.tasks.watch_moment")
    return request


def _issue(request: Request, at: datetime) -> None:
    """The voucher or the benefit of a request; the ledger is not touched."""
    deed: dict[str, Any] = {"points": request.points, "by": request.by, "key": f"gw:{request.key}", "at": at}
    if request.reward is not None:
        request.redemption = loyalty.services.give_reward(request.reward, account=request.account, **deed)
    if request.benefit is not None and request.account is not None:
        request.given_benefit = loyalty.services.give_benefit(
            request.benefit, account=request.account, **deed
        )


def _earn(request: Request, at: datetime) -> Entry:
    account, reason = request.account or account_of(request.ticket), request.reason
    return loyalty.services.earn(
        account,
        request.points,
        contra="issue.goodwill",
        by=request.by,
        key=f"gw:{request.key}",
        at=at,
        months=reason.months or account.programme.goodwill_months,
        qualifying=request.points if reason.counts_for_tiers else 0,
        source=f"ticket:{request.ticket.reference}",
        reason=reason.code,
        breakdown={"reason": reason.code},
    )


def note(
    request: Request, what: str, *, by: Agent | None, at: datetime, on: Ticket | None = None, **more: Any
) -> None:
    """Write into the conversation `what` became of a request: asked, put_to, nobody_there, agreed, declined,
    withdrawn, lapsed, not_sent, undone, reversed, offered, chosen, called, defaulted, not_given.

    Who did it is `by`, else the system, unless `more` says another `actor`.
    """
    tickets.services.record(
        on or request.ticket, TicketEvent.Kind.GOODWILL_REQUEST, by=by, at=at, after=request.state,
        what=what, points=request.points, reason=request.reason.code, request=request.pk, **more,
    )  # fmt: skip
