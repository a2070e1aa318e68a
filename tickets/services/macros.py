"""Macros sent: their words and their deeds, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
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
    more: Sequence[Macro] = (),
    is_rich: bool = False,
    version: int | None = None,
    at: datetime | None = None,
) -> Message:
    """Send `text`, which began as the macro's own, and do what the macro does, in one transaction.

    `more` are macros that were put into the same words; each is done once, in the order in which they came. `key`,
    `seen`, `resolve`, `is_rich` and `version` as for `reply`; a repeated `key` does nothing again. Refused: `no_macro`
    when one is none of theirs or not in use, `value_missing` while a mark [?balance] stands in the text, what `reply`
    refuses, and what the actions refuse, which names the action.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = lock(ticket)
    macros = list({one.pk: one for one in (macro, *more)}.values())
    offered = Macro.objects.offered_to(by, ticket.brand).filter(pk__in=[one.pk for one in macros])
    if offered.count() < len(macros):
        raise Refused("no_macro", _("This macro is not in use any more. Choose another one."))
    if mark := MISSING.search(text):
        raise Refused("value_missing", _("Put something in for %s first.") % mark[0])
    is_repeat = Message.objects.filter(key=key).exists()
    steps = (
        [] if is_repeat else [step for one in macros for step in read(one.actions, ticket.brand, macro=True)]
    )
    take_locks(ticket, *((one.actions, by) for one in macros))
    message = reply(
        ticket, text, by=by, key=key, seen=seen, resolve=resolve, is_rich=is_rich, version=version, at=at
    )
    if not is_repeat:
        do_all(steps, Deed(ticket, by, at, f"macro:{key}"))
        rows = Macro.objects.filter(pk__in=[one.pk for one in macros])
        rows.update(used=F("used") + 1)  # last: who sends it too waits for nothing else
    return message
