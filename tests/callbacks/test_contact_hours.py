"""When a customer wants to be called: read as people write it, kept with its history, and held to by every promise."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from agents.models import Agent, Brand
from callbacks.hours import read, written
from callbacks.models import ContactHours
from callbacks.services import contact_hours_of, promise, set_contact_hours
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make

NINE, NOON, SIX, MIDNIGHT = time(9), time(12), time(18), time(0)


@pytest.mark.parametrize(
    ("text", "spans", "again"),
    [
        ("", [], ""),
        ("9-12", [(NINE, NOON)], "09:00–12:00"),
        ("14:30–18, 9–12", [(NINE, NOON), (time(14, 30), SIX)], "09:00–12:00, 14:30–18:00"),
        ("9.15 - 12", [(time(9, 15), NOON)], "09:15–12:00"),
        ("18–24", [(SIX, MIDNIGHT)], "18:00–24:00"),
        ("0–24", [(MIDNIGHT, MIDNIGHT)], "00:00–24:00"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, spans: list[tuple[time, time]], again: str) -> None:
    assert read(text) == spans
    assert written(spans) == again
    assert read(again) == spans


@pytest.mark.parametrize(
    "text",
    [
        "nine",
        "12–9",
        "9–9",
        "9–25",
        "9–12:61",
        "9–12, 11–13",
        "18–24, 20–22",
        "1–2,3–4,5–6,7–8,9–10",
        "\x00",
        "9" * 99,
    ],
)
def test_what_is_no_span_of_a_day_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(text)
    assert refusal.value.code == "bad_hours"


def test_hours_are_kept_once_and_their_history_says_who_wrote_them(member: Customer, agent: Agent) -> None:
    for _ in range(2):
        set_contact_hours(member, {0: [(NINE, NOON)], 4: []}, by=agent)
    assert contact_hours_of(member) == {0: [(NINE, NOON)]}
    change = member.changes.get(kind="profile")
    assert (change.by, change.data, change.words.after) == (
        agent, {"fields": ["contact_hours"]}, {"contact_hours": "Monday 09:00–12:00"},
    )  # fmt: skip
    set_contact_hours(member, {}, by=agent)
    assert not ContactHours.objects.exists()


def test_a_promise_keeps_to_the_hours_the_customer_wants(member: Customer, agent: Agent) -> None:
    start, end = make.next_day("Europe/Berlin", 10)
    other = {(start.weekday() + 1) % 7: [(NINE, NOON)]}
    set_contact_hours(member, other, by=agent)
    phone = member.contact_points.get(kind="phone")
    with pytest.raises(Refused) as refusal:
        promise(member, (start, end), by=agent, reason="?", key="c", contact_point=phone)
    assert refusal.value.code == "contact_hours"
    later = (start + timedelta(days=1), end + timedelta(days=1))
    assert promise(member, later, by=agent, reason="?", key="c", contact_point=phone).state == "promised"


def test_nobody_of_another_brand_writes_them(member: Customer, other_brand: Brand) -> None:
    with pytest.raises(Refused) as refusal:
        set_contact_hours(member, {0: [(NINE, NOON)]}, by=make.make_agent(brands=[other_brand]))
    assert refusal.value.code == "not_allowed"
