"""Deeds on promises: the only writers of this room."""

from callbacks.services.directing import Order, direct, hand_over, put_off
from callbacks.services.ending import cancel, done, move, no_answer, not_reached
from callbacks.services.handing_out import claim_due
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import promise
from callbacks.services.steps import KEEP, lock
from callbacks.services.sweeping import look_at_next

__all__ = [
    "KEEP",
    "Order",
    "accept",
    "cancel",
    "claim_due",
    "decline",
    "direct",
    "done",
    "follow_number",
    "hand_over",
    "lock",
    "look_at_next",
    "move",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
    "put_off",
]
