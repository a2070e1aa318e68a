"""What every deed on a customer begins and ends with: the lock, and the line that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.models import Agent
from customers.models import ChangeWords, Customer, CustomerChange
from customers.services.standing import merged_meanwhile

SERVE = "customers.serve_customer"
Change = CustomerChange.Kind


def lock(customer: Customer) -> Customer:
    """The customer as it is now, locked until the transaction ends; what comes in waits. Refused: `customer_merged`."""
    customer = Customer.objects.select_for_update(of=("self",), no_key=True).get(pk=customer.pk)
    if customer.merged_into_id:
        raise merged_meanwhile(customer, customer.who_stays())
    return customer


def record(
    customer: Customer,
    kind: str,
    *,
    by: Agent | None,
    at: datetime,
    words: Mapping[str, tuple[str, str]] | None = None,
    **data: Any,
) -> CustomerChange:
    """Write down a change: `data` holds codes and ids, `words` what stood before and after, by field."""
    change = CustomerChange.objects.create(
        brand_id=customer.brand_id, customer=customer, kind=kind, by=by, at=at, data=data
    )
    if kind != Change.VERIFIED:  # the same person is looked for again
        Customer.objects.filter(pk=customer.pk, compared_at__isnull=False).update(compared_at=None)
    if words:
        before = {field: pair[0] for field, pair in words.items()}
        ChangeWords.objects.create(
            change=change, before=before, after={field: pair[1] for field, pair in words.items()}
        )
    return change
