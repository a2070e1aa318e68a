"""Who may be the same person as the customer before us, and whom they were merged with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from customers.models import Customer, Duplicate, Merge


@dataclass(frozen=True)
class Twin:
    """Who may be the same person as the customer before us, and what speaks for it."""

    customer: Customer
    words: str


def twins_of(customer: Customer, proposals: Iterable[Duplicate]) -> list[Twin]:
    """The other one of each proposal that concerns `customer`."""
    return [Twin(row.other if row.one_id == customer.pk else row.one, row.words) for row in proposals]


def open_merge_of(customer: Customer) -> Merge | None:
    """The last merge into this customer that stands; it is the one that can be undone."""
    return Merge.objects.standing().filter(kept=customer).select_related("merged").order_by("-pk").first()
