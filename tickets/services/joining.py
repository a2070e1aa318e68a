"""Two tickets that are one, and one that is two.

A merged ticket keeps its number, and everything said and done in it stays where it is: the ticket it went into reads
through to it. So taking apart moves nothing back. The audit's line is the record of a merge: into which ticket, and how
the merged one stood before. Where it went in the end stands on the ticket itself, always in one step.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.models import Message, Tag, Ticket, TicketEvent, TicketTag
from tickets.services.drafting import move_drafts
from tickets.services.joined_clocks import JoinedClocks
from tickets.services.sorting import TAGS_AT_MOST
from tickets.services.steps import (
    WORK,
    first_words,
    hand_to,
    keep,
    lock_even_merged,
    move,
    record,
    reference_of,
    wake,
)

Event, Status = TicketEvent.Kind, Ticket.Status
JOINED_AT_MOST = 50  # tickets in one


@transaction.atomic
def merge(ticket: Ticket, into: Ticket, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Let `ticket` go on in `into`, or in the one that went into already; gives the ticket that goes on.

    Its words are read and its promises kept there, its tags come along. Merging again does nothing. Refused:
    `same_ticket`, `other_brand`, `other_customer`, `ticket_merged` for one that went elsewhere, `merged_ring`,
    `ticket_ended` where `into` is over, `too_many_merged`, `too_many_tags`, `merged_meanwhile`.
    """
    expect_right(by, WORK, ticket.brand_id)
    if ticket.brand_id != into.brand_id:
        raise Refused("other_brand", _("This ticket belongs to another brand."))
    at = at or clock.now()
    kept = _now(_now(into).where_it_goes_on())
    if ticket.pk == into.pk:
        raise Refused("same_ticket", _("A ticket is not merged with itself."))
    if ticket.pk == kept.pk:
        raise Refused("merged_ring", _("%s went into this ticket already; take it apart first.") % into)
    locked = _lock_all([kept.pk, *_now(ticket).whole()])
    ticket, kept = locked[ticket.pk], locked[kept.pk]
    if ticket.merged_into_id == kept.pk:
        return kept
    along = [one for one in locked.values() if one.pk not in (ticket.pk, kept.pk)]
    _expect_one(ticket, kept, [one.pk for one in along])
    tags = _bring_tags(ticket, kept, by, at)
    before = _standing(ticket)
    due, theirs = kept.due_at, JoinedClocks(ticket, at)
    _come_in(ticket, kept, theirs, by, at)
    theirs.merged()
    theirs.keep()
    for one in along:
        Ticket.objects.filter(pk=one.pk).update(merged_into=kept, merged_at=at)
    kept.joined_count += 1 + len(along)
    kept.message_seq += 1  # who has not seen what came in answers past it
    ticket.joined_count, ticket.snoozed_until, ticket.closes_at = 0, None, None
    ticket.status, ticket.resolved_at = Status.CLOSED, ticket.resolved_at or at
    ticket.merged_into, ticket.merged_at = kept, at
    keep(ticket)
    ticket.save(update_fields=["merged_into", "merged_at"])
    keep(kept)
    move_drafts(ticket, kept, at=at)
    record(ticket, Event.MERGED, by=by, at=at, before=before, after=kept.pk, end="one", ticket=kept.reference)
    record(
        kept, Event.MERGED, by=by, at=at, before=_said(due), after=_said(kept.due_at), end="other", other=ticket.pk,
        ticket=ticket.reference, tickets=[ticket.pk, *(one.pk for one in along)], seq=kept.message_seq, tags=tags,
    )  # fmt: skip
    return kept


