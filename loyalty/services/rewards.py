"""Taking rewards for points, undoing that, and using the vouchers that were given."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from customers.services import require
from customers.verification import Deed
from loyalty.models import Account, Redemption, Reward, Tier, Voucher
from loyalty.services import confirming
from loyalty.services.book import Book
from loyalty.services.reversing import reverse
from loyalty.services.spending import spend
from loyalty.services.vouchers import give_back, give_voucher, take_one

REDEEM = "loyalty.redeem_points"
State = Redemption.State


@transaction.atomic
def redeem_reward(
    account: Account,
    reward: Reward,
    *,
    by: Agent | None,
    key: str,
    at: datetime | None = None,
    seen: int | None = None,
    conversation: str = "",
) -> Redemption:
    """Take `reward` for what it costs the tier of `account`; a voucher is made with it where it is one.

    Above the programme's `confirm_above` points a `by` only holds them: the redemption waits until the customer
    confirms it by a code (`confirm`). `seen` is the price in points that was agreed to. Refused: `not_allowed`,
    `key_conflict`, `verification_needed` of who asks in the `conversation`, `reward_gone`, `not_your_tier`,
    `price_changed`, `sold_out`, `no_verified_address`, and what `redeem` refuses.
    """
    if by is not None:
        expect_right(by, REDEEM, account.brand_id)
    at = at or clock.now()
    account = Book.lock(account).account
    request = keys.digest("reward", account.pk, reward.pk)
    if earlier := _earlier(key, request):
        return earlier
    require(account.customer, Deed.REDEEM, by=by, conversation=conversation, at=at)
    reward, points = expect_offered(account, reward, at=at, seen=seen)
    take_one(reward)
    if by is not None and confirming.is_needed(account, points, by):
        return confirming.ask(account, reward, points, by=by, key=key, request=request, at=at)
    entry = spend(account, points, by=by, key=f"reward:{key}", at=at, source=f"reward:{reward.code}")
    redemption = Redemption.objects.create(
        brand_id=account.brand_id,
        account=account,
        reward=reward,
        points=points,
        state=State.POSTED,
        entry=entry,
        by=by,
        key=key,
        request_hash=request,
        asked_at=at,
    )
    give_voucher(redemption, at)
    return redemption


@transaction.atomic
def undo_redemption(redemption: Redemption, *, by: Agent, at: datetime | None = None) -> Redemption:
    """Give points and stock back; the voucher is worth nothing any more. Twice does nothing.

    Refused: `not_allowed`, `a_gift` for what was given, `not_taken`, `voucher_used`, `reward_shipped`, and what
    `reverse` refuses.
    """
    expect_right(by, REDEEM, redemption.brand_id)
    at = at or clock.now()
    if redemption.is_gift:
        raise Refused("a_gift", _("This was given as goodwill: take it back where it was given."))
    redemption = confirming.locked(redemption)
    if redemption.state == State.UNDONE:
        return redemption
    if redemption.state != State.POSTED or redemption.entry is None:
        raise Refused("not_taken", _("This reward was not taken."))
    if redemption.shipped_at:
        raise Refused("reward_shipped", _("%s is on its way already.") % redemption.reward.name)
    cancel_voucher(redemption, at)
    account, key = redemption.account, f"undo:{redemption.pk}"
    assert account  # noqa: S101  the database holds what was bought to one
    source = redemption.entry.source
    reverse(
        account, redemption.entry, redemption.points, by=by, key=key, at=at, source=source, reason="undone"
    )
    give_back(redemption.reward)
    redemption.state, redemption.ended_at = State.UNDONE, at
    redemption.save(update_fields=["state", "ended_at"])
    return redemption


def cancel_voucher(redemption: Redemption, at: datetime) -> None:
    """The voucher of a redemption is worth nothing from now on. Refused: `voucher_used`."""
    voucher = Voucher.objects.select_for_update().filter(redemption=redemption).first()
    if voucher is None:
        return
    if voucher.used_at:
        raise Refused("voucher_used", _("This voucher has been used already."))
    voucher.cancelled_at = at
    voucher.save(update_fields=["cancelled_at"])


def expect_offered(
    account: Account, reward: Reward, *, at: datetime, seen: int | None = None
) -> tuple[Reward, int]:
    """The reward as it stands now and its price in points for this account, which is locked."""
    offered = Reward.objects.offered(at).filter(programme=account.programme_id)
    found = offered.select_related("programme").filter(pk=reward.pk).first()
    if found is None:
        raise Refused("reward_gone", _("This reward is not offered any more."))
    tiers = dict(Tier.objects.filter(programme=account.programme_id).values_list("code", "rank"))
    points = found.price_for(account.tier.rank if account.tier else 0, tiers)
    if points is None:
        raise Refused("not_your_tier", _("This reward is for a higher tier."))
    if seen is not None and seen != points:
        raise Refused(
            "price_changed",
            _("%(reward)s costs %(points)d points by now.") % {"reward": found.name, "points": points},
            details={"points": points},
        )
    return found, points


def _earlier(key: str, request: str) -> Redemption | None:
    keys.claim(Redemption, key)
    earlier = Redemption.objects.select_related("reward", "voucher").filter(key=key).first()
    if earlier and earlier.request_hash != request:
        raise keys.conflict()
    return earlier
