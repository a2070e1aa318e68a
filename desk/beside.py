"""What stands beside a conversation: questions to experts, and what the customer said of it after the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desk.quoting import split_quoted
from desk.thread import Item
from tickets.models import Consult, ConsultWord, Survey, Ticket, TicketEvent

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


def put_beside(ticket: Ticket, items: list[Item]) -> None:
    """Let the last line of each question to an expert, and of the customer's answer, bring what it tells of.

    A conversation without such lines costs no query.
    """
    asked = {
        item.event.data["consult"]: item for item in items if item.event and item.event.kind == Kind.CONSULT
    }
    if asked:
        rows: Any = Consult.objects.filter(ticket=ticket, pk__in=asked).select_related("asked_by")
        for consult in rows.prefetch_related("words__author"):
            asked[consult.pk].beside = _beside(consult)
    rated = [item for item in items if item.event and item.event.kind == Kind.RATED]
    if rated:
        rated[-1].comment = (
            Survey.objects.filter(ticket=ticket).values_list("comment", flat=True).first() or ""
        )


def _beside(consult: Consult) -> Beside:
    said = [Said(word, split_quoted(word.text)[0]) for word in consult.words.all()]
    return Beside(consult, said, consult.state == Consult.State.ASKED)
