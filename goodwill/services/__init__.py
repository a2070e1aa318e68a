"""Deeds of goodwill: the only writers of this room."""

from goodwill.services.deciding import approve, decline, lapse_due, withdraw
from goodwill.services.granting import ask, grant
from goodwill.services.pledging import keep_next_pledge, publish, stop
from goodwill.services.undoing import reverse, undo

__all__ = [
    "approve", "ask", "decline", "grant", "keep_next_pledge", "lapse_due", "publish", "reverse", "stop", "undo",
    "withdraw",
]  # fmt: skip
