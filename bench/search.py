"""The search beside the desk's own list of all tickets, from ten thousand tickets to a million: processor time of the
application and of its database.

`python -m bench.search [TICKETS ...]`, each size more than the one before. Not a part of `make bench`: a million
tickets take minutes to write. The words are those of `bench.crowd`.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from contactcenter import embedded
from contactcenter.serve import static_files_collected

if TYPE_CHECKING:
    from bench.measure import Browser

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS, WARM_UP = 40, 5
GOAL, GROWTH = 1.8, 1.3


def main(sizes: list[int]) -> int:
    """Write, measure, say it; 1 when a goal is missed."""
    for named in ("DATABASE_URL", "REDIS_URL", "DEBUG"):
        os.environ.pop(named, None)
    os.environ["VAR_DIR"] = str(embedded.var_dir() / "bench-search")
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    try:
        with static_files_collected():
            embedded.wipe()
            embedded.up()
        return _measure(sizes)
    finally:
        embedded.down(only_started_here=True)


def _measure(sizes: list[int]) -> int:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    from bench import crowd
    from bench.data import desk
    from bench.measure import Browser

    house = desk(customers=1500, tickets=2000)
    browser = Browser(house.session)
    medians: dict[str, list[float]] = {}
    missed = False
    for size in sizes:
        crowd.write(size)
        print(f"── {size:,} tickets", flush=True)  # noqa: T201
        listed = times(partial(browser.get, "/?view=all"))
        print(_line("list of all", listed), flush=True)  # noqa: T201
        for name, question in questions().items():
            found, hits = times(partial(browser.get, f"/search/?q={question}")), _shown(browser, question)
            ratio = p95(found) / p95(listed)
            missed |= ratio > GOAL
            medians.setdefault(name, []).append(statistics.median(found))
            print(_line(name, found) + f"   {ratio:5.2f} × p95 of the list, {hits} shown", flush=True)  # noqa: T201
    for name, values in medians.items():
        growth = values[-1] / values[0]
        missed |= growth > GROWTH
        print(f"{name:<28} {growth:.2f} × from {sizes[0]:,} to {sizes[-1]:,} (median)", flush=True)  # noqa: T201
    return int(missed)


def questions() -> dict[str, str]:
    """What is searched for, by what is told of it; the words are those of `bench.crowd`."""
    from bench.crowd import word
    from tickets.models import Ticket

    common, known, seldom, rare = (word(number) for number in (1, 12, 1000, 30_000))
    one = Ticket.objects.filter(key__startswith="more:").latest("id")
    return {
        "in almost every ticket": common,
        "in every fourth": known,
        "in one of three hundred": seldom,
        "in one of ten thousand": rare,
        "in one ticket": f"unik{one.pk}",
        "two common words": f"{common}+{known}",
        "common and rare": f"{common}+{rare}",
        "common, of a tier, open": f"{known}+tier:gold+is:open",
        "rare, mine": f"{seldom}+is:mine",
        "a name": "maria+rossi",
        "common, of one person": f"{common}+from:%22maria+rossi+7%22",
        "no such word": "xyzzy",
    }


def times(page: Callable[[], object]) -> list[float]:
    """Milliseconds of processor time of each of the requests, the database's included: busy neighbours hardly count."""
    from bench.measure import _database_ns

    taken: list[float] = []
    for number in range(ROUNDS + WARM_UP):
        database, application = _database_ns(), time.process_time_ns()
        page()
        used = time.process_time_ns() - application + _database_ns() - database
        if number >= WARM_UP:
            taken.append(used / 1e6)
    return taken


def p95(taken: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(taken, n=20)[-1]


def _line(name: str, taken: list[float]) -> str:
    return f"{name:<28} median {statistics.median(taken):7.1f} ms   p95 {p95(taken):7.1f} ms"


def _shown(browser: Browser, question: str) -> int:
    return browser.get(f"/search/?q={question}").count('data-ticket="')


if __name__ == "__main__":
    sys.exit(main([int(size) for size in sys.argv[1:]] or list(SIZES)))
