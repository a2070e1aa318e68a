"""Nobody gives to themselves, nor agrees that somebody else does."""

from __future__ import annotations

from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Refused
from customers.models import ContactPoint
from tickets.models import Ticket


def expect_somebody_else(by: Agent, ticket: Ticket) -> None:
    """Refuse (`own_account`) goodwill for a customer who has the agent's own address."""
    own = ContactPoint.objects.filter(
        customer=ticket.customer_id, kind=ContactPoint.Kind.MAIL, value__iexact=by.email
    )
    if own.exists():
        raise Refused("own_account", _("This customer has your own address. Somebody else has to decide."))
