"""How every kind of deed reads in a conversation."""

from __future__ import annotations

from typing import Any

import pytest

from agents.models import Agent
from desk.deeds import Known, told
from tests.make import instant
from tickets.models import TicketEvent

ANA = Agent(pk=1, name="Ana Petrova")
HOUR = {"from": "2026-03-29T09:00:00+00:00", "to": "2026-03-29T10:00:00+00:00"}
WINDOW = {"before": None, "after": HOUR, "zone": "Europe/Rome"}
# What the database names of what an event speaks of: here by the id or the code in it.
NAMES = {"late": "Late parcel", 1: "Ana Petrova", 2: "Sam Okoye", 7: "vip", 12: "FF-12"}
WHEN = "Sun 29 Mar, 11:00–12:00 in Rome"


def reads(deed: str, /, by: Agent | None = ANA, actor: str = "agent", **data: Any) -> tuple[str, str, str]:
    event = TicketEvent(kind=deed, by=by, actor=actor, at=instant("2026-03-28T09:00:00+00:00"), data=data)
    spoken_of = data.get("reason") or data.get("after") or data.get("before")
    named = NAMES.get(spoken_of, "") if isinstance(spoken_of, str | int) else ""
    words = told(event, Known(named))
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
        ("assigned", {"before": None, "after": 1}, "", "Ana took the ticket"),
        ("assigned", {"before": 1, "after": 2}, "", "Ana assigned the ticket to Sam Okoye"),
        ("assigned", {"before": None, "after": 3}, "", "Ana assigned the ticket"),
        ("assigned", {"before": 1, "after": None}, "", "Ana gave the ticket back to the queue"),
        ("resolved", {}, "Resolved", "· Ana"),
        ("reopened", {}, "Open again", "· Ana"),
        ("priority", {"before": 2, "after": 4}, "", "Priority: Urgent · Ana"),
        ("type", {"before": "question", "after": "task"}, "", "Type: Task · Ana"),
        ("tagged", {"before": None, "after": 7}, "", "Tagged vip · Ana"),
        ("untagged", {"before": 7, "after": None}, "", "Tag vip taken off · Ana"),
        ("linked", {"before": None, "after": 12, "link": "parent", "end": "one"}, "", "Part of FF-12 · Ana"),
        ("linked", {"before": None, "after": 12, "link": "parent", "end": "other"}, "", "Consists of FF-12 · Ana"),
        ("linked", {"before": None, "after": 9, "link": "incident", "end": "one"}, "",
         "Caused by another ticket · Ana"),
        ("unlinked", {"before": 12, "after": None, "link": "related", "end": "one"}, "",
         "No longer: Related to FF-12 · Ana"),
        ("warned", {"before": None, "after": None}, "", "warned · Ana"),
        ("status", {"before": "open", "after": "on_hold"}, "", "On hold · Ana"),
    ],
)  # fmt: skip
def test_a_deed_reads_as_a_sentence(kind: str, data: dict[str, Any], bold: str, words: str) -> None:
    assert reads(kind, **data)[1:] == (bold, words)


def test_what_the_customers_word_did_is_told_as_theirs() -> None:
    assert reads("reopened", by=None, actor="customer") == (
        "circle-dot",
        "Open again",
        "· the customer wrote",
    )
    moved = {"before": "pending", "after": "open"}
    assert reads("status", by=None, actor="customer", **moved)[2] == "Open · the customer wrote"


@pytest.mark.parametrize(("actor", "name"), [("rule", "a rule"), ("system", "the system")])
def test_what_the_house_did_by_itself_is_told_as_its_own(actor: str, name: str) -> None:
    assert reads("status", by=None, actor=actor, before="resolved", after="closed")[2] == f"Closed · {name}"


def test_only_a_grant_leads_to_the_line_of_the_ledger_that_says_why() -> None:
    grant = TicketEvent(kind="goodwill", by=ANA, data={"points": 50, "reason": "late", "entry": 9})
    resolved = TicketEvent(kind="resolved", by=ANA, data={})
    entries = [told(event, Known())["entry"] for event in (grant, resolved)]
    assert entries == [9, None]
