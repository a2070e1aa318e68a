"""Two customers become one: what each room lets follow."""

from __future__ import annotations

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from customers.models import Customer, Merge
from customers.services import merge
from loyalty.proof import CHECKS, broken
from tests import make
from tests.loyalty.test_holds import refused


def sound() -> bool:
    """Whether every invariant of the ledger holds."""
    return not [finding for check in CHECKS for finding in broken(check).findings]


def test_all_that_was_theirs_is_with_the_one_who_stays(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    made = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    twin.refresh_from_db()
    assert twin.merged_into == kept
    assert twin.who_stays() == kept
    values = kept.contact_points.order_by("value").values_list("value", flat=True)
    assert list(values) == ["+493012345678", "+493099999999", "m.mond@work.example", "mara@mail.example"]
    assert kept.orders.get().number == "A-77"
    assert kept.tickets.count() == kept.callbacks.count() == 1
    account = make.now_of(kept)
    assert (account.balance, account.tier.code) == (1800, "silver")
    assert (make.now_of(twin).balance, make.now_of(twin).status) == (0, "merged")
    for left in (twin.contact_points, twin.orders, twin.tickets, twin.callbacks):
        assert not left.exists()
    assert made.rows.filter(table="customers_order").count() == 1
    assert sound()
