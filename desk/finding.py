"""Finding the caller by whatever they say: one box for addresses, names, orders, accounts and tickets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from customers import finding
from customers.contact import Kind, is_a_number, normalise, numbers_meant
from customers.models import ContactPoint, Customer
from tickets.models import Ticket
from tickets.search import keys

SHOWN = 20
LONGEST = 120  # signs that are looked for
FIRST = ("account", "ticket", "order", "phone", "mail", "handle", "name")


@dataclass(frozen=True)
class Found:
    """A customer, `how` (phone, mail, handle, order, account, ticket, name) they were found and by `what`."""

    customer: Customer
    how: str
    what: str
    open_tickets: int

    @property
    def address(self) -> ContactPoint | None:
        """One way to reach them, to tell those of one name apart."""
        return next(iter(self.customer.contact_points.all()), None)


@dataclass(frozen=True)
class Search:
    """What was typed, whom it found, and what a new customer made of it would begin with."""

    words: str
    rows: list[Found]
    alike: bool  # nothing as it was typed: these names only come near
    prefill: dict[str, str]


def find(agent: Agent, typed: str, *, brand: int | None = None) -> Search:
    """Whom `agent` may know of and `typed` means, the surest first, twenty at most; of one `brand` (id) if given.

    Costs the same few queries whatever is typed and however many customers there are.
    """
    words = " ".join(typed.replace("\0", " ").split())[:LONGEST]
    mine = Brand.objects.visible_to(agent)
    mine = mine.filter(pk=brand) if brand else mine
    brands = list(mine) if len(words) >= finding.SHORTEST else []
    countries = keys.countries_of(agent, brands)
    hits, alike = _hits(words, [brand.pk for brand in brands], countries) if brands else ([], False)
    return Search(words, _rows(agent, hits), alike, _prefill(words, countries))


def _hits(
    words: str, brands: Sequence[int], countries: Sequence[str]
) -> tuple[list[tuple[int, str, str]], bool]:
    """(customer, how, what) for every customer once, and whether names only come near what was typed."""
    arms = [
        *finding.exact_keys(words, brands, countries),
        *finding.names(words, brands),
        *keys.accounts(words, brands),
        *keys.tickets(words, brands),
    ]
    rows = []
    if arms:
        with finding.by_index_alone():
            rows = list(arms[0].union(*arms[1:]))
    if not rows:
        return finding.spelt_alike(words, brands), True
    rows.sort(key=lambda row: _rank(words, *row[1:]))
    best = {who: (who, how, what) for who, how, what in reversed(rows)}
    return sorted(best.values(), key=lambda row: _rank(words, *row[1:]))[:SHOWN], False


def _rank(words: str, how: str, what: str) -> tuple[Any, ...]:
    """Keys before names; among names those that begin as typed, then by the alphabet."""
    return FIRST.index(how), not what.casefold().startswith(words.casefold()), what.casefold()


def _rows(agent: Agent, hits: Sequence[tuple[int, str, str]]) -> list[Found]:
    ids = [who for who, _how, _what in hits]
    visible: Any = Customer.objects.visible_to(agent).filter(pk__in=ids)
    rows = visible.select_related("brand", "account__tier").prefetch_related("contact_points")
    customers = rows.in_bulk() if ids else {}
    if merged := [one for one in customers.values() if one.merged_into_id]:
        stays = {one.pk: one.who_stays().pk for one in merged}
        return _rows(agent, _followed(hits, stays))
    unsolved = Ticket.objects.visible_to(agent).unsolved().filter(customer__in=ids) if ids else None
    counts = (
        dict(unsolved.order_by().values_list("customer").annotate(n=Count("pk")))
        if unsolved is not None
        else {}
    )
    return [
        Found(customers[who], how, what, counts.get(who, 0)) for who, how, what in hits if who in customers
    ]


def _followed(hits: Sequence[tuple[int, str, str]], stays: dict[int, int]) -> list[tuple[int, str, str]]:
    """The hits with those who were merged led on to the one who stays, each once: an old loyalty number does it."""
    found: dict[int, tuple[int, str, str]] = {}
    for who, how, what in hits:
        found.setdefault(stays.get(who, who), (stays.get(who, who), how, what))
    return list(found.values())


def _prefill(words: str, countries: Sequence[str]) -> dict[str, str]:
    """What was typed as the beginning of a new customer: an address where it is one, else a name."""
    if numbers := [number for number in numbers_meant(words, countries) if is_a_number(number)]:
        return {"phone": numbers[0]}
    if "@" in words[1:]:
        try:
            return {"mail": normalise(Kind.MAIL, words)}
        except Refused:
            return {}
    return {"name": words} if words and not any(sign.isdecimal() for sign in words) else {}
