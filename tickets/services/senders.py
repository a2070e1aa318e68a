"""Whom a customer answers who answers a letter of ours that is no word of a ticket."""

from __future__ import annotations

from agents.models import Brand
from tickets.models import Queue


def address_of(brand: Brand) -> str:
    """The address of the brand's default queue, so that an answer becomes a ticket; "" where there is none."""
    return Queue.objects.filter(brand=brand, is_default=True).values_list("address", flat=True).first() or ""
