"""One list of all that was: tier changes and letters of ours beside points, orders, tickets, calls and answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contactcenter import clock
from customers.models import Customer, Notice
from desk.lists.moments import sources
from desk.timeline import PAGE, timeline_of, told_of
from desk.views.customer import KINDS
from loyalty.models import Tier, TierChange
from tests import make
from tickets.models import Ticket

LETTERS = Path(__file__).resolve().parents[2] / "templates" / "notices"


@pytest.fixture
def tiered(member: Customer) -> Customer:
    """The member rose to gold, and gold was kept."""
    account = member.account
    gold = Tier.objects.filter(programme=account.programme).last()
    assert gold is not None
    now = clock.now()
    for number, (before, after, cause) in enumerate(
        [(None, gold, "earned"), (gold, gold, "kept"), (gold, None, "lapsed")]
    ):
        TierChange.objects.create(
            account=account, programme=account.programme, from_tier=before, to_tier=after, cause=cause,
            effective_at=now + timedelta(minutes=number), recorded_at=now,
        )  # fmt: skip
    return member


def letter(customer: Customer, template: str, **more: Any) -> Notice:
    facts = {"state": "sent", "sent_at": clock.now()} | more
    return Notice.objects.create(
        brand=customer.brand, customer=customer, contact_point=customer.contact_points.first(), template=template,
        key=make.unique(), **facts,
    )  # fmt: skip


def shown(desk: Client, ticket: Ticket, only: str) -> str:
    return desk.get(reverse("desk:timeline", args=[ticket.reference]), {"only": only}).text


def test_every_kind_of_moment_can_be_chosen_by_name(desk: Client, ticket: Ticket) -> None:
    assert {source.kind for source in sources(None, None)} == set(KINDS)
    content = shown(desk, ticket, "")
    assert all(f"?only={kind}" in content for kind in KINDS)


def test_a_tier_that_was_reached_kept_and_lost_stands_in_the_timeline(
    desk: Client, ticket: Ticket, tiered: Customer
) -> None:
    content = shown(desk, ticket, "tier")
    gold = tiered.account.programme.tiers.last().name
    for words in (f"<b>{gold}</b>", "reached", "kept", f"{gold} ended", "not earned again"):
        assert words in content


def test_a_letter_that_was_sent_stands_in_the_timeline_and_one_that_was_not_does_not(
    desk: Client, ticket: Ticket
) -> None:
    letter(ticket.customer, "points_expire")
    letter(ticket.customer, "statement", state="failed", sent_at=None)
    content = shown(desk, ticket, "notice")
    assert "We wrote: points about to expire" in content
    assert "statement" not in content


def test_every_letter_of_ours_is_told_in_words() -> None:
    templates = {path.name.split(".")[0] for path in LETTERS.iterdir()} - {"callback_title"}
    by_name = {template for template in templates if told_of(template) == template}
    assert by_name == {"statement"}  # which is its word
    assert not any("_" in told_of(template) for template in templates)


def test_letters_are_paged_by_key_like_all_else(member: Customer) -> None:
    for number in range(PAGE + 3):
        letter(member, "statement", sent_at=clock.now() - timedelta(days=number))
    first, cursor = timeline_of(member, only="notice")
    second, end = timeline_of(member, only="notice", cursor=cursor)
    assert len({moment.it.pk for moment in first + second}) == PAGE + 3
    assert end == ""


def test_a_way_to_reach_them_is_one_press_away(desk: Client, ticket: Ticket) -> None:
    content = desk.get(reverse("desk:customer", args=[ticket.reference])).text
    mail, phone = (ticket.customer.contact_points.get(kind=kind).value for kind in ("mail", "phone"))
    assert f'href="mailto:{mail}"' in content
    assert f'href="tel:{phone}"' in content


def test_every_line_of_points_offers_its_why(desk: Client, ticket: Ticket) -> None:
    make.give(ticket.customer.account, 7)
    content = shown(desk, ticket, "entry")
    assert (
        content.count(">why</button>")
        == content.count('class="pts')
        == ticket.customer.account.entries.count()
    )
