"""Deeds on the points ledger: the only writer of entries, lots and balances.

Every deed locks the account first and looks after. A deed's `key` makes a repeat harmless:
the same key with the same content gives the entry that is there, with other content it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import customers.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.models import Consent, Customer, Order
from customers.services.history import SERVE
from loyalty import tier_windows
from loyalty.models import Account, Entry, Lot, LotUse, Programme, Tier


@transaction.atomic
def enrol(
    customer: Customer, *, by: Agent | None = None, source: str = "", at: datetime | None = None
) -> Account:
    """Make `customer` a member of the brand's programme; a member already is answered with the account.

    An agent (`by`) says at which `source` the customer agreed: that consent is recorded with it.
    Refused: `not_allowed`, `source_missing`, `no_programme` where the brand has none.
    """
    if by is not None:
        expect_right(by, SERVE, customer.brand_id)
    programme = Programme.objects.filter(brand=customer.brand_id).first()
    if programme is None:
        raise Refused("no_programme", _("This brand has no loyalty programme."))
    at = at or clock.now()
    account, made = Account.objects.get_or_create(
        customer=customer,
        defaults={
            "brand_id": customer.brand_id,
            "programme": programme,
            "number": f"{programme.code.upper()}-{customer.pk:07d}",
            "tier": programme.tiers.filter(qualifying_points=0).first(),
            "joined_at": at,
        },
    )
    if made and by is not None:  # of two at once only the one who made the account records the consent
        _record_agreement(customer, by=by, source=source, at=at)
    return account


@transaction.atomic
def earn(
    account: Account,
    points: int,
    *,
    contra: str,
    by: Agent | None,
    key: str,
    at: datetime | None = None,
    qualifying: int = 0,
    months: int | None = None,
    source: str = "",
    reason: str = "",
    breakdown: dict[str, Any] | None = None,
) -> Entry:
    """Give `points` (> 0) as a new lot that lives `months` (default: the programme's validity).

    `qualifying` of them count towards tiers, in the year of `at`; a tier reached is held at once.
    Refused: `key_conflict`, `account_not_active`, `not_positive`.
    """
    _positive(points)
    at = at or clock.now()
    account = _lock(account)
    request = keys.digest("earn", account.pk, points, contra, source, reason, qualifying, months)
    if earlier := _earlier(key, request):
        return earlier
    _expect_active(account)
    _expire_lots(account, at)
    entry = _post(
        account, Entry.Kind.EARN, points, contra=contra, key=key, request=request, at=at, by=by,
        source=source, reason=reason, qualifying=qualifying, breakdown=breakdown,
    )  # fmt: skip
    _open_lot(entry, months=months or account.programme.validity_months)
    account.lifetime_earned += points
    if qualifying:
        _raise_tier(account, at)
    _keep(account)
    return entry


@transaction.atomic
def redeem(
    account: Account,
    points: int,
    *,
    by: Agent | None,
    key: str,
    contra: str = "redeem.reward",
    at: datetime | None = None,
    source: str = "",
    reason: str = "",
) -> Entry:
    """Spend `points` (> 0), those that expire first go first; what is due to expire goes before.

    Refused: `not_allowed` for a `by` without the right, `key_conflict`, `account_not_active`, `not_positive`,
    `not_enough_points`.
    """
    if by is not None:
        expect_right(by, "loyalty.redeem_points", account.brand_id)
    _positive(points)
    at = at or clock.now()
    account = _lock(account)
    request = keys.digest("redeem", account.pk, points, contra, source, reason)
    if earlier := _earlier(key, request):
        return earlier
    _expect_active(account)
    _expire_lots(account, at)
    _expect_available(account, points)
    entry = _post(
        account, Entry.Kind.REDEEM, -points, contra=contra, key=key, request=request, at=at, by=by,
        source=source, reason=reason,
    )  # fmt: skip
    _use_lots(entry, account.lots.in_spending_order(), points)
    account.lifetime_redeemed += points
    _keep(account)
    return entry


@transaction.atomic
def adjust(
    account: Account, points: int, *, by: Agent, reason: str, key: str, at: datetime | None = None
) -> Entry:
    """Correct a balance by hand by `points` (not 0), with a reason code; counts nothing towards tiers.

    Refused: `not_allowed` without the permission to adjust, `reason_missing`, `key_conflict`,
    `account_not_active`, `nothing_to_adjust`, `not_enough_points` where more is taken than can be spent.
    """
    expect_right(by, "loyalty.adjust_points", account.brand_id)
    if not reason:
        raise Refused("reason_missing", _("An adjustment needs a reason."))
    if points == 0:
        raise Refused("nothing_to_adjust", _("An adjustment of 0 points changes nothing."))
    at = at or clock.now()
    account = _lock(account)
    request = keys.digest("adjust", account.pk, points, reason)
    if earlier := _earlier(key, request):
        return earlier
    _expect_active(account)
    _expire_lots(account, at)
    if points < 0:
        _expect_available(account, -points)
    entry = _post(
        account,
        Entry.Kind.ADJUST,
        points,
        contra="adjust",
        key=key,
        request=request,
        at=at,
        by=by,
        reason=reason,
    )
    if points > 0:
        _open_lot(entry, months=account.programme.validity_months)
    else:
        _use_lots(entry, account.lots.in_spending_order(), -points)
    _keep(account)
    return entry


@transaction.atomic
def expire(account: Account, *, at: datetime | None = None) -> Entry | None:
    """Take the points of lots that ended at or before `at`; nothing is due: None. Safe to repeat."""
    account = _lock(account)
    entry = _expire_lots(account, at or clock.now())
    _keep(account)
    return entry


@transaction.atomic
def expire_next(*, at: datetime | None = None) -> bool:
    """Expire one account that is due and that nobody else works on; False when none is left.

    Where all that is left is held, nothing can expire before the hold ends: such an account is passed over.
    """
    at = at or clock.now()
    due = Account.objects.filter(next_expiry__lte=at, balance__gt=F("held")).order_by("next_expiry")
    account = due.select_for_update(skip_locked=True, of=("self",)).first()
    if account is None:
        return False
    expire(account, at=at)
    return True


def earn_for_order(order: Order) -> Entry | None:
    """Points for what was paid, `points_per_unit` for every whole unit of currency; members only, cancelled: none.

    All of them qualify, in the year in which the order was placed.
    """
    if order.status == Order.Status.CANCELLED:
        return None
    account = Account.objects.filter(customer=order.customer_id).select_related("programme").first()
    if account is None or account.status != Account.Status.ACTIVE:
        return None
    rate = account.programme.points_per_unit
    points = order.total_minor // 100 * rate
    if points <= 0:
        return None
    return earn(
        account,
        points,
        contra="issue.order",
        by=None,
        key=f"order:{order.brand_id}:{order.number}:earn",
        at=order.placed_at,
        qualifying=points,
        source=f"order:{order.number}",
        breakdown={"points_per_unit": rate, "amount_minor": order.total_minor, "currency": order.currency},
    )


def _record_agreement(customer: Customer, *, by: Agent, source: str, at: datetime) -> None:
    if not source.strip():
        raise Refused("source_missing", _("Say where the customer agreed to the programme."))
    customers.services.record_consent(
        customer, Consent.Purpose.PROGRAMME, given=True, source=source.strip()[:80], by=by, at=at
    )


def _lock(account: Account) -> Account:
    """The account as it is now, locked until the transaction ends. Nothing may be read before this."""
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    return locked.get(pk=account.pk)


def _earlier(key: str, request: str) -> Entry | None:
    """The entry this key has made already; refused when it was asked for with other content."""
    keys.claim(Entry, key)
    entry = Entry.objects.filter(key=key).first()
    if entry and entry.request_hash != request:
        raise keys.conflict()
    return entry


def _positive(points: int) -> None:
    if points <= 0:
        raise Refused("not_positive", _("Give a number of points above zero."))


def _expect_active(account: Account) -> None:
    if account.status != Account.Status.ACTIVE:
        status = account.get_status_display()
        raise Refused("account_not_active", _("This account is %s; no points move on it.") % status)


def _expect_available(account: Account, points: int) -> None:
    if account.available < points:
        sentence = ngettext(
            "Only %(available)d point can be spent.",
            "Only %(available)d points can be spent.",
            account.available,
        )
        raise Refused(
            "not_enough_points",
            sentence % {"available": account.available},
            details={"available": account.available},
        )


def _post(
    account: Account,
    kind: str,
    points: int,
    *,
    contra: str,
    key: str,
    request: str,
    at: datetime,
    by: Agent | None,
    qualifying: int = 0,
    source: str = "",
    reason: str = "",
    breakdown: dict[str, Any] | None = None,
) -> Entry:
    """Write the next entry of a locked account and move its balance along."""
    account.version += 1
    account.balance += points
    return Entry.objects.create(
        account=account,
        seq=account.version,
        kind=kind,
        contra=contra,
        points=points,
        qualifying=qualifying,
        balance_after=account.balance,
        key=key,
        request_hash=request,
        occurred_at=at,
        posted_at=clock.now(),
        actor=by,
        source=source,
        reason=reason,
        breakdown=breakdown or {},
    )


def _open_lot(entry: Entry, *, months: int) -> None:
    zone = entry.account.programme.zone
    Lot.objects.create(
        account=entry.account,
        entry=entry,
        granted=entry.points,
        remaining=entry.points,
        is_open=True,
        contra=entry.contra,
        expires_at=tier_windows.months_on(entry.occurred_at, months, zone),
    )


def _use_lots(entry: Entry, lots: Iterable[Lot], points: int) -> None:
    """Take `points` from `lots` in their order; the caller has seen that they hold enough."""
    uses = []
    for lot in lots:
        taken = min(points, lot.remaining)
        lot.remaining -= taken
        lot.is_open = lot.remaining > 0
        lot.save(update_fields=["remaining", "is_open"])
        uses.append(LotUse(entry=entry, lot=lot, points=taken))
        points -= taken
        if not points:
            break
    LotUse.objects.bulk_create(uses)


def _expire_lots(account: Account, at: datetime) -> Entry | None:
    """Post what has expired by `at`; held points stay until their hold ends."""
    due = list(account.lots.in_spending_order().filter(expires_at__lte=at))
    points = min(sum(lot.remaining for lot in due), account.available)
    if points <= 0:
        return None
    key = f"exp:{account.pk}:{account.version}"
    entry = _post(
        account,
        Entry.Kind.EXPIRE,
        -points,
        contra="expire",
        key=key,
        request=keys.digest(key),
        at=at,
        by=None,
    )
    _use_lots(entry, due, points)
    account.lifetime_expired += points
    return entry


def _raise_tier(account: Account, at: datetime) -> None:
    """Hold the best tier that the qualifying points of the year of `at` reach; never a lower one."""
    start, end = tier_windows.calendar_year(at, account.programme.zone)
    points = account.entries.qualifying_between(start, end)
    reached = Tier.objects.filter(programme=account.programme, qualifying_points__lte=points).last()
    if reached and (account.tier is None or reached.rank > account.tier.rank):
        account.tier = reached


def _keep(account: Account) -> None:
    """Save what the deed has moved on the locked account."""
    account.next_expiry = account.lots.filter(is_open=True).aggregate(first=Min("expires_at"))["first"]
    account.save(
        update_fields=[
            "balance", "version", "lifetime_earned", "lifetime_redeemed", "lifetime_expired", "next_expiry", "tier",
        ]
    )  # fmt: skip
