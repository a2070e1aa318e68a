"""Rewards and benefits that are given for nothing: the ledger is not touched, only their worth is written down.

Who may give them, and how much, is the business of whoever asks: the database keeps none that goodwill did not post.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from contactcenter import keys
from contactcenter.errors import Refused
from loyalty.models import Account, Benefit, GivenBenefit, Redemption, Reward
from loyalty.services.benefits import benefits_of
from loyalty.services.book import expect_active
from loyalty.services.rewards import cancel_voucher
from loyalty.services.vouchers import expect_in_stock, give_back, give_voucher, take_one

State = Redemption.State


@transaction.atomic
def give_reward(
    reward: Reward, *, account: Account | None, points: int, by: Agent | None, key: str, at: datetime
) -> Redemption:
    """A voucher of `reward`, worth `points`, that costs nothing; `account` is None for who is no member.

    Refused: `key_conflict`, `account_not_active`, `reward_gone`, `not_a_voucher`, `sold_out`.
    """
    if account is not None:
        account = _active(account)
    request = keys.digest("gift", account.pk if account else 0, reward.pk, points)
    keys.claim(Redemption, key)
    if earlier := Redemption.objects.select_related("reward", "voucher").filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    found = _voucher_of(reward, account, at)
    take_one(found)
    redemption = Redemption.objects.create(
        brand_id=found.brand_id, account=account, reward=found, points=points, is_gift=True, state=State.POSTED,
        by=by, key=key, request_hash=request, asked_at=at,
    )  # fmt: skip
    give_voucher(redemption, at)
    return redemption


def expect_given(gift: Reward | Benefit, *, account: Account | None, at: datetime) -> None:
    """Refuse what `give_reward` and `give_benefit` would refuse at `at`; asked without locks, and nothing is given."""
    if account is not None:
        expect_active(account)
    if isinstance(gift, Reward):
        expect_in_stock(_voucher_of(gift, account, at))
    elif account is not None:
        _as_it_is(gift, account, at)


@transaction.atomic
def take_back_reward(redemption: Redemption, *, at: datetime) -> Redemption:
    """A voucher that was given is worth nothing any more, and back in stock. Twice does nothing.

    Refused: `voucher_used`.
    """
    rows = Redemption.objects.select_for_update(of=("self",)).select_related("reward", "voucher")
    given: Redemption = rows.get(pk=redemption.pk, is_gift=True)
    if given.state == State.UNDONE:
        return given
    cancel_voucher(given, at)
    give_back(given.reward)
    given.state, given.ended_at = State.UNDONE, at
    given.save(update_fields=["state", "ended_at"])
    return given


@transaction.atomic
def give_benefit(
    benefit: Benefit, *, account: Account, points: int, by: Agent | None, key: str, at: datetime
) -> GivenBenefit:
    """`benefit`, worth `points`, for its days from `at`, whatever the member's tier.

    Refused: `key_conflict`, `account_not_active`, `benefit_gone`, `has_it`.
    """
    account = _active(account)
    request = keys.digest("gift", account.pk, benefit.pk, points)
    keys.claim(GivenBenefit, key)
    if earlier := GivenBenefit.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    found = _as_it_is(benefit, account, at)
    return GivenBenefit.objects.create(
        account=account, programme_id=account.programme_id, benefit=found, points=points, starts_at=at,
        ends_at=at + timedelta(days=found.gift_days), by=by, key=key, request_hash=request,
    )  # fmt: skip


@transaction.atomic
def take_back_benefit(given: GivenBenefit, *, at: datetime) -> GivenBenefit:
    """A benefit that was given ends now. Twice does nothing. Refused: `benefit_over` where its time is over."""
    held: GivenBenefit = GivenBenefit.objects.select_for_update(of=("self",)).get(pk=given.pk)
    if held.taken_back_at is None:
        if held.ends_at <= at:
            raise Refused("benefit_over", _("The time of this benefit is over."))
        held.taken_back_at = held.ends_at = max(at, held.starts_at)
        held.save(update_fields=["taken_back_at", "ends_at"])
    return held


def hand_given(given: Redemption | GivenBenefit, to: Account | None, *, at: datetime) -> None:
    """What was given on an account goes to that of the one who comes back when a merge is undone.

    Who is no member keeps the voucher, and has no benefits.
    """
    if isinstance(given, Redemption) or to is not None:
        given.account = to
        given.save(update_fields=["account"])
    elif given.ends_at > at:
        take_back_benefit(given, at=at)


def _active(account: Account) -> Account:
    """The account as it is, locked; refused where it is not active."""
    account = Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    expect_active(account)
    return account


def _voucher_of(reward: Reward, account: Account | None, at: datetime) -> Reward:
    """The reward as it is; refused where it is not offered to this account, or is no voucher."""
    found: Reward | None = Reward.objects.offered(at).select_related("programme").filter(pk=reward.pk).first()
    if found is None or (account and account.programme_id != found.programme_id):
        raise Refused("reward_gone", _("This reward is not offered any more."))
    if found.kind != Reward.Kind.VOUCHER:
        raise Refused("not_a_voucher", _("Only vouchers are given; %s is sent by hand.") % found.name)
    return found


def given_to(account: Account, at: datetime) -> list[Benefit]:
    """The benefits that may be given to `account` at `at`: with a value, and not theirs already, as good or better."""
    has = {one.benefit.code: one.benefit.tier.rank for one in benefits_of(account, at)}
    rows = Benefit.objects.filter(programme=account.programme_id, is_active=True, gift_points__isnull=False)
    return [one for one in rows.select_related("tier") if has.get(one.code, -1) < one.tier.rank]


def _as_it_is(benefit: Benefit, account: Account, at: datetime) -> Benefit:
    """The benefit as it is; refused where it is not given to this account, or they have it."""
    rows = Benefit.objects.filter(programme=account.programme_id, is_active=True, gift_points__isnull=False)
    if not rows.filter(pk=benefit.pk).exists():
        raise Refused("benefit_gone", _("This benefit is not given any more."))
    found = next((one for one in given_to(account, at) if one.pk == benefit.pk), None)
    if found is None:
        raise Refused("has_it", _("They have %s already.") % benefit.name)
    return found
