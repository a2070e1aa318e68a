"""Deeds on promises: the only writers of this room."""

from callbacks.services.again import Left, left_of
from callbacks.services.by_link import cancel_by_link, mark_of, move_by_link
from callbacks.services.directing import Order, direct, hand_over, put_off
from callbacks.services.ending import cancel, done, move, no_answer, not_reached
from callbacks.services.handing_out import claim_due
from callbacks.services.leaving import take_back_some
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import More, promise
from callbacks.services.proposing import Proposal, decline_proposed, promise_proposed, proposal_for
from callbacks.services.requesting import Wish, ask_for_call
from callbacks.services.saving import save_members
from callbacks.services.steps import KEEP, lock
from callbacks.services.sweeping import look_at_next

__all__ = [
    "KEEP",
    "Left",
    "More",
    "Order",
    "Proposal",
    "Wish",
    "accept",
    "ask_for_call",
    "cancel",
    "cancel_by_link",
    "claim_due",
    "decline",
    "decline_proposed",
    "direct",
    "done",
    "follow_number",
    "hand_over",
    "left_of",
    "lock",
    "look_at_next",
    "mark_of",
    "move",
    "move_by_link",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
    "promise_proposed",
    "proposal_for",
    "put_off",
    "save_members",
    "take_back_some",
]
