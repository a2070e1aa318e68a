"""The pages agents look at all day, beside `bench/floor/`: processor time of application and database together."""

from __future__ import annotations

from bench import served
from bench.data import house
from bench.figures import Figure
from bench.measure import Browser, Comparison, Cost, compare

REQUESTS = 30  # of each page in a round


def run() -> list[Figure]:
    """The queue and the ticket page, each as a ratio to its floor; both as the production server hands them out."""
    rows = house()
    browser = Browser(rows.session)
    reference = rows.ticket.reference
    return [
        _figure(browser, "queue page", "/?view=all", "/floor/queue/", goal=2.0, reach=1.5),
        _figure(
            browser,
            "ticket page",
            f"/tickets/{reference}/",
            f"/floor/tickets/{reference}/",
            goal=2.5,
            reach=1.7,
        ),
        *served.figures(rows.session, {"queue page": "/?view=all", "ticket page": f"/tickets/{reference}/"}),
    ]


def _figure(browser: Browser, name: str, page: str, floor: str, *, goal: float, reach: float) -> Figure:
    found = compare(lambda: browser.get(page), lambda: browser.get(floor), requests=REQUESTS)
    return Figure(
        name,
        "ms",
        value=found.product.both,
        reference=found.floor.both,
        ratio=found.ratio,
        goal=goal,
        reach=reach,
        spread=found.spread,
        detail=_parts(found),
    )


def _parts(found: Comparison) -> str:
    def parts(cost: Cost) -> str:
        return f"application {cost.application:.2f} ms, database {cost.database:.2f} ms"

    return f"page: {parts(found.product)}; floor: {parts(found.floor)}"
