"""What a list and a deed cost: the same with three rows as with sixty, and deep down as on the first page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

import goodwill.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter.paging import pack
from customers.models import Customer
from goodwill.models import Policy, Reason
from loyalty.services import earn
from tests import make
from tests.api.client import Machine, integration
from tests.api.test_rooms import LINES, window
from tests.desk.crowds import analyse, copies, crowd
from tests.desk.test_plans import expect_a_short_walk, plan, rows_of, statements
from tickets.models import Ticket

READ_AT_MOST = 4 * 101  # rows of a table for one page of 100


def grow(ticket: Ticket, agent: Agent, reason: Reason, count: int) -> None:
    """`count` more rows for every list, each of another customer, agent and ticket."""
    for _ in range(count):
        colleague = make.make_agent(brands=[ticket.brand])
        member = make.make_member(brand=ticket.brand, points=100, phone=make.unique("+4930777"))
        make.make_order(customer=member)
        other = make.make_ticket(customer=member, queue=ticket.queue)
        goodwill.services.grant(other, 50, by=colleague, reason=reason, key=make.unique())
        make.make_callback(ticket=other, by=colleague)
        make.make_phone(customer=ticket.customer)
        make.hear(ticket)


def asked(deed: Callable[[], Any], status: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = deed()
    assert answer.status_code == status, answer.content
    return len(queries)


def test_lists_and_deeds_ask_the_same_whatever_is_there(
    ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    shop, who = Machine(integration(brand)), ticket.customer_id
    Policy.objects.create(role="integration", per_grant=500)
    lists = ("customers/", "orders/", "tickets/", "goodwill/", "callbacks/")
    paths = [*lists, f"tickets/{ticket.reference}/messages/", f"customers/{who}/"]
    number = iter(range(9))

    def deeds() -> dict[str, dict[str, Any]]:
        make.hear(ticket)  # so that each reply is the answer to something
        fresh = make.make_ticket(
            customer=make.make_member(brand=brand, phone=make.unique("+4930888")), queue=ticket.queue
        )
        call = {"customer": fresh.customer_id, "reason": "x", "owner": agent.pk, **window()}
        return {
            "customers/": {
                "brand": "FF",
                "name": "x",
                "contact_points": [{"kind": "mail", "value": f"{make.unique()}@x.example"}],
            },
            "orders/": {"customer": who, "number": make.unique("N"), "lines": LINES * 2},
            "tickets/": {"customer": who, "channel": "chat", "subject": "x", "text": "x"},
            f"tickets/{ticket.reference}/reply/": {"text": f"Word {next(number)}"},
            "goodwill/": {"ticket": fresh.reference, "reason": "late-parcel", "points": 50},
            "callbacks/": call,
        }

    def count() -> list[int]:
        looked = [asked(partial(shop.get, path, limit=100), 200) for path in paths]
        return looked + [asked(partial(shop.post, path, body), 201) for path, body in deeds().items()]

    # At the top already: an order that raises the tier asks more than one that does not.
    earn(ticket.customer.account, 10, contra="issue.order", by=None, key="top", qualifying=100_000)
    grow(ticket, agent, late_parcel, 3)
    shop.get("customers/")  # the first use of a token is written down
    for path, body in deeds().items():
        shop.post(path, body)  # and what only the first deed of a kind costs
    few = count()
    grow(ticket, agent, late_parcel, 57)
    assert count() == few
    assert max(few[: len(paths)]) <= 9, few
    assert max(few) <= 47, few  # a new ticket asks how its customer's tier has it treated


def test_a_deep_page_of_a_list_walks_an_index_as_the_first_one_does(brand: Brand, other_brand: Brand) -> None:
    agent = make.make_agent(brands=[brand, other_brand])
    queues = [make.make_queue(brand=one) for one in (brand, other_brand)]
    for queue in queues:
        crowd(queue, make.make_customer(brand=queue.brand).pk, 15_000, agent=agent)
    analyse("tickets_ticket", "agents_agent_brands")
    both, one = Machine(agent), Machine(make.make_agent(brands=[brand]))
    highest = Ticket.objects.latest("id").pk
    for reader in (both, one):
        for query in (
            {},
            {"status": "open"},
            {"status": "new"},
            {"queue": queues[0].pk},
            {"assignee": agent.pk},
        ):
            for below in (None, highest // 2, 150):
                more = {"cursor": cursor_below(below)} if below else {}
                _, sql = statements(
                    partial(reader.rows, "tickets/", limit=100, **query, **more), "tickets_ticket"
                )
                assert sql
                for statement in sql:
                    expect_a_short_walk(statement, "tickets_ticket", READ_AT_MOST)


def cursor_below(pk: int, room: str = "tickets") -> str:
    """The cursor of the list of `room` that leads on below this row."""
    return pack(f"api:/api/v1/{room}/", pk)


def many_rows(room: str, brand: Brand, agent: Agent) -> tuple[Customer, Model]:
    """15,000 rows in the list of `room`, between them 100 of one customer; that customer, and the last row."""
    few, crowd_of = (make.make_member(brand=brand, points=1, phone=make.unique("+4930")) for _ in "12")
    queue = make.make_queue(brand=brand, name="Crowd")
    for first, customer, count in ((1, crowd_of, 7500), (7501, few, 99), (7600, crowd_of, 7500)):
        if room == "goodwill":  # of a customer by their tickets, each of which has one
            crowd(queue, customer.pk, count, agent=agent, first=first)
        row = row_of(room, customer, agent)
        on = f"(SELECT id FROM tickets_ticket WHERE key = 'crowd:{queue.pk}:' || {first - 1} + n)"  # noqa: S608
        alone = f"'{make.unique()}-' || n"
        changes = {
            "customers": {},
            "orders": {"number": alone},
            "callbacks": {"key": alone, "ticket_id": "NULL"},
            # Not posted, so that no line of the ledger is wanted for each.
            "goodwill": {"key": alone, "state": "'withdrawn'", "entry_id": "NULL", "ticket_id": on},
        }
        copies(row, count, **changes[room])
    return few, row


def row_of(room: str, customer: Customer, agent: Agent) -> Model:
    if room == "customers":
        return make.make_customer(brand=customer.brand)
    if room == "orders":
        return make.make_order(customer=customer)
    ticket = make.make_ticket(customer=customer)
    if room == "callbacks":
        return make.make_callback(ticket=ticket, by=make.make_agent(brands=[customer.brand]))
    reason = make.make_reason(brand=customer.brand, code=make.unique("r"))
    return goodwill.services.grant(ticket, 50, by=agent, reason=reason, key=make.unique())


@pytest.mark.parametrize(
    ("room", "table", "index"),
    [
        ("customers", "customers_customer", "customers_customer_newest"),
        ("orders", "customers_order", "customers_order_of_brand"),
        ("goodwill", "goodwill_request", "goodwill_request_newest"),
        ("callbacks", "callbacks_callback", "callbacks_callback_newest"),
    ],
)
def test_a_deep_page_of_every_other_list_does_too_and_one_of_a_customer_reads_only_theirs(
    brand: Brand, other_brand: Brand, room: str, table: str, index: str
) -> None:
    agent = make.make_agent(role=roles.SUPERVISOR, brands=[brand, other_brand])
    few, last = [many_rows(room, one, agent) for one in (other_brand, brand)][1]
    analyse(table, "tickets_ticket", "customers_customer", "agents_agent_brands")
    for reader in (Machine(agent), Machine(make.make_agent(brands=[brand]))):
        for below in (None, last.pk + 7000, last.pk // 2, 150):
            more = {"cursor": cursor_below(below, room)} if below else {}
            for sql in asked_of(reader, room, table, **more):
                assert read_of(sql, table) <= READ_AT_MOST, sql
            if room != "customers":
                for sql in asked_of(reader, room, table, customer=few.pk, **more):
                    assert read_of(sql, table) <= READ_AT_MOST, sql
    with connection.cursor() as cursor:  # the control: without its index the same page reads far more
        cursor.execute(f"DROP INDEX {index}")
    assert all(read_of(sql, table) > READ_AT_MOST for sql in asked_of(Machine(agent), room, table))


def read_of(sql: str, table: str) -> int:
    """How many rows of `table` a statement looks at."""
    return sum(rows_of(node) for node in plan(sql) if node.get("Relation Name") == table)


def asked_of(reader: Machine, room: str, table: str, **query: Any) -> list[str]:
    _, asked = statements(partial(reader.rows, f"{room}/", limit=100, **query), table)
    assert asked
    return asked


def test_pages_follow_each_other_without_a_gap_or_a_row_twice(brand: Brand, other_brand: Brand) -> None:
    made = [make.make_customer(brand=one).pk for one in (brand, other_brand, brand) * 9]
    shop, seen, cursor = Machine(integration(brand, other_brand)), [], ""
    while cursor is not None:
        page = shop.get("customers/", limit=4, **({"cursor": cursor} if cursor else {})).json()
        make.make_customer(brand=brand)  # somebody new comes while the list is read
        seen += [row["id"] for row in page["results"]]
        cursor = page["next_cursor"]
    assert seen == sorted(made, reverse=True)
