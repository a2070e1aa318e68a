"""What a ticket must have before it can be resolved."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from contactcenter.errors import Refused
from tickets.models import FieldValue, Ticket, TicketField


def expect_complete(ticket: Ticket) -> None:
    """Refused (`not_complete`) while the contact reason or a required field is missing; the sentence names them.

    The details say the same in figures: `reason`, whether it is missing, and `fields` with their choices. Needs
    `queue` loaded.
    """
    wants_reason = ticket.queue.asks_reason and ticket.reason_id is None
    fields = missing_fields(ticket)
    if not wants_reason and not fields:
        return
    names = [*([_("contact reason")] if wants_reason else []), *(field.label for field in fields)]
    details = {
        "ticket": ticket.reference,
        "reason": wants_reason,
        "fields": [_described(field) for field in fields],
    }
    sentence = _("Before it can be resolved this is to be filled in: %s.")
    raise Refused("not_complete", sentence % ", ".join(names), details=details)


def missing_fields(ticket: Ticket) -> list[TicketField]:
    """The required fields of a ticket in which nothing stands."""
    standing = FieldValue.objects.filter(ticket=ticket, field=OuterRef("pk")).current()
    rows = TicketField.objects.asked_of(ticket).filter(~Exists(standing), is_required=True)
    return list(rows.prefetch_related("choices"))


def _described(field: TicketField) -> dict[str, Any]:
    choices = [{"id": one.pk, "label": one.label} for one in field.choices.all() if one.is_active]
    return {"id": field.pk, "label": field.label, "kind": field.kind, "choices": choices}
