"""The desk with many tickets: its pages and a reply beside the floor, the search beside the desk's own list, and what
each of them costs with a hundred times as many.

`BENCH_SCALE` (default 0.01) is 1 for a million tickets and three million messages.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from bench import crowd
from bench.data import house
from bench.figures import Figure
from bench.measure import ROUNDS, WARM_UP, Browser, compare
from bench.search import GOAL, GROWTH, p95, questions, times
from contactcenter.paging import pack
from tickets.models import Ticket

WHOLE, SMALL = 1_000_000, 10_000
FEWEST = 2_000  # of which enough wait for all replies
REQUESTS = 15  # of each page in a round
ANSWER_MS = 100.0  # at most, of nineteen in twenty answers
ANSWERED = 2 * (WARM_UP + ROUNDS * REQUESTS)
FINDS_MORE = "search, rare"  # of few tickets one is shown, of a million a page: no growth of one and the same
Measured = tuple[Figure, float]
SEARCHED = {
    "search, common": "in almost every ticket",
    "search, rare": "in one of ten thousand",
    "search, one ticket": "in one ticket",
    "search, operators": "common, of a tier, open",
}


def run() -> list[Figure]:
    """Every row with few tickets and with all of them; the figures are of all, the growth is between the two."""
    rows = house(customers=1500, tickets=FEWEST // 4)
    browser, there = Browser(rows.session), Ticket.objects.count()
    whole = max(4 * there, round(WHOLE * float(os.environ.get("BENCH_SCALE", "0.01"))))
    small = max(there + FEWEST, min(SMALL, whole // 5))
    crowd.write(small)
    before = _measured(browser, rows.ticket.reference)
    crowd.write(whole)
    after = _measured(browser, rows.ticket.reference)
    pairs = [pair for pair in zip(before, after, strict=True) if pair[0][0].name != FINDS_MORE]
    grown = [_growth(one, other, small, whole) for one, other in pairs]
    return [*(figure for figure, _cost in after), *grown]


def _measured(browser: Browser, reference: str) -> list[Measured]:
    """Each row, and the median of its cost."""
    place = _deep_place()
    deep = pack("turn", *place)
    after = f"{place[0].isoformat()},{place[1]}".replace("+", "%2B")
    replies = _replies(browser)
    pages: list[tuple[str, Callable[[], object], Callable[[], object], float, float]] = [
        ("queue, page 1", partial(browser.get, "/?view=all"), partial(browser.get, "/floor/queue/"), 2.0, 1.5),
        ("queue, deep", partial(browser.get, f"/?view=all&after={deep}"),
         partial(browser.get, f"/floor/queue/?after={after}"), 2.0, 1.5),
        ("ticket, of many", partial(browser.get, f"/tickets/{reference}/?view=all"),
         partial(browser.get, f"/floor/tickets/{reference}/"), 2.5, 1.7),
        ("reply", partial(next, replies("")), partial(next, replies("/floor")), 2.5, 2.5),
    ]  # fmt: skip
    figures = []
    for name, page, floor, goal, reach in pages:
        found = compare(page, floor, requests=REQUESTS)
        cost = found.product.both
        figure = Figure(name, "ms", cost, found.floor.both, found.ratio, goal, reach, found.spread)
        figures.append((figure, cost))
    return figures + list(_answers(browser, reference)) + list(_searches(browser))


def _answers(browser: Browser, reference: str) -> Iterator[Measured]:
    """The 95th percentile of what the server takes for an answer that is painted, beside what it may take."""
    pages = {"queue, answer": "/?view=all", "ticket, answer": f"/tickets/{reference}/?view=all"}
    for name, address in pages.items():
        taken = times(partial(browser.get, address))
        yield answer(name, taken), statistics.median(taken)


def answer(name: str, taken: list[float]) -> Figure:
    """The row of a page whose answers took so many milliseconds each."""
    share, spread = p95(taken) / ANSWER_MS, (min(taken) / ANSWER_MS, max(taken) / ANSWER_MS)
    return Figure(
        name, "ms", p95(taken), ANSWER_MS, share, 1.0, 0.5, spread,
        detail="the 95th percentile of processor time, the database's included",
    )  # fmt: skip


def _searches(browser: Browser) -> Iterator[Measured]:
    """The 95th percentile of a search beside that of the list of all tickets."""
    listed = times(partial(browser.get, "/?view=all"))
    asked = questions()
    for name, told in SEARCHED.items():
        found = times(partial(browser.get, f"/search/?q={asked[told]}"))
        ratio = p95(found) / p95(listed)
        cost = statistics.median(found)
        figure = Figure(
            name, "ms", p95(found), p95(listed), ratio, GOAL, GOAL, (cost / statistics.median(listed), ratio),
            detail="lowest: the medians beside each other",
        )  # fmt: skip
        yield figure, cost


def _growth(before: Measured, after: Measured, small: int, whole: int) -> Figure:
    """What the same costs with all tickets beside what it costs with few."""
    (_, few), (figure, many) = before, after
    ratio = many / few
    return Figure(
        f"{figure.name}, growth", "ms", many, few, ratio, GROWTH, GROWTH, (ratio, ratio),
        detail=f"{whole:,} tickets beside {small:,}",
    )  # fmt: skip


def _deep_place() -> tuple[datetime, int]:
    """Of all open tickets that have a time, in the order of the queue, the one that nine tenths stand before."""
    waiting = Ticket.objects.filter(is_open=True, turn_at__isnull=False).order_by("turn_at", "id")
    return waiting.values_list("turn_at", "id")[waiting.count() * 9 // 10]


def _replies(browser: Browser) -> Callable[[str], Iterator[str]]:
    """Replies under an address ("" the product's, "/floor" the floor's), each to another waiting ticket."""
    waiting = Ticket.objects.filter(key__startswith="more:", status="open").select_related("brand")
    tickets = iter(waiting.order_by("-id")[:ANSWERED])

    def answered(where: str) -> Iterator[str]:
        for ticket in tickets:
            yield browser.post(
                f"{where}/tickets/{ticket.reference}/say/", kind="reply", text="It is on its way.",
                key=f"{where[1:]}{ticket.pk}", seen=ticket.message_seq, then="stay",
            )  # fmt: skip

    return answered
