"""Replies that were sent and wait: ten seconds in which they can be undone, or until an hour that was chosen.

The draft is the job. Nothing of the deed is done before its time, neither the reply nor what a macro does nor the end
of the ticket: so an undo has nothing to put back. At the press all of it is tried and taken back, so that a refusal is
said at once. Undo and sender lock ticket and draft, and then look: exactly one of them finds it held.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify
from contactcenter import clock, keys
from contactcenter.errors import Refused
from tickets.models import Draft, Macro, Message, Ticket, WrapUp
from tickets.services.brought_along import put_back
from tickets.services.drafting import give_back, let_go, tell, words_of
from tickets.services.macros import send_macro
from tickets.services.steps import WORK, lock, lock_even_merged
from tickets.services.talking import reply
from tickets.services.wrapping_up import end_wrap_up

log = logging.getLogger(__name__)
FARTHEST = timedelta(days=90)
TRY_AGAIN = timedelta(minutes=1)  # after an error of ours
Then = Draft.Then


def send_now(
    ticket: Ticket,
    text: str,
    *,
    by: Agent,
    key: str,
    seen: int | None = None,
    then: str = Then.STAY,
    macros: Sequence[Macro] = (),
    version: int = 0,
    at: datetime | None = None,
) -> Message:
    """Answer the customer without a wait; the draft that holds these words goes with them, its files too.

    `version` is the draft's that was shown. Refused as `reply` and `send_macro` refuse.
    """
    how = {"by": by, "key": key, "seen": seen, "then": then, "macros": macros, "version": version}
    return _send(ticket, text, at=at or clock.now(), **how)  # type: ignore[arg-type]


@transaction.atomic
def hold(
    ticket: Ticket,
    text: str,
    *,
    by: Agent,
    key: str,
    until: datetime,
    is_scheduled: bool = False,
    whatever_comes: bool = False,
    seen: int | None = None,
    then: str = Then.STAY,
    macros: Sequence[Macro] = (),
    version: int = 0,
    at: datetime | None = None,
) -> Draft | Message:
    """Send the reply at `until`, unless it is undone; the draft it was typed into is the job. A repeated `key` gives
    what is there: the draft, or the message it became. With `whatever_comes` it goes out although the customer writes
    before its time.

    Refused: what `reply` and `send_macro` would refuse at this moment, `too_far`, `too_soon`, `key_conflict`.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    _expect_ahead(until, at)
    ticket = lock(ticket)
    keys.claim(Message, key)
    if earlier := Message.objects.filter(key=key).first() or Draft.objects.filter(key=key).first():
        if (earlier.ticket_id, earlier.text) != (ticket.pk, text):
            raise keys.conflict()
        return earlier
    with transaction.atomic():  # tried and taken back: what is refused is said at the press
        _send(ticket, text, by=by, key=key, seen=seen, then=then, macros=macros, at=at)
        transaction.set_rollback(True)
    draft = words_of(ticket, text, by=by, version=version) or Draft(ticket=ticket, agent=by)
    draft.kind, draft.text, draft.seen, draft.macros = (
        Draft.Kind.REPLY,
        text,
        None if whatever_comes else seen,
        [one.pk for one in macros],
    )
    draft.due_at, draft.is_scheduled, draft.then, draft.key = until, is_scheduled, then, key
    draft.changed_at, draft.version, draft.returned = at, draft.version + 1, ""
    draft.save()
    tell(ticket, "held")
    return draft


@transaction.atomic
def take_back(draft: Draft, *, by: Agent, at: datetime | None = None) -> Draft:
    """Undo what is held: the words are its author's draft again, and a reason or field that was chosen with them
    stands as before. Refused: `gone_already`.
    """
    at = at or clock.now()
    draft = _held(draft, by)
    put_back(draft, by=by, at=at)
    why = "" if draft.agent_id == by.pk else _("%s stopped it before it went out.") % by.name
    return give_back(draft, at=at, why=why)


@transaction.atomic
def change_hour(draft: Draft, until: datetime, *, by: Agent, at: datetime | None = None) -> Draft:
    """Let what is scheduled go out at another hour. Refused: `gone_already`, `too_far`, `too_soon`."""
    at = at or clock.now()
    _expect_ahead(until, at)
    draft = _held(draft, by)
    draft.due_at, draft.version, draft.is_scheduled = until, draft.version + 1, True
    draft.save(update_fields=["due_at", "version", "is_scheduled"])
    tell(draft.ticket, "held")
    return draft


