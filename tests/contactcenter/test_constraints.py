"""What can never be true, and that the database itself refuses it: one case for every named constraint."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace as World
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from agents.models import Agent, Brand, Team
from agents.services import issue_token
from callbacks.models import Callback
from contactcenter import clock
from customers.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerChange,
    Duplicate,
    Merge,
    MergedRow,
    NotSame,
    Order,
    OrderLine,
    OrderLineRefund,
    OrderRefund,
)
from customers.services import Refund, refund_order, write_notice
from goodwill.models import Reason, Request
from goodwill.services import grant
from loyalty.models import (
    Account,
    AccountEvent,
    Adjustment,
    Benefit,
    BenefitUse,
    Criterion,
    Entry,
    Hold,
    Lot,
    LotUse,
    Programme,
    Referral,
    Reward,
    StatementRun,
    Tier,
    TierChange,
    TierFloor,
    TierSet,
)
from loyalty.services import draft_version, redeem, redeem_reward
from tests import make
from tests.contactcenter import (
    callback_constraints,
    caller_constraints,
    clock_constraints,
    goodwill_constraints,
    outward_constraints,
    routing_constraints,
    rule_constraints,
    sorting_constraints,
    ticket_constraints,
)
from tests.contactcenter.behind import change
from tests.contactcenter.rooms import our_models
from tickets.models import Queue, Tag, Ticket


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


def refund(world: World, **fields: Any) -> OrderRefund:
    """Money given back behind the services' back."""
    sound = {
        "order": world.order,
        "amount_minor": 5,
        "key": "k",
        "request_hash": "h",
        "refunded_at": clock.now(),
    }
    return OrderRefund.objects.create(**(sound | fields))


def line_refund(world: World, **fields: Any) -> OrderLineRefund:
    sound = {
        "order": world.order,
        "refund": refund(world),
        "line": world.order.lines.get(),
        "amount_minor": 5,
    }
    return OrderLineRefund.objects.create(**(sound | fields))


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


NOW = clock.now()


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
    "agents_answer_key_once_an_agent": lambda w: [
        make.make_answer(w.agent, w.brand, key="k") for _ in range(2)
    ],
    "agents_token_revoked_by_somebody_at_a_time": lambda w: change(w.token, revoked_by=w.agent),
    "agents_brand_code_is_plain": lambda w: change(w.brand, code="f-f"),
    "agents_brand_search_language_known": lambda w: change(w.brand, search_language="klingon"),
    "agents_team_name_once_a_brand": lambda w: Team.objects.create(brand=w.brand, name=w.team.name.upper()),
    "agents_agent_density_known": lambda w: change(w.agent, density="tiny"),
    "agents_agent_email_once": lambda w: change(w.colleague, email=w.agent.email.upper()),
    "agents_agent_theme_known": lambda w: change(w.agent, theme="pink"),
    "customers_contactpoint_once_a_brand": lambda w: ContactPoint.objects.create(
        brand=w.brand, customer=w.somebody, kind="phone", value=w.phone.value
    ),
    "customers_contactpoint_not_empty": lambda w: change(w.mail, value=""),
    "customers_contactpoint_phone_is_e164": lambda w: change(w.phone, value="030 1234567"),
    "customers_contactpoint_kind_known": lambda w: change(w.mail, kind="pigeon"),
    "customers_customer_birthday_is_a_day": lambda w: change(w.somebody, birth_month=2, birth_day=30),
    "customers_change_kind_known": lambda w: CustomerChange.objects.create(
        brand=w.brand, customer=w.somebody, kind="guessed"
    ),
    "customers_notice_state_known": lambda w: change(w.notice, state="lost", due_at=None),
    "customers_notice_waiting_has_due": lambda w: change(w.notice, due_at=None),
    "customers_order_number_once_a_brand": lambda w: change(w.second_order, number=w.order.number),
    "customers_order_refund_within_total": lambda w: change(w.order, refunded_minor=w.order.total_minor + 1),
    "customers_orderline_is_something": lambda w: change(w.order.lines.get(), quantity=0),
    "customers_orderline_refund_within_amount": lambda w: change(w.order.lines.get(), refunded_minor=99_999),
    "customers_orderrefund_gives_something": lambda w: refund(w, amount_minor=0),
    "customers_orderlinerefund_gives_something": lambda w: line_refund(w, amount_minor=0),
    "customers_orderlinerefund_line_once": lambda w: line_refund(w, refund=w.refund),
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
    "goodwill_reason_code_once_a_brand": lambda w: change(w.second_reason, code=w.reason.code),
    "goodwill_reason_points_in_order": lambda w: change(w.reason, default_points=w.reason.max_points + 1),
    "callbacks_callback_window_runs": lambda w: change(w.callback, window_to=w.callback.window_from),
    "callbacks_callback_ended_when_over": lambda w: change(w.callback, state="kept", look_at=None),
    "callbacks_callback_call_has_number": lambda w: change(w.callback, contact_point=None),
    "callbacks_callback_one_open_call_a_ticket": lambda w: change(w.second_callback, ticket=w.ticket),
}

