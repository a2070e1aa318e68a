"""Deeds of goodwill: the only writers of this room."""

from goodwill.services.choosing import choose, default_due, withdraw_offer
from goodwill.services.deciding import approve, decline, lapse_due, withdraw
from goodwill.services.gifts import ask_gift, grant_gift
from goodwill.services.granting import ask, grant
from goodwill.services.offering import Option, offer
from goodwill.services.undoing import reverse, undo

__all__ = [
    "Option",
    "approve",
    "ask",
    "ask_gift",
    "choose",
    "decline",
    "default_due",
    "grant",
    "grant_gift",
    "lapse_due",
    "offer",
    "reverse",
    "undo",
    "withdraw",
    "withdraw_offer",
]
