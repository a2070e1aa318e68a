"""Spending points for the customer: the panel of rewards, the code the customer reads out, undoing."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

import loyalty.services
import tickets.services
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Notice
from desk.access import AgentRequest, account_of, desk_view, ticket_or_404
from desk.forms import CodeForm, RedeemForm, checked, fresh_key
from desk.views.parts import after_deed
from loyalty import offers
from loyalty.frozen import frozen
from loyalty.models import Account, Redemption, Reward
from loyalty.services.confirming import notice_key
from tickets.models import Ticket

TAKEN_SHOWN = 3


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel, or with POST take the reward; a dear one waits for the customer's code first."""
    ticket = ticket_or_404(request, reference)
    if request.method != "POST":
        return render(request, *_panel(ticket))
    form = checked(RedeemForm(request.POST))
    pk, price = form["reward"]
    reward = get_object_or_404(Reward.objects.visible_to(request.user), pk=pk)
    taken = loyalty.services.redeem_reward(
        member_of(ticket),
        reward,
        by=request.user,
        key=form["key"],
        seen=price,
        conversation=tickets.services.conversation_of(ticket),
    )
    if taken.state == Redemption.State.WAITING:
        return render(request, "desk/_confirm.html", _waiting(ticket, taken))
    return after_deed(request, reference)


@desk_view
@require_POST
def confirm(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """The code that the customer read out."""
    ticket, redemption = _redemption(request, reference, pk)
    code = checked(CodeForm(request.POST))["code"]
    loyalty.services.confirm(redemption, code, by=request.user)
    return after_deed(request, ticket.reference)


@desk_view
@require_POST
def withdraw(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """Wait for no code any more, and show the rewards again."""
    _ticket, redemption = _redemption(request, reference, pk)
    loyalty.services.withdraw(redemption, by=request.user)
    return render(request, *_panel(ticket_or_404(request, reference)))


@desk_view
@require_POST
def undo(request: AgentRequest, reference: str, pk: int) -> HttpResponse:
    """Give the points back for a reward that was taken."""
    ticket, redemption = _redemption(request, reference, pk)
    loyalty.services.undo_redemption(redemption, by=request.user)
    return after_deed(request, ticket.reference)


def member_of(ticket: Ticket) -> Account:
    """The account of who asks. Refused: `no_member`."""
    account = account_of(ticket.customer)
    if account is None:
        raise Refused("no_member", _("%s is no member yet.") % ticket.customer)
    return account


def _redemption(request: AgentRequest, reference: str, pk: int) -> tuple[Ticket, Redemption]:
    """The ticket, and a redemption of the customer who asks in it."""
    ticket = ticket_or_404(request, reference)
    account = account_of(ticket.customer)
    if account is None:
        raise Http404
    return ticket, get_object_or_404(Redemption.objects.of_member(account).visible_to(request.user), pk=pk)


def _panel(ticket: Ticket) -> tuple[str, dict[str, Any]]:
    """The template and what it shows: the rewards, or the one that waits for its code."""
    account = account_of(ticket.customer)
    if account is None:
        return "desk/_redeem.html", {"ticket": ticket, "account": None}
    theirs = Redemption.objects.of_member(account)
    recent = theirs.select_related("reward", "hold", "voucher").order_by("-pk")
    if waiting := recent.filter(state="waiting", hold__expires_at__gt=clock.now()).first():
        return "desk/_confirm.html", _waiting(ticket, waiting)
    found = offers.offers(account)
    return "desk/_redeem.html", {
        "ticket": ticket,
        "account": account,
        "now": [offer for offer in found if offer.is_within_reach],
        "near": offers.near(found),
        "taken": list(recent.can_be_undone()[:TAKEN_SHOWN]),
        "key": fresh_key(),
        "frozen": frozen(account),
    }


def _waiting(ticket: Ticket, redemption: Redemption) -> dict[str, Any]:
    notice = Notice.objects.select_related("contact_point").filter(key=notice_key(redemption)).first()
    return {"ticket": ticket, "redemption": redemption, "sent_to": notice.contact_point if notice else ""}
