"""Nobody gives to themselves or to who is near to them, nor agrees that somebody else does."""

from __future__ import annotations

from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Refused
from goodwill.models import Request
from goodwill.radar.related import own_address_on, sent_from_own, sharing
from tickets.models import Ticket


def expect_somebody_else(by: Agent, ticket: Ticket) -> None:
    """Refuse (`own_account`) goodwill of `by` for a customer who has their address, or shares one with who has it.

    Addresses that were taken away count; so does a ticket in which something came from the address of `by`, or from
    one of their own account's. See `goodwill.radar.related` for what is known.
    """
    if own_address_on(by, ticket):
        raise Refused("own_account", _("This customer has your own address. Somebody else has to decide."))
    known = sharing([by.pk], ticket.brand_id)
    via = known.get((by.pk, ticket.customer_id), "")
    own = [customer for (_agent, customer), how in known.items() if how == "own"]
    if via or (own and sent_from_own(ticket, own)):
        sentence = _("This customer shares an address with your own account. Somebody else has to decide.")
        raise Refused("own_account", sentence, details={"via": via or "sender"})


def is_somebody_else(by: Agent, ticket: Ticket) -> bool:
    """Whether `by` may decide on goodwill for the customer of `ticket`: see `expect_somebody_else`."""
    try:
        expect_somebody_else(by, ticket)
    except Refused:
        return False
    return True


def expect_for_somebody_else(asked: Request, ticket: Ticket) -> None:
    """Refuse (`own_account`) what is, by now, for whoever asked or agreed, or for who is near to them."""
    for agent in (asked.asker, asked.approver, asked.second):
        try:
            if agent is not None:
                expect_somebody_else(agent, ticket)
        except Refused as refusal:
            sentence = _("This is the own or a related account of %s. It can only be declined.") % agent
            raise Refused(refusal.code, sentence, details=refusal.details) from None
