"""What can never be true of programmes, accounts and their ledger: the cases of test_constraints for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace as World
from typing import Any

from django.db.models import F

from contactcenter import clock
from loyalty.models import (
    AccountEvent,
    Benefit,
    BenefitUse,
    Criterion,
    Entry,
    Lot,
    LotUse,
    Referral,
    Reward,
    StatementRun,
    TierChange,
    TierFloor,
    TierSet,
)
from tests import make
from tests.contactcenter.behind import change

NOW = clock.now()


def entry(world: World, **fields: Any) -> Entry:
    """One more line of the ledger, written behind the services' back."""
    now = clock.now()
    sound = {
        "account": world.account,
        "seq": 99,
        "kind": "earn",
        "contra": "issue.order",
        "points": 5,
        "balance_after": 5,
        "key": "k",
        "request_hash": "h",
        "occurred_at": now,
        "posted_at": now,
        "counts_at": now,
    }
    return Entry.objects.create(**(sound | fields))


def referral(world: World, **fields: Any) -> Referral:
    """Who brought whom, written behind the services' back."""
    sound = {
        "brand": world.brand, "referrer": world.account, "friend": world.somebody.account, "way": "code",
        "key": "k", "recorded_at": clock.now(),
    }  # fmt: skip
    return Referral.objects.create(**(sound | fields))


def run(world: World, **fields: Any) -> StatementRun:
    programme = world.account.programme
    sound = {"brand": world.brand, "month": date(2026, 1, 1), "begun_at": clock.now()}
    return StatementRun.objects.create(**({"programme": programme} | sound | fields))


def tier_set(world: World, **fields: Any) -> TierSet:
    return TierSet.objects.create(programme=world.gold.programme, **({"version": 2} | fields))


def criterion(world: World, **fields: Any) -> Criterion:
    sound = {
        "programme": world.tier_draft.programme,
        "tier_set": world.tier_draft,
        "tier": world.gold,
        "qualifying_points": 5,
    }
    return Criterion.objects.create(**(sound | fields))


def tier_change(world: World, **fields: Any) -> TierChange:
    """A line of the history of tiers, written behind the services' back."""
    now = clock.now()
    sound = {
        "account": world.account,
        "programme": world.gold.programme,
        "to_tier": world.gold,
        "cause": "earned",
    }
    return TierChange.objects.create(**({**sound, "effective_at": now, "recorded_at": now} | fields))


def tier_floor(world: World, **fields: Any) -> TierFloor:
    now = world.account.joined_at
    sound = {
        "account": world.account,
        "programme": world.gold.programme,
        "tier": world.gold,
        "cause": "manual",
        "starts_at": now,
        "reason": "partner",
        "key": "k",
        "request_hash": "h",
        "set_by": world.agent,
        "recorded_at": now,
    }
    return TierFloor.objects.create(**(sound | fields))


def benefit(world: World, **fields: Any) -> Benefit:
    sound = {"programme": world.gold.programme, "tier": world.gold, "code": "lounge", "name": "Lounge"}
    return Benefit.objects.create(**({**sound, "kind": "counted", "per_year": 2} | fields))


def benefit_use(world: World, **fields: Any) -> BenefitUse:
    now = clock.now()
    sound = {"account": world.account, "programme": world.gold.programme, "used_at": now, "recorded_at": now}
    return BenefitUse.objects.create(**({**sound, "key": "k", "request_hash": "h"} | fields))


