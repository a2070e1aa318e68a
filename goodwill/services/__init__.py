"""Deeds of goodwill: the only writers of this room."""

from goodwill.services.deciding import approve, decline, lapse_due, withdraw
from goodwill.services.findings import assign, conclude
from goodwill.services.granting import ask, grant
from goodwill.services.undoing import reverse, undo
from goodwill.services.watching import watch_moment, watch_nights, watch_recent

__all__ = [
    "approve",
    "ask",
    "assign",
    "conclude",
    "decline",
    "grant",
    "lapse_due",
    "reverse",
    "undo",
    "watch_moment",
    "watch_nights",
    "watch_recent",
    "withdraw",
]
