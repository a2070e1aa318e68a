"""The locks of goodwill in the order of the house: ticket, budget, what an agent gives, what a customer gets, account.

Sums over requests are true only while nobody adds to them: whoever gives stands in line for agent and customer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import clock, keys
from contactcenter.errors import Refused
from goodwill.models import Budget, Reason, Request
from loyalty.models import Account
from tickets.models import Ticket, TicketLink, TicketTag


def budgets_for(ticket: Ticket, reason: Reason, by: Agent, at: datetime) -> Any:
    """The budgets that could pay; the first does: of the incident, else of a campaign the ticket is tagged with, else
    of a team of `by`, else of the brand."""
    incidents = TicketLink.objects.filter(one=ticket.pk, kind=TicketLink.Kind.INCIDENT).values("other")
    return _closest(Q(incident__in=incidents), ticket, reason, by, at)


def lock_budget_of_incident(incident: Ticket, reason: Reason, by: Agent, at: datetime) -> Budget | None:
    """The same for all that an incident is to be put right with: its own budget, else of a campaign it is tagged with,
    else of a team of `by`, else of the brand; locked."""
    closest = _closest(Q(incident=incident.pk), incident, reason, by, at)
    return closest.select_for_update(of=("self",)).first()


def _closest(of_incident: Q, ticket: Ticket, reason: Reason, by: Agent, at: datetime) -> Any:
    running = Budget.objects.running(at).filter(brand=ticket.brand_id, kind=reason.kind, pays_pledges=False)
    of_campaign = Q(campaign__in=TicketTag.objects.filter(ticket=ticket.pk).values("tag"))
    of_brand = Q(team=None, incident=None, campaign=None)
    mine = running.filter(of_incident | of_campaign | Q(team__in=by.teams.values("pk")) | of_brand)
    closest = (F(name).asc(nulls_last=True) for name in ("incident", "campaign", "team"))
    of = ("incident__brand", "campaign", "team")
    return mine.select_related(*of).order_by(*closest, "-starts_at", "pk")


def lock_budget(ticket: Ticket, reason: Reason, by: Agent, at: datetime) -> Budget | None:
    """The budget that pays, locked; None where nobody has set one."""
    return budgets_for(ticket, reason, by, at).select_for_update(of=("self",)).first()


def claimed(ticket: int) -> bool:
    """Lock the ticket of this id, or the one it went into, for a sweep; False where somebody works on it now."""
    going_on = Ticket.objects.filter(pk=ticket).values_list("merged_into", flat=True).get() or ticket
    free = Ticket.objects.select_for_update(skip_locked=True, of=("self",), no_key=True).filter(pk=going_on)
    return bool(free.values_list("pk", flat=True))


def as_it_is(request: Request) -> Request:
    """A request as it is now that its ticket is locked, and its budget locked with it."""
    rows = Request.objects.select_related(
        "ticket__brand",
        "account__programme",
        "reason",
        "by",
        "entry__account",
        "asked_of",
        "reward",
        "benefit",
        "redemption",
        "given_benefit",
    )
    found: Request = rows.get(pk=request.pk)
    if found.budget_id is not None:
        found.budget = Budget.objects.select_for_update(of=("self",)).get(pk=found.budget_id)
    return found


def lock_budgets(ticket: Ticket, _by: Agent) -> None:
    """All budgets of which one might pay on this ticket, for who does not know yet what will be given."""
    running = Budget.objects.running(clock.now()).filter(brand=ticket.brand_id, pays_pledges=False)
    list(running.order_by("pk").select_for_update(of=("self",)))


def lock_agent(ticket: Ticket, by: Agent) -> None:
    """Stand in line for what `by` gives in this brand."""
    keys.claim(Agent, f"goodwill:{ticket.brand_id}:{by.pk}")


def lock_customer(ticket: Ticket, _by: Agent | None) -> None:
    """Stand in line for what the customer of this ticket is given."""
    keys.claim(Account, f"goodwill:{ticket.customer_id}")


def lock_usage(by: Agent | None, ticket: Ticket) -> None:
    """Both, in the order of the house; without `by` (a pledge pays) nobody is charged."""
    if by is not None:
        lock_agent(ticket, by)
    lock_customer(ticket, by)


def lock_account(ticket: Ticket, _by: Agent) -> None:
    """The account of the customer, if there is one: the last of the order."""
    list(Account.objects.select_for_update(of=("self",)).filter(customer=ticket.customer_id))


def expect_room(budget: Budget | None, points: int) -> None:
    """Refuse (`budget_used_up`) what a hard budget has no room for."""
    if budget is not None and budget.is_hard and points > budget.left:
        sentence = _("The budget “%(name)s” has %(left)d points left.") % {
            "name": budget.name, "left": max(0, budget.left)
        }  # fmt: skip
        raise Refused(
            "budget_used_up", sentence, details={"budget": budget.name, "left": max(0, budget.left)}
        )


def book(budget: Budget | None, *, spent: int = 0, reserved: int = 0) -> None:
    """Write what a locked budget has spent and reserved more, or less."""
    if budget is not None:
        budget.spent += spent
        budget.reserved += reserved
        budget.save(update_fields=["spent", "reserved"])
