"""Finding the caller: addresses and order numbers by their exact keys, then names by their words.

Every question here gives rows of (who, how, what): a customer's id, which kind of thing matched, and the thing.
They stand in a UNION, each by an index of its own, each bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import Reverse

from customers.contact import NETWORKS, Kind, last_digits, numbers_meant, plain
from customers.models import ContactPoint, Customer, Order, figures_of

AT_MOST = 20  # rows a question gives
NAMES_AT_MOST = 200  # of which the best are chosen: whoever sees so many types another letter
SHORTEST = 2  # signs of a name
WORD = 3  # letters of a word within a name: the index is made of so many together
NOTHING = " "  # what words without a letter or figure fold to; every name begins so
MOST_SWAPS = 30  # pairs of letters that may have been typed the wrong way round
ALIKE = 0.4  # how near a name may come that is spelt in another way, 1 is the same


@contextmanager
def by_index_alone() -> Iterator[None]:
    """What is asked in here walks indexes, to the end of the transaction.

    A planner that takes a part of a name for frequent hopes to meet its 200 rows soon and begins to read every row.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('enable_seqscan', 'off', true)")
        yield


def matches(rows: QuerySet[Any], who: str, how: str, what: Any) -> QuerySet[Any]:
    """`rows` as (who, how, what) for a UNION with others of the kind."""
    named = rows.order_by().annotate(who=F(who), how=Value(how), what=what)
    return named.values_list("who", "how", "what")[:AT_MOST]


def exact_keys(words: str, brands: Sequence[int], countries: Iterable[str]) -> list[QuerySet[Any]]:
    """Who has this mail address (or one that begins so), phone number (or its last digits), handle or order.

    `countries` (ISO 3166) are those in which a national number may have been dialled.
    """
    points = ContactPoint.objects.filter(brand__in=brands)
    found = []
    if numbers := numbers_meant(words, countries):
        found.append(
            matches(points.filter(kind=Kind.PHONE, value__in=numbers), "customer_id", "phone", F("value"))
        )
    for digits in last_digits(words):
        ending = points.filter(kind=Kind.PHONE).alias(ending=Reverse("value"))
        ending = ending.filter(ending__startswith=digits[::-1])
        found.append(matches(ending, "customer_id", "phone", F("value")))
    if "@" in words[1:]:
        mails = points.filter(kind=Kind.MAIL, value__startswith=plain(words))
        found.append(matches(mails, "customer_id", "mail", F("value")))
    elif words.startswith("@") or ":" in words:
        name = plain(words).lstrip("@")
        handles = [name] if ":" in name else [name, *(f"{network}:{name}" for network in NETWORKS)]
        handled = points.filter(kind=Kind.HANDLE, value__in=handles)
        found.append(matches(handled, "customer_id", "handle", F("value")))
    if any(sign.isdecimal() for sign in words):
        orders = Order.objects.filter(brand__in=brands, number__in={words, words.upper()})
        found.append(matches(orders, "customer_id", "order", F("number")))
    if said := spoken_number(words):
        spoken = Order.objects.filter(brand__in=brands).alias(said=figures_of("number")).filter(said=said)
        found.append(matches(spoken, "customer_id", "order", F("number")))
    return found


def spoken_number(words: str) -> str:
    """The figures of an order or account number as people say it, without letters, dash and leading zeros; or ""."""
    figures = words.replace(" ", "")
    return figures.lstrip("0") if figures.isascii() and figures.isdecimal() else ""


def names(words: str, brands: Sequence[int]) -> list[QuerySet[Any]]:
    """Whose name begins with `words`, brand by brand as the index holds them, and whose holds words that do.

    The second is asked from three letters of one word on: fewer are in too many names to be looked for.
    """
    parts = [part for part in words.split() if any(sign.isalpha() for sign in part)]
    if sum(map(len, parts)) < SHORTEST or "@" in words or ":" in words:
        return []
    customers = Customer.objects.all()
    begins = [
        customers.filter(brand=brand, findable__startswith=_findable(" ".join(parts))).order_by("findable")
        for brand in brands
    ]
    found = [_named(rows)[:AT_MOST] for rows in begins]
    if max(map(len, parts)) >= WORD:
        holding = customers.filter(brand__in=brands)
        for part in parts:
            holding = holding.filter(findable__contains=_findable(part))
        found.append(_named(holding)[:NAMES_AT_MOST])
    return found


def _named(rows: QuerySet[Any]) -> QuerySet[Any]:
    named = rows.annotate(who=F("pk"), how=Value("name"), what=F("name"))
    return named.values_list("who", "how", "what")


def beginning(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those of the customers in `rows` whose name begins with `words`, with or without capitals and accents."""
    named = rows.alias(meant=_findable(words)).exclude(meant=NOTHING)
    return named.filter(findable__startswith=_findable(words))


def called(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Those of the customers in `rows` in whose name words begin with each of `words`; with fewer than three letters
    those whose name begins so."""
    parts = [part for part in words.split() if any(sign.isalpha() for sign in part)]
    if max(map(len, parts), default=0) < WORD:
        return beginning(rows, " ".join(parts))
    for part in parts:
        rows = rows.filter(findable__contains=_findable(part))
    return rows


def spelt_alike(words: str, brands: Sequence[int]) -> list[tuple[int, str, str]]:
    """Whose name comes near to `words`, the nearest first: for when nothing was found as it was typed."""
    if sum(sign.isalpha() for sign in words) <= SHORTEST or "@" in words:
        return []
    near: Any = Customer.objects.filter(brand__in=brands, findable__trigram_word_similar=_findable(words))
    near = near.annotate(likeness=TrigramWordSimilarity(_findable(words), "findable"))  # type: ignore[arg-type]
    arms = _swapped(words.split(), brands)
    with by_index_alone():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(ALIKE)])
        rows = list(near.order_by("-likeness", "pk").values_list("pk", "name")[:AT_MOST])
        turned = sorted((pk, name) for pk, _how, name in arms[0].union(*arms[1:])) if arms else []
    return [(pk, "name", name) for pk, name in list(dict.fromkeys([*turned, *rows]))[:AT_MOST]]


def _swapped(parts: Sequence[str], brands: Sequence[int]) -> list[QuerySet[Any]]:
    """Names that hold all of `parts` when two neighbouring letters of one change places (Tnaaka, Tanaka), each asked
    by itself: of many in one condition the database would read every row of a brand."""
    found = []
    places = [(n, at) for n, part in enumerate(parts) if len(part) >= WORD for at in range(len(part) - 1)]
    for n, at in places[:MOST_SWAPS]:
        part, holding = parts[n], Customer.objects.filter(brand__in=brands)
        turned = part[:at] + part[at + 1] + part[at] + part[at + 2 :]
        for word in (*parts[:n], turned, *parts[n + 1 :]):
            holding = holding.filter(findable__contains=_findable(word))
        if turned.casefold() != part.casefold():
            found.append(_named(holding)[:AT_MOST])
    return found


def _findable(words: str) -> Func:
    """`words` as the database folds names: it does so once, before it looks."""
    return Func(Value(words), function="customers_findable")
