"""What a page may weigh and how still it stands, on the fullest ticket of the demo; what Lighthouse says of it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count
from django.test import Client
from playwright.sync_api import Page, Playwright, expect

from agents.models import Agent
from contactcenter.demo import people
from desk.queue import PAGE as LISTED
from tests import lighthouse
from tests.browser.test_demo_script import demo_house, sign_in  # noqa: F401  a fixture
from tests.desk.crowds import crowd
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

KB = 1000
DIGEST = re.compile(r"\.[0-9a-f]{12}\.")
TICKET, QUEUE, SCRIPTS, STYLES, PAGE = 60 * KB, 40 * KB, 60 * KB, 25 * KB, 150 * KB
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      const who = entry.sources.map(({ node }) => node?.id || node?.className || node?.nodeName);
      window.shifts.push({ value: entry.value, who: who.join(", ") });
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.fixture
def ana(demo_house: House) -> Agent:  # noqa: F811
    return Agent.objects.get(email=people.PEOPLE["ana"].email)


@pytest.fixture
def fullest(ana: Agent) -> Ticket:
    """The ticket in which most was said and done."""
    said = Ticket.objects.visible_to(ana).annotate(
        n=Count("messages", distinct=True) + Count("events", distinct=True)
    )
    ticket: Ticket = said.select_related("brand").order_by("-n", "pk")[0]
    return ticket


@pytest.fixture
def desk(ana: Agent) -> Client:
    client = Client()
    client.force_login(ana)
    return client


@pytest.fixture
def named_as_in_production(settings: Any, tmp_path: Path) -> Path:
    """Where the static files lie under the names that pages of production call them by: each bears a digest."""
    settings.STATIC_ROOT = tmp_path
    kept = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": kept}
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def weight_of(pattern: str, html: str, root: Path) -> int:
    """Bytes of the files that a page names, compressed as a proxy does it."""
    names = re.findall(pattern, html)
    assert names
    assert all(DIGEST.search(name) for name in names)
    files = [root / name.removeprefix("/static/") for name in names]
    return sum(len(gzip.compress(file.read_bytes(), 6)) for file in files)


def test_the_pages_keep_to_their_weight(
    desk: Client, fullest: Ticket, ana: Agent, named_as_in_production: Path
) -> None:
    root = named_as_in_production
    ticket = desk.get(f"/tickets/{fullest.reference}/").content
    queues = [desk.get("/?view=all").content]
    crowd(fullest.queue, fullest.customer_id, 100, agent=ana)
    queues.append(desk.get("/?view=all").content)
    assert [queue.count(b'class="d-pick"') for queue in queues] == [LISTED, LISTED]
    queue = max(queues, key=len)
    scripts = weight_of(r'<script src="([^"]+)"', ticket.decode(), root)
    styles = weight_of(r'rel="stylesheet" href="([^"]+)"', ticket.decode(), root)
    whole = len(gzip.compress(ticket, 6)) + scripts + styles
    told = {
        "ticket": (len(ticket), TICKET),
        "queue": (len(queue), QUEUE),
        "scripts": (scripts, SCRIPTS),
        "styles": (styles, STYLES),
        "page": (whole, PAGE),
    }
    assert {name: pair for name, pair in told.items() if pair[0] > pair[1]} == {}


def moved(page: Page) -> float:
    shifts: list[dict[str, Any]] = page.evaluate("() => window.shifts")
    return sum(shift["value"] for shift in shifts)


def test_nothing_jumps_while_a_ticket_is_opened_polled_and_answered(
    demo_house: House,  # noqa: F811
    page: Page,
    fullest: Ticket,
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.add_init_script(f"({SHIFTS})()")
    sign_in(page, demo_house, "ana")
    page.goto(f"{demo_house.url}/?view=all")
    page.locator("#queue .d-row").first.click()
    expect(page.locator("#head")).to_be_visible()
    page.goto(f"{demo_house.url}/tickets/{fullest.reference}/")
    expect(page.locator("#thread")).to_be_visible()
    page.wait_for_timeout(9_000)  # the thread has asked for news
    page.locator("textarea[name=text]").fill("We have found it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thread")).to_contain_text("We have found it.")
    page.wait_for_timeout(1_000)
    assert moved(page) <= 0.02, page.evaluate("() => window.shifts")


def test_control_a_page_that_jumps_is_seen(demo_house: House, page: Page) -> None:  # noqa: F811
    page.add_init_script(f"({SHIFTS})()")
    page.goto(demo_house.url)
    page.wait_for_timeout(300)
    page.evaluate("""() => { const p = document.createElement("p"); p.textContent = "x\\n".repeat(9);
        p.style.height = "300px"; document.querySelector("main").prepend(p); }""")
    page.wait_for_timeout(300)
    assert moved(page) > 0.02


def test_lighthouse_finds_nothing_to_mend_on_the_ticket_page(
    demo_house: House,  # noqa: F811
    desk: Client,
    fullest: Ticket,
    playwright: Playwright,
) -> None:
    if not lighthouse.is_there():
        pytest.skip("Node is not installed: Lighthouse was not asked")
    given, costs = lighthouse.scores(
        f"{demo_house.url}/tickets/{fullest.reference}/",
        playwright=playwright,
        session=desk.cookies["sessionid"].value,
        categories=("accessibility", "best-practices"),
    )
    assert given == {"accessibility": 100, "best-practices": 100}, costs
