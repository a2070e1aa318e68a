"""A field whose own key was given up for one over two columns: nothing that is not there can be named even so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from agents.models import Brand
from contactcenter import clock
from customers.models import Consent, ContactPoint, Order
from loyalty.models import Account, Lot, TierChange
from tests import make
from tests.contactcenter.test_constraints import our_models
from tickets.models import TicketWords

NOBODY = 2_000_000_000
GIVEN_UP = [
    field
    for model in our_models()
    for field in model._meta.concrete_fields
    if isinstance(field, models.ForeignKey) and not field.db_constraint
]


@pytest.fixture
def rows(brand: Brand) -> dict[type[models.Model], models.Model]:
    make.make_programme(brand=brand)
    member = make.make_member(brand=brand, mail="maria@mail.example", points=100)
    order = make.make_order(customer=member)
    consent = Consent(brand=brand, customer=member, purpose="calls", given=True, source="call")
    now = clock.now()
    change = TierChange(
        account=member.account, programme=member.account.programme, effective_at=now, recorded_at=now
    )
    point = member.contact_points.get()
    words = TicketWords.objects.get(ticket=make.make_ticket(customer=member))
    found: list[Any] = [
        words,
        order,
        consent,
        point,
        member.account,
        member.account.lots.earliest("id"),
        change,
    ]
    return {type(row): row for row in found}


def test_they_are_those_of_the_tables_that_are_written_most() -> None:
    assert {field.model for field in GIVEN_UP} == {
        ContactPoint, Consent, Order, Account, Lot, TierChange, TicketWords,
    }  # fmt: skip


@pytest.mark.parametrize("field", GIVEN_UP, ids=str)
def test_a_row_cannot_name_what_is_not_there(
    field: models.ForeignKey[Any, Any], rows: dict[type[models.Model], models.Model]
) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        name_nobody(rows[field.model], field)
    assert re.search("_of_one_(brand|programme|account)$", refusal.value.__cause__.diag.constraint_name)


def name_nobody(row: Any, field: models.ForeignKey[Any, Any]) -> None:
    changes = {field.attname: NOBODY} | ({"status": "merged"} if field.name == "merged_into" else {})
    if row.pk:
        field.model._base_manager.filter(pk=row.pk).update(**changes)
    else:  # of a table that is only ever added to
        setattr(row, field.attname, NOBODY)
        row.save()


@pytest.mark.parametrize("field", GIVEN_UP, ids=str)
def test_a_key_over_it_holds_whenever_it_names_something(
    field: models.ForeignKey[Any, Any], db: None
) -> None:
    """The other column is never empty: an empty one would switch such a key off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(other.attnotnull) FROM pg_constraint k"
            " JOIN pg_attribute mine ON mine.attrelid = k.conrelid AND mine.attnum = ANY (k.conkey)"
            " JOIN pg_attribute other ON other.attrelid = k.conrelid AND other.attnum = ANY (k.conkey)"
            "   AND other.attnum <> mine.attnum"
            " WHERE k.contype = 'f' AND cardinality(k.conkey) = 2 AND k.conrelid = %s::regclass"
            "   AND mine.attname = %s GROUP BY k.oid",
            [field.model._meta.db_table, field.column],
        )
        assert (True,) in cursor.fetchall()
