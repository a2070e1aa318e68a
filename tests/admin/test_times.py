"""Calendars and promises as supervisors set them up."""

from __future__ import annotations

from typing import Any

import pytest

from agents import roles
from agents.models import Agent
from tests import make
from tests.admin.test_pages import CONFIG, page
from tickets.models import Calendar, SlaPolicy


@pytest.fixture
def administrator(client, brand) -> Agent:
    agent = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])
    client.force_login(agent)
    return agent


def times(name: str, *rows: dict[str, Any], kept: int = 0) -> dict[str, Any]:
    """The fields of the inline `name` with these rows, of which so many are there already."""
    fields = {
        f"{name}-{number}-{field}": value for number, row in enumerate(rows) for field, value in row.items()
    }
    return fields | {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": kept}


def test_a_calendar_is_in_force_when_it_is_saved_and_one_nobody_is_there_by_is_not(
    client, administrator, brand
):
    data = CONFIG["tickets.Calendar"] | {"brand": brand.pk}
    response = client.post(page("add", Calendar), data, follow=True)
    assert "nobody is ever there" in response.text
    calendar = Calendar.objects.get()
    assert calendar.hours is None
    policy = CONFIG["tickets.SlaPolicy"] | {"brand": brand.pk, "calendar": calendar.pk}
    response = client.post(page("add", SlaPolicy), policy)
    assert "calendar" in response.context["adminform"].form.errors
    opening = {"weekday": 0, "opens": "09:00", "closes": "17:00", "calendar": calendar.pk}
    client.post(page("change", Calendar, calendar.pk), data | times("openings", opening))
    calendar.refresh_from_db()
    assert calendar.hours.rules["week"] == {"0": [["09:00", "17:00"]]}
    assert client.post(page("add", SlaPolicy), policy).status_code == 302


def test_a_policy_is_of_one_brand(client, administrator, brand, other_brand):
    administrator.brands.add(other_brand)
    theirs = {
        "queue": make.make_queue(brand=other_brand).pk,
        "escalate_to": make.make_queue(brand=other_brand).pk,
        "calendar": make.make_calendar(brand=other_brand).pk,
        "tier_from": make.make_programme(brand=other_brand).tiers.first().pk,
    }
    response = client.post(page("add", SlaPolicy), CONFIG["tickets.SlaPolicy"] | {"brand": brand.pk} | theirs)
    assert theirs.keys() <= response.context["adminform"].form.errors.keys()
