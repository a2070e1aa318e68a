"""Whether a reason fits: the ticket it is given on, the points, the order it is about, and who gets them."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from contactcenter.errors import Refused
from customers.models import Order
from goodwill.models import Reason, Request
from loyalty.models import Account
from tickets.models import Ticket


def expect_fits(
    reason: Reason, ticket: Ticket, account: Account | None, points: int, order: Order | None
) -> None:
    """Refuse what the reason does not allow, whoever asks; the ticket is locked.

    Refused: `other_brand`, `outside_reason`, `order_missing`, `other_order`, `order_made_good`, `reason_excluded`,
    `not_for_tier`.
    """
    expect_reason(reason, ticket, points)
    _expect_order(reason, ticket, order)
    expect_fits_member(reason, ticket, account)


def expect_fits_member(reason: Reason, ticket: Ticket, account: Account | None) -> None:
    """Refuse a member whom the reason leaves out: of such a tier, or given on this ticket what excludes it."""
    if account and account.tier and account.tier.code in reason.not_for_tiers:
        names = {"reason": reason.label, "tier": account.tier.name}
        raise Refused(
            "not_for_tier", _("%(reason)s is not for members of %(tier)s: they have it anyway.") % names
        )
    _expect_alone(reason, ticket)


def expect_reason(reason: Reason, ticket: Ticket, points: int) -> None:
    """Refuse what the reason allows nobody: another brand's, out of use (`other_brand`), or so many points
    (`outside_reason`)."""
    if reason.brand_id != ticket.brand_id or not reason.is_active:
        raise Refused("other_brand", _("This reason is not in use for the brand of the ticket."))
    if not reason.min_points <= points <= reason.max_points:
        figures = {"min": reason.min_points, "max": reason.max_points}
        sentence = _("%(reason)s allows %(min)d to %(max)d points.") % {"reason": reason.label, **figures}
        raise Refused("outside_reason", sentence, details=figures)


def _expect_order(reason: Reason, ticket: Ticket, order: Order | None) -> None:
    if order is None:
        if reason.needs_order:
            raise Refused("order_missing", _("%s: name the order it is about.") % reason.label)
        return
    if not Order.objects.filter(pk=order.pk, customer=ticket.customer_id).exists():  # as it is under the lock
        raise Refused("other_order", _("This is no order of the customer."))
    if Request.objects.counting().filter(order=order, reason=reason).exists():
        names = {"order": order.number, "reason": reason.label}
        raise Refused(
            "order_made_good", _("Order %(order)s was made good for this already: %(reason)s.") % names
        )


def _expect_alone(reason: Reason, ticket: Ticket) -> None:
    """Refuse a reason beside one of which either says that the two exclude each other."""
    whole = Q(ticket=ticket.pk) | Q(ticket__merged_into=ticket.pk)
    either = Q(reason__code__in=reason.excludes) | Q(reason__excludes__contains=[reason.code])
    other = Request.objects.counting().filter(whole).filter(either).select_related("reason").first()
    if other is not None:
        names = {"reason": reason.label, "other": other.reason.label}
        sentence = _("%(other)s was given on this ticket, and %(reason)s does not go with it.") % names
        raise Refused("reason_excluded", sentence)
