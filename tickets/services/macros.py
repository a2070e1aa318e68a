"""A macro sent: its words and its deeds, all or nothing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.actions import Deed, do_all, read, take_locks
from tickets.models import Macro, Message, Ticket
from tickets.placeholders import MISSING
from tickets.services.steps import WORK, lock
from tickets.services.talking import reply


@transaction.atomic
def send_macro(
    ticket: Ticket,
    macro: Macro,
    text: str,
    *,
    by: Agent,
    key: str,
    seen: int | None = None,
    resolve: bool = False,
    at: datetime | None = None,
) -> Message:
    """Send `text`, which began as the macro's own, and do what the macro does, in one transaction.

    `key`, `seen` and `resolve` as for `reply`; a repeated `key` does nothing again. Refused: `no_macro` when it is none
    of theirs or not in use, `value_missing` while a mark [?balance] stands in the text, what `reply` refuses, and what
    the actions refuse, which names the action.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    if not Macro.objects.offered_to(by, ticket.brand).filter(pk=macro.pk).exists():
        raise Refused("no_macro", _("This macro is not in use any more. Choose another one."))
    if mark := MISSING.search(text):
        raise Refused("value_missing", _("Put something in for %s first.") % mark[0])
    is_repeat = Message.objects.filter(key=key).exists()
    steps = [] if is_repeat else read(macro.actions, ticket.brand, macro=True)
    take_locks(ticket, (macro.actions, by))
    message = reply(ticket, text, by=by, key=key, seen=seen, resolve=resolve, at=at)
    if not is_repeat:
        do_all(steps, Deed(ticket, by, at, f"macro:{key}"))
        Macro.objects.filter(pk=macro.pk).update(
            used=F("used") + 1
        )  # last: who sends it too waits for nothing else
    return message
