"""The floor under the desk's pages is honest: it shows what they show, behind the same door."""

from __future__ import annotations

import re
from copy import deepcopy
from html import unescape
from typing import Any

import pytest
from django.conf import settings as now
from django.test import Client

from bench.data import Desk, desk
from desk.queue import PAGE
from tests.desk.conftest import signed_in

# What both pages must name: tickets, orders, addresses, people who work here, customers, files, tiers.
FACTS = {
    "tickets": r"\b(?:FF|AH)-\d+",
    "orders": r"\bA-2\d{4}\b",
    "addresses": r"[\w.]+@[\w.]+\w",
    "agents": r"\bAgent \d+",
    "customers": r"(?:Maria|Jonas|Aiko|Élodie|Sam|Joana|Nils) [^<>\"]+? \d+(?=<)",
    "files": r"parcel-\d+\.jpg",
    "queues": r"\b(?:Care|Shipping|Returns)\b",
    "tiers": r"\b(?:Bronze|Silver|Gold|Platinum)\b",
    "words": r"my parcel was due on Monday|they answer within a day|a strike since Thursday",
    "subjects": r"Parcel never came|Wrong size, can I exchange it\?|Points of my last order are missing",
    "promises": r"Where the parcel is|Which lamp it was",
}


@pytest.fixture
def house(db: None, settings: Any) -> Desk:
    """The rows of the benchmark, fewer of them, and the floor's addresses beside the product's."""
    settings.ROOT_URLCONF = "bench.floor.urls"
    templates = deepcopy(now.TEMPLATES)
    templates[0]["DIRS"].append(now.BASE_DIR / "bench" / "floor" / "templates")
    settings.TEMPLATES = templates
    return desk(customers=20, tickets=60)


def facts(client: Client, address: str) -> dict[str, set[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    text = unescape(answer.content.decode())
    return {name: set(re.findall(pattern, text)) for name, pattern in FACTS.items()}


def test_the_floor_of_the_queue_names_whatever_the_queue_names(house: Desk) -> None:
    client = signed_in(house.agent)
    page, floor = facts(client, "/?view=all"), facts(client, "/floor/queue/")
    assert len(page["tickets"]) == PAGE
    missing = {name: found - floor[name] for name, found in page.items() if found - floor[name]}
    assert not missing


def test_the_floor_of_a_ticket_names_whatever_the_ticket_page_names(house: Desk) -> None:
    client, reference = signed_in(house.agent), house.ticket.reference
    page = facts(client, f"/tickets/{reference}/?view=all")
    floor = facts(client, f"/floor/tickets/{reference}/")
    assert all(page[name] for name in ("orders", "addresses", "files", "words"))
    missing = {name: found - floor[name] for name, found in page.items() if found - floor[name]}
    assert not missing


def test_nobody_gets_to_the_floor_without_signing_in(house: Desk) -> None:
    for address in ("/floor/queue/", f"/floor/tickets/{house.ticket.reference}/"):
        assert Client().get(address).status_code == 302
