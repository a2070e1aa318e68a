"""What names a ticket, or its customer, for sure: reference, order, loyalty number, address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from agents.models import Agent, Brand
from customers import finding
from customers.contact import country_of
from customers.models import figures_of
from loyalty.models import Account
from tickets.models import Ticket

LONGEST = 120  # signs that a key has at most


def countries_of(agent: Agent, brands: Iterable[Brand]) -> list[str]:
    """Where a number in national writing may have been dialled: at the brands' and the agent's."""
    zones = [*(brand.time_zone for brand in brands), agent.time_zone]
    return list(dict.fromkeys(country for zone in zones if (country := country_of(zone)))) or [""]


def accounts(words: str, brands: Sequence[int]) -> list[QuerySet[Any]]:
    """Whose loyalty number this is, as (who, how, what)."""
    rows: Any = Account.objects.filter(programme__brand__in=brands)
    if said := finding.spoken_number(words):
        rows = rows.alias(said=figures_of("number")).filter(said=said)
    elif "-" in words:
        rows = rows.filter(number=words.upper())
    else:
        return []
    return [finding.matches(rows, "customer_id", "account", F("number"))]


def named(words: str, brands: Sequence[int]) -> Any:
    """The ticket of a reference, or of a bare number in every brand: 4812 as people say it, #4812 as they write;
    None for what can name no ticket."""
    number = words.removeprefix("#")
    rows: Any = Ticket.objects.filter(brand__in=brands)
    if number.isascii() and number.isdecimal() and len(number) < 10:
        return rows.filter(number=int(number))
    return rows.referred_to_by(words) if "-" in words else None


def tickets(words: str, brands: Sequence[int]) -> list[QuerySet[Any]]:
    """Whose ticket this names, as (who, how, what)."""
    rows = named(words, brands)
    if rows is None:
        return []
    reference = Concat(F("brand__code"), Value("-"), Cast("number", TextField()), output_field=TextField())
    return [finding.matches(rows, "customer_id", "ticket", reference)]


def customers(words: str, brands: Sequence[int], countries: Iterable[str]) -> dict[int, tuple[str, str]]:
    """(how, what) by customer for whoever has this address, order or loyalty number, else for who is called so."""
    if not finding.SHORTEST <= len(words) <= LONGEST:
        return {}
    arms = [
        *finding.exact_keys(words, brands, countries),
        *accounts(words, brands),
        *finding.names(words, brands),
    ]
    if not arms:
        return {}
    with finding.by_index_alone():
        rows = list(arms[0].union(*arms[1:]))
    rows.sort(key=lambda row: (row[1] == "name", row[0]))
    return {who: (how, what) for who, how, what in reversed(rows)}
