"""What Lighthouse says of the fullest ticket of the demo as a browser is handed it, the median of three visits."""

from __future__ import annotations

import statistics
import sys

from playwright.sync_api import sync_playwright

from bench.figures import Figure
from tests import chromium, lighthouse
from tests.running import demo, sign_in

WHO = "ana@fjordandfinch.example"
GOAL, VISITS = 95, 3


def run() -> list[Figure]:
    """Performance of the ticket page, of 100; nothing, said in a line, where Node is not installed."""
    if not lighthouse.is_there():
        sys.stderr.write("Lighthouse was not asked: Node is not installed.\n")
        return []
    with demo() as (url, samples), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find() or None, args=[*chromium.FLAGS])
        page = browser.new_page()
        sign_in(page, url, WHO, samples["passwords"][WHO])
        (session,) = (one["value"] for one in page.context.cookies() if one["name"] == "sessionid")
        browser.close()
        given: list[int] = []
        costs: list[str] = []
        for _ in range(VISITS):
            marks, costs = lighthouse.scores(
                f"{url}/tickets/{samples['ticket']['reference']}/",
                playwright=playwright,
                session=session,
                categories=("performance",),
            )
            given.append(marks["performance"])
    return [
        Figure(
            "ticket page, Lighthouse", "of 100", value=statistics.median(given), reference=GOAL,
            ratio=statistics.median(given) / GOAL, goal=1.0, reach=1.0, at_least=True,
            spread=(min(given) / GOAL, max(given) / GOAL), detail="; ".join(cost[:200] for cost in costs),
        )
    ]  # fmt: skip
