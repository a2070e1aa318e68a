"""Deeds on promises: the only writers of this room."""

from callbacks.services.dialling import dial, hang_up, link_of
from callbacks.services.ending import Left, cancel, done, left_of, move, no_answer, not_reached
from callbacks.services.following import ask_diallers, hear, hear_event, proposed_outcome
from callbacks.services.handing_out import claim_due
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import More, promise
from callbacks.services.steps import KEEP, lock
from callbacks.services.sweeping import look_at_next

__all__ = [
    "KEEP",
    "Left",
    "More",
    "accept",
    "ask_diallers",
    "cancel",
    "claim_due",
    "decline",
    "dial",
    "done",
    "follow_number",
    "hang_up",
    "hear",
    "hear_event",
    "left_of",
    "link_of",
    "lock",
    "look_at_next",
    "move",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
    "proposed_outcome",
]
