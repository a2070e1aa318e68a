"""What looks for work reads the deeds that run and those that lapse from their indexes, not the whole table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from agents.models import Agent
from contactcenter import clock
from goodwill.models import IncidentGrant, Reason
from tests import make
from tests.contactcenter.test_plans import plan_of
from tickets.models import Ticket

FILL = """
INSERT INTO goodwill_incidentgrant (brand_id, ticket_id, reason_id, points, customers, spares, by_id, key, words,
    state, approver_id, reserved, asked_at)
SELECT brand_id, ticket_id, reason_id, 1, 1, false, by_id, 'many' || n, '', 'done', %s, 0, now()
FROM goodwill_incidentgrant, generate_series(1, 20000) n
"""


@pytest.mark.parametrize("index", ["goodwill_incidentgrant_running", "goodwill_incidentgrant_lapses"])
def test_the_sweeps_read_from_their_indexes(
    index: str, ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    make.make_incident_grant(ticket, make.make_ticket(customer=ticket.customer), by=agent)
    with connection.cursor() as cursor:
        cursor.execute(FILL, [supervisor.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ANALYZE goodwill_incidentgrant")
    rows: dict[str, Any] = {
        "goodwill_incidentgrant_running": IncidentGrant.objects.running()[:20],
        "goodwill_incidentgrant_lapses": IncidentGrant.objects.to_lapse(clock.now() + timedelta(days=9))[
            :200
        ],
    }
    plan = plan_of(rows[index])
    assert index in {node.get("Index Name") for node in plan}
    assert "Seq Scan" not in {node["Node Type"] for node in plan}
    with connection.cursor() as cursor:  # the control
        cursor.execute(f"DROP INDEX {index}")
    assert index not in {node.get("Index Name") for node in plan_of(rows[index])}
