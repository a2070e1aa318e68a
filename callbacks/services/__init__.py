"""Deeds on promises: the only writers of this room."""

from callbacks.services.ending import cancel, done, move, no_answer, not_reached
from callbacks.services.handing_out import claim_due
from callbacks.services.leaving import take_back_some
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import promise
from callbacks.services.steps import KEEP, lock
from callbacks.services.sweeping import look_at_next

__all__ = [
    "KEEP",
    "accept",
    "cancel",
    "claim_due",
    "decline",
    "done",
    "follow_number",
    "lock",
    "look_at_next",
    "move",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
    "take_back_some",
]