CASES: dict[str, Callable[[World], Any]] = {
    "loyalty_programme_expiry_is_told": lambda w: change(w.account.programme, expiry_mode="inactivity"),
    "loyalty_programme_points_live": lambda w: change(w.account.programme, validity_months=0),
    "loyalty_earningrule_code_once": lambda w: w.rule.programme.earning_rules.create(code=w.rule.code),
    "loyalty_earningrule_event_known": lambda w: change(w.rule, event="sneeze"),
    "loyalty_ruleversion_number_once": lambda w: w.rule.versions.create(
        number=1, live_at=NOW, valid_from=NOW
    ),
    "loyalty_ruleversion_one_draft": lambda w: w.rule.versions.create(number=9),
    "loyalty_ruleversion_live_from_an_instant": lambda w: change(w.draft, live_at=NOW),
    "loyalty_ruleversion_words_known": lambda w: change(w.draft, rounding="aside"),
    "loyalty_campaign_code_once": lambda w: change(w.campaign, code="summer"),
    "loyalty_campaign_runs": lambda w: change(w.campaign, ends_at=w.campaign.starts_at),
    "loyalty_campaign_gives_more": lambda w: change(w.campaign, percent=100),
    "loyalty_pendinggrant_points_in_range": lambda w: change(w.pending, points=w.pending.granted + 1),
    "loyalty_pendinggrant_state_fits": lambda w: change(w.pending, is_open=False),
    "loyalty_tier_rank_once": lambda w: change(w.gold, rank=1),
    "loyalty_tier_code_once": lambda w: change(w.gold, code="silver"),
    "loyalty_tierset_version_once": lambda w: tier_set(w, version=1),
    "loyalty_tierset_one_from_a_day": lambda w: change(
        w.tier_draft, in_force_from=date(2000, 1, 1), published_at=clock.now()
    ),
    "loyalty_tierset_published_has_day": lambda w: change(w.tier_draft, published_at=clock.now()),
    "loyalty_tierset_months_pass": lambda w: change(w.tier_draft, months=0),
    "loyalty_tierset_year_begins_on_a_day": lambda w: change(w.tier_draft, year_month=2, year_day=30),
    "loyalty_tierset_window_known": lambda w: change(w.tier_draft, window="moon"),
    "loyalty_tierset_review_known": lambda w: change(w.tier_draft, review="by_chance"),
    "loyalty_tierset_refunds_known": lambda w: change(w.tier_draft, refunds="never"),
    "loyalty_criterion_tier_once": lambda w: [criterion(w) for _ in range(2)],
    "loyalty_criterion_asks_something": lambda w: criterion(w, qualifying_points=None),
    "loyalty_tierchange_changes_tier": lambda w: tier_change(w, from_tier=w.gold, to_tier=w.gold),
    "loyalty_tierchange_manual_has_actor": lambda w: tier_change(w, cause="manual", actor=None),
    "loyalty_tierfloor_lasts": lambda w: tier_floor(w, ends_at=w.account.joined_at),
    "loyalty_tierfloor_manual_has_reason": lambda w: tier_floor(w, reason=""),
    "loyalty_benefit_code_once_a_tier": lambda w: [benefit(w) for _ in range(2)],
    "loyalty_benefit_figures_fit_kind": lambda w: benefit(w, kind="priority"),
    "loyalty_account_number_once": lambda w: change(w.somebody.account, number=w.account.number),
    "loyalty_account_referral_code_once": lambda w: change(
        w.somebody.account, referral_code=w.account.referral_code
    ),
    "loyalty_referral_brings_another": lambda w: referral(w, referrer=w.somebody.account),
    "loyalty_referral_state_fits": lambda w: referral(w, state="given"),
    "loyalty_referral_way_known": lambda w: referral(w, way="guess"),
    "loyalty_statementrun_month_once": lambda w: [run(w) for _ in range(2)],
    "loyalty_statementrun_of_a_month": lambda w: run(w, month=date(2026, 1, 2)),
    "loyalty_account_held_not_negative": lambda w: change(w.account, held=-1),
    "loyalty_account_pending_not_negative": lambda w: change(w.account, pending=-1),
    "loyalty_account_status_known": lambda w: change(w.account, status="lost"),
    "loyalty_account_merged_names_heir": lambda w: change(w.account, status="merged"),
    "loyalty_account_merged_into_another": lambda w: change(
        w.account, status="merged", merged_into=w.account
    ),
    "loyalty_accountevent_kind_known": lambda w: AccountEvent.objects.create(
        brand=w.brand, account=w.account, kind="thawed", at=clock.now()
    ),
    "loyalty_hold_reserves_something": lambda w: change(w.hold, points=0),
    "loyalty_hold_state_known": lambda w: change(w.hold, state="lost", ended_at=clock.now()),
    "loyalty_hold_runs": lambda w: change(w.hold, expires_at=w.hold.made_at),
    "loyalty_hold_ended_when_over": lambda w: change(w.hold, state="released"),
    "loyalty_hold_captured_has_entry": lambda w: change(w.hold, state="captured", ended_at=clock.now()),
    "loyalty_adjustment_moves_points": lambda w: change(w.adjustment, points=0),
    "loyalty_adjustment_state_known": lambda w: change(
        w.adjustment, state="lost", approver=w.colleague, decided_at=clock.now()
    ),
    "loyalty_adjustment_takes_two": lambda w: change(
        w.adjustment, state="declined", approver=w.agent, decided_at=clock.now()
    ),
    "loyalty_adjustment_decided_by_somebody": lambda w: change(w.adjustment, state="declined"),
    "loyalty_adjustment_approved_has_entry": lambda w: change(
        w.adjustment, state="approved", approver=w.colleague, decided_at=clock.now()
    ),
    "loyalty_entry_key_once": lambda w: entry(w, key=w.lot.entry.key),
    "loyalty_entry_seq_once": lambda w: entry(w, seq=1),
    "loyalty_entry_moves_points": lambda w: entry(w, kind="adjust", contra="adjust", points=0),
    "loyalty_entry_contra_fits_kind": lambda w: entry(w, kind="earn", contra="adjust"),
    "loyalty_entry_counts_when_it_occurred": lambda w: entry(w, counts_at=clock.now()),
    "loyalty_entry_sign_fits_kind": lambda w: entry(w, kind="redeem", contra="redeem.reward", points=5),
    "loyalty_entry_reverse_names_entry": lambda w: entry(w, kind="reverse", points=-5),
    "loyalty_lot_once_an_entry": lambda w: Lot.objects.create(
        account=w.account, entry=w.lot.entry, granted=1, remaining=1, is_open=True
    ),
    "loyalty_lot_grants_something": lambda w: change(w.lot, granted=0, remaining=0, is_open=False),
    "loyalty_lot_remaining_in_range": lambda w: change(w.lot, remaining=w.lot.granted + 1),
    "loyalty_lot_open_while_remaining": lambda w: change(w.lot, is_open=False),
    "loyalty_lotuse_once_an_entry": lambda w: LotUse.objects.create(
        entry=w.spend, lot=w.spend.uses.get().lot, points=1
    ),
    "loyalty_lotuse_moves_points": lambda w: LotUse.objects.create(entry=w.lot.entry, lot=w.lot, points=0),
    "loyalty_reward_code_once": lambda w: make.make_reward(brand=w.brand, code=w.reward.code),
    "loyalty_reward_costs_points": lambda w: change(w.reward, points=0),
    "loyalty_reward_has_a_price": lambda w: change(w.reward, points=None),
    "loyalty_reward_tier_prices_whole": lambda w: change(w.reward, tier_prices={"gold": 1.5}),
    "loyalty_reward_window_runs": lambda w: change(w.reward, starts_at=NOW, ends_at=NOW),
    "loyalty_reward_voucher_lives": lambda w: change(w.reward, voucher_days=0),
    "loyalty_reward_kind_known": lambda w: change(w.reward, kind="wish"),
    "loyalty_reward_never_oversold": lambda w: Reward.objects.filter(pk=w.reward.pk).update(
        stock=F("stock") - 2
    ),
    "loyalty_redemption_costs_points": lambda w: change(w.redemption, points=0),
    "loyalty_redemption_state_known": lambda w: change(w.redemption, state="lost"),
    "loyalty_redemption_posted_has_entry": lambda w: change(w.redemption, entry=None),
    "loyalty_redemption_ended_when_over": lambda w: change(w.redemption, state="undone"),
    "loyalty_redemption_waiting_is_held": lambda w: change(w.redemption, state="waiting", entry=None),
    "loyalty_redemption_sent_by_somebody_at_a_time": lambda w: change(w.redemption, shipped_by=w.agent),
    "loyalty_redemption_only_taken_ones_are_sent": lambda w: change(
        w.redemption, state="undone", ended_at=NOW, shipped_at=NOW
    ),
    "loyalty_redemption_five_tries": lambda w: change(w.redemption, tries=6),
    "loyalty_voucher_code_is_plain": lambda w: change(w.redemption.voucher, code="ABCD-EFGH-1JKL"),
    "loyalty_voucher_used_or_cancelled": lambda w: change(
        w.redemption.voucher, used_at=clock.now(), cancelled_at=clock.now()
    ),
}

