"""Whether a reason fits: the ticket it is given on, the points, and who gets them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from contactcenter.errors import Refused
from customers.models import Order
from goodwill.models import Reason
from loyalty.models import Account
from tickets.models import Ticket


def expect_fits(reason: Reason, ticket: Ticket, account: Account, points: int, order: Order | None) -> None:
    """Refuse what the reason does not allow, whoever asks: `other_brand`, `outside_reason`."""
    if reason.brand_id != ticket.brand_id or not reason.is_active:
        raise Refused("other_brand", _("This reason is not in use for the brand of the ticket."))
    if not reason.min_points <= points <= reason.max_points:
        figures = {"min": reason.min_points, "max": reason.max_points}
        sentence = _("%(reason)s allows %(min)d to %(max)d points.") % {"reason": reason.label, **figures}
        raise Refused("outside_reason", sentence, details=figures)
