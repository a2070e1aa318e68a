"""What the report on promises counts: kept, late, tried, missed; and that it reads the days it is asked about only."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from callbacks.models import Callback, CallbackEvent
from callbacks.reports.kept import Figures, kept
from customers.models import Customer
from tests import make
from tests.goodwill.test_report_plans import plans_of, read_whole
from tests.many import write_many
from tickets.models import ContactReason

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TIME = {"since": NOW - 7 * DAY, "until": NOW + DAY, "at": NOW}
PAGE = "/admin/callbacks/callback/kept/"
_count = itertools.count()


def told(brand: Brand, customer: Customer, *, late: timedelta | None = None, **fields: Any) -> Callback:
    """A call promised until noon yesterday, called so much later than promised (None: nobody called)."""
    end = fields.pop("promised_to", NOW - DAY)
    called = None if late is None else end + late
    sound = {
        "brand": brand, "customer": customer, "contact_point": customer.contact_points.get(kind="phone"),
        "reason": "?", "window_from": end - HOUR, "window_to": end, "promised_to": end, "zone": "Europe/Berlin",
        "state": "kept" if called else "missed", "called_at": called, "tries": 1 if called else 0,
        "ended_at": called or end, "key": f"told{next(_count)}", "request_hash": "", "promised_at": end - DAY,
    }  # fmt: skip
    return Callback.objects.create(**(sound | fields))


@pytest.fixture
def caller(brand: Brand) -> Customer:
    return make.make_member(brand=brand, phone="+49301234567")


@pytest.fixture
def team(brand: Brand, agent: Agent) -> Any:
    return make.make_team(brand=brand, agents=[agent], name="Day")


@pytest.fixture
def week(brand: Brand, caller: Customer, agent: Agent, team: Any) -> ContactReason:
    """Two in time, one missed and made up for after 90 minutes, one cancelled, one to come, one given up."""
    topic = make.make_contact_reason(brand=brand, label="Parcel")
    mine: dict[str, Any] = {"owner": agent, "topic": topic}
    told(brand, caller, late=-MINUTE, **mine)
    told(brand, caller, late=timedelta(), tries=3, team=team, source="page")
    missed = told(brand, caller, **mine)
    told(brand, caller, late=-30 * MINUTE, promised_to=NOW - DAY + 2 * HOUR, follows=missed, **mine)
    told(brand, caller, state="cancelled", **mine)
    coming: dict[str, Any] = {
        "state": "promised",
        "ended_at": None,
        "look_at": NOW,
        "promised_to": NOW + HOUR,
    }
    told(brand, caller, **(mine | coming))
    told(brand, caller, late=-MINUTE, state="given_up", tries=4, **mine)
    told(
        brand, caller, late=-MINUTE, promised_to=NOW - 8 * DAY, **mine
    )  # before the time that is asked about
    return topic


def test_it_counts_what_was_kept_and_explains_the_rest(brand: Brand, week: ContactReason) -> None:
    total = kept(brand, **TIME).total
    assert total == Figures(
        promised=7, cancelled=1, to_come=1, kept=4, broken=1, moved=0, missed=1, given_up=1, reached=3, tries=5,
        late_half=90, late_tenth=90,
    )  # fmt: skip
    assert total.judged == 5
    assert round(total.tries_each or 0, 2) == 1.67


def test_it_is_parted_by_team_reason_tier_owner_and_source(
    brand: Brand, week: ContactReason, agent: Agent
) -> None:
    parts = {
        part: {name: figures.promised for name, figures in rows}
        for part, rows in kept(brand, **TIME).parts.items()
    }
    assert parts == {
        "team": {"Day": 7}, "topic": {"Parcel": 6, "none": 1}, "tier": {"none": 7},
        "owner": {agent.name: 6, "none": 1}, "source": {"Agent on the desk": 6, "The customer, on the request page": 1},
    }  # fmt: skip


def test_lateness_is_of_those_called_late_alone(brand: Brand, caller: Customer, team: Any) -> None:
    for minutes in (-5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100):
        told(brand, caller, late=minutes * MINUTE, team=team)
    total = kept(brand, **TIME).total
    assert (total.late_half, total.late_tenth) == (55, 91)
    assert (total.kept, total.broken) == (1, 10)


def test_what_was_moved_counts_once_and_is_told(brand: Brand, caller: Customer, team: Any) -> None:
    call = told(brand, caller, late=-MINUTE, team=team)
    for _ in range(2):
        CallbackEvent.objects.create(callback=call, kind="moved", actor="house", at=NOW)
    total = kept(brand, **TIME).total
    assert (total.promised, total.moved) == (1, 1)


def test_a_task_and_another_brand_do_not_count(
    brand: Brand, other_brand: Brand, caller: Customer, team: Any
) -> None:
    told(brand, caller, late=-MINUTE, kind="task", team=team)
    stranger = make.make_customer(brand=other_brand, phone="+49301234568")
    told(other_brand, stranger, team=make.make_team(brand=other_brand))
    report = kept(brand, **TIME)
    assert report.total == Figures()
    assert all(rows == [] for rows in report.parts.values())


MANY = """
INSERT INTO callbacks_callback (brand_id, customer_id, contact_point_id, kind, reason, team_id, window_from, window_to,
    promised_to, zone, state, called_at, ended_at, promised_at, key, request_hash, tries)
