"""What was begun in the composer and what waits to go out, ready to be printed; and marked words as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from agents.models import Agent
from desk.lists import TicketLists
from tickets import rich
from tickets.models import Attachment, Draft


def html_of(text: str, files: Iterable[Attachment]) -> str:
    """The text as HTML, its pictures from the desk; "" where it is shown as it was typed."""
    if not rich.has_marks(text):
        return ""
    return rich.rendered(text, {file.pk: reverse("desk:picture", args=[file.pk]) for file in files})


def held_in(lists: TicketLists) -> list[Draft]:
    """Replies of the ticket that were sent and wait to go out, the next one first, each with its words as `html`."""
    held: list[Any] = [draft for draft in lists.drafts if draft.due_at]
    for draft in held:
        draft.html = html_of(draft.text, draft.files_of)
    return held


def begun_in(lists: TicketLists, *, by: Agent) -> dict[str, Any]:
    """The draft of `by` in the ticket, and those of colleagues that are not sent."""
    begun = [draft for draft in lists.drafts if not draft.due_at]
    own = next((draft for draft in begun if draft.agent_id == by.pk), None)
    return {"draft": own, "begun_by_others": [one for one in begun if one is not own and one.text.strip()]}
