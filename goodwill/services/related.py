"""Nobody gives to themselves or to who is near to them, nor agrees that somebody else does."""

from __future__ import annotations

from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter.errors import Refused
from goodwill.radar.related import own_address_on, sharing
from tickets.models import Ticket


def expect_somebody_else(by: Agent, ticket: Ticket) -> None:
    """Refuse (`own_account`) goodwill of `by` for a customer who has their address, or shares one with who has it.

    Addresses that were taken away count; so does a ticket in which something came from the address of `by`. See
    `goodwill.radar.related` for what is known.
    """
    if own_address_on(by, ticket):
        raise Refused("own_account", _("This customer has your own address. Somebody else has to decide."))
    if via := sharing([by.pk], ticket.brand_id).get((by.pk, ticket.customer_id)):
        sentence = _("This customer shares an address with your own account. Somebody else has to decide.")
        raise Refused("own_account", sentence, details={"via": via})


def is_somebody_else(by: Agent, ticket: Ticket) -> bool:
    """Whether `by` may decide on goodwill for the customer of `ticket`: see `expect_somebody_else`."""
    try:
        expect_somebody_else(by, ticket)
    except Refused:
        return False
    return True


def expect_asked_for_somebody_else(asker: Agent, ticket: Ticket) -> None:
    """Refuse (`own_account`) to agree to what somebody asked for themselves, or for who is near to them by now."""
    try:
        expect_somebody_else(asker, ticket)
    except Refused as refusal:
        sentence = _("%s asked for their own or a related account. That can only be declined.") % asker
        raise Refused(refusal.code, sentence, details=refusal.details) from None
