"""Expressions that are compiled once: each asking has its own values, and nothing in the text stands still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import CharField, Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from agents.models import Brand
from contactcenter import clock
from contactcenter.prepared import AT, Given, Prepared, _written
from customers.models import Customer
from tickets.models import Ticket


def of_the_last_day() -> QuerySet[Any]:
    """How many tickets a customer opened within the day that ends at the given instant."""
    recent = Ticket.objects.filter(
        customer=OuterRef("pk"), opened_at__gt=AT - timedelta(days=1), opened_at__lte=AT
    )
    counted = recent.order_by().values("customer").annotate(count=Count("pk")).values("count")
    return Customer.objects.annotate(it=Subquery(counted))


def of_today() -> QuerySet[Any]:
    """The same, by mistake, of the day in which it was compiled."""
    late = Ticket.objects.filter(customer=OuterRef("pk"), due_at__lt=clock.now())
    return Customer.objects.annotate(it=Subquery(late.values("pk")[:1]))


def tier() -> QuerySet[Any]:
    """A word of another table of the outer row."""
    return Customer.objects.annotate(it=Coalesce("account__tier__name", Value("")))


def code() -> QuerySet[Any]:
    """A word that is told: without its type PostgreSQL would not know what to join."""
    return Brand.objects.annotate(it=Concat(Given("code", CharField()), Value("-")))


def told(ticket: Ticket, at: Any) -> int | None:
    found: Any = Customer.objects.filter(pk=ticket.customer_id)
    return found.values_list(Prepared(of_the_last_day, "pk", at=at), flat=True).get()


def test_each_asking_has_its_own_values_though_the_text_is_kept(ticket: Ticket) -> None:
    _written.cache_clear()
    assert told(ticket, ticket.opened_at) == 1
    assert told(ticket, ticket.opened_at - timedelta(seconds=1)) is None
    assert told(ticket, ticket.opened_at + timedelta(hours=23)) == 1
    assert told(ticket, ticket.opened_at + timedelta(hours=25)) is None
    assert _written.cache_info().misses == 1


def test_an_instant_that_would_stand_still_is_refused() -> None:
    with pytest.raises(RuntimeError, match="of_today"):
        Prepared(of_today, "pk")


def test_a_table_that_goes_by_another_name_or_is_not_joined_is_refused(customer: Customer) -> None:
    """It would be answered of another row, where the statement joins a table twice."""
    everybody: Any = Customer.objects.all()
    assert list(everybody.values_list(Prepared(tier, "account__tier__name"), flat=True)) == [""]
    of_old: Any = everybody.filter(merged_into__account__tier__name="Gold")
    for paths in (["account__tier__name"], []):
        with pytest.raises(RuntimeError, match="its paths lead to"):
            list(of_old.values_list(Prepared(tier, *paths), flat=True))


def test_a_value_that_nobody_told_is_missed_at_once(ticket: Ticket) -> None:
    with pytest.raises(KeyError, match="at"):
        list(Customer.objects.annotate(it=Prepared(of_the_last_day, "pk")))


def test_a_given_value_has_its_type(brand: Brand) -> None:
    assert list(Brand.objects.values_list(Prepared(code, code="AB"), flat=True)) == ["AB-"]
