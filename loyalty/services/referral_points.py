"""Points for both sides of a referral: given with the friend's first paid order, taken back with it.

Both accounts are locked, in the order of their ids, before any other step of an order looks at one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, Sum

from agents.models import Agent
from contactcenter import clock
from customers.models import Order, OrderRefund
from loyalty import earning
from loyalty.earning import Line
from loyalty.models import Account, EarningRule, Entry, PendingGrant, Referral
from loyalty.rulebook import Rulebook
from loyalty.services import caps, pending
from loyalty.services.events import parts_once
from loyalty.services.giving import Gift, earn
from loyalty.services.orders import EARNING_NOTHING, MOST_POSTINGS
from loyalty.services.referrals import heirs_of, lock_accounts
from loyalty.services.refunding import paid_lines
from loyalty.services.reversing import reverse

SIDES = {"referrer": EarningRule.Event.REFERRAL, "friend": EarningRule.Event.REFERRED}
State, Why = Referral.State, Referral.Why
# The friend may have been merged since, any number of times: down from the accounts of those who buy.
WAITING = """
WITH RECURSIVE own AS (
    SELECT id, customer_id AS buyer FROM loyalty_account WHERE customer_id = ANY (%s)
    UNION ALL SELECT m.id, own.buyer FROM own JOIN loyalty_account m ON m.merged_into_id = own.id
)
SELECT r.id, own.buyer FROM own JOIN loyalty_referral r ON r.friend_id = own.id WHERE r.state = %s
"""


def lock_for_first_orders(orders: Sequence[Order]) -> None:
    """The first step of orders: lock who earns by them, where one of them may be the first of a friend."""
    buyers = {order.customer_id for order in orders}
    waiting = _waiting(buyers)
    if not waiting:
        return
    ids = {pk for _, one in waiting for account in (one.referrer, one.friend) for pk in heirs_of(account)}
    ids |= set(Account.objects.filter(customer__pk__one_of=list(buyers)).values_list("pk", flat=True))
    lock_accounts(ids)


def lock_for_first_order(order: Order, _by: Agent | None) -> None:
    """The same for one order."""
    lock_for_first_orders([order])


@transaction.atomic
def reward_referrals(orders: Sequence[Order]) -> int:
    """The last step of orders: the first paid one of a friend decides; gives how many referrals gave points."""
    waiting = _waiting({order.customer_id for order in orders})
    if not waiting:
        return 0
    paid = _paid().filter(pk__in=[order.pk for order in orders]).order_by("-placed_at", "-pk")
    first = {order.customer_id: order for order in paid}  # by its day: a file may have the newest on top
    oldest = {buyer: referral.pk for buyer, referral in reversed(waiting)}
    return sum(
        _decide(referral, first[buyer])  # one by one order
        for buyer, referral in waiting
        if buyer in first and referral.pk == oldest[buyer]
    )


def reward_referral(order: Order, _by: Agent | None) -> int:
    """The same for one order."""
    return reward_referrals([order])


def lock_for_cancel(order: Order, _by: Agent | None, _at: datetime) -> None:
    """The first step of giving an order back: lock both sides, where it gave points to both."""
    referral = Referral.objects.filter(order=order, state=State.GIVEN).select_related("friend").first()
    if referral:
        owners = [given.account for side in SIDES if (given := _given(referral, side))]
        lock_accounts({pk for account in [referral.friend, *owners] for pk in heirs_of(account)})


def lock_for_refund(refund: OrderRefund) -> None:
    """The same for a refund."""
    lock_for_cancel(refund.order, refund.by, refund.refunded_at)


@transaction.atomic
def take_back_referral_for_refund(refund: OrderRefund) -> None:
    """Take back what both sides were given for an order of which too little stays paid."""
    order = refund.order
    _take_back(
        order, paid_lines(order), key=f"refund:{refund.pk}", by=refund.by, at=refund.refunded_at, reason="refund"
    )  # fmt: skip


@transaction.atomic
def take_back_referral_for_cancel(order: Order, by: Agent | None, at: datetime) -> None:
    """Take back what both sides were given for an order that was cancelled."""
    _take_back(order, [], key=f"cancel:{order.pk}", by=by, at=at, reason="cancel")


def _paid() -> Any:
    """The orders that something was paid for: never those of nothing."""
    return Order.objects.filter(total_minor__gt=0).exclude(status__in=EARNING_NOTHING)


def _waiting(buyers: Collection[int]) -> list[tuple[int, Referral]]:
    """The referrals, beside who buys (id), that wait for an order of one of these customers, the oldest first.

    Of somebody who was merged since, the orders of the one who stays count.
    """
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [list(buyers), State.WAITING])
        found = dict(cursor.fetchall())
    if not found:
        return []
    rows = Referral.objects.filter(pk__in=list(found)).select_related("referrer", "friend").order_by("pk")
    return [(found[referral.pk], referral) for referral in rows]


def _decide(referral: Referral, order: Order) -> bool:
    """Give both sides what the rules of the order's day give them; whether anybody got something."""
    heirs = {"referrer": heirs_of(referral.referrer)[-1], "friend": heirs_of(referral.friend)[-1]}
    accounts = lock_accounts(set(heirs.values()))  # as they are now: locked by the first step
    sides = {side: accounts[heir] for side, heir in heirs.items()}
    why: str = _why_nothing(referral, order, sides)
    gifts = [] if why else [gift for side in SIDES if (gift := _gift(referral, order, side, sides[side]))]
    for gift in gifts:
        _post(gift, accounts[gift.account])
    referral.state = State.GIVEN if gifts else State.NOTHING
    referral.order, referral.decided_at = order, clock.now()
    active = all(account.status == Account.Status.ACTIVE for account in accounts.values())
    referral.why = "" if gifts else why or (Why.NO_RULE if active else Why.NOT_ACTIVE)
    referral.save(update_fields=["state", "order", "decided_at", "why"])
    return bool(gifts)


