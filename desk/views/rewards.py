"""Spending points for the customer: the panel of rewards."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import loyalty.services
from contactcenter.errors import Refused
from desk.access import AgentRequest, account_of, desk_view, ticket_or_404
from desk.forms import RedeemForm, checked, fresh_key
from desk.views.parts import after_deed
from loyalty import offers
from loyalty.models import Account, Reward
from tickets.models import Ticket


@desk_view
@require_http_methods(["GET", "HEAD", "POST"])
def panel(request: AgentRequest, reference: str) -> HttpResponse:
    """Open the panel, or with POST take the reward."""
    ticket = ticket_or_404(request, reference)
    if request.method == "POST":
        form = checked(RedeemForm(request.POST))
        pk, price = form["reward"]
        reward = get_object_or_404(Reward.objects.visible_to(request.user), pk=pk)
        loyalty.services.redeem_reward(
            member_of(ticket), reward, by=request.user, key=form["key"], seen=price
        )
        return after_deed(request, reference)
    account = account_of(ticket.customer)
    found = offers.offers(account) if account else []
    context = {
        "ticket": ticket,
        "account": account,
        "now": [offer for offer in found if offer.is_within_reach],
        "near": offers.near(found),
        "key": fresh_key(),
    }
    return render(request, "desk/_redeem.html", context)


def member_of(ticket: Ticket) -> Account:
    """The account of who asks. Refused: `no_member`."""
    account = account_of(ticket.customer)
    if account is None:
        raise Refused("no_member", _("%s is no member yet.") % ticket.customer)
    return account
