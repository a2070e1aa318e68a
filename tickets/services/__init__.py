"""Deeds on tickets: the only writers of this room. Each locks the ticket, looks, writes, and leaves its audit line."""

from tickets.services.acknowledging import acknowledge
from tickets.services.addresses import follow_address
from tickets.services.calendars import publish
from tickets.services.completing import expect_complete, missing_fields
from tickets.services.consulting import ask_expert, expire_consults, hear_expert, withdraw
from tickets.services.draft_files import add_file, drop_file, forget_drafts
from tickets.services.drafting import save_draft
from tickets.services.feedback import BAD_STEPS, Step, answer_survey, ask_some, is_open, tell_supervisors
from tickets.services.filling import fill
from tickets.services.handing_out import route
from tickets.services.holding import (
    change_hour,
    gone_already,
    hold,
    send_held,
    send_next_held,
    send_now,
    take_back,
)
from tickets.services.joining import merge, unmerge
from tickets.services.lateness import tell_late
from tickets.services.linking import link, unlink
from tickets.services.macros import send_macro
from tickets.services.making_good import make_good_next
from tickets.services.mentioning import names_for
from tickets.services.opening import BY_HAND, TOLD, follow_up, open_by_hand, open_ticket, open_told
from tickets.services.proving import prove_nightly, prove_tickets
from tickets.services.putting_off import close, close_some, snooze, unsnooze, wake_some
from tickets.services.reasons import checklist_of, set_reason, tick, untick
from tickets.services.returning import return_left
from tickets.services.rules import checked_conditions, publish_rule
from tickets.services.running import run_next
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
from tickets.services.splitting import split
from tickets.services.steps import (
    can_be_answered,
    expect_unmerged,
    lock,
    lock_even_merged,
    lock_where_it_goes_on,
    record,
)
from tickets.services.sweeping import sweep_rules
from tickets.services.talking import hear, note, reply, tell
from tickets.services.tiers import follow_benefits, follow_tiers
from tickets.services.trying import dry_run
from tickets.services.undoing import can_undo, undo
from tickets.services.verifying import (
    confirm_caller,
    conversation_of,
    judge_caller,
    question_caller,
    send_code_to_caller,
)
from tickets.services.views import change_view, drop_view, keep_view
from tickets.services.wanting import want_answer
from tickets.services.working import assign, move_to, reopen, resolve, set_status, take_next
from tickets.services.wrapping_up import end_wrap_up

__all__ = [
    "BAD_STEPS",
    "BY_HAND",
    "TOLD",
    "Piece",
    "Step",
    "acknowledge",
    "add_file",
    "address_of",
    "answer_survey",
    "ask_expert",
    "ask_shop",
    "ask_some",
    "assign",
    "can_be_answered",
    "can_undo",
    "change_hour",
    "change_view",
    "checked_conditions",
    "checklist_of",
    "close",
    "close_some",
    "confirm_caller",
    "conversation_of",
    "do_task",
    "drop_file",
    "drop_view",
    "dry_run",
    "end_wrap_up",
    "expect_complete",
    "expect_unmerged",
    "expire_consults",
    "fill",
    "follow_address",
    "follow_benefits",
    "follow_tiers",
    "follow_up",
    "forget_drafts",
    "gone_already",
    "hear",
    "hear_expert",
    "hold",
    "is_open",
    "judge_caller",
    "keep_view",
    "left_for_shop",
    "link",
    "lock",
    "lock_even_merged",
    "lock_where_it_goes_on",
    "make_good_next",
    "merge",
    "missing_fields",
    "move_to",
    "names_for",
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
    "refuse_task",
    "reopen",
    "reply",
    "resolve",
    "return_left",
    "route",
    "run_next",
    "save_draft",
    "send_code_to_caller",
    "send_held",
    "send_macro",
    "send_next_held",
    "send_now",
    "set_priority",
    "set_reason",
    "set_status",
    "set_type",
    "snooze",
    "split",
    "sweep_rules",
    "tag",
    "take_back",
    "take_next",
    "take_task",
    "tell",
    "tell_late",
    "tell_supervisors",
    "tell_untaken",
    "tick",
    "undo",
    "unlink",
    "unmerge",
    "unsnooze",
    "untag",
    "untick",
    "wake_some",
    "want_answer",
    "withdraw",
    "withdraw_task",
]
