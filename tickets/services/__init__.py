"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from tickets.services.addresses import follow_address
from tickets.services.calendars import publish
from tickets.services.completing import expect_complete, missing_fields
from tickets.services.filling import fill
from tickets.services.lateness import tell_late
from tickets.services.linking import link, unlink
from tickets.services.opening import BY_HAND, TOLD, follow_up, open_by_hand, open_ticket, open_told
from tickets.services.proving import prove_nightly, prove_tickets
from tickets.services.putting_off import close, close_some, snooze, unsnooze, wake_some
from tickets.services.reasons import checklist_of, set_reason, tick, untick
from tickets.services.senders import address_of
from tickets.services.shop import (
    Piece,
    ask_shop,
    do_task,
    left_for_shop,
    refuse_task,
    take_task,
    tell_untaken,
    withdraw_task,
)
from tickets.services.sorting import set_priority, set_type, tag, untag
from tickets.services.steps import can_be_answered, lock, record
from tickets.services.talking import hear, note, reply
from tickets.services.tiers import follow_tiers
from tickets.services.views import drop_view, keep_view
from tickets.services.working import assign, move_to, reopen, resolve, set_status, take_next
from tickets.services.wrapping_up import end_wrap_up

__all__ = [
    "BY_HAND",
    "TOLD",
    "Piece",
    "address_of",
    "ask_shop",
    "assign",
    "can_be_answered",
    "checklist_of",
    "close",
    "close_some",
    "do_task",
    "drop_view",
    "end_wrap_up",
    "expect_complete",
    "fill",
    "follow_address",
    "follow_tiers",
    "follow_up",
    "hear",
    "keep_view",
    "left_for_shop",
    "link",
    "lock",
    "missing_fields",
    "move_to",
    "note",
    "open_by_hand",
    "open_ticket",
    "open_told",
    "prove_nightly",
    "prove_tickets",
    "publish",
    "record",
    "refuse_task",
    "reopen",
    "reply",
    "resolve",
    "set_priority",
    "set_reason",
    "set_status",
    "set_type",
    "snooze",
    "tag",
    "take_next",
    "take_task",
    "tell_late",
    "tell_untaken",
    "tick",
    "unlink",
    "unsnooze",
    "untag",
    "untick",
    "wake_some",
    "withdraw_task",
]
