"""A simulated centre as rows of the database: what was given are benefits, which need no ledger.

Lines of the audit stand only where something was given: the radar reads no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

from agents import roles
from agents.models import Agent, Brand
from customers.models import Customer
from goodwill.models import Request
from loyalty.models import Account, GivenBenefit, Programme
from tests import make
from tests.goodwill.simulated import QUEUES, Centre, Told
from tickets.models import Message, Ticket, TicketEvent


def house(centre: Centre, *, code: str = "FF") -> Brand:
    """A brand in which all of it happened: its people in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_custom_plan")  # as tests.many
    brand = make.make_brand(code=code, time_zone="Europe/Berlin")
    programme = make.make_programme(brand=brand)
    people = [
        make.make_agent(brands=[brand], role=roles.SUPERVISOR if one in centre.supervisors else roles.AGENT)
        for one in centre.people
    ]
    members = _members(centre, brand, programme)
    tickets = _tickets(centre, brand, people, members)
    _give(centre.tickets, tickets, people, programme)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ANALYZE")
        cursor.execute("RESET plan_cache_mode")
    return brand


def _members(centre: Centre, brand: Brand, programme: Programme) -> list[Account]:
    customers = _all(
        Customer(brand=brand, name=f"Customer {number}", language="en", created_at=joined)
        for number, joined in sorted(centre.joined.items())
    )
    return _all(
        Account(
            brand=brand,
            programme=programme,
            customer=customer,
            number=f"{brand.code}{number}",
            joined_at=joined,
        )
        for (number, joined), customer in zip(sorted(centre.joined.items()), customers, strict=True)
    )


def _tickets(
    centre: Centre, brand: Brand, people: Sequence[Agent], members: Sequence[Account]
) -> list[Ticket]:
    queues = [make.make_queue(brand=brand) for _ in range(QUEUES)]
    told = list(enumerate(centre.tickets, 1))
    tickets = _all(
        Ticket(
            brand=brand, number=number, queue=queues[one.queue], customer=members[one.customer].customer,
            channel=one.channel, status="resolved", assignee=people[one.agent], opened_at=one.at, resolved_at=one.at,
            last_message_at=one.at, last_was_inbound=one.said, message_seq=1, key=f"{brand.code}:{number}",
        )
        for number, one in told
    )  # fmt: skip
    _all(
        Message(
            ticket=ticket, seq=1, kind="inbound", channel=one.channel, text="?", created_at=one.at,
            key=f"said:{brand.code}:{number}",
        )
        for (number, one), ticket in zip(told, tickets, strict=True)
        if one.said
    )  # fmt: skip
    for kind in ("opened", "resolved"):
        _all(
            TicketEvent(
                ticket=ticket, kind=kind, actor="agent", by=people[one.agent], at=one.at,
                data={"before": None, "after": "new"},
            )
            for one, ticket in zip(centre.tickets, tickets, strict=True)
            if one.points and (one.opened if kind == "opened" else one.closed)
        )  # fmt: skip
    return tickets


def _give(
    told: Sequence[Told], tickets: Sequence[Ticket], people: Sequence[Agent], programme: Programme
) -> None:
    reason = make.make_reason(brand=programme.brand, min_points=1, max_points=100_000)
    benefit = make.make_benefit(programme)
    gifts = [(one, ticket) for one, ticket in zip(told, tickets, strict=True) if one.points]
    accounts = {one.customer_id: one for one in Account.objects.filter(programme=programme)}
    given = _all(
        GivenBenefit(
            account=accounts[ticket.customer_id], programme=programme, benefit=benefit, points=one.points,
            starts_at=one.at, ends_at=one.at, key=f"given:{ticket.pk}",
        )
        for one, ticket in gifts
    )  # fmt: skip
    _all(
        Request(
            brand=programme.brand, ticket=ticket, account=each.account, reason=reason, points=one.points,
            benefit=benefit, given_benefit=each, by=people[one.agent], asked_at=one.at, key=f"asked:{ticket.pk}",
            approver=None if one.approver is None else people[one.approver],
        )
        for (one, ticket), each in zip(gifts, given, strict=True)
    )  # fmt: skip


def _all(rows: Iterable[models.Model]) -> list[Any]:
    made = list(rows)
    return list(type(made[0])._base_manager.bulk_create(made, batch_size=1000))
