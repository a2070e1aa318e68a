"""Small lists within the statement that reads their row: the same rows as by themselves, and none of another's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db.models import OuterRef
from pytest_django import DjangoAssertNumQueries

from agents.models import Agent
from callbacks.models import Callback
from contactcenter.nested import instances, nested
from customers.models import Customer
from tests import make
from tickets.models import FieldValue, Ticket
from tickets.services import fill

SHOWN = ("id", "kind", "window_from", "ticket__id", "ticket__subject", "owner__id", "owner__name")


def promises_of(customer: Customer, *columns: str) -> list[Callback]:
    rows = nested(Callback.objects.filter(customer=OuterRef("pk")).order_by("id"), *columns)
    found: Any = Customer.objects.filter(pk=customer.pk).values_list(rows, flat=True).get()
    return instances(Callback, found)


def test_a_list_comes_with_its_related_rows_in_the_statement_of_its_owner(
    ticket: Ticket, agent: Agent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = make.make_callback(ticket=ticket, by=agent)
    other = make.make_callback(customer=ticket.customer, by=agent)
    make.make_callback(customer=make.make_customer(brand=ticket.brand), by=agent)
    with django_assert_num_queries(1):
        found = promises_of(ticket.customer, *SHOWN)
        assert found == [one, other]
        assert [row.window_from for row in found] == [one.window_from, other.window_from]
        assert [row.owner.name for row in found] == [agent.name, agent.name]
        assert [row.ticket and row.ticket.subject for row in found] == [ticket.subject, None]
        assert found[0].get_kind_display() == one.get_kind_display()


def test_what_was_not_asked_for_is_asked_when_it_is_read_and_never_invented(
    ticket: Ticket, agent: Agent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make.make_callback(ticket=ticket, by=agent, reason="Which lamp")
    (found,) = promises_of(ticket.customer, "id", "kind")
    with django_assert_num_queries(1):
        assert found.reason == "Which lamp"


def test_a_decimal_number_comes_to_the_last_digit(ticket: Ticket, agent: Agent) -> None:
    fill(ticket, make.make_field(brand=ticket.brand, kind="number"), "12345678901234.5678", by=agent)
    rows = nested(FieldValue.objects.filter(ticket=OuterRef("pk")), "id", "number")
    found: Any = Ticket.objects.filter(pk=ticket.pk).values_list(rows, flat=True).get()
    (value,) = instances(FieldValue, found)
    assert value.number == Decimal("12345678901234.5678")


def test_a_list_of_nothing_is_empty(ticket: Ticket) -> None:
    assert promises_of(ticket.customer, *SHOWN) == []


def test_a_column_that_is_none_of_the_model_is_refused() -> None:
    with pytest.raises(Exception, match="Cannot resolve keyword"):
        nested(Callback.objects.all(), "id", "nothing")