SELECT %(brand)s, %(customer)s, %(point)s, 'call', '?', %(team)s, t, t + interval '1 hour', t + interval '1 hour',
    'UTC', 'kept', t, t, t, 'many' || n, '', 1
FROM (SELECT n, %(at)s::timestamptz - n * interval '1 hour' AS t FROM generate_series(1, 30000) n) many
"""


def test_it_reads_the_promises_of_the_days_that_are_asked_about(
    brand: Brand, caller: Customer, team: Any
) -> None:
    point = caller.contact_points.get(kind="phone").pk
    asked = {"brand": brand.pk, "customer": caller.pk, "point": point, "team": team.pk, "at": NOW}
    write_many(MANY, asked)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE callbacks_callback")
    plan = plans_of(lambda: kept(brand, since=NOW - DAY, until=NOW, at=NOW))
    assert "callbacks_callback_promised_to" in {node.get("Index Name") for node in plan}
    assert "callbacks_callback" not in read_whole(plan)
    assert kept(brand, since=NOW - DAY, until=NOW, at=NOW).total.promised == 24


def test_it_takes_the_same_questions_however_many_there_are(
    brand: Brand, caller: Customer, week: ContactReason
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            kept(brand, **TIME)
        return len(queries)

    few = cost()
    for _ in range(10):
        told(brand, caller, late=HOUR, owner=make.make_agent(brands=[brand]))
    assert cost() == few == 5


def days() -> dict[str, str]:
    return {"from": (NOW - 7 * DAY).date().isoformat(), "to": NOW.date().isoformat()}


def test_a_supervisor_reads_it_and_takes_it_out(
    client: Client, supervisor: Agent, brand: Brand, week: ContactReason
) -> None:
    client.force_login(supervisor)
    page: Any = client.get(PAGE, days())
    text = page.content.decode()
    assert "Called in time: 4 of 6." in text  # by this moment the call of that day is over, and was not made
    assert "1 was cancelled before anybody called and counts neither way." in text
    file: Any = client.get(PAGE, days() | {"as": "csv"})
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("by,name,promised,kept,broken")
    assert any(line.startswith("topic,Parcel,6,") for line in lines)
    start: Any = client.get("/admin/")
    assert "how callbacks were kept" in start.content.decode()


def test_nobody_takes_it_out_without_the_right_or_reads_of_another_brand(
    client: Client, supervisor: Agent, other_brand: Brand
) -> None:
    client.force_login(supervisor)
    assert client.get(PAGE, {"brand": other_brand.pk}).status_code == 404
    looker = make.make_agent(brands=list(supervisor.brands.all()), role=None, is_staff=True)
    client.force_login(looker)
    assert client.get(PAGE).status_code == 403
