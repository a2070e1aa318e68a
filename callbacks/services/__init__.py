"""Deeds on promises: the only writers of this room."""

from callbacks.services.by_link import cancel_by_link, mark_of, move_by_link
from callbacks.services.ending import cancel, done, move, no_answer, not_reached
from callbacks.services.handing_out import claim_due
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import More, promise
from callbacks.services.requesting import Wish, ask_for_call
from callbacks.services.steps import KEEP, lock
from callbacks.services.sweeping import look_at_next

__all__ = [
    "KEEP",
    "More",
    "Wish",
    "accept",
    "ask_for_call",
    "cancel",
    "cancel_by_link",
    "claim_due",
    "decline",
    "done",
    "follow_number",
    "lock",
    "look_at_next",
    "mark_of",
    "move",
    "move_by_link",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
]