# A row is given something of another brand, customer, programme or account.
JOINS: dict[str, Callable[[World], Any]] = {
    "loyalty_account_customer_id_of_one_brand": lambda w: change(w.account, customer=w.stranger),
    "loyalty_referral_referrer_id_of_one_brand": lambda w: referral(w, referrer=w.their_account),
    "loyalty_referral_friend_id_of_one_brand": lambda w: referral(w, friend=w.their_account),
    "loyalty_statementrun_programme_id_of_one_brand": lambda w: run(w, programme=w.their_programme),
    "loyalty_account_programme_id_of_one_brand": lambda w: change(
        w.somebody.account, programme=w.their_programme
    ),
    "loyalty_account_merged_into_id_of_one_brand": lambda w: change(
        w.account, status="merged", merged_into=w.their_account
    ),
    "loyalty_accountevent_account_id_of_one_brand": lambda w: AccountEvent.objects.create(
        brand=w.brand, account=w.their_account, kind="frozen", at=clock.now()
    ),
    "loyalty_hold_entry_id_of_one_account": lambda w: change(
        w.hold, account=w.somebody.account, entry=w.spend, state="captured", ended_at=clock.now()
    ),
    "loyalty_adjustment_entry_id_of_one_account": lambda w: change(
        w.adjustment,
        account=w.somebody.account,
        entry=w.spend,
        state="approved",
        approver=w.colleague,
        decided_at=clock.now(),
    ),
    "loyalty_account_tier_id_of_one_programme": lambda w: change(w.account, tier=w.their_tier),
    "loyalty_criterion_tier_set_id_of_one_programme": lambda w: criterion(w, programme=w.their_programme),
    "loyalty_criterion_tier_id_of_one_programme": lambda w: criterion(w, tier=w.their_tier),
    "loyalty_tierchange_account_id_of_one_programme": lambda w: tier_change(
        w, programme=w.their_programme, to_tier=None
    ),
    "loyalty_tierchange_from_tier_id_of_one_programme": lambda w: tier_change(w, from_tier=w.their_tier),
    "loyalty_tierchange_to_tier_id_of_one_programme": lambda w: tier_change(w, to_tier=w.their_tier),
    "loyalty_tierfloor_account_id_of_one_programme": lambda w: tier_floor(
        w, programme=w.their_programme, tier=w.their_tier
    ),
    "loyalty_tierfloor_tier_id_of_one_programme": lambda w: tier_floor(w, tier=w.their_tier),
    "loyalty_benefit_tier_id_of_one_programme": lambda w: benefit(w, tier=w.their_tier),
    "loyalty_benefituse_account_id_of_one_programme": lambda w: benefit_use(
        w, account=w.their_account, benefit=benefit(w)
    ),
    "loyalty_benefituse_benefit_id_of_one_programme": lambda w: benefit_use(
        w, benefit=benefit(w, tier=w.their_tier, programme=w.their_programme)
    ),
    "loyalty_entry_reverses_id_of_one_account": lambda w: entry(
        w, account=w.somebody.account, kind="reverse", points=-5, reverses=w.lot.entry
    ),
    "loyalty_pendinggrant_entry_id_of_one_account": lambda w: change(
        w.pending, account=w.somebody.account, state="matured", is_open=False, entry=w.lot.entry
    ),
    "loyalty_reward_programme_id_of_one_brand": lambda w: change(w.reward, programme=w.their_programme),
    "loyalty_redemption_account_id_of_one_brand": lambda w: change(w.redemption, account=w.their_account),
    "loyalty_redemption_reward_id_of_one_brand": lambda w: change(w.redemption, reward=w.their_reward),
    "loyalty_redemption_entry_id_of_one_account": lambda w: change(
        w.redemption, entry=w.somebody.account.entries.get()
    ),
    "loyalty_lot_entry_id_of_one_account": lambda w: change(w.lot, account=w.somebody.account),
}
