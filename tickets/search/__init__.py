"""Tickets by what was said in them and by whatever names them: what names one for sure first, then the best of the
newest that hold the words. Everything is read through the brands that the agent serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from contactcenter import paging
from tickets.models import Ticket
from tickets.search import keys
from tickets.search.filters import Conditions, Reader, conditions
from tickets.search.headlines import headlines
from tickets.search.looking import CANDIDATES, holding, newest_holding, ranks, says_nothing
from tickets.search.words import Asked, parse

SIZE = 25
SURE_CUSTOMERS, NAMED_CUSTOMERS, EACH = 10, 5, 5  # whose newest tickets stand before those found by words

__all__ = ["Hit", "Results", "search"]


@dataclass(frozen=True)
class Hit:
    """A ticket, `how` (ticket, order, account, phone, mail, handle, name, words, filter) it was found and by `what`."""

    ticket: int
    how: str
    what: str = ""
    subject: SafeString | None = None
    piece: SafeString | None = None


@dataclass
class Results:
    """One page; `cursor` leads to the next, "" when this is the last. `told` are sentences for who typed it."""

    asked: Asked
    hits: list[Hit] = field(default_factory=list)
    cursor: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def is_question(self) -> bool:
        """Whether anything was asked at all."""
        return bool(self.asked.words or self.asked.excluded or self.asked.filters)


def search(agent: Agent, typed: str, *, cursor: str = "", size: int = SIZE) -> Results:
    """The tickets `agent` may know of that `typed` means, one page."""
    asked = parse(typed)
    results = Results(asked)
    reader = Reader(agent, list(Brand.objects.visible_to(agent)))
    if not reader.brands or not results.is_question:
        return results
    wanted = conditions(asked.filters, reader)
    if asked.excluded:
        wanted.asked += [~holding([word], reader) for word in asked.excluded]
    results.told = [*_unknown(asked), *wanted.told]
    of = f"search:{asked.typed}"
    if not asked.words:
        return _by_filters(results, wanted, reader, of=of, cursor=cursor, size=size)
    place = paging.unpack(of, cursor)
    sure = [] if place else _sure(asked, wanted, reader)
    below, after, shown = place or (_above_all(), None, [hit.ticket for hit in sure])
    page, results.cursor = _by_words(asked, wanted, reader, below, after, shown, of=of, size=size)
    lines = headlines([hit.ticket for hit in sure] + page, asked.words, reader)
    words = [Hit(pk, "words") for pk in page]
    results.hits = [Hit(hit.ticket, hit.how, hit.what, *lines[hit.ticket]) for hit in [*sure, *words]]
    if not results.hits and results.cursor:
        results.told.append(_("Nothing among the newest with these words; “More” looks further back."))
    elif not results.hits and says_nothing(asked.words, reader):
        results.told.append(_("These words are in every letter; add one that is not."))
    return results


def _unknown(asked: Asked) -> list[str]:
    sentence = _("“%s:” is no operator; it was looked for as a word.")
    return [sentence % name for name in asked.unknown]


def _above_all() -> int:
    """An id above that of every ticket there is."""
    return (Ticket.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1


def _sure(asked: Asked, wanted: Conditions, reader: Reader) -> list[Hit]:
    """The tickets that the words name, then those of the customers they name, the newest few of each."""
    key = asked.key[: keys.LONGEST + 1]
    found: dict[int, Hit] = {}
    named = keys.named(key, reader.ids)
    if named is not None:
        # What somebody calls a ticket by is its number for ever: a merged one leads to the one it went into.
        goes_on = Ticket.objects.filter(pk__in=named.values(there=Coalesce("merged_into", "pk")))
        for pk in goes_on.filter(*wanted.asked).order_by("-pk").values_list("pk", flat=True)[:EACH]:
            found[pk] = Hit(pk, "ticket", key)
    people = keys.customers(key, reader.ids, keys.countries_of(reader.agent, reader.brands))
    sure = [who for who, (how, _what) in people.items() if how != "name"][:SURE_CUSTOMERS]
    called = [] if sure else list(people)[:NAMED_CUSTOMERS]
    arms = [
        Ticket.objects.filter(Q(customer=who, brand__in=reader.ids, merged_into=None), *wanted.asked)
        .order_by("-opened_at")
        .values_list("pk", "customer_id")[:EACH]
        for who in sure or called
    ]
    rows: Any = arms[0].union(*arms[1:], all=True) if len(arms) > 1 else (arms[0] if arms else [])
    for pk, who in sorted(rows, reverse=True):
        found.setdefault(pk, Hit(pk, *people[who]))
    return list(found.values())


def _by_words(
    asked: Asked,
    wanted: Conditions,
    reader: Reader,
    below: int,
    after: Sequence[float] | None,
    shown: list[int],
    *,
    of: str,
    size: int,
) -> tuple[list[int], str]:
    """The ids of one page, and the cursor: the best of the newest 500 under `below`, then of the 500 before these."""
    if wanted.few:
        rows: Any = Ticket.objects.filter(
            holding(asked.words, reader), *wanted.asked, brand__in=reader.ids, pk__lt=below
        )
        ids = list(rows.order_by("-pk").values_list("pk", flat=True)[:CANDIDATES])
        further = ids[-1] if len(ids) == CANDIDATES else 0
    else:
        ids, further = newest_holding(asked.words, reader, wanted.asked, below=below)
    ranked = ranks(ids, asked.words, reader) if ids else {}
    order = sorted((-ranked.get(pk, 0.0), -pk) for pk in ids if pk not in shown)
    rest = [place for place in order if after is None or place > tuple(after)]
    page = [-minus for _rank, minus in rest[:size]]
    if len(rest) > size:
        return page, paging.pack(of, below, rest[size - 1], shown)
    return page, paging.pack(of, further, None, shown) if further else ""


def _by_filters(
    results: Results, wanted: Conditions, reader: Reader, *, of: str, cursor: str, size: int
) -> Results:
    """Where no word is asked for: the newest first."""
    rows: Any = Ticket.objects.filter(*wanted.asked, merged_into=None).only("pk")
    page = paging.page_from_newest(
        rows, of=of, cursor=cursor, size=size, apart=[Q(brand=pk) for pk in reader.ids]
    )
    results.hits = [Hit(row.pk, "filter") for row in page.rows]
    results.cursor = page.cursor
    return results
