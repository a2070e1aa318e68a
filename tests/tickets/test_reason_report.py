"""The report of reasons: volume, value and tier of a period, in a bounded number of questions."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from customers.services import Line
from tests import make
from tests.many import write_many
from tickets.models import ContactReason, Queue, Ticket
from tickets.reason_report import VOLUME, YEAR, Row, report
from tickets.services import resolve, set_reason

HOUR = timedelta(hours=1)
NOW = clock.now()
PERIOD = {"since": NOW - timedelta(days=7), "until": NOW + timedelta(minutes=5)}
ADDRESS = "/admin/tickets/contactreason/report/"


def solved(
    customer: Customer,
    reason: ContactReason | None,
    hours: int,
    *,
    by: Agent,
    queue: Queue,
    days_ago: int = 1,
) -> Ticket:
    """A ticket that took `hours`, resolved `days_ago`."""
    ended = NOW - timedelta(days=days_ago)
    ticket = make.make_ticket(customer=customer, queue=queue)
    set_reason(ticket, reason, by=by)
    resolve(ticket, by=by)
    Ticket.objects.filter(pk=ticket.pk).update(opened_at=ended - hours * HOUR, resolved_at=ended)
    return ticket


def bought(customer: Customer, minor: int, days_ago: int = 10) -> None:
    placed = NOW - timedelta(days=days_ago)
    make.make_order(customer=customer, lines=[Line("S", "Scarf", minor)], placed_at=placed)


@pytest.fixture
def late(brand: Brand) -> ContactReason:
    above = make.make_contact_reason(brand=brand, label="Delivery")
    return make.make_contact_reason(brand=brand, label="Late", parent=above)


def figures(rows: list[Row]) -> dict[str, tuple[int, int, int, int]]:
    return {
        row.name: (row.total.tickets, row.total.customers, row.total.value_minor, row.total.median_seconds)
        for row in rows
    }


def test_a_reason_counts_what_lies_under_it_and_each_customer_once(
    brand: Brand, member: Customer, customer: Customer, late: ContactReason, queue: Queue, agent: Agent
) -> None:
    bought(member, 5_000)
    bought(member, 7_000, days_ago=400)  # before the twelve months
    bought(customer, 1_000)
    for hours in (1, 3):
        solved(member, late, hours, by=agent, queue=queue)
    solved(customer, late.parent, 8, by=agent, queue=queue)
    solved(customer, None, 2, by=agent, queue=queue)
    solved(customer, late, 9, by=agent, queue=queue, days_ago=8)  # before the period
    other = make.make_queue(brand=brand)
    rows = report(brand, **PERIOD)
    assert figures(rows) == {
        "All tickets": (4, 2, 6_000, 9_000),
        "Delivery": (3, 2, 6_000, 3 * 3600),
        "Delivery › Late": (2, 1, 5_000, 2 * 3600),
        "No reason": (1, 1, 1_000, 2 * 3600),
    }
    tiers = {row.name: [(tier, one.tickets) for tier, one in row.tiers] for row in rows}
    assert tiers["Delivery"] == [(member.account.tier.name, 2), ("no tier", 1)]
    assert report(brand, **PERIOD, queue=other) == []


def test_the_tier_is_the_one_of_the_end_and_other_brands_count_nothing(
    brand: Brand, other_brand: Brand, member: Customer, late: ContactReason, queue: Queue, agent: Agent
) -> None:
    solved(member, late, 1, by=agent, queue=queue)
    gold = member.account.programme.tiers.get(code="gold")
    before = member.account.tier.name
    type(member.account).objects.filter(pk=member.account.pk).update(tier=gold)
    (_all, _delivery, row) = report(brand, **PERIOD)
    assert [tier for tier, _figures in row.tiers] == [before]
    assert report(other_brand, **PERIOD) == []


def test_more_tickets_ask_no_more_and_the_period_is_read_by_its_index(
    brand: Brand, member: Customer, late: ContactReason, queue: Queue, agent: Agent
) -> None:
    ticket = solved(member, late, 1, by=agent, queue=queue)
    with CaptureQueriesContext(connection) as few:
        report(brand, **PERIOD)
    write_many(
        "INSERT INTO tickets_ticket (brand_id, number, queue_id, customer_id, subject, channel, status, priority,"
        " opened_at, resolved_at, last_message_at, last_words, last_was_inbound, message_seq, key)"
        " SELECT brand_id, 1000 + n, queue_id, customer_id, '', 'mail', 'closed', 2,"
        " opened_at - interval '400 days', resolved_at - n * interval '1 hour', opened_at, '', true, 0, n"
        " FROM tickets_ticket, generate_series(1, 5000) n WHERE id = %s",
        [ticket.pk],
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticket")
    with CaptureQueriesContext(connection) as many:
        report(brand, **PERIOD)
    assert len(few) == len(many) == 4
    asked = {"brand": brand.pk, "queue": None, "year_before": NOW - YEAR} | PERIOD
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + VOLUME, asked)
        (plan,) = cursor.fetchone()
    text = plan if isinstance(plan, str) else json.dumps(plan)
    assert "tickets_ticket_by_resolution" in text
    assert '"Node Type": "Seq Scan", "Relation Name": "tickets_ticket"' not in text


def test_a_supervisor_reads_the_report_and_takes_it_out_as_a_file(
    client: Client, brand: Brand, member: Customer, queue: Queue, supervisor: Agent
) -> None:
    formula = make.make_contact_reason(brand=brand, label="=1+1")
    solved(member, formula, 1, by=supervisor, queue=queue, days_ago=0)
    client.force_login(supervisor)
    page: Any = client.get(ADDRESS, {"brand": brand.pk})
    assert "=1+1" in page.content.decode()
    file: Any = client.get(ADDRESS, {"brand": brand.pk, "as": "csv"})
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "reason,tier,tickets,customers,value_minor,median_seconds"
    assert [line.split(",")[:3] for line in lines[3:]] == [
        ["'=1+1", "all", "1"],
        ["'=1+1", member.account.tier.name, "1"],
    ]
    assert client.get(ADDRESS, {"queue": make.make_queue().pk}).status_code == 404
