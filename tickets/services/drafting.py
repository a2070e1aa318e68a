"""Words that are being written: kept as they are typed, never overwritten unseen, gone with what they became."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys, live
from contactcenter.errors import Refused
from tickets.models import Attachment, Draft, Message, Ticket
from tickets.services.steps import WORK, lock


@transaction.atomic
def save_draft(
    ticket: Ticket,
    text: str,
    *,
    kind: str,
    by: Agent,
    version: int,
    key: str,
    seen: int | None = None,
    macros: Sequence[int] = (),
    at: datetime | None = None,
) -> Draft | None:
    """Keep what `by` has typed so far; None where nothing is left to keep, or where these words were sent already.

    `version` is the one that was shown to whoever typed (0: none was), `key` the one under which the words would be
    sent: a save that arrives after that changes nothing. Refused: `draft_moved` where another tab or machine wrote
    something else meanwhile, with its text; `ticket_merged`.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    if not Draft.objects.written().filter(ticket=ticket.pk, agent=by).exists():
        if not text.strip():
            return None
        lock(ticket)  # so that two tabs begin one draft, and none in a ticket that a merge empties
    keys.claim(Message, key)
    draft = _own(ticket, by)
    if _was_sent(key):
        return None
    if draft is None:
        tell(ticket, "draft")
        return Draft.objects.create(
            ticket=ticket, agent=by, kind=kind, text=text, macros=list(macros), seen=seen, changed_at=at
        )
    same = (draft.kind, draft.text, draft.macros) == (kind, text, list(macros))
    if same:
        return draft
    if draft.version != version:
        raise moved(draft)
    if bool(text.strip()) != bool(draft.text.strip()):
        tell(ticket, "draft")
    if not text.strip() and not draft.files.exists():
        draft.delete()
        return None
    draft.kind, draft.text, draft.macros, draft.seen = kind, text, list(macros), seen
    draft.version, draft.changed_at, draft.returned = draft.version + 1, at, ""
    draft.save(update_fields=["kind", "text", "macros", "seen", "version", "changed_at", "returned"])
    return draft


def tell(ticket: Ticket, kind: str) -> None:
    """Tell the screens of the brand that words begin or end to wait in the ticket: a `draft`, or what is `held`."""
    live.announce(f"brand:{ticket.brand_id}", kind, ticket.pk)


def moved(draft: Draft) -> Refused:
    """The refusal of words that would overwrite others which their author has not seen."""
    return Refused(
        "draft_moved",
        _("You wrote something else here meanwhile, in another tab or on another machine."),
        details={
            "text": draft.text,
            "version": draft.version,
            "kind": draft.kind,
            "at": draft.changed_at,
            "returned": draft.returned,
        },
    )


def begin_draft(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Draft:
    """The draft of `by` in the ticket, an empty one where there was none: for a file that comes before any word."""
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    sound = {"kind": Draft.Kind.REPLY, "seen": ticket.message_seq, "changed_at": at or clock.now()}
    draft, _is_new = Draft.objects.written().get_or_create(ticket=ticket, agent=by, defaults=sound)
    found: Draft = draft
    return found


def words_of(ticket: Ticket, text: str, *, by: Agent, version: int) -> Draft | None:
    """The draft of `by` that holds the words which are sent: the one they were typed into, or one that says no more.

    None where there is none, or where it says something else by now: that one stays, whatever is sent. Locked.
    """
    draft = _own(ticket, by)
    is_in_them = draft is not None and text.strip().startswith(
        draft.text.strip()
    )  # a save that came in between
    return draft if draft and (draft.version == version or is_in_them) else None


def become(message: Message, *, by: Agent, version: int | None) -> None:
    """The draft that holds the words of a new message is that message now; without a `version` none was shown."""
    if version is not None and (draft := words_of(message.ticket, message.text, by=by, version=version)):
        let_go(draft, message)


def let_go(draft: Draft, message: Message) -> None:
    """Nothing of a draft stays that is a message: its files go along."""
    if draft.due_at is None:  # the message tells of one that was held
        tell(message.ticket, "draft")
    Attachment.objects.filter(draft=draft).update(message=message, draft=None)
    draft.delete()


def give_back(draft: Draft, *, at: datetime, why: str = "") -> Draft:
    """Make words that were held (and locked, as their ticket is) a draft again, above what was begun since.

    `why` says to the author why they did not go out.
    """
    since = _own(draft.ticket, draft.agent)
    draft.due_at, draft.key, draft.is_scheduled, draft.then = None, "", False, Draft.Then.STAY
    draft.returned, draft.changed_at, draft.version = why[:300], at, draft.version + 1
    if since is not None:
        draft.text = "\n\n".join(part for part in (draft.text, since.text) if part.strip())
        draft.macros = list(dict.fromkeys([*draft.macros, *since.macros]))
        draft.version = max(draft.version, since.version + 1)
        since.files.update(draft=draft)
        since.delete()
    draft.save()
    tell(draft.ticket, "held")
    return draft


def move_drafts(ticket: Ticket, into: Ticket, *, at: datetime) -> None:
    """What was begun or held in a ticket goes on in the one it is merged into; both are locked.

    What was held does not go out: the conversation is another one now, and its author is told so.
    """
    for draft in Draft.objects.filter(ticket=ticket.pk).select_for_update().order_by("pk"):
        was_held = draft.due_at is not None
        draft.ticket, draft.seen = into, None if draft.seen is None else into.message_seq
        give_back(draft, at=at, why=_("The ticket was merged before this went out.") if was_held else "")


def _own(ticket: Ticket, by: Agent) -> Draft | None:
    """What `by` is writing in the ticket, locked."""
    rows = Draft.objects.written().select_for_update(of=("self",))
    found: Draft | None = rows.filter(ticket=ticket.pk, agent=by).first()
    return found


def _was_sent(key: str) -> bool:
    return Message.objects.filter(key=key).exists() or Draft.objects.filter(key=key).exists()
