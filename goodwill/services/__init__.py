"""Deeds of goodwill: the only writers of this room."""

from goodwill.services import incidents
from goodwill.services.choosing import choose, default_due, withdraw_offer
from goodwill.services.deciding import approve, decline, lapse_due, withdraw
from goodwill.services.findings import assign, conclude, lookers_of
from goodwill.services.gifts import ask_gift, grant_gift
from goodwill.services.giving_out import give_out
from goodwill.services.granting import ask, grant
from goodwill.services.offering import Option, offer
from goodwill.services.pledging import keep_next_pledge, publish, stop
from goodwill.services.undoing import reverse, undo
from goodwill.services.urgent import pass_on_due
from goodwill.services.watching import watch_moment, watch_nights, watch_recent

__all__ = [
    "Option",
    "approve",
    "ask",
    "ask_gift",
    "assign",
    "choose",
    "conclude",
    "decline",
    "default_due",
    "give_out",
    "grant",
    "grant_gift",
    "incidents",
    "keep_next_pledge",
    "lapse_due",
    "lookers_of",
    "offer",
    "pass_on_due",
    "publish",
    "reverse",
    "stop",
    "undo",
    "watch_moment",
    "watch_nights",
    "watch_recent",
    "withdraw",
    "withdraw_offer",
]