@transaction.atomic
def send_held(draft: Draft, *, by: Agent, at: datetime | None = None) -> Message:
    """Send what is held without a further wait, in its author's name. Refused: `gone_already`, and as `reply`."""
    draft = _held(draft, by)
    return _send_draft(draft, at or clock.now())


def send_next_held(*, at: datetime | None = None) -> bool:
    """Send, or give back to its author, the next reply that was held until now; False when none is left.

    It is given back, and its author told, where the reply is refused by then: the customer wrote meanwhile, the address
    is gone, the ticket was closed. Stale words are never sent.
    """
    at = at or clock.now()
    ripe: Any = Draft.objects.all().ripe(at).values_list("pk", "ticket").first()
    if ripe is None:
        return False
    try:
        _send_or_return(ripe[0], ripe[1], at)
    except Exception:
        log.exception("held reply %s was not sent; it is tried again", ripe[0])
        Draft.objects.filter(pk=ripe[0], due_at__lte=at).update(due_at=at + TRY_AGAIN)
    return True


@transaction.atomic
def _send_or_return(pk: int, ticket_pk: int, at: datetime) -> None:
    ticket = lock_even_merged(Ticket(pk=ticket_pk))
    draft = _rows().filter(pk=pk, ticket=ticket_pk, due_at__lte=at).first()
    if draft is None:  # undone, changed or sent while we waited for the ticket
        return
    draft.ticket = ticket
    try:
        with transaction.atomic():
            _send_draft(draft, at)
    except Refused as refusal:
        give_back(draft, at=at, why=refusal.sentence)
        notify(
            [draft.agent], brand_id=ticket.brand_id, kind="reply_returned", subject=ticket.reference,
            key=f"returned:{draft.pk}:{draft.version}", at=at,
        )  # fmt: skip


def _send_draft(draft: Draft, at: datetime) -> Message:
    """The reply that a held draft is, sent in its author's name."""
    ticket, by = draft.ticket, draft.agent
    if ticket.status == Ticket.Status.CLOSED:
        raise Refused("ticket_closed", _("The ticket was closed before this went out."))
    known = {one.pk: one for one in Macro.objects.filter(pk__in=draft.macros)}
    macros = [known[pk] for pk in draft.macros if pk in known]
    how = {"key": draft.key, "seen": draft.seen, "then": draft.then, "macros": macros}
    message = _send(ticket, draft.text, by=by, at=at, **how)  # type: ignore[arg-type]
    let_go(draft, message)
    return message


def _send(
    ticket: Ticket, text: str, *, by: Agent, key: str, seen: int | None, then: str, macros: Sequence[Macro],
    version: int | None = None, at: datetime,
) -> Message:  # fmt: skip
    how = {
        "by": by, "key": key, "seen": seen, "resolve": then != Then.STAY, "is_rich": True, "version": version, "at": at,
    }  # fmt: skip
    deed = partial(send_macro, ticket, macros[0], more=macros[1:]) if macros else partial(reply, ticket)
    if then != Then.NEXT:
        return deed(text, **how)
    with transaction.atomic():
        message = deed(text, **how)
        end_wrap_up(by=by, how=WrapUp.How.NEXT, at=at)
    return message


def _held(draft: Draft, by: Agent) -> Draft:
    """The held draft, locked after its ticket. Refused: `gone_already`."""
    ticket = lock_even_merged(Ticket(pk=draft.ticket_id))
    expect_right(by, WORK, ticket.brand_id)
    found: Draft | None = _rows().held().filter(pk=draft.pk, ticket=ticket.pk).first()
    if found is None:
        raise gone_already()
    found.ticket = ticket
    return found


def gone_already() -> Refused:
    """The refusal of who comes too late to stop, change or hurry a reply."""
    return Refused("gone_already", _("It has gone out already, or somebody stopped it."))


def _rows() -> Any:
    return Draft.objects.select_for_update(of=("self",)).select_related("agent")


def _expect_ahead(until: datetime, at: datetime) -> None:
    if until <= at:
        raise Refused("too_soon", _("Choose an hour that is still to come."))
    if until > at + FARTHEST:
        raise Refused("too_far", _("Choose a day within the next 90 days."))
