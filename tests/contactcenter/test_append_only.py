from __future__ import annotations

import pytest
from django.db import InternalError, connection, models, transaction
from django.db.utils import DatabaseError
from psycopg.sql import SQL, Identifier

from agents.models import Agent
from callbacks.models import Attempt, CallbackEvent
from callbacks.services import done, no_answer
from contactcenter import clock
from customers.models import Consent, Customer, CustomerChange, MergedRow, OrderLineRefund, OrderRefund
from customers.services import Refund, edit_profile, record_consent, refund_order
from loyalty.models import AccountEvent, Entry, LotUse
from loyalty.services import redeem
from tests import make
from tickets.models import RuleVersion, Ticket, TicketEvent

WRITTEN_ONCE = [
    Entry, LotUse, AccountEvent, TicketEvent, Consent, CustomerChange, CallbackEvent, OrderRefund,
    OrderLineRefund, MergedRow, RuleVersion,
]  # fmt: skip


@pytest.fixture(params=WRITTEN_ONCE, ids=lambda model: model.__name__)
def table(
    request: pytest.FixtureRequest, ticket: Ticket, member: Customer, agent: Agent
) -> type[models.Model]:
    redeem(member.account, 10, by=agent, key="r1")
    make.make_standing(member.account, by=agent)
    record_consent(member, "calls", given=True, source="call")
    order = make.make_order(customer=member)
    refund_order(order, [Refund(order.lines.get(), 100)], key="back")
    edit_profile(member, {"city": "Bergen"}, by=agent)
    make.make_alike(brand=member.brand, by=agent)
    make.make_rule(brand=member.brand)
    done(make.make_callback(customer=member, by=agent), by=agent, key="d1")
    assert request.param.objects.exists()
    return request.param


@pytest.mark.parametrize(
    ("deed", "statement"),
    [
        ("update or delete", "UPDATE {} SET id = id"),
        ("update or delete", "DELETE FROM {}"),
        ("truncate", "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {} CASCADE"),
    ],
)
def test_a_row_stays_as_it_was_written(table: type[models.Model], deed: str, statement: str) -> None:
    query = SQL(statement).format(Identifier(table._meta.db_table))
    with (
        pytest.raises(DatabaseError, match=f"Cannot {deed}"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(query)
    assert table.objects.exists()


def test_django_is_refused_as_well(table: type[models.Model]) -> None:
    row = table.objects.first()
    for deed in (row.save, row.delete):
        with pytest.raises((InternalError, DatabaseError, models.ProtectedError)), transaction.atomic():
            deed()
    assert table.objects.filter(pk=row.pk).exists()


@pytest.fixture
def tried(member: Customer, agent: Agent) -> Attempt:
    """A try of which was told that nobody picked up."""
    no_answer(make.make_callback(customer=member, by=agent), by=agent, key="t1", note="Rang long")
    return Attempt.objects.get()


@pytest.mark.parametrize(
    "column",
    ["outcome = 'busy'", "note = 'x'", "key = 'k2'", "at = at - interval '1 hour'", "dial_key = 'd2'"],
)
def test_what_came_of_a_try_is_told_once(tried: Attempt, column: str) -> None:
    with (
        pytest.raises(DatabaseError, match="Cannot change what came of a try"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE callbacks_attempt SET {column}")  # noqa: S608  one of those above


def test_what_the_dialler_tells_of_a_try_may_come_later(tried: Attempt) -> None:
    Attempt.objects.update(hung_up_at=clock.now(), why="no_answer")
    tried.refresh_from_db()
    assert tried.why == "no_answer"


@pytest.mark.parametrize(
    ("deed", "statement"),
    [
        ("delete", "DELETE FROM callbacks_attempt"),
        ("truncate", "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE callbacks_attempt CASCADE"),
    ],
)
def test_a_try_is_never_taken_away(tried: Attempt, deed: str, statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match=f"Cannot {deed}"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Attempt.objects.filter(pk=tried.pk).exists()
