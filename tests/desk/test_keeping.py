"""The customer's pane says what becomes of the tier if nothing more happens."""

from __future__ import annotations

from datetime import datetime

from django.test import Client

from agents.models import Agent
from contactcenter import clock
from customers.models import Customer
from tests import make


def pane(client: Client, member: Customer, at: datetime) -> str:
    with clock.standing_at(at):
        return client.get(f"/customers/{member.pk}/pane/").text


def test_the_pane_says_when_a_tier_falls_and_what_keeps_it(
    client: Client, agent: Agent, member: Customer
) -> None:
    client.force_login(agent)
    for at, points in (("2025-06-01T12:00+02:00", 2000), ("2026-03-01T12:00+01:00", 600)):
        with clock.standing_at(make.instant(at)):
            make.give(member.account, points, qualifying=points)
    now = make.instant("2026-06-01T12:00+02:00")
    text = pane(client, member, now)
    assert "If nothing more comes, Gold falls to Silver after 31 December." in text
    assert "1,400 more keep it." in text
    with clock.standing_at(now):
        make.give(member.account, 1400, qualifying=1400)
    assert "Gold is kept to 31 December 2027." in pane(client, member, now)
    assert "Gold to 31 December 2027." not in pane(client, member, now)
