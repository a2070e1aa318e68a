"""Points that are pending: put by with an order, shrunk by what is given back, and matured by the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from contactcenter import bulk, clock
from loyalty import tier_windows
from loyalty.models import Account, Entry, PendingGrant, Programme
from loyalty.services.giving import Gift, earn_many

AT_A_TIME = 200  # accounts of one transaction


def matures_at(programme: Programme, at: datetime) -> datetime:
    """The local midnight that ends the day `pending_days` after the one of `at`; `at` itself without pending days."""
    if not programme.pending_days:
        return at
    day = at.astimezone(programme.zone).date() + timedelta(days=programme.pending_days + 1)
    return tier_windows.midnight(day, programme.zone)


def put_by(gifts: Sequence[Gift], accounts: Mapping[int, Account]) -> list[PendingGrant]:
    """Keep `gifts` as pending points of `accounts` (by id), which are locked."""
    grants = [
        PendingGrant(
            account=accounts[gift.account],
            granted=gift.points,
            points=gift.points,
            qualifying=gift.qualifying,
            matures_at=matures_at(accounts[gift.account].programme, gift.at),
            key=gift.key,
            contra=gift.contra,
            source=gift.source,
            occurred_at=gift.at,
            breakdown=dict(gift.breakdown),
        )
        for gift in gifts
    ]
    bulk.insert(grants)
    _move_pending(accounts, [(gift.account, gift.points) for gift in gifts])
    return grants


def shrink(grant: PendingGrant, points: int, qualifying: int) -> None:
    """Take `points` out of an open grant of a locked account, so that `qualifying` are left; none left: cancelled."""
    grant.points -= points
    grant.qualifying = min(qualifying, grant.points)
    if not grant.points:
        grant.state, grant.is_open = PendingGrant.State.CANCELLED, False
    grant.save(update_fields=["points", "qualifying", "state", "is_open"])
    account = Account.objects.select_for_update(of=("self",)).get(pk=grant.account_id)
    _move_pending({account.pk: account}, [(account.pk, -points)])


def hand_over(grant: PendingGrant, to: Account | None) -> None:
    """Let an open grant of a locked account mature for `to`, which is locked; None: it never comes to be."""
    if to is None:
        shrink(grant, grant.points, 0)
        return
    accounts = {pk: Account.objects.get(pk=pk) for pk in (grant.account_id, to.pk)}
    _move_pending(accounts, [(grant.account_id, -grant.points), (to.pk, grant.points)])
    grant.account = to
    grant.save(update_fields=["account"])


@transaction.atomic
def mature_next(*, at: datetime | None = None) -> int:
    """Post what has matured by `at` on some accounts that nobody else works on; gives how many grants, 0: none left.

    Each becomes an entry under the key `pend:<id>`, of the instant of its order. Grants of accounts that are not
    active wait.
    """
    due = PendingGrant.objects.filter(
        is_open=True, matures_at__lte=at or clock.now(), account__status=Account.Status.ACTIVE
    ).order_by("matures_at", "id")
    free = Account.objects.select_for_update(skip_locked=True, of=("self",)).select_related("programme")
    free = free.filter(pk__in=due.values("account")[:AT_A_TIME]).order_by("pk")
    accounts = {account.pk: account for account in free}
    if not accounts:
        return 0
    grants = list(
        due.filter(account__in=list(accounts)).order_by("occurred_at", "id")
    )  # as the lock found them
    earn_many([_gift_of(grant) for grant in grants])
    posted = Entry.objects.in_bulk([_key(grant) for grant in grants], field_name="key")
    for grant in grants:
        grant.entry = posted[_key(grant)]
        grant.state, grant.is_open = PendingGrant.State.MATURED, False
    bulk.update(grants, ["entry_id", "state", "is_open"])
    _move_pending(accounts, [(grant.account_id, -grant.points) for grant in grants])
    return len(grants)


def _gift_of(grant: PendingGrant) -> Gift:
    return Gift(
        account=grant.account_id,
        points=grant.points,
        contra=grant.contra,
        key=_key(grant),
        at=grant.occurred_at,
        qualifying=grant.qualifying,
        source=grant.source,
        breakdown=grant.breakdown,
    )


def _key(grant: PendingGrant) -> str:
    return f"pend:{grant.pk}"


def _move_pending(accounts: Mapping[int, Account], moves: Sequence[tuple[int, int]]) -> None:
    moved = {}
    for pk, points in moves:
        accounts[pk].pending += points
        moved[pk] = accounts[pk]
    bulk.update(list(moved.values()), ["pending"])
