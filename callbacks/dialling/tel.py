"""The agent's own telephone: the page shows a `tel:` link, and the outcome buttons say what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from callbacks.dialling.port import DiallerDown, Order, Placed, Standing

EVERY = None


def place(order: Order) -> Placed:
    """Nothing is rung: `link` is for the agent to open."""
    return Placed(link=link(order.customer))


def link(number: str) -> str:
    """The `tel:` address (RFC 3966) of `number`; raises DiallerDown where it is none."""
    bare = re.sub(r"[\s()./-]", "", number)
    if not re.fullmatch(r"\+?[0-9]{2,20}", bare):
        raise DiallerDown("bad_number", _("This number cannot be dialled."))
    return f"tel:{bare}"


def standing(ref: str) -> Standing | None:
    """What happens on the agent's own telephone is known to nobody here."""
    return None


def hang_up(ref: str) -> None:
    """The agent hangs up."""


def faults() -> Mapping[str, str]:
    return {}
