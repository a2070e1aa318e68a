"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from tickets.services.addresses import follow_address
from tickets.services.linking import link, unlink
from tickets.services.opening import BY_HAND, TOLD, open_by_hand, open_ticket, open_told
from tickets.services.proving import prove_nightly, prove_tickets
from tickets.services.senders import address_of
from tickets.services.sorting import set_priority, set_type, tag, untag
from tickets.services.steps import lock, record
from tickets.services.talking import hear, note, reply
from tickets.services.working import assign, reopen, resolve, set_status, take_next

__all__ = [
    "BY_HAND",
    "TOLD",
    "address_of",
    "assign",
    "follow_address",
    "hear",
    "link",
    "lock",
    "note",
    "open_by_hand",
    "open_ticket",
    "open_told",
    "prove_nightly",
    "prove_tickets",
    "record",
    "reopen",
    "reply",
    "resolve",
    "set_priority",
    "set_status",
    "set_type",
    "tag",
    "take_next",
    "unlink",
    "untag",
]
