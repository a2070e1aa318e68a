"""Deeds on promises: the only writers of this room."""

from callbacks.services.ending import Left, cancel, done, left_of, move, no_answer, not_reached
from callbacks.services.handing_out import claim_due
from callbacks.services.numbers import follow_number
from callbacks.services.offering import accept, decline, offer_some
from callbacks.services.promising import More, promise
from callbacks.services.proposing import Proposal, decline_proposed, promise_proposed, proposal_for
from callbacks.services.saving import save_members
from callbacks.services.steps import KEEP, lock
from callbacks.services.sweeping import look_at_next

__all__ = [
    "KEEP",
    "Left",
    "More",
    "Proposal",
    "accept",
    "cancel",
    "claim_due",
    "decline",
    "decline_proposed",
    "done",
    "follow_number",
    "left_of",
    "lock",
    "look_at_next",
    "move",
    "no_answer",
    "not_reached",
    "offer_some",
    "promise",
    "promise_proposed",
    "proposal_for",
    "save_members",
]
