"""Saved views: the operators of the search as a list of open tickets in the order of their turn."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from tickets.models import SavedView, Ticket
from tickets.search.filters import Reader, conditions
from tickets.search.words import parse

ENDED = ("resolved", "closed")
LOOKED_AT = 5_000  # of the tickets that stand first, for a count


def listed(view: SavedView, agent: Agent) -> Any:
    """The open tickets that the view picks out for `agent`; `is:mine` and days are theirs. Put-off ones only when
    the view asks for them."""
    asked = parse(view.query)
    found = conditions(asked.filters, Reader(agent, [view.brand]))
    rows = Ticket.objects.filter(brand=view.brand_id).unsolved().filter(*found.asked)
    wants_snoozed = any(
        (one.name, one.value) == ("is", "snoozed") and not one.negated for one in asked.filters
    )
    return rows if wants_snoozed else rows.awake()


def counted(view: SavedView, agent: Agent) -> Any:
    """Those of the view among the 5,000 tickets that stand first: a count beside a name costs no more than these."""
    first = Ticket.objects.filter(brand=view.brand_id).unsolved().in_working_order().values("pk")[:LOOKED_AT]
    return listed(view, agent).filter(pk__in=first)


def expect_operators(query: str, agent: Agent, brand: Brand) -> None:
    """Refuse (`view_not_understood`) a query that is no list of open tickets, and say why."""
    asked = parse(query)
    told = conditions(asked.filters, Reader(agent, [brand])).told
    if asked.unknown:
        told = [_("There is no operator “%s:”.") % asked.unknown[0]]
    elif asked.words or asked.excluded:
        told = [_("A view is made of operators such as tier:gold; words belong in the search.")]
    elif any((one.name == "status" and one.value in ENDED) or one.value == "ended" for one in asked.filters):
        told = [_("A view lists open tickets; ended ones are found by the search.")]
    elif not asked.filters:
        told = [_("Say which tickets: tier:gold, for example.")]
    if told:
        raise Refused("view_not_understood", told[0])
