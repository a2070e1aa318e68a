"""Which tickets belong together. Both are locked, in the order of their ids, and both get a line of the audit."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from tickets.models import Ticket, TicketEvent, TicketLink
from tickets.services.steps import WORK, lock, record

Event, Kind = TicketEvent.Kind, TicketLink.Kind
LINKS_AT_MOST = 50  # of one ticket; those that an incident has caused are as many as it hit
# Every ticket that one is part of, however far above.
ABOVE = """
WITH RECURSIVE above(id) AS (
    SELECT %s::bigint UNION
    SELECT link.other_id FROM tickets_ticketlink link JOIN above ON link.one_id = above.id WHERE link.kind = 'parent'
)
SELECT EXISTS (SELECT FROM above WHERE id = %s)
"""


@transaction.atomic
def link(ticket: Ticket, other: Ticket, *, kind: str, by: Agent, at: datetime | None = None) -> TicketLink:
    """Make `ticket` part of `other` (parent), caused by it (incident) or related to it; again it does nothing.

    Refused: `no_such_link`, `same_ticket`, `other_brand`, `has_parent` for a ticket that is part of another one,
    `parent_cycle` where `other` is itself part of `ticket`, however far below, `too_many_links`.
    """
    one, other = _lock_both(ticket, other, kind, by)
    at = at or clock.now()
    if earlier := TicketLink.objects.filter(one=one, other=other, kind=kind).first():
        return earlier
    for end in (one, other):
        if TicketLink.objects.of(end).exclude(kind=Kind.INCIDENT, other=end).count() >= LINKS_AT_MOST:
            raise Refused("too_many_links", _("%s is linked to %d tickets already.") % (end, LINKS_AT_MOST))
    if kind == Kind.PARENT:
        _expect_tree(one, other)
    made = TicketLink.objects.create(brand_id=one.brand_id, kind=kind, one=one, other=other, by=by, at=at)
    record(one, Event.LINKED, by=by, at=at, after=other.pk, link=kind, end="one")
    record(other, Event.LINKED, by=by, at=at, after=one.pk, link=kind, end="other")
    return made


@transaction.atomic
def unlink(ticket: Ticket, other: Ticket, *, kind: str, by: Agent, at: datetime | None = None) -> None:
    """Undo what `link` did with the same words; where nothing is linked so, it does nothing."""
    one, other = _lock_both(ticket, other, kind, by)
    at = at or clock.now()
    gone, _rows = TicketLink.objects.filter(one=one, other=other, kind=kind).delete()
    if gone:
        record(one, Event.UNLINKED, by=by, at=at, before=other.pk, link=kind, end="one")
        record(other, Event.UNLINKED, by=by, at=at, before=one.pk, link=kind, end="other")


def _lock_both(ticket: Ticket, other: Ticket, kind: str, by: Agent) -> tuple[Ticket, Ticket]:
    """Both tickets locked by id, in the order in which a link of this kind names them."""
    expect_right(by, WORK, ticket.brand_id)
    if kind not in Kind.values:
        raise Refused("no_such_link", _("Tickets are not linked like that."))
    if ticket.pk == other.pk:
        raise Refused("same_ticket", _("A ticket is not linked to itself."))
    if ticket.brand_id != other.brand_id:
        raise Refused("other_brand", _("This ticket belongs to another brand."))
    lower, higher = (lock(each) for each in sorted((ticket, other), key=lambda each: each.pk))
    return (lower, higher) if kind == Kind.RELATED or lower.pk == ticket.pk else (higher, lower)


def _expect_tree(one: Ticket, other: Ticket) -> None:
    """What is part of a ticket never comes to lie above it. Those who build trees of a brand stand in line here.

    The two tickets' locks are not enough: four links that share no ticket pairwise may close a ring together.
    """
    keys.claim(TicketLink, f"parents:{one.brand_id}")
    if TicketLink.objects.filter(one=one, kind=Kind.PARENT).exists():
        raise Refused("has_parent", _("%s is part of another ticket already.") % one)
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [other.pk, one.pk])
        (is_above,) = cursor.fetchone()
    if is_above:
        raise Refused("parent_cycle", _("%s is itself part of %s.") % (other, one))
