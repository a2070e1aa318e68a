"""Why the customer wrote and what the brand wants to know: what is offered, what stands there, what comes in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from contactcenter.errors import Invalid
from tickets.models import (
    ChecklistItem,
    ContactReason,
    FieldValue,
    Ticket,
    TicketCheck,
    TicketField,
)
from tickets.models.reasons import picture_of

FIELD = "field-"  # before the id of a field in the name of its input
OFFERED = 500  # reasons in the list to type in


@dataclass(frozen=True)
class Filled:
    """A field of a ticket as its form shows it: what stands there (None: nothing), and what may be chosen."""

    field: TicketField
    value: FieldValue | None
    choices: list[Any]

    @property
    def name(self) -> str:
        return f"{FIELD}{self.field.pk}"

    @property
    def typed(self) -> str:
        return self.value.typed if self.value else ""


def paths_of(ticket: Ticket) -> list[str]:
    """The reasons that may be chosen, as they are typed, in the order of the tree."""
    rows = ContactReason.objects.offered(ticket.brand_id)[:OFFERED]
    return [path for _reason, path in picture_of(list(rows))]


def reason_named(ticket: Ticket, typed: str) -> ContactReason:
    """The reason of this path, or the only one whose path has these letters.

    Refused: `no_such_reason`, and `which_reason` where several fit, with what they are called.
    """
    rows = picture_of(list(ContactReason.objects.offered(ticket.brand_id)[:OFFERED]))
    wanted = " ".join(typed.split()).casefold()
    fitting = [(reason, path) for reason, path in rows if wanted in path.casefold()]
    exact = [reason for reason, path in fitting if wanted in (path.casefold(), reason.label.casefold())]
    if len(exact) == 1 or len(fitting) == 1:
        return exact[0] if exact else fitting[0][0]
    if fitting and wanted:
        paths = ", ".join(path for _reason, path in fitting[:3])
        raise Invalid("which_reason", _("Several reasons fit: %s. Type a little more.") % paths)
    raise Invalid("no_such_reason", _("There is no reason “%s”. Choose one of the list.") % typed)


def filled(ticket: Ticket) -> list[Filled]:
    """The fields of a ticket where it waits now, each with what stands in it."""
    values = FieldValue.objects.filter(ticket=ticket).current().select_related("choice")
    standing = {value.field_id: value for value in values}
    fields = TicketField.objects.asked_of(ticket).prefetch_related("choices")
    return [_filled(one, standing.get(one.pk)) for one in fields]


def _filled(one: TicketField, value: FieldValue | None) -> Filled:
    chosen = value.choice_id if value else None
    choices = [choice for choice in one.choices.all() if choice.is_active or choice.pk == chosen]
    return Filled(one, value, choices)


def take_along(ticket: Ticket, data: QueryDict, *, by: Agent, at: datetime | None = None) -> None:
    """Set the reason and fill the fields that were sent along; what was left empty stays as it is.

    In the caller's transaction: what follows, and is refused, takes this back.
    """
    if typed := next(filter(None, map(str.strip, data.getlist("reason"))), ""):
        tickets.services.set_reason(ticket, reason_named(ticket, typed), by=by, at=at)
    fill_in(ticket, {pk: typed for pk, typed in sent_in(data).items() if typed.strip()}, by=by, at=at)


def sent_in(data: QueryDict) -> dict[str, str]:
    """What was typed into fields, by their ids."""
    return {name.removeprefix(FIELD): str(data[name]) for name in data if name.startswith(FIELD)}


def fill_in(ticket: Ticket, sent: Mapping[str, str], *, by: Agent, at: datetime | None = None) -> None:
    """Fill fields by their ids, in their order; those that the ticket has not are left alone."""
    for one in TicketField.objects.asked_of(ticket) if sent else ():
        if str(one.pk) in sent:
            tickets.services.fill(ticket, one, sent[str(one.pk)], by=by, at=at)


def checklist(ticket: Ticket) -> list[tuple[ChecklistItem, TicketCheck | None]]:
    """The lines of the ticket's checklist, each with who ticked it and when (None: nobody)."""
    ticks = {tick.item_id: tick for tick in TicketCheck.objects.filter(ticket=ticket).select_related("by")}
    return [(item, ticks.get(item.pk)) for item in tickets.services.checklist_of(ticket)]
