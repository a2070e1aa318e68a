"""The next ticket of the list an agent works from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse

from agents.models import Agent
from contactcenter.paging import pack, page_by_turn
from desk.queue import Asked, address_of
from tickets.models import Draft


def next_in(asked: Asked, place: tuple[datetime | None, int], *, reader: Agent) -> str | None:
    """The address of the row after `place` (turn and id) that waits for us, else of the first in the list; None where
    nothing waits. What `reader` has answered and can still undo is answered, as far as they know."""
    held = Draft.objects.held().filter(ticket=OuterRef("pk"), agent=reader)
    rows: Any = asked.rows[asked.view].filter(~Exists(held), due_at__isnull=False).exclude(pk=place[1])
    rows = rows.values_list("pk", "turn_at", "number", "brand__code", named=True)
    for cursor in (pack("turn", *place), ""):
        page = page_by_turn(rows, cursor=cursor, size=1, apart=asked.apart[asked.view])
        if page.rows:
            row = page.rows[0]
            address = reverse("desk:ticket", args=[f"{row.brand__code}-{row.number}"])
            return address + address_of(asked.view, asked.queue)
    return None
