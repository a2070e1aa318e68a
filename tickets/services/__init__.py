"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from tickets.services.addresses import follow_address
from tickets.services.calendars import publish
from tickets.services.lateness import tell_late
from tickets.services.linking import link, unlink
from tickets.services.macros import send_macro
from tickets.services.making_good import make_good_next
from tickets.services.opening import BY_HAND, TOLD, follow_up, open_by_hand, open_ticket, open_told
from tickets.services.proving import prove_nightly, prove_tickets
from tickets.services.putting_off import close, close_some, snooze, unsnooze, wake_some
from tickets.services.rules import checked_conditions, publish_rule
from tickets.services.running import run_next
from tickets.services.senders import address_of
from tickets.services.sorting import set_priority, set_type, tag, untag
from tickets.services.steps import can_be_answered, lock, record
from tickets.services.sweeping import sweep_rules
from tickets.services.talking import hear, note, reply, tell
from tickets.services.tiers import follow_tiers
from tickets.services.trying import dry_run
from tickets.services.verifying import (
    confirm_caller,
    conversation_of,
    judge_caller,
    question_caller,
    send_code_to_caller,
)
from tickets.services.views import drop_view, keep_view
from tickets.services.working import assign, move_to, reopen, resolve, set_status, take_next

__all__ = [
    "BY_HAND",
    "TOLD",
    "address_of",
    "assign",
    "can_be_answered",
    "checked_conditions",
    "close",
    "close_some",
    "confirm_caller",
    "conversation_of",
    "drop_view",
    "dry_run",
    "follow_address",
    "follow_tiers",
    "follow_up",
    "hear",
    "judge_caller",
    "keep_view",
    "link",
    "lock",
    "make_good_next",
    "move_to",
    "note",
    "open_by_hand",
    "open_ticket",
    "open_told",
    "prove_nightly",
    "prove_tickets",
    "publish",
    "publish_rule",
    "question_caller",
    "record",
    "reopen",
    "reply",
    "resolve",
    "run_next",
    "send_macro",
    "send_code_to_caller",
    "set_priority",
    "set_status",
    "set_type",
    "snooze",
    "sweep_rules",
    "tag",
    "take_next",
    "tell",
    "tell_late",
    "unlink",
    "unsnooze",
    "untag",
    "wake_some",
]
