"""Taking rewards for points, undoing that, and using the vouchers that were given."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty import tier_windows
from loyalty.models import Account, Redemption, Reward, Tier, Voucher
from loyalty.services.book import Book
from loyalty.services.spending import redeem

REDEEM = "loyalty.redeem_points"
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another when it is read out
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
) -> Redemption:
    """Take `reward` for what it costs the tier of `account`; a voucher is made with it where it is one.

    `seen` is the price in points that was agreed to. Refused: `not_allowed`, `key_conflict`, `reward_gone`,
    `not_your_tier`, `price_changed`, `sold_out`, and what `redeem` refuses.
    """
    if by is not None:
        expect_right(by, REDEEM, account.brand_id)
    at = at or clock.now()
    account = Book.lock(account).account
    request = keys.digest("reward", account.pk, reward.pk)
    if earlier := _earlier(key, request):
        return earlier
    reward, points = expect_offered(account, reward, at=at, seen=seen)
    _take_one(reward)
    entry = redeem(account, points, by=by, key=f"reward:{key}", at=at, source=f"reward:{reward.code}")
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
    _give_voucher(redemption, at)
    return redemption


@transaction.atomic
def use_voucher(code: str, *, by: Agent, key: str, at: datetime | None = None) -> Voucher:
    """The voucher was taken in at a shop or a till: once, for ever. The same `key` again is harmless.

    However the code is written. Refused: `no_voucher` for one that is none of the brands `by` serves,
    `voucher_used`, `voucher_cancelled`, `voucher_over`, `not_allowed`.
    """
    at = at or clock.now()
    vouchers = Voucher.objects.visible_to(by).select_related("redemption__reward")
    voucher = vouchers.select_for_update(of=("self",)).filter(code=plain(code)).first()
    if voucher is None:
        raise Refused("no_voucher", _("There is no voucher of this code."))
    expect_right(by, REDEEM, voucher.redemption.brand_id)
    if voucher.used_at:
        if voucher.used_key == key:
            return voucher
        raise Refused("voucher_used", _("This voucher has been used already."))
    if voucher.cancelled_at:
        raise Refused("voucher_cancelled", _("This voucher was taken back."))
    if voucher.valid_until <= at:
        raise Refused("voucher_over", _("The time of this voucher is over."))
    voucher.used_at, voucher.used_by, voucher.used_key = at, by, key
    voucher.save(update_fields=["used_at", "used_by", "used_key"])
    return voucher


def plain(code: str) -> str:
    """A code as it is stored, whatever case, blanks and dashes it was written with."""
    signs = "".join(sign for sign in code.upper() if sign.isalnum())
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


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


def _take_one(reward: Reward) -> None:
    """One less in stock, in the statement that also looks: of two who want the last one, one gets it."""
    if reward.stock is None:
        return
    if not Reward.objects.filter(pk=reward.pk, stock__gt=0).update(stock=F("stock") - 1):
        raise Refused("sold_out", _("%s is sold out.") % reward.name)


def _give_voucher(redemption: Redemption, at: datetime) -> None:
    reward = redemption.reward
    if reward.kind != Reward.Kind.VOUCHER:
        return
    zone = reward.programme.zone
    last_day = at.astimezone(zone).date() + timedelta(days=reward.voucher_days)
    Voucher.objects.create(
        redemption=redemption,
        code=new_code(),
        valid_until=tier_windows.midnight(last_day + timedelta(days=1), zone),
    )


def new_code() -> str:
    """Twelve signs that nobody guesses: 31 to the power of 12, some 59 bits."""
    return plain("".join(secrets.choice(SIGNS) for _sign in range(12)))
