"""Deeds on promises: the only writers of this room."""

from callbacks.services.booking import (
    Asked,
    Choice,
    asked_again,
    expect_next,
    expect_window,
    next_window,
    windows_of_day,
)
from callbacks.services.ending import cancel, done, move, no_answer, not_reached
from callbacks.services.handing_out import claim_due
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import promise
from callbacks.services.steps import KEEP, lock
from callbacks.services.sweeping import look_at_next

__all__ = [
    "KEEP",
    "Asked",
    "Choice",
    "accept",
    "asked_again",
    "cancel",
    "claim_due",
    "decline",
    "done",
    "expect_next",
    "expect_window",
    "follow_number",
    "lock",
    "look_at_next",
    "move",
    "next_window",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
    "windows_of_day",
]
