"""What is given instead of points: a voucher or a benefit, held against the same limits by what it is worth."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import loyalty.services
from contactcenter.errors import Refused
from goodwill.models import Request
from goodwill.services.granting import ask, grant
from goodwill.services.posting import Gift, worth_of
from tickets.models import Ticket


def grant_gift(ticket: Ticket, gift: Gift, **deed: Any) -> Request:
    """Give a voucher or a benefit as `grant` gives points, with the same words: its worth stands against every limit.

    Who is no member may have a voucher. Refused: as `grant`, and `not_given` for what is not given for nothing,
    `reward_gone`, `not_a_voucher`, `sold_out`, `benefit_gone`.
    """
    return grant(ticket, worth_of(gift), gift=gift, **deed)


def ask_gift(ticket: Ticket, gift: Gift, **deed: Any) -> Request:
    """As `grant_gift`; what is over a limit waits, its worth reserved, as `ask` does with points."""
    return ask(ticket, worth_of(gift), gift=gift, **deed)


def take_back_gift(given: Request, *, at: datetime) -> None:
    """What a posted request gave instead of points is worth nothing any more.

    Refused: `already_used`, `benefit_over`.
    """
    try:
        if given.redemption is not None:
            loyalty.services.take_back_reward(given.redemption, at=at)
        if given.given_benefit is not None:
            loyalty.services.take_back_benefit(given.given_benefit, at=at)
    except Refused as refusal:
        if refusal.code == "voucher_used":
            raise Refused(
                "already_used", _("This voucher is used, so it cannot be taken back any more.")
            ) from refusal
        raise
