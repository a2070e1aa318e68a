"""Deeds of goodwill: the only writers of this room."""

from goodwill.services import incidents
from goodwill.services.deciding import approve, decline, lapse_due, withdraw
from goodwill.services.giving_out import give_out
from goodwill.services.granting import ask, grant
from goodwill.services.undoing import reverse, undo
from goodwill.services.urgent import pass_on_due

__all__ = [
    "approve",
    "ask",
    "decline",
    "give_out",
    "grant",
    "incidents",
    "lapse_due",
    "pass_on_due",
    "reverse",
    "undo",
    "withdraw",
]
