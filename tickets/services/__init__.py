"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from tickets.services.addresses import follow_address
from tickets.services.opening import BY_HAND, TOLD, open_by_hand, open_ticket, open_told
from tickets.services.senders import address_of
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
    "lock",
    "note",
    "open_by_hand",
    "open_ticket",
    "open_told",
    "record",
    "reopen",
    "reply",
    "resolve",
    "set_status",
    "take_next",
]
