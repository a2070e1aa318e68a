"""Deeds on the points ledger: the only writer of entries, lots and balances.

Every deed locks the account first and looks after. A deed's `key` makes a repeat harmless:
the same key with the same content gives the entry that is there, with other content it is refused.
"""

from loyalty.services.benefits import Entitlement, benefits_of, use_benefit
from loyalty.services.book import expect_active
from loyalty.services.confirming import confirm, lapse_next, let_go, withdraw
from loyalty.services.correcting import adjust, approve_adjustment, ask_adjustment, decline_adjustment
from loyalty.services.dry_run import DryRun, dry_run
from loyalty.services.earning import TERMS, draft_version, first_rule, go_live, start_campaign, stop_campaign
from loyalty.services.events import give_birthday_points, record_contact
from loyalty.services.expiry import expire, expire_some
from loyalty.services.extending import extend, keep_tier
from loyalty.services.freezing import freeze, unfreeze
from loyalty.services.gifts import (
    expect_given,
    give_benefit,
    give_reward,
    given_to,
    hand_given,
    take_back_benefit,
    take_back_reward,
)
from loyalty.services.giving import Gift, earn, earn_many
from loyalty.services.holding import capture, hold, release, release_next
from loyalty.services.membership import answers_by_number, customers_by_number, enrol, enrol_newcomers
from loyalty.services.merging import STEP, hand_gift
from loyalty.services.missing import explain_order, post_missing
from loyalty.services.monthly import begin_statements, write_some_statements
from loyalty.services.orders import earn_for_order, earn_for_orders
from loyalty.services.pending import mature_next
from loyalty.services.previewing import Preview, left_of, refund_preview
from loyalty.services.proving import prove_ledger, prove_nightly
from loyalty.services.referral_points import (
    lock_for_cancel,
    lock_for_first_order,
    lock_for_first_orders,
    lock_for_refund,
    reward_referral,
    reward_referrals,
    take_back_referral_for_cancel,
    take_back_referral_for_refund,
)
from loyalty.services.referrals import record_referral, referrer_named
from loyalty.services.refunding import take_back_for_cancel, take_back_for_refund
from loyalty.services.reversing import reverse
from loyalty.services.rewards import redeem_reward, undo_redemption
from loyalty.services.sending import mark_shipped, unmark_shipped
from loyalty.services.sleeping import expire_sleepers
from loyalty.services.spending import redeem
from loyalty.services.tier_floors import end_floor, floor_from_merge, set_tier
from loyalty.services.tier_follow import follow_some
from loyalty.services.tier_refunds import lower_after_cancel, lower_after_refund, lower_after_reversal
from loyalty.services.tier_reviews import review_some
from loyalty.services.tier_sets import next_version, publish, set_up_tiers
from loyalty.services.tiers import raise_for_order, raise_for_orders
from loyalty.services.transferring import expect_movable, merge_accounts, transfer
from loyalty.services.vouchers import use_voucher
from loyalty.services.warnings import write_warnings

__all__ = [
    "STEP",
    "TERMS",
    "DryRun",
    "Entitlement",
    "Gift",
    "Preview",
    "adjust",
    "answers_by_number",
    "approve_adjustment",
    "ask_adjustment",
    "begin_statements",
    "benefits_of",
    "capture",
    "confirm",
    "customers_by_number",
    "decline_adjustment",
    "draft_version",
    "dry_run",
    "earn",
    "earn_for_order",
    "earn_for_orders",
    "earn_many",
    "end_floor",
    "enrol",
    "enrol_newcomers",
    "expect_active",
    "expect_given",
    "expect_movable",
    "expire",
    "expire_sleepers",
    "expire_some",
    "explain_order",
    "extend",
    "first_rule",
    "floor_from_merge",
    "follow_some",
    "freeze",
    "give_benefit",
    "give_birthday_points",
    "give_reward",
    "given_to",
    "go_live",
    "hand_gift",
    "hand_given",
    "hold",
    "keep_tier",
    "lapse_next",
    "left_of",
    "let_go",
    "lock_for_cancel",
    "lock_for_first_order",
    "lock_for_first_orders",
    "lock_for_refund",
    "lower_after_cancel",
    "lower_after_refund",
    "lower_after_reversal",
    "mark_shipped",
    "mature_next",
    "merge_accounts",
    "next_version",
    "post_missing",
    "prove_ledger",
    "prove_nightly",
    "publish",
    "raise_for_order",
    "raise_for_orders",
    "record_contact",
    "record_referral",
    "redeem",
    "redeem_reward",
    "referrer_named",
    "refund_preview",
    "release",
    "release_next",
    "reverse",
    "review_some",
    "reward_referral",
    "reward_referrals",
    "set_tier",
    "set_up_tiers",
    "start_campaign",
    "stop_campaign",
    "take_back_benefit",
    "take_back_for_cancel",
    "take_back_for_refund",
    "take_back_referral_for_cancel",
    "take_back_referral_for_refund",
    "take_back_reward",
    "transfer",
    "undo_redemption",
    "unfreeze",
    "unmark_shipped",
    "use_benefit",
    "use_voucher",
    "withdraw",
    "write_some_statements",
    "write_warnings",
]
