"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from tickets.services.addresses import follow_address
from tickets.services.calendars import publish
from tickets.services.joining import merge, unmerge
from tickets.services.lateness import tell_late
from tickets.services.linking import link, unlink
from tickets.services.opening import BY_HAND, TOLD, follow_up, open_by_hand, open_ticket, open_told
from tickets.services.proving import prove_nightly, prove_tickets
from tickets.services.putting_off import close, close_some, snooze, unsnooze, wake_some
from tickets.services.senders import address_of
from tickets.services.sorting import set_priority, set_type, tag, untag
from tickets.services.splitting import split
from tickets.services.steps import can_be_answered, lock, lock_even_merged, lock_where_it_goes_on, record
from tickets.services.talking import hear, note, reply
from tickets.services.tiers import follow_tiers
from tickets.services.views import drop_view, keep_view
from tickets.services.working import assign, move_to, reopen, resolve, set_status, take_next

__all__ = [
    "BY_HAND",
    "TOLD",
    "address_of",
    "assign",
    "can_be_answered",
    "close",
    "close_some",
    "drop_view",
    "follow_address",
    "follow_tiers",
    "follow_up",
    "hear",
    "keep_view",
    "link",
    "lock",
    "lock_even_merged",
    "lock_where_it_goes_on",
    "merge",
    "move_to",
    "note",
    "open_by_hand",
    "open_ticket",
    "open_told",
    "prove_nightly",
    "prove_tickets",
    "publish",
    "record",
    "reopen",
    "reply",
    "resolve",
    "set_priority",
    "set_status",
    "set_type",
    "snooze",
    "split",
    "tag",
    "take_next",
    "tell_late",
    "unlink",
    "unmerge",
    "unsnooze",
    "untag",
    "wake_some",
]
