"""Who is in which state, since when, and how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Agent, Brand
from agents.presence.figures import time_in_states, working_time
from agents.presence.models import Presence, Stretch
from agents.presence.services import beat, lose_some, set_state
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make
from tests.api.client import Machine

NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


def times(agent: Agent) -> list[tuple[str, str, datetime, datetime | None]]:
    rows = Stretch.objects.filter(agent=agent).order_by("id")
    return [(row.kind, row.cause, row.started_at, row.ended_at) for row in rows]


def test_a_state_ends_the_one_before_and_choosing_it_again_begins_nothing(agent: Agent, brand: Brand) -> None:
    lunch = make.make_state_reason(brand=brand)
    set_state(agent, "available", by=agent, at=NINE)
    set_state(agent, "available", by=agent, at=NINE + MINUTE)
    set_state(agent, "away", reason=lunch, by=agent, at=NINE + 2 * MINUTE)
    assert times(agent) == [
        ("available", "chosen", NINE, NINE + 2 * MINUTE),
        ("away", "chosen", NINE + 2 * MINUTE, None),
    ]
    presence = Presence.objects.get(agent=agent)
    assert (presence.kind, presence.reason, presence.since) == ("away", lunch, NINE + 2 * MINUTE)


def test_a_state_is_refused_that_is_none_or_for_a_reason_that_does_not_fit(
    agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    theirs = make.make_state_reason(brand=other_brand)
    lunch, old = make.make_state_reason(brand=brand), make.make_state_reason(brand=brand, is_active=False)
    for kind, reason, code in (
        ("asleep", None, "no_such_state"),
        ("busy", lunch, "no_such_reason"),
        ("away", theirs, "no_such_reason"),
        ("away", old, "no_such_reason"),
    ):
        with pytest.raises(Refused) as refusal:
            set_state(agent, kind, reason=reason, by=agent)
        assert refusal.value.code == code
    assert times(agent) == []


def test_a_supervisor_of_the_same_brand_sets_a_colleagues_state_and_nobody_else_does(
    agent: Agent, brand: Brand, supervisor: Agent, other_brand: Brand
) -> None:
    set_state(agent, "available", by=agent, at=NINE)
    for by in (make.make_agent(brands=[brand]), make.make_agent(brands=[other_brand], role="supervisor")):
        with pytest.raises(Refused):
            set_state(agent, "offline", by=by)
    set_state(agent, "offline", by=supervisor, at=NINE + MINUTE)
    assert Stretch.objects.get(agent=agent, ended_at=None).by == supervisor


def test_who_opens_the_desk_is_away_until_they_say_more_and_who_chose_offline_stays_so(agent: Agent) -> None:
    assert beat(agent, at=NINE).kind == "away"
    set_state(agent, "offline", by=agent, at=NINE + MINUTE)
    assert beat(agent, at=NINE + 2 * MINUTE).kind == "offline"


def test_a_desk_that_falls_silent_makes_its_agent_offline_and_heard_again_away(agent: Agent) -> None:
    make.come(agent, at=NINE)
    beat(agent, at=NINE + MINUTE)
    assert lose_some(at=NINE + 3 * MINUTE) == 0
    assert lose_some(at=NINE + 4 * MINUTE) == 1
    assert lose_some(at=NINE + 5 * MINUTE) == 0
    assert Presence.objects.get(agent=agent).was_lost
    assert beat(agent, at=NINE + 6 * MINUTE).kind == "away"
    assert [row[:2] for row in times(agent)] == [
        ("available", "chosen"),
        ("offline", "lost"),
        ("away", "opened"),
    ]


def test_a_beat_writes_once_in_half_a_minute_and_asks_once(agent: Agent) -> None:
    make.come(agent, at=NINE)
    for seconds, questions in ((29, 1), (30, 2), (59, 1), (60, 2)):
        with CaptureQueriesContext(connection) as queries:
            beat(agent, at=NINE + seconds * SECOND)
        asked = [query for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(asked) == questions, seconds


def test_a_clock_that_goes_back_gives_no_time_that_runs_backward(agent: Agent) -> None:
    set_state(agent, "available", by=agent, at=NINE)
    set_state(agent, "busy", by=agent, at=NINE - 5 * SECOND)
    assert times(agent) == [("available", "chosen", NINE, NINE), ("busy", "chosen", NINE, None)]


def test_a_time_in_a_state_gets_its_end_once_and_is_never_changed_otherwise(agent: Agent) -> None:
    make.come(agent, at=NINE)
    set_state(agent, "busy", by=agent, at=NINE + MINUTE)
    for statement in (
        "UPDATE agents_stretch SET kind = 'away'",
        "UPDATE agents_stretch SET ended_at = now() WHERE kind = 'available'",
        "DELETE FROM agents_stretch",
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE agents_stretch",
    ):
        with (
            pytest.raises(DatabaseError, match="Cannot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_time_is_summed_within_a_day_and_working_time_by_what_counts_as_work(
    agent: Agent, brand: Brand
) -> None:
    training = make.make_state_reason(brand=brand, code="training", counts_as_work=True)
    midnight = NINE.replace(hour=0)
    set_state(agent, "available", by=agent, at=midnight - 30 * MINUTE)
    set_state(agent, "away", by=agent, at=midnight + 60 * MINUTE)
    set_state(agent, "away", reason=training, by=agent, at=midnight + 90 * MINUTE)
    rows = list(Stretch.objects.select_related("reason"))
    day = midnight, midnight + timedelta(days=1)
    at = midnight + 100 * MINUTE
    assert time_in_states(rows, *day, at=at)[agent.pk] == {"available": 60 * MINUTE, "away": 40 * MINUTE}
    assert working_time(rows, *day, at=at) == {agent.pk: 70 * MINUTE}


def test_the_bar_says_ones_state_and_changes_it_and_says_nothing_where_nothing_is_new(
    client: Client, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    lunch = make.make_state_reason(brand=brand, label="Lunch")
    theirs = make.make_state_reason(brand=other_brand, label="Siesta")
    client.force_login(agent)
    address = reverse("desk:presence")
    page = client.post(address).text
    assert "You are: Away" in page
    assert "Lunch" in page
    assert "Siesta" not in page
    assert client.post(address, {"shown": "away."}).status_code == 204
    assert "Lunch" in client.post(address, {"state": "away", "reason": lunch.pk}).text
    assert client.post(address, {"state": "away", "reason": theirs.pk}).status_code == 404
    assert client.post(address, {"state": "asleep"}).status_code == 409
    assert Presence.objects.get(agent=agent).reason == lunch


def test_the_api_tells_colleagues_states_and_sets_ones_own(
    agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    make.come(make.make_agent(brands=[other_brand]))
    make.make_state_reason(brand=brand, code="lunch")
    clerk = Machine(agent)
    answer = clerk.post("presence/", {"brand": "FF", "state": "away", "reason": "lunch"})
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["reason"]) == ("away", "lunch")
    assert [row["agent"] for row in clerk.get("presence/").json()] == [agent.pk]
    assert clerk.post("presence/", {"brand": "FF", "state": "busy", "reason": "nap"}).status_code == 422


def test_supervisors_see_the_minutes_of_a_day_and_put_somebody_offline(
    client: Client, agent: Agent, supervisor: Agent
) -> None:
    now = clock.now()
    make.come(agent, at=now - 10 * MINUTE)
    client.force_login(supervisor)
    page: Any = client.get(reverse("admin:agents_stretch_days"))
    assert agent.name in page.text
    rows = Stretch.objects.filter(agent=agent)
    deed = {"action": "put_offline", "_selected_action": [row.pk for row in rows]}
    client.post(reverse("admin:agents_stretch_changelist"), deed)
    assert Presence.objects.get(agent=agent).kind == "offline"