CASES |= {
    "customers_customer_merged_into_another": lambda w: change(w.somebody, merged_into=w.somebody),
    "customers_merge_takes_two": lambda w: change(w.merge, kept=w.merge.merged),
    "customers_merge_reason_known": lambda w: change(w.merge, reason="lost"),
    "customers_merge_undone_has_key": lambda w: change(w.merge, undone_at=NOW),
    "customers_merge_one_at_a_time": lambda w: Merge.objects.create(
        brand=w.brand, kept=w.somebody, merged=w.merge.merged, reason="twice", key="k2", request_hash="h"
    ),
    "customers_mergedrow_once": lambda w: MergedRow.objects.create(
        merge=w.merge, table=w.merge.rows.earliest("pk").table, row=w.merge.rows.earliest("pk").row
    ),
    "customers_notsame_in_order": lambda w: change(w.not_same, one=w.not_same.other, other=w.not_same.one),
    "customers_notsame_once": lambda w: NotSame.objects.create(
        brand=w.brand, one=w.not_same.one, other=w.not_same.other, by=w.agent
    ),
    "customers_duplicate_in_order": lambda w: change(
        w.duplicate, one=w.duplicate.other, other=w.duplicate.one
    ),
    "customers_duplicate_score_in_range": lambda w: change(w.duplicate, score=101),
    "customers_duplicate_once": lambda w: Duplicate.objects.create(
        brand=w.brand, one=w.duplicate.one, other=w.duplicate.other, score=1
    ),
}

