"""The tickets that belong together with the one that is shown, in words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tickets.models import Ticket, TicketLink

Kind = TicketLink.Kind
# What a link says of the ticket at its first end, and of the one at its other end.
WORDS: dict[tuple[str, str], Callable[[str], str]] = {
    (Kind.PARENT, "one"): lambda name: _("Part of %s") % name,
    (Kind.PARENT, "other"): lambda name: _("Consists of %s") % name,
    (Kind.INCIDENT, "one"): lambda name: _("Caused by %s") % name,
    (Kind.INCIDENT, "other"): lambda name: _("Caused %s") % name,
    (Kind.RELATED, "one"): lambda name: _("Related to %s") % name,
    (Kind.RELATED, "other"): lambda name: _("Related to %s") % name,
}


@dataclass(frozen=True)
class Linked:
    """A ticket linked to the one shown: the link's id, how it reads, and where it leads."""

    pk: int
    ticket: Ticket
    words: str


def words_of(kind: str, end: str, name: str) -> str:
    """How a link reads at its `end` ("one" or "other"), the ticket at the other end being called `name`."""
    return WORDS[kind, end](name)


def linked_with(ticket: Ticket, links: Iterable[TicketLink], *, whole: Collection[int]) -> list[Linked]:
    """The ticket at the other end of each of the `links` of a ticket and of what went into it: `whole`, their ids."""
    found = []
    for link in links:
        end, there = ("one", link.other) if link.one_id in whole else ("other", link.one)
        if there.pk in whole:
            continue  # both went into one
        there.brand = ticket.brand  # the database holds both ends to one brand
        found.append(Linked(link.pk, there, words_of(link.kind, end, there.reference)))
    return found


def caused_any(links: Iterable[TicketLink], *, whole: Collection[int]) -> bool:
    """Whether a ticket (with what went into it: `whole`, their ids) is an incident that others were caused by."""
    return any(link.kind == Kind.INCIDENT and link.other_id in whole for link in links)
