"""Which tickets hold the words: the newest of them, found shelf by shelf, and only these are ranked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Exists, F, Func, IntegerField, Max, OuterRef, Q, Subquery, Value

from agents.models import Brand
from contactcenter.paging import newest
from customers.finding import by_index_alone
from tickets.models import Ticket, TicketWords
from tickets.search.filters import Reader
from tickets.search.shelves import GROWTH, shelves, stretches
from tickets.search.words import Word

CANDIDATES = 500
CANDIDATES_ASKED = 100
LOOKED_AT = 20_000  # tickets that hold the words and may fulfil none of the operators, for one page


def meant(words: Iterable[Word], language: str, join: Any = and_) -> Any:
    """The words as PostgreSQL asks for them in this language, all of them or with `or_` any."""
    return reduce(join, [_meant(word, language) for word in words])


def _meant(word: Word, language: str) -> SearchQuery:
    if word.begins:
        return SearchQuery(f"'{word.text}':*", config=language, search_type="raw")
    return SearchQuery(word.text, config=language, search_type="phrase")


def by_language(reader: Reader) -> Iterator[tuple[str, list[int]]]:
    """The languages of the brands, each with the ids of those that have it."""
    for language in dict.fromkeys(brand.search_language for brand in reader.brands):
        yield language, [brand.pk for brand in reader.brands if brand.search_language == language]


def _any_of(arms: Iterable[Q]) -> Q:
    return reduce(or_, arms)


def holding(words: Sequence[Word], reader: Reader, join: Any = and_) -> Q:
    """Tickets one part of which holds the words: for a handful of tickets that are known otherwise."""
    hold = _any_of(
        Q(brand__in=brands, words=meant(words, language, join)) for language, brands in by_language(reader)
    )
    return Q(Exists(TicketWords.objects.filter(hold, ticket=OuterRef("pk"))))


def newest_holding(
    words: Sequence[Word], reader: Reader, asked: Sequence[Q], *, below: int
) -> tuple[list[int], int]:
    """The ids under `below` of the newest tickets that hold all words and fulfil `asked`, and the id under which it may
    go on, 0 when there is no more: 500 tickets, 100 where anything is `asked`.

    Stretch by stretch, each eight times as long as the one before, until there are enough: a common word is read in
    the newest shelves only, a rare one costs a handful of looks into the index. What holds the words is held against
    `asked` by its key, for the planner would rather begin with all tickets that fulfil it; 20,000 of them at most.
    """
    found: list[int] = []
    wanted = CANDIDATES_ASKED if asked else CANDIDATES
    chunk, looked_at = wanted * (GROWTH if asked else 1), 0
    with by_index_alone():
        while True:
            for low, high in stretches(below - 1):
                hits = list(_hits(words, reader, low, high, below, asked)[:chunk])
                found += dict.fromkeys(pk for pk, fulfils in hits if fulfils)
                looked_at += len(hits)
                if len(found) >= wanted:
                    return found[:wanted], found[wanted - 1]
                if len(hits) == chunk:
                    below = hits[-1][0]
                    break
            else:
                return found, 0
            if looked_at >= LOOKED_AT:
                return found, below
            chunk = min(chunk * GROWTH, LOOKED_AT - looked_at)


def _hits(words: Sequence[Word], reader: Reader, low: int, high: int, below: int, asked: Sequence[Q]) -> Any:
    """The ids of the tickets of a stretch that hold the words, the newest first, and whether each fulfils what is
    `asked`; of several parts it comes twice."""
    hold = _any_of(
        Q(shelves__overlap=shelves(brands, low, high), words=meant(words, language))
        for language, brands in by_language(reader)
    )
    rows: Any = TicketWords.objects.filter(hold, ticket__lt=below)
    # A value, not EXISTS: of that the planner may make a list of all that fulfil it.
    fulfils = Ticket.objects.filter(*asked, pk=OuterRef("ticket_id")).values(it=Value(value=True))
    kept = Subquery(fulfils) if asked else Value(value=True)
    return rows.alias(newest=newest("ticket_id")).order_by("newest").values_list("ticket_id", kept)


def ranks(ids: Sequence[int], words: Sequence[Word], reader: Reader) -> dict[int, float]:
    """How well each of these tickets answers to the words; a word of the subject counts ten times one of a message."""
    found: dict[int, float] = {}
    for language, brands in by_language(reader):
        query = meant(words, language)
        rows: Any = TicketWords.objects.filter(ticket__in=ids, brand__in=brands)
        rows = rows.values_list("ticket").annotate(rank=Max(SearchRank(F("words"), query)))
        found |= {pk: round(rank, 6) for pk, rank in rows}
    return found


def says_nothing(words: Sequence[Word], reader: Reader) -> bool:
    """Whether all of the words are such as every sentence has, which the index leaves out."""
    for language, brands in by_language(reader):
        size = Func(meant(words, language), function="numnode", output_field=IntegerField())
        if Brand.objects.filter(pk=brands[0]).values_list(size).get()[0]:
            return False
    return True
