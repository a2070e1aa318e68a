"""What was begun in the composer and what waits to go out, ready to be printed; and marked words as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from desk.lists import TicketLists
from tickets import actions, rich
from tickets.models import Attachment, Draft, Macro


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


def does(macro: Macro, brand: Brand) -> dict[str, Any]:
    """What is done when the macro is sent, in sentences; `broken` where what it names is gone since it was written."""
    try:
        steps = actions.read(macro.actions, brand, macro=True)
    except Refused as refusal:
        return {"macro": macro, "broken": refusal.sentence}
    return {"macro": macro, "deeds": [step.sentence for step in steps]}


def begun_in(lists: TicketLists, brand: Brand, *, by: Agent) -> dict[str, Any]:
    """The draft of `by` in the ticket with its macros, and the drafts of colleagues. A query where there are macros."""
    begun = [draft for draft in lists.drafts if not draft.due_at]
    own = next((draft for draft in begun if draft.agent_id == by.pk), None)
    known = Macro.objects.filter(brand=brand).in_bulk(own.macros) if own and own.macros else {}
    return {
        "draft": own,
        "macros": [does(known[pk], brand) for pk in own.macros if pk in known] if own else [],
        "begun_by_others": [one for one in begun if one is not own and one.text.strip()],
    }