# No row joins two brands, customers, programmes or accounts: a row is given something of the other one.
JOINS: dict[str, Callable[[World], Any]] = {
    "customers_contactpoint_customer_id_of_one_brand": lambda w: change(
        w.somebodys_phone, customer=w.stranger
    ),
    "customers_consent_customer_id_of_one_brand": lambda w: Consent.objects.create(
        brand=w.brand, customer=w.stranger, purpose="calls", given=True, source="?"
    ),
    "customers_customerchange_customer_id_of_one_brand": lambda w: CustomerChange.objects.create(
        brand=w.brand, customer=w.stranger, kind="created"
    ),
    "customers_notice_customer_id_of_one_brand": lambda w: change(w.notice, customer=w.stranger),
    "customers_notice_contact_point_id_of_one_customer": lambda w: change(
        w.notice, contact_point=w.somebodys_phone
    ),
    "customers_order_customer_id_of_one_brand": lambda w: change(w.order, customer=w.stranger),
    "customers_customer_merged_into_id_of_one_brand": lambda w: change(w.somebody, merged_into=w.stranger),
    "customers_merge_kept_id_of_one_brand": lambda w: change(w.merge, kept=w.stranger),
    "customers_merge_merged_id_of_one_brand": lambda w: change(w.merge, merged=w.stranger),
    "customers_notsame_one_id_of_one_brand": lambda w: NotSame.objects.create(
        brand=w.other_brand, one=w.somebody, other=w.stranger_after, by=w.agent
    ),
    "customers_notsame_other_id_of_one_brand": lambda w: NotSame.objects.create(
        brand=w.brand, one=w.somebody, other=w.stranger_after, by=w.agent
    ),
    "customers_duplicate_one_id_of_one_brand": lambda w: Duplicate.objects.create(
        brand=w.other_brand, one=w.somebody, other=w.stranger_after, score=1
    ),
    "customers_duplicate_other_id_of_one_brand": lambda w: Duplicate.objects.create(
        brand=w.brand, one=w.somebody, other=w.stranger_after, score=1
    ),
    "customers_orderlinerefund_line_id_of_one_order": lambda w: line_refund(
        w, line=w.second_order.lines.get()
    ),
    "customers_orderlinerefund_refund_id_of_one_order": lambda w: line_refund(
        w, refund=refund(w, order=w.second_order, key="k2")
    ),
    "loyalty_account_customer_id_of_one_brand": lambda w: change(w.account, customer=w.stranger),
    "loyalty_referral_referrer_id_of_one_brand": lambda w: referral(w, referrer=w.their_account),
    "loyalty_referral_friend_id_of_one_brand": lambda w: referral(w, friend=w.their_account),
    "loyalty_statementrun_programme_id_of_one_brand": lambda w: run(w, programme=w.their_programme),
    "loyalty_account_programme_id_of_one_brand": lambda w: change(
        w.somebody.account, programme=w.their_programme
    ),
    "callbacks_callback_customer_id_of_one_brand": lambda w: change(w.callback, customer=w.stranger),
    "callbacks_callback_ticket_id_of_one_brand": lambda w: change(w.callback, ticket=w.their_ticket),
    "goodwill_request_ticket_id_of_one_brand": lambda w: change(w.request, ticket=w.their_ticket),
    "goodwill_request_account_id_of_one_brand": lambda w: change(w.request, account=w.their_account),
    "goodwill_request_reason_id_of_one_brand": lambda w: change(w.request, reason=w.their_reason),
    "callbacks_callback_ticket_id_of_one_customer": lambda w: change(w.callback, ticket=w.second_ticket),
    "callbacks_callback_contact_point_id_of_one_customer": lambda w: change(
        w.callback, contact_point=w.somebodys_phone
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

ROOMS = (
    ticket_constraints,
    clock_constraints,
    goodwill_constraints,
    rule_constraints,
    caller_constraints,
    outward_constraints,
    sorting_constraints,
    routing_constraints,
    callback_constraints,
)
for room in ROOMS:
    CASES |= room.CASES
    JOINS |= room.JOINS


@pytest.fixture
def world(ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand, late_parcel: Reason) -> World:
    """A row of every table at brand FF, and strangers at brand KL."""
    member: Customer = ticket.customer
    their_programme: Programme = make.make_programme(brand=other_brand)
    their_ticket = make.make_ticket(brand=other_brand)
    somebody: Customer = make.make_member(brand=brand, points=5)
    reward = make.make_reward(brand=brand, stock=2)
    order: Order = make.make_order(customer=member)
    lot: Lot = member.account.lots.earliest("id")
    request: Request = grant(ticket, 50, by=agent, reason=late_parcel, key="g1")
    callback: Callback = make.make_callback(ticket=ticket, by=agent)
    make.make_standing(member.account, by=agent)
    rule = Programme.objects.get(brand=brand).earning_rules.get()
    for code in ("spring", "summer"):
        make.make_campaign(rule=rule, code=code)
    merged = make.make_alike(brand=brand, by=agent)
    return World(
        merge=merged,
        not_same=NotSame.objects.get(),
        duplicate=Duplicate.objects.get(),
        other_brand=other_brand,
        stranger_after=make.make_customer(brand=other_brand),
        rule=rule,
        pending=make.make_pending(member.account),
        draft=draft_version(rule),
        campaign=rule.campaigns.get(code="spring"),
        brand=brand,
        agent=agent,
        token=issue_token(agent, name="x", scopes=["customers:read"])[0],
        colleague=make.make_agent(brands=[brand]),
        team=make.make_team(brand=brand, name="Night shift"),
        mail=member.contact_points.get(kind="mail"),
        phone=member.contact_points.get(kind="phone"),
        notice=write_notice(make.make_mail(customer=member), "points_expire", key="n1"),
        somebody=somebody,
        somebodys_phone=make.make_phone(customer=somebody),
        order=order,
        refund=refund_order(order, [Refund(order.lines.get(), 100)], key="back"),
        second_order=make.make_order(customer=member),
        account=Account.objects.get(customer=member),
        hold=Hold.objects.get(),
        adjustment=Adjustment.objects.get(),
        tier_draft=TierSet.objects.create(programme=member.account.programme, version=9),
        gold=Tier.objects.get(programme__brand=brand, code="gold"),
        lot=lot,
        spend=redeem(member.account, 10, by=agent, key="r1"),
        reward=reward,
        redemption=redeem_reward(member.account, reward, by=agent, key="r2"),
        their_reward=make.make_reward(brand=other_brand),
        ticket=ticket,
        second_ticket=make.make_ticket(brand=brand),
        third_ticket=make.make_ticket(brand=brand),
        tag=Tag.objects.create(brand=brand, name="late"),
        their_tag=Tag.objects.create(brand=other_brand, name="late"),
        second_queue=make.make_queue(brand=brand),
        reason=late_parcel,
        second_reason=make.make_reason(brand=brand),
        request=request,
        callback=callback,
        second_callback=make.make_callback(customer=member, by=agent),
        stranger=their_ticket.customer,
        their_ticket=their_ticket,
        their_queue=Queue.objects.get(brand=other_brand),
        their_programme=their_programme,
        their_tier=their_programme.tiers.first(),
        their_account=make.make_member(brand=other_brand).account,
        their_team=make.make_team(brand=other_brand),
        their_reason=make.make_reason(brand=other_brand),
        **clock_constraints.rows_for_clocks(ticket, brand, other_brand),
        **rule_constraints.rows_for_rules(brand, other_brand),
        **goodwill_constraints.rows_for_goodwill(brand, other_brand),
        **caller_constraints.rows_for_callers(member, agent),
        **outward_constraints.rows_for_outward(ticket, agent, brand),
        **sorting_constraints.rows_for_sorting(ticket, brand, other_brand),
        **routing_constraints.rows_for_routing(ticket, brand, agent),
        **callback_constraints.rows_for_callbacks(member, agent, brand, other_brand),
    )


def expect_refused(name: str, break_it: Callable[[World], Any], world: World) -> None:
    try:
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            break_it(world)
    except pytest.fail.Exception:
        pytest.fail(f"{name} refuses nothing")
    assert refusal.value.__cause__.diag.constraint_name == name


def test_the_database_refuses_what_each_constraint_names(world: World) -> None:
    for name, break_it in CASES.items():
        expect_refused(name, break_it, world)


def test_the_database_refuses_to_join_two_brands_customers_programmes_or_accounts(world: World) -> None:
    for name, join in JOINS.items():
        expect_refused(name, join, world)


def named_constraints() -> set[str]:
    return {constraint.name for model in our_models() for constraint in model._meta.constraints}


def test_every_named_constraint_has_its_case() -> None:
    assert named_constraints() - pairs() == set(CASES)


def pairs() -> set[str]:
    """The constraints that are there for a key over two columns, and refuse nothing themselves."""
    return {name for name in named_constraints() if "_of_its_" in name}


def database_constraints(like: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname LIKE %s", [like])
        return {name for (name,) in cursor.fetchall()}


def test_every_key_over_two_columns_has_its_case(db: None) -> None:
    assert database_constraints("%of\\_one\\_%") == set(JOINS)


def test_every_pair_is_there_for_a_key_that_needs_it(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pair.conname FROM pg_constraint pair JOIN pg_constraint key"
            " ON key.contype = 'f' AND key.confrelid = pair.conrelid AND key.confkey = pair.conkey"
            " WHERE pair.contype = 'u'"
        )
        assert {name for (name,) in cursor.fetchall()} == pairs()


def test_every_key_over_two_columns_can_wait_for_the_end_of_a_deed(db: None) -> None:
    """Joining two customers moves their tickets and promises one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE contype = 'f' AND cardinality(conkey) = 2 AND condeferrable AND NOT condeferred"
        )
        assert {name for (name,) in cursor.fetchall()} == set(JOINS)


def test_a_row_that_names_a_brand_and_a_row_of_a_brand_has_a_key_over_both(db: None) -> None:
    """A new table cannot forget its key: wherever both columns stand, a `…_of_one_brand` stands too."""
    names = {
        "customers.Customer", "loyalty.Programme", "loyalty.Account", "tickets.Queue", "tickets.Ticket",
        "agents.Team", "goodwill.Reason", "goodwill.Budget", "goodwill.Pledge", "loyalty.Reward", "tickets.Tag",
        "tickets.Calendar", "tickets.HoursVersion", "tickets.Rule", "goodwill.IncidentGrant", "goodwill.Request",
        "loyalty.Redemption",
        "tickets.ContactReason", "tickets.TicketField", "callbacks.Callback",
    }  # fmt: skip
    paired = {apps.get_model(name)._meta.db_table for name in names}
    wanted = set()
    for model in our_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        if "brand" not in fields:
            continue
        for field in fields.values():
            related = field.related_model
            if related is not None and related._meta.db_table in paired:
                wanted.add(f"{model._meta.db_table}_{field.column}_of_one_brand")
    assert wanted == {name for name in JOINS if name.endswith("_of_one_brand")}


def test_lines_times_and_words_go_with_their_order_calendar_or_ticket_and_nothing_else_is_deleted_along() -> (
    None
):
    cascades = {
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.on_delete is models.CASCADE
    }
    assert cascades == {
        f"{OrderLine.__name__}.order", "Opening.calendar", "SpecialDay.calendar", "TicketWords.ticket",
    }  # fmt: skip
