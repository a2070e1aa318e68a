"""Who may be the same person as the customer before us, and whom they were merged with."""

from __future__ import annotations

from dataclasses import dataclass

from customers.models import Customer, Duplicate, Merge

SHOWN = 2  # proposals beside one customer


@dataclass(frozen=True)
class Twin:
    """Who may be the same person as the customer before us, and what speaks for it."""

    customer: Customer
    words: str


def twins_of(customer: Customer) -> list[Twin]:
    """Who may be the same person, for whom most speaks first; one query."""
    rows = Duplicate.objects.touching([customer.pk]).open().likely().select_related("one", "other")
    return [Twin(row.other if row.one_id == customer.pk else row.one, row.words) for row in rows[:SHOWN]]


def open_merge_of(customer: Customer) -> Merge | None:
    """The last merge into this customer that stands; it is the one that can be undone."""
    return Merge.objects.standing().filter(kept=customer).select_related("merged").order_by("-pk").first()
