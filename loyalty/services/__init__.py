"""Deeds on the points ledger: the only writer of entries, lots and balances.

Every deed locks the account first and looks after. A deed's `key` makes a repeat harmless:
the same key with the same content gives the entry that is there, with other content it is refused.
"""

from loyalty.services.benefits import Entitlement, benefits_of, use_benefit
from loyalty.services.correcting import adjust
from loyalty.services.earning import TERMS, draft_version, first_rule, go_live, start_campaign, stop_campaign
from loyalty.services.expiry import expire, expire_next
from loyalty.services.freezing import freeze, unfreeze
from loyalty.services.giving import Gift, earn, earn_many
from loyalty.services.holding import capture, hold, release, release_next
from loyalty.services.membership import customers_by_number, enrol, enrol_newcomers
from loyalty.services.orders import earn_for_order, earn_for_orders, take_back_for_refund
from loyalty.services.proving import prove_ledger, prove_nightly
from loyalty.services.reversing import reverse
from loyalty.services.rewards import redeem_reward, use_voucher
from loyalty.services.spending import redeem
from loyalty.services.tier_floors import floor_from_merge, set_tier
from loyalty.services.tier_follow import follow_some
from loyalty.services.tier_refunds import lower_after_refund
from loyalty.services.tier_reviews import review_some
from loyalty.services.tier_sets import next_version, publish, set_up_tiers
from loyalty.services.tiers import raise_for_order, raise_for_orders
from loyalty.services.transferring import merge_accounts, transfer

__all__ = [
    "TERMS",
    "Entitlement",
    "Gift",
    "adjust",
    "benefits_of",
    "capture",
    "customers_by_number",
    "draft_version",
    "earn",
    "earn_for_order",
    "earn_for_orders",
    "earn_many",
    "enrol",
    "enrol_newcomers",
    "expire",
    "expire_next",
    "first_rule",
    "floor_from_merge",
    "follow_some",
    "freeze",
    "go_live",
    "hold",
    "lower_after_refund",
    "merge_accounts",
    "next_version",
    "prove_ledger",
    "prove_nightly",
    "publish",
    "raise_for_order",
    "raise_for_orders",
    "redeem",
    "redeem_reward",
    "release",
    "release_next",
    "reverse",
    "review_some",
    "set_tier",
    "set_up_tiers",
    "start_campaign",
    "stop_campaign",
    "take_back_for_refund",
    "transfer",
    "unfreeze",
    "use_benefit",
    "use_voucher",
]
