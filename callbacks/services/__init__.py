"""Deeds on promises: the only writers of this room."""

from callbacks.services.again import Left, left_of
from callbacks.services.booking import (
    Asked,
    Booking,
    Choice,
    asked_again,
    expect_next,
    expect_window,
    next_window,
    windows_of_day,
    windows_of_first_free,
)
from callbacks.services.by_link import cancel_by_link, mark_of, move_by_link
from callbacks.services.dialling import dial, hang_up, link_of
from callbacks.services.directing import Order, direct, hand_over, put_off
from callbacks.services.ending import NOT_REACHED, cancel, done, move, no_answer, not_reached
from callbacks.services.following import ask_diallers, hear, hear_event, proposed_outcome
from callbacks.services.handing_out import claim_due
from callbacks.services.leaving import take_back_some
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import More, promise
from callbacks.services.proposing import Proposal, decline_proposed, promise_proposed, proposal_for
from callbacks.services.requesting import Wish, ask_for_call, asked_of
from callbacks.services.saving import save_members
from callbacks.services.steps import DIRECT, KEEP, lock
from callbacks.services.sweeping import look_at_next
from callbacks.services.wanting import contact_hours_of, set_contact_hours

__all__ = [
    "DIRECT",
    "KEEP",
    "NOT_REACHED",
    "Asked",
    "Booking",
    "Choice",
    "Left",
    "More",
    "Order",
    "Proposal",
    "Wish",
    "accept",
    "ask_diallers",
    "ask_for_call",
    "asked_again",
    "asked_of",
    "cancel",
    "cancel_by_link",
    "claim_due",
    "contact_hours_of",
    "decline",
    "decline_proposed",
    "dial",
    "direct",
    "done",
    "expect_next",
    "expect_window",
    "follow_number",
    "hand_over",
    "hang_up",
    "hear",
    "hear_event",
    "left_of",
    "link_of",
    "lock",
    "look_at_next",
    "mark_of",
    "move",
    "move_by_link",
    "next_window",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
    "promise_proposed",
    "proposal_for",
    "proposed_outcome",
    "put_off",
    "save_members",
    "set_contact_hours",
    "take_back_some",
    "windows_of_day",
    "windows_of_first_free",
]
