"""Deeds on the points ledger: the only writer of entries, lots and balances.

Every deed locks the account first and looks after. A deed's `key` makes a repeat harmless:
the same key with the same content gives the entry that is there, with other content it is refused.
"""

from loyalty.services.confirming import confirm, lapse_next, withdraw
from loyalty.services.correcting import adjust, approve_adjustment, ask_adjustment, decline_adjustment
from loyalty.services.earning import TERMS, draft_version, first_rule, go_live, start_campaign, stop_campaign
from loyalty.services.expiry import expire, expire_next
from loyalty.services.freezing import freeze, unfreeze
from loyalty.services.giving import Gift, earn, earn_many
from loyalty.services.holding import capture, hold, release, release_next
from loyalty.services.membership import customers_by_number, enrol, enrol_newcomers
from loyalty.services.missing import explain_order, post_missing
from loyalty.services.orders import earn_for_order, earn_for_orders
from loyalty.services.pending import mature_next
from loyalty.services.previewing import Preview, left_of, refund_preview
from loyalty.services.proving import prove_ledger, prove_nightly
from loyalty.services.refunding import take_back_for_cancel, take_back_for_refund
from loyalty.services.reversing import reverse
from loyalty.services.rewards import mark_shipped, redeem_reward, undo_redemption
from loyalty.services.spending import redeem
from loyalty.services.transferring import merge_accounts, transfer
from loyalty.services.vouchers import use_voucher

__all__ = [
    "TERMS",
    "Gift",
    "Preview",
    "adjust",
    "approve_adjustment",
    "ask_adjustment",
    "capture",
    "confirm",
    "customers_by_number",
    "decline_adjustment",
    "draft_version",
    "earn",
    "earn_for_order",
    "earn_for_orders",
    "earn_many",
    "enrol",
    "enrol_newcomers",
    "expire",
    "expire_next",
    "explain_order",
    "first_rule",
    "freeze",
    "go_live",
    "hold",
    "lapse_next",
    "left_of",
    "mark_shipped",
    "mature_next",
    "merge_accounts",
    "post_missing",
    "prove_ledger",
    "prove_nightly",
    "redeem",
    "redeem_reward",
    "refund_preview",
    "release",
    "release_next",
    "reverse",
    "start_campaign",
    "stop_campaign",
    "take_back_for_cancel",
    "take_back_for_refund",
    "transfer",
    "undo_redemption",
    "unfreeze",
    "use_voucher",
    "withdraw",
]
