"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from tickets.services.addresses import follow_address
from tickets.services.calendars import publish
from tickets.services.lateness import tell_late
from tickets.services.opening import BY_HAND, TOLD, follow_up, open_by_hand, open_ticket, open_told
from tickets.services.putting_off import close_some, snooze, unsnooze, wake_some
from tickets.services.senders import address_of
from tickets.services.steps import can_be_answered, lock, record
from tickets.services.talking import hear, note, reply
from tickets.services.working import assign, move_to, reopen, resolve, set_priority, set_status, take_next

__all__ = [
    "BY_HAND",
    "TOLD",
    "address_of",
    "assign",
    "can_be_answered",
    "close_some",
    "follow_address",
    "follow_up",
    "hear",
    "lock",
    "move_to",
    "note",
    "open_by_hand",
    "open_ticket",
    "open_told",
    "publish",
    "record",
    "reopen",
    "reply",
    "resolve",
    "set_priority",
    "set_status",
    "snooze",
    "take_next",
    "tell_late",
    "unsnooze",
    "wake_some",
]
