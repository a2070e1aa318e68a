"""What a brand wants to know of its tickets besides, filled in."""

from __future__ import annotations

import datetime as days
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Invalid, Refused
from tickets.models import FieldChoice, FieldValue, Ticket, TicketEvent, TicketField
from tickets.models.fields import number_in
from tickets.services.steps import WORK, lock, record

Kind = TicketField.Kind
LETTERS_AT_MOST = 500


@transaction.atomic
def fill(
    ticket: Ticket, field: TicketField, typed: str, *, by: Agent, at: datetime | None = None
) -> FieldValue | None:
    """Put what was typed into a field of the ticket, or empty it (""); the row that stands there now, None for none.

    `typed` is text, a number (12.5 or 12,5), a day as 2026-11-28 or the id of a choice, by the field's kind. The same
    again does nothing. Refused: `no_such_field` for one that the ticket does not have where it waits, and for what is
    none of the kind `too_long`, `no_number`, `no_day`, `no_such_choice`.
    """
    expect_right(by, WORK, ticket.brand_id)
    ticket = lock(ticket)
    if not TicketField.objects.asked_of(ticket).filter(pk=field.pk).exists():
        raise Refused("no_such_field", _("This ticket has no field “%s”.") % field.label)
    now = FieldValue.objects.filter(ticket=ticket, field=field).current().first()
    wanted = read(field, typed, now)
    if wanted == (_content(now) if now else None):
        return now
    at = at or clock.now()
    if now:
        now.replaced_at = at
        now.save(update_fields=["replaced_at"])
    made = _write(ticket, field, wanted, by=by, at=at) if wanted else None
    before, after = (row.pk if row else None for row in (now, made))
    record(ticket, TicketEvent.Kind.FIELD, by=by, at=at, before=before, after=after, field=field.pk)
    return made


def read(field: TicketField, typed: str, now: FieldValue | None = None) -> dict[str, Any] | None:
    """The column that `typed` fills, with what stands in it; None for nothing. `now` is what stands there yet."""
    typed = typed.strip()
    return READERS[Kind(field.kind)](field, typed, now) if typed else None


def _text(field: TicketField, typed: str, now: FieldValue | None) -> dict[str, Any]:
    if len(typed) > LETTERS_AT_MOST:
        raise Invalid("too_long", _("“%s” has %d characters at most.") % (field.label, LETTERS_AT_MOST))
    return {"text": typed}


def _number(field: TicketField, typed: str, now: FieldValue | None) -> dict[str, Any]:
    if (number := number_in(typed)) is None:
        raise Invalid("no_number", _("“%s” takes a number, like 12.5.") % field.label)
    return {"number": number}


def _date(field: TicketField, typed: str, now: FieldValue | None) -> dict[str, Any]:
    try:
        return {"date": days.date.fromisoformat(typed)}
    except ValueError:
        raise Invalid("no_day", _("“%s” takes a day, like 2026-11-28.") % field.label) from None


def _choice(field: TicketField, typed: str, now: FieldValue | None) -> dict[str, Any]:
    """One of those that are offered; what was chosen before may stay."""
    pk = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 19 else 0
    offered = Q(is_active=True) | Q(pk=now.choice_id if now else None)
    if not FieldChoice.objects.filter(offered, field=field, pk=pk).exists():
        raise Invalid("no_such_choice", _("Choose one of the answers of “%s”.") % field.label)
    return {"choice_id": pk}


READERS = {Kind.TEXT: _text, Kind.NUMBER: _number, Kind.DATE: _date, Kind.CHOICE: _choice}
COLUMNS = {Kind.TEXT: "text", Kind.NUMBER: "number", Kind.DATE: "date", Kind.CHOICE: "choice_id"}


def _content(value: FieldValue) -> dict[str, Any]:
    column = COLUMNS[Kind(value.kind)]
    return {column: getattr(value, column)}


def _write(
    ticket: Ticket, field: TicketField, content: dict[str, Any], *, by: Agent, at: datetime
) -> FieldValue:
    return FieldValue.objects.create(
        brand_id=ticket.brand_id, ticket=ticket, field=field, kind=field.kind, by=by, at=at, **content
    )
