"""What stands beside a conversation: questions to experts, requests that wait for an answer, and what the customer said
of it after the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desk.lists import TicketLists
from desk.quoting import split_quoted
from desk.thread import Item
from tickets.models import Consult, ConsultWord, TicketEvent

Kind = TicketEvent.Kind


@dataclass(frozen=True)
class Said:
    """One word of the side thread, without what its mail quotes."""

    word: ConsultWord
    text: str


@dataclass(frozen=True)
class Beside:
    """A question to an expert with all that was said about it; `open` while an answer is waited for."""

    consult: Consult
    words: list[Said]
    open: bool


def put_beside(lists: TicketLists, items: list[Item]) -> None:
    """Let the last line of each question to an expert, of each request that waits, and of the customer's answer, bring
    what it tells of."""
    events = [(item, item.event) for item in items if item.event]
    asked = {event.data["consult"]: item for item, event in events if event.kind == Kind.CONSULT}
    for consult in lists.consults:
        if item := asked.get(consult.pk):
            item.beside = _beside(consult)
    requests = [(item, event) for item, event in events if event.kind == Kind.GOODWILL_REQUEST]
    waits = {event.data.get("request"): item for item, event in requests}
    for request in lists.undecided:
        if item := waits.get(request.pk):
            item.undecided = request
    rated = [item for item, event in events if event.kind == Kind.RATED]
    if rated:
        rated[-1].comment = lists.comment


def _beside(consult: Any) -> Beside:
    said = [Said(word, split_quoted(word.text)[0]) for word in consult.said]
    return Beside(consult, said, consult.state == Consult.State.ASKED)
