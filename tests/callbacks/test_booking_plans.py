"""Who has time is read from what is promised now, however long the past of an agent and a brand is."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from callbacks.models import Callback
from callbacks.services import Asked, windows_of_day
from contactcenter import clock
from tests import make
from tests.contactcenter.test_plans import explained

PAST = 6000


def long_past(sample: Callback, agents: list[Agent]) -> None:
    """Calls that were kept, one an hour, turn by turn of each of `agents`."""
    rows = []
    for number in range(PAST):
        end = clock.now() - timedelta(hours=number + 1)
        rows.append(
            Callback(
                brand_id=sample.brand_id, customer_id=sample.customer_id, contact_point_id=sample.contact_point_id,
                reason="?", owner=agents[number % len(agents)], team=sample.team, window_from=end - timedelta(hours=1),
                window_to=end, promised_to=end, zone="UTC", key=f"past{number}", state="kept", ended_at=end,
            )
        )  # fmt: skip
    Callback.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE callbacks_callback")


def test_the_calls_of_agents_and_teams_are_read_by_their_own_indexes(brand: Brand, agent: Agent) -> None:
    team = make.make_team(brand=brand, agents=[agent, make.make_agent(brands=[brand])])
    customer = make.make_customer(brand=brand)
    sample = make.make_callback(customer=customer, by=agent)
    long_past(sample, [agent, make.make_agent(brands=[brand])])
    for asked in (Asked(customer, agent), Asked(customer, team=team)):
        with CaptureQueriesContext(connection) as asking:
            windows_of_day(asked, clock.now().date())
        read = [one["sql"] for one in asking if 'FROM "callbacks_callback"' in one["sql"]]
        assert read
        for statement in read:
            plan = explained(statement)
            whole = [node for node in plan if node["Node Type"] == "Seq Scan"]
            assert "callbacks_callback" not in {node["Relation Name"] for node in whole}, statement
