"""Deeds of goodwill: the only writers of this room."""

from goodwill.services.deciding import approve, decline, lapse_due, withdraw
from goodwill.services.granting import ask, grant
from goodwill.services.undoing import reverse, undo

__all__ = ["approve", "ask", "decline", "grant", "lapse_due", "reverse", "undo", "withdraw"]