@transaction.atomic
def unmerge(ticket: Ticket, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Take a merged ticket out again, as it was, with what had gone into it before; one that is none stays as it is.

    What was said and done since stays with the ticket it is taken out of. Refused: `merged_meanwhile`.
    """
    expect_right(by, WORK, ticket.brand_id)
    at = at or clock.now()
    ticket = _now(ticket)
    kept = ticket.where_it_goes_on()
    if kept == ticket:
        return ticket
    back = _back_with(ticket)
    locked = _lock_all([kept.pk, ticket.pk, *back])
    ticket, kept = locked[ticket.pk], locked[kept.pk]
    if ticket.merged_into_id != kept.pk or any(locked[pk].merged_into_id != kept.pk for pk in back):
        raise _moved_meanwhile()
    line = _line_of(ticket)
    ticket.merged_into, ticket.merged_at, ticket.joined_count = None, None, len(back)
    ticket.save(update_fields=["merged_into", "merged_at", "joined_count"])
    for pk in back:
        Ticket.objects.filter(pk=pk).update(merged_into=ticket, merged_at=_line_of(locked[pk]).at)
    _stand(ticket, line.data["before"])
    clocks = JoinedClocks(ticket, at)
    clocks.unmerged()
    clocks.keep()
    keep(ticket)
    kept.joined_count -= 1 + len(back)
    _go_out(kept, ticket, by, at)
    record(
        ticket,
        Event.UNMERGED,
        by=by,
        at=at,
        before=kept.pk,
        after=ticket.status,
        end="one",
        ticket=kept.reference,
    )
    return ticket


def _now(ticket: Ticket) -> Ticket:
    """The ticket as it is at this moment, not locked."""
    return Ticket.objects.select_related("brand", "merged_into__brand").get(pk=ticket.pk)


def _lock_all(ids: Iterable[int]) -> dict[int, Ticket]:
    """Tickets by id, locked in the order of their ids."""
    return {pk: lock_even_merged(Ticket(pk=pk)) for pk in sorted(set(ids))}


def _moved_meanwhile() -> Refused:
    return Refused("merged_meanwhile", _("Somebody merged one of these tickets meanwhile; look again."))


def _expect_one(ticket: Ticket, kept: Ticket, along: list[int]) -> None:
    """What can stand against making one ticket of two that are locked."""
    if ticket.merged_into_id:
        there = reference_of(ticket, ticket.merged_into_id)
        sentence = _("%(ticket)s went into %(into)s. Merge that one, or take them apart first.")
        raise Refused("ticket_merged", sentence % {"ticket": ticket, "into": there})
    if kept.merged_into_id or ticket.whole()[1:] != sorted(along):
        raise _moved_meanwhile()
    if ticket.customer_id != kept.customer_id:
        sentence = _(
            "%(ticket)s is of %(one)s, %(into)s of %(other)s. If they are one person, merge the two first."
        )
        names = {"ticket": ticket, "one": ticket.customer, "into": kept, "other": kept.customer}
        raise Refused("other_customer", sentence % names)
    if kept.status in Ticket.ENDED:
        sentence = _("%s is over: reopen it first, or merge the other way round.")
        raise Refused("ticket_ended", sentence % kept)
    if kept.joined_count + 1 + len(along) > JOINED_AT_MOST:
        raise Refused("too_many_merged", _("%d tickets at most go into one.") % JOINED_AT_MOST)


def _standing(ticket: Ticket) -> dict[str, Any]:
    """How a ticket stands, as the audit keeps it for the day on which it is taken apart again."""
    return {
        "status": str(ticket.status),
        "resolved_at": _said(ticket.resolved_at),
        "closes_at": _said(ticket.closes_at),
        "snoozed_until": _said(ticket.snoozed_until),
    }


def _stand(ticket: Ticket, before: dict[str, Any]) -> None:
    """Let a locked ticket stand as it did."""
    ticket.status = before["status"]
    for name in ("resolved_at", "closes_at", "snoozed_until"):
        setattr(ticket, name, datetime.fromisoformat(before[name]) if before[name] else None)


def _come_in(ticket: Ticket, kept: Ticket, theirs: JoinedClocks, by: Agent, at: datetime) -> None:
    """What coming in does to the ticket that goes on: its promises, who has it, how it stands, what its row shows.

    Who has it keeps it, and whoever had the other one is told. A word that waits wakes it up.
    """
    if theirs.answer:
        wake(kept, by, at)
        if kept.status in (Status.PENDING, Status.ON_HOLD):
            move(kept, Status.OPEN, by, at)
    if kept.assignee_id is None:
        hand_to(kept, ticket.assignee, by, at)
    elif ticket.assignee and ticket.assignee != by and ticket.assignee_id != kept.assignee_id:
        notify(
            [ticket.assignee], brand_id=kept.brand_id, kind="merged", subject=kept.reference,
            key=f"merged:{ticket.pk}:{at.isoformat()}", at=at, ticket=ticket.reference,
        )  # fmt: skip
    if ticket.last_message_at > kept.last_message_at:
        kept.last_message_at, kept.last_words = ticket.last_message_at, ticket.last_words
        kept.last_was_inbound = ticket.last_was_inbound
    clocks = JoinedClocks(kept, at)
    clocks.take_over(theirs)
    clocks.keep()


def _bring_tags(ticket: Ticket, kept: Ticket, by: Agent, at: datetime) -> list[int]:
    """Put the tags of the merged ticket on the one that goes on; the ids of those that were not on it."""
    own = TicketTag.objects.filter(ticket=kept).values_list("tag", flat=True)
    new = list(Tag.objects.of(ticket).exclude(pk__in=list(own)).order_by("pk"))
    if len(own) + len(new) > TAGS_AT_MOST:
        sentence = _("%(ticket)s would bear more than %(most)d tags. Take some off first.")
        raise Refused("too_many_tags", sentence % {"ticket": kept, "most": TAGS_AT_MOST})
    for tag in new:
        TicketTag.objects.create(brand_id=kept.brand_id, ticket=kept, tag=tag, by=by, at=at)
        record(kept, Event.TAGGED, by=by, at=at, after=tag.pk)
    return [tag.pk for tag in new]


def _line_of(ticket: Ticket) -> TicketEvent:
    """The audit's line of the merge by which a merged ticket went into another."""
    return ticket.events.filter(kind=Event.MERGED, data__end="one").latest("seq")


def _back_with(ticket: Ticket) -> list[int]:
    """The ids of what had gone into a merged ticket when it was merged itself: it comes back with it."""
    lines = TicketEvent.objects.filter(
        ticket__merged_into=ticket.merged_into_id, kind=Event.MERGED, data__end="one"
    )
    went = dict(lines.order_by("ticket", "seq").values_list("ticket", "data__after"))
    found = [ticket.pk]
    for pk in found:
        found += [one for one, into in went.items() if into == pk]
    return sorted(found[1:])


def _go_out(kept: Ticket, ticket: Ticket, by: Agent, at: datetime) -> None:
    """What going out does to the ticket that went on: only what came with the merge goes; what had gone into another
    one before has brought nothing of its own."""
    came = kept.events.filter(kind=Event.MERGED, data__end="other", data__other=ticket.pk)
    tags = came.latest("seq").data["tags"] if _line_of(ticket).data["after"] == kept.pk else []
    gone = TicketTag.objects.filter(ticket=kept, tag__in=tags)
    for tag in list(gone.order_by("tag").values_list("tag", flat=True)):
        record(kept, Event.UNTAGGED, by=by, at=at, before=tag)
    gone.delete()
    due = kept.due_at
    show_last_word(kept)
    stop_if_answered(kept, at)
    keep(kept)
    record(
        kept, Event.UNMERGED, by=by, at=at, before=_said(due), after=_said(kept.due_at), end="other",
        other=ticket.pk, ticket=ticket.reference,
    )  # fmt: skip


def show_last_word(ticket: Ticket) -> None:
    """Let the row of a locked ticket show what was said in it last, after something went out of it."""
    said = ticket.said().exclude(kind=Message.Kind.NOTE).order_by("created_at", "pk").last()
    if said:
        ticket.last_message_at = said.created_at
        ticket.last_words = first_words(said.text, is_rich=said.is_rich)
        ticket.last_was_inbound = said.kind == Message.Kind.INBOUND


def stop_if_answered(ticket: Ticket, at: datetime) -> None:
    """After a word went out of a locked ticket: where no other one waits, nobody waits for an answer any more."""
    clocks = JoinedClocks(ticket, at)
    if clocks.answer and not ticket.said().unanswered(ticket).exists():
        clocks.withdrawn()
    clocks.keep()


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
