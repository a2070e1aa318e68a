"""Points that an order should have earned and did not: explained, and posted where they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services.history import SERVE
from loyalty import absent, tier_windows
from loyalty.absent import Facts, Why
from loyalty.earning import Part
from loyalty.models import Account, Entry, PendingGrant
from loyalty.services import orders as ordering
from loyalty.services import pending
from loyalty.services.giving import Gift, earn
from loyalty.services.refunding import paid_lines, parts_told


def explain_order(order: Order, *, customer: Customer | None = None, at: datetime | None = None) -> Why:
    """Why `order` earned what it earned, asked by its buyer or by another `customer`, as things stand at `at`.

    Rules of the day it was placed, run dry over what stays paid; nothing is written. Of another customer's order
    nothing is told but that it is one.
    """
    if customer is not None and customer.pk != order.customer_id:
        return absent.explain(Facts(order.placed_at, is_of_another=True))
    account = Account.objects.select_related("programme", "tier").filter(customer=order.customer_id).first()
    facts, _parts = _facts(order, account, at or clock.now())
    return absent.explain(facts)


@transaction.atomic
def post_missing(order: Order, *, by: Agent, key: str, at: datetime | None = None) -> Entry | PendingGrant:
    """Post exactly what `order` should have earned and did not, as points of the order, at the instant it was placed.

    What would still be pending is pending. The same `key` for the same order gives what it gave the first time.
    Refused: `not_allowed`, `nothing_missing` with the reason's code.
    """
    expect_right(by, SERVE, order.brand_id)
    at = at or clock.now()
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    account = locked.filter(customer=order.customer_id).first()
    if account and (earlier := _posted(order, account, key)):
        return earlier
    facts, parts = _facts(order, account, at)
    why = absent.explain(facts)
    gift = ordering.gift_of(order, account, parts) if account and why.due else None
    if account is None or gift is None:
        raise Refused(
            "nothing_missing", _("Nothing is missing for order %s.") % order.number, details={"why": why.code}
        )
    gift = _asked(gift, order, key)
    if pending.matures_at(account.programme, gift.at) > at:
        return pending.put_by([gift], {account.pk: account})[0]
    return earn(
        account,
        gift.points,
        contra=gift.contra,
        by=by,
        key=gift.key,
        at=gift.at,
        qualifying=gift.qualifying,
        source=gift.source,
        breakdown=dict(gift.breakdown),
    )


def _facts(order: Order, account: Account | None, at: datetime) -> tuple[Facts, list[Part]]:
    """What is known, and the parts of rules that nobody was given."""
    is_cancelled = order.status in ordering.EARNING_NOTHING
    if account is None:
        return Facts(order.placed_at, is_cancelled=is_cancelled), []
    given = ordering.earned_by(order)
    lines = paid_lines(order)
    told = [part for row in given for part in parts_told(row, lines)]
    known = {part.terms.rule for part in told}
    others = [part for part in ordering.parts_of(order, account, lines) if part.terms.rule not in known]
    nobody_was_given = [] if is_cancelled else [part for part in others if part.points > 0]
    entries = [row for row in given if isinstance(row, Entry)]
    waiting = [row for row in given if isinstance(row, PendingGrant) and row.is_open]
    shrunk = sum(row.granted - row.points for row in given if isinstance(row, PendingGrant))
    matures_at = max((grant.matures_at for grant in waiting), default=None)
    facts = Facts(
        placed_at=order.placed_at,
        is_cancelled=is_cancelled,
        joined_at=account.joined_at,
        is_active=account.status == Account.Status.ACTIVE,
        given=sum(entry.points for entry in entries),
        taken_back=shrunk + _reversed(entries),
        pending=sum(grant.points for grant in waiting),
        matures_at=matures_at,
        last_day=tier_windows.last_day_before(matures_at, account.programme.zone) if matures_at else None,
        parts=[*told, *others],
        lines=lines,
        missing=sum(part.points for part in nobody_was_given),
        missing_qualifying=sum(part.qualifying for part in nobody_was_given),
    )
    return facts, nobody_was_given


def _reversed(entries: Sequence[Entry]) -> int:
    rows = Entry.objects.filter(reverses__in=entries)
    return -(rows.aggregate(sum=Sum("points"))["sum"] or 0)


def _posted(order: Order, account: Account, key: str) -> Entry | PendingGrant | None:
    """What this key has posted for the order before."""
    return next((row for row in ordering.earned_by(order) if row.breakdown.get("asked") == key), None)


def _asked(gift: Gift, order: Order, key: str) -> Gift:
    """The gift under a key of its own, as an order may have earned something before; it keeps who asked for it."""
    count = len(ordering.earned_by(order))
    return replace(
        gift,
        key=f"{gift.key}:{count}" if count else gift.key,
        breakdown={**gift.breakdown, "asked": key},
    )
