"""How every kind of deed reads in a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models import Agent
from desk.deeds import told
from tests.make import instant
from tickets.models import TicketEvent

ANA, SAM = Agent(pk=1, name="Ana Petrova"), Agent(pk=2, name="Sam Okoye")
WINDOW = {"from": "2026-03-29T09:00:00+00:00", "to": "2026-03-29T10:00:00+00:00", "zone": "Europe/Rome"}
WHEN = "Sun 29 Mar, 11:00–12:00 in Rome"


def reads(deed: str, /, by: Agent | None = ANA, **data: Any) -> tuple[str, str, str]:
    event = TicketEvent(kind=deed, by=by, at=instant("2026-03-28T09:00:00+00:00"), data=data)
    words = told(event, reasons={"late": "Late parcel"}, colleagues=[ANA, SAM], account=None)
    return words["icon"], words["bold"], " ".join(words["words"].split())


@pytest.mark.parametrize(
    ("kind", "data", "bold", "words"),
    [
        ("goodwill", {"points": 1500, "reason": "late", "entry": 9}, "+1,500 points", "goodwill · Late parcel · Ana"),
        ("goodwill", {"points": 50, "reason": "gone", "entry": 9}, "+50 points", "goodwill · gone · Ana"),
        ("callback", {"what": "promised", "kind": "call"} | WINDOW, "Callback promised", f"{WHEN} · Ana"),
        ("callback", {"what": "promised", "kind": "task"} | WINDOW, "Task written down", f"{WHEN} · Ana"),
        ("callback", {"what": "kept", "kind": "call"} | WINDOW, "Promise kept", "· Ana"),
        ("callback", {"what": "no_answer", "kind": "call"} | WINDOW, "No answer, next try", f"{WHEN} · Ana"),
        ("callback", {"what": "moved", "kind": "task"} | WINDOW, "Callback moved", f"{WHEN} · Ana"),
        ("callback", {"what": "cancelled", "kind": "call"} | WINDOW, "Callback cancelled", "· Ana"),
        ("assigned", {"to": 1}, "", "Ana took the ticket"),
        ("assigned", {"to": 2}, "", "Ana assigned the ticket to Sam Okoye"),
        ("assigned", {"to": 3}, "", "Ana assigned the ticket"),
        ("assigned", {"to": None}, "", "Ana gave the ticket back to the queue"),
        ("resolved", {}, "Resolved", "· Ana"),
        ("reopened", {}, "Open again", "· Ana"),
        ("status", {"before": "open", "after": "on_hold"}, "", "On hold · Ana"),
    ],
)  # fmt: skip
def test_a_deed_reads_as_a_sentence(kind: str, data: dict[str, Any], bold: str, words: str) -> None:
    assert reads(kind, **data)[1:] == (bold, words)


def test_what_the_customers_word_did_is_told_as_theirs() -> None:
    assert reads("reopened", by=None) == ("circle-dot", "Open again", "· the customer wrote")
    assert reads("status", by=None, before="pending", after="open")[2] == "Open · the customer wrote"


def test_only_a_grant_leads_to_the_line_of_the_ledger_that_says_why() -> None:
    grant = TicketEvent(kind="goodwill", by=ANA, data={"points": 50, "reason": "late", "entry": 9})
    resolved = TicketEvent(kind="resolved", by=ANA, data={})
    entries = [told(event, reasons={}, colleagues=[], account=None)["entry"] for event in (grant, resolved)]
    assert entries == [9, None]