def _why_nothing(referral: Referral, order: Order, sides: dict[str, Account]) -> str:
    """Why nobody gets anything, whatever the rules say; an order of the day of the referral counts as after it."""
    if sides["referrer"].pk == sides["friend"].pk:
        return Why.ONE_PERSON
    zone = sides["friend"].programme.zone
    day = referral.recorded_at.astimezone(zone).date()
    earlier = (
        _paid()
        .filter(customer=order.customer_id)
        .filter(Q(placed_at__lt=order.placed_at) | Q(placed_at=order.placed_at, pk__lt=order.pk))
    )
    if order.placed_at < clock.day(day, zone)[0] or earlier.exists():
        return Why.BOUGHT_BEFORE
    return ""


def _gift(referral: Referral, order: Order, side: str, account: Account) -> Gift | None:
    """What one side gets, None for nothing; an account that is not active gets none."""
    if account.status != Account.Status.ACTIVE:
        return None
    rules = Rulebook.of([account.programme_id], SIDES[side])
    left = caps.left_for([(account, order.placed_at)], rules).get(account.pk, {})
    paid = paid_lines(order)
    parts = [
        part
        for part in parts_once(account, rules, at=order.placed_at, left=left, channel=order.channel)
        if part.points and earning.is_enough(part.terms, paid)
    ]
    if not parts:
        return None
    return Gift(
        account=account.pk,
        points=sum(part.points for part in parts),
        contra="issue.event",
        key=points_key(referral, side),
        at=order.placed_at,
        qualifying=sum(part.qualifying for part in parts),
        source=f"referral:{referral.pk}",
        breakdown={"referral": referral.pk, "side": side, "rules": [part.told() for part in parts]},
    )


def _post(gift: Gift, account: Account) -> None:
    """Own it at once, or let it be pending as long as the order's own points are."""
    if pending.matures_at(account.programme, gift.at) > clock.now():
        pending.put_by([gift], {account.pk: account})
        return
    earn(account, gift.points, contra=gift.contra, by=None, key=gift.key, at=gift.at, qualifying=gift.qualifying,
         source=gift.source, breakdown=dict(gift.breakdown))  # fmt: skip


def _take_back(order: Order, stays: Sequence[Line], *, key: str, **deed: Any) -> None:
    referral = Referral.objects.filter(order=order, state=State.GIVEN).first()
    if referral is None:
        return
    left = 0
    for side in SIDES:
        given = _given(referral, side)
        left += (
            _take(given, stays, side=side, key=f"{key}:{points_key(referral, side)}", **deed) if given else 0
        )
    if not left:
        referral.state = State.TAKEN_BACK
        referral.save(update_fields=["state"])


def _take(given: Entry | PendingGrant, stays: Sequence[Line], *, side: str, key: str, **deed: Any) -> int:
    """Take back what the rules would not have given for `stays`; gives how many points one side keeps."""
    keeps = _would_keep(given, stays, side)
    if isinstance(given, PendingGrant):
        has, qualifying = given.points if given.is_open else 0, given.qualifying
    else:
        before = given.reversals.aggregate(points=Sum("points"), qualifying=Sum("qualifying"))
        has, qualifying = (
            given.points + (before["points"] or 0),
            given.qualifying + (before["qualifying"] or 0),
        )
    points = max(0, has - keeps[0])
    goes = max(0, qualifying - keeps[1])
    if points and isinstance(given, PendingGrant):
        pending.shrink(given, points, qualifying - goes)
    elif points and isinstance(given, Entry):
        reverse(given.account, given, points, key=key, qualifying=goes, source=given.source,
                breakdown={"referral": given.breakdown["referral"]}, **deed)  # fmt: skip
    return has - points


def _would_keep(given: Entry | PendingGrant, stays: Sequence[Line], side: str) -> tuple[int, int]:
    """Points and qualifying ones of the rules that what stays paid is enough for."""
    programme = given.account.programme_id
    rules = Rulebook.of([programme], SIDES[side])
    kept = [
        part
        for part in given.breakdown["rules"]
        if earning.is_enough(rules.terms(programme, part["rule"], part["version"]), stays)
    ]
    points = sum(part["points"] for part in kept)
    return points, sum(part.get("qualifying", part["points"]) for part in kept)


def _given(referral: Referral, side: str) -> Entry | PendingGrant | None:
    """What one side was given: the entry, the last where a merge was undone, or the points that are or were pending."""
    key = points_key(referral, side)
    rows = Entry.objects.select_related("account").filter(kind=Entry.Kind.EARN)
    if entry := rows.filter(key__in=[key, *_keys_again(key)]).order_by("id").last():
        return entry
    grant = PendingGrant.objects.select_related("account", "entry__account").filter(key=key).first()
    return grant and (grant.entry or grant)


def key_again(entry: Entry) -> str:
    """The key under which points of a referral are given anew, to the one who comes back; "" for any other entry."""
    if not {"referral", "side"} <= entry.breakdown.keys():
        return ""
    keys = _keys_again(f"referral:{entry.breakdown['referral']}:{entry.breakdown['side']}")
    return keys[Entry.objects.filter(key__in=keys).count()]


def _keys_again(key: str) -> list[str]:
    return [f"{key}:{number}" for number in range(1, MOST_POSTINGS)]


def points_key(referral: Referral, side: str) -> str:
    """Under which key one side's points are given, or pending."""
    return f"referral:{referral.pk}:{side}"
