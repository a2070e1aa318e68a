"""Deeds on the points ledger: the only writer of entries, lots and balances.

Every deed locks the account first and looks after. A deed's `key` makes a repeat harmless:
the same key with the same content gives the entry that is there, with other content it is refused.
"""

from loyalty.services.confirming import confirm, lapse_next, withdraw
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
from loyalty.services.rewards import mark_shipped, redeem_reward, undo_redemption
from loyalty.services.sleeping import expire_sleepers
from loyalty.services.spending import redeem
from loyalty.services.transferring import merge_accounts, transfer
from loyalty.services.vouchers import use_voucher
from loyalty.services.warnings import write_warnings

__all__ = [
    "TERMS",
    "Gift",
    "adjust",
    "capture",
    "confirm",
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
    "expire_sleepers",
    "first_rule",
    "freeze",
    "go_live",
    "hold",
    "lapse_next",
    "mark_shipped",
    "merge_accounts",
    "prove_ledger",
    "prove_nightly",
    "redeem",
    "redeem_reward",
    "release",
    "release_next",
    "reverse",
    "start_campaign",
    "stop_campaign",
    "take_back_for_refund",
    "transfer",
    "undo_redemption",
    "unfreeze",
    "use_voucher",
    "withdraw",
    "write_warnings",
]
