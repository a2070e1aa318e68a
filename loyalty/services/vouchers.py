"""What is given for a reward: one of the stock, a voucher's code; and the one use of that code."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right, expect_role
from contactcenter import clock
from contactcenter.errors import Invalid, Refused
from loyalty import tier_windows
from loyalty.models import Redemption, Reward, Voucher

USE = "loyalty.use_voucher"
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is taken for another when it is read out


def take_one(reward: Reward) -> None:
    """One less in stock, in the statement that also looks: of two who want the last one, one gets it."""
    if reward.stock is None:
        return
    if not Reward.objects.filter(pk=reward.pk, stock__gt=0).update(stock=F("stock") - 1):
        raise _sold_out(reward)


def expect_in_stock(reward: Reward) -> None:
    """Refuse (`sold_out`) one of which nothing is left, as of now."""
    if reward.stock == 0:
        raise _sold_out(reward)


def _sold_out(reward: Reward) -> Refused:
    return Refused("sold_out", _("%s is sold out.") % reward.name)


def give_back(reward: Reward) -> None:
    """One more in stock."""
    Reward.objects.filter(pk=reward.pk, stock__isnull=False).update(stock=F("stock") + 1)


def give_voucher(redemption: Redemption, at: datetime) -> None:
    """The voucher of a redemption, where its reward is one; it ends with a day of the programme's zone."""
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


@transaction.atomic
def use_voucher(code: str, *, by: Agent, key: str, at: datetime | None = None) -> Voucher:
    """The voucher was taken in at a shop or a till: once, for ever. The same `key` again is harmless.

    However the code is written. Refused: `not_allowed`, `no_voucher` alike for a code that is none and for one of
    a brand that `by` does not serve, `voucher_used`, `voucher_cancelled`, `voucher_over`.
    """
    expect_role(by, USE)  # before it is looked up: nobody learns that a code is one
    at = at or clock.now()
    vouchers = Voucher.objects.visible_to(by).select_related("redemption__reward__programme__brand")
    voucher = vouchers.select_for_update(of=("self",)).filter(code=plain(code)).first()
    if voucher is None:
        raise Invalid("no_voucher", _("There is no voucher of this code."))
    expect_right(by, USE, voucher.redemption.brand_id)
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
