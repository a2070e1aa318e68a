"""How a ticket is sorted: how pressing it is, of what type, and with which tags."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from tickets.models import Tag, Ticket, TicketEvent, TicketTag
from tickets.services.clocks import retarget
from tickets.services.steps import WORK, keep, lock, record

Event = TicketEvent.Kind
TAGS_AT_MOST = 20  # of one ticket
LETTERS_AT_MOST = 40  # of a tag's name, as its column has it


@transaction.atomic
def set_priority(ticket: Ticket, priority: int, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Make the ticket more or less pressing: what is promised follows. Setting it again does nothing.

    Refused: `no_such_priority`.
    """
    if priority not in Ticket.Priority.values:
        raise Refused("no_such_priority", _("There is no such priority."))
    return _set(ticket, "priority", priority, Event.PRIORITY, by=by, at=at)


@transaction.atomic
def set_type(ticket: Ticket, type: str, *, by: Agent, at: datetime | None = None) -> Ticket:
    """Say whether it is a question, an incident, a problem or a task. Refused: `no_such_type`."""
    if type not in Ticket.Type.values:
        raise Refused("no_such_type", _("There is no such type of ticket."))
    return _set(ticket, "type", type, Event.TYPE, by=by, at=at)


def _set(ticket: Ticket, field: str, value: Any, event: str, *, by: Agent, at: datetime | None) -> Ticket:
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    before = getattr(ticket, field)
    if before != value:
        setattr(ticket, field, value)
        at = at or clock.now()
        record(ticket, event, by=by, at=at, before=before, after=value)
        retarget(ticket, at)
        keep(ticket)
    return ticket


@transaction.atomic
def tag(ticket: Ticket, name: str, *, by: Agent, at: datetime | None = None) -> Tag:
    """Put the tag of this name on the ticket; the brand gets it when it has none, however its letters are written.

    Putting it on again does nothing. Refused: `tag_missing` for an empty name, `tag_too_long`, `too_many_tags`.
    """
    expect_right(by, WORK, ticket.brand_id)
    name = " ".join(name.split())
    if not name:
        raise Refused("tag_missing", _("Write a word for the tag."))
    if len(name) > LETTERS_AT_MOST:
        raise Refused("tag_too_long", _("A tag has %d letters at most.") % LETTERS_AT_MOST)
    ticket = lock(ticket)
    found = _tag_named(ticket, name)
    on = set(TicketTag.objects.filter(ticket=ticket).values_list("tag", flat=True))
    if found.pk in on:
        return found
    if len(on) >= TAGS_AT_MOST:
        raise Refused("too_many_tags", _("A ticket has %d tags at most.") % TAGS_AT_MOST)
    at = at or clock.now()
    TicketTag.objects.create(brand_id=ticket.brand_id, ticket=ticket, tag=found, by=by, at=at)
    record(ticket, Event.TAGGED, by=by, at=at, after=found.pk)
    return found


@transaction.atomic
def untag(ticket: Ticket, tag: Tag, *, by: Agent, at: datetime | None = None) -> None:
    """Take a tag off the ticket; one that it does not bear is left alone."""
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    gone, _rows = TicketTag.objects.filter(ticket=ticket, tag=tag).delete()
    if gone:
        record(ticket, Event.UNTAGGED, by=by, at=at or clock.now(), before=tag.pk)


def _tag_named(ticket: Ticket, name: str) -> Tag:
    """The brand's tag of this name; of two who write a new one at the same moment the second gets the first one's."""
    tags = Tag.objects.filter(brand=ticket.brand_id).named(name)
    if found := tags.first():
        return found
    Tag.objects.bulk_create([Tag(brand_id=ticket.brand_id, name=name)], ignore_conflicts=True)
    return tags.get()
