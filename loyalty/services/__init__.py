"""Deeds on the points ledger: the only writer of entries, lots and balances.

Every deed locks the account first and looks after. A deed's `key` makes a repeat harmless:
the same key with the same content gives the entry that is there, with other content it is refused.
"""

from loyalty.services.correcting import adjust, approve_adjustment, ask_adjustment, decline_adjustment
from loyalty.services.expiry import expire, expire_next
from loyalty.services.freezing import freeze, unfreeze
from loyalty.services.giving import Gift, earn, earn_many
from loyalty.services.holding import capture, hold, release, release_next
from loyalty.services.membership import customers_by_number, enrol, enrol_newcomers
from loyalty.services.orders import earn_for_order, earn_for_orders, take_back_for_refund
from loyalty.services.reversing import reverse
from loyalty.services.spending import redeem
from loyalty.services.transferring import merge_accounts, transfer

__all__ = [
    "Gift",
    "adjust",
    "approve_adjustment",
    "ask_adjustment",
    "capture",
    "customers_by_number",
    "decline_adjustment",
    "earn",
    "earn_for_order",
    "earn_for_orders",
    "earn_many",
    "enrol",
    "enrol_newcomers",
    "expire",
    "expire_next",
    "freeze",
    "hold",
    "merge_accounts",
    "redeem",
    "release",
    "release_next",
    "reverse",
    "take_back_for_refund",
    "transfer",
    "unfreeze",
]
