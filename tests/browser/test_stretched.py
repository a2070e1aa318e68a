"""Words of the interface by 40 per cent longer, on a phone, as another language has them; the wall's clocks there."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent
from tests.browser.seen import outside
from tests.browser.test_looks import phone, ruth, states_of, ticket  # noqa: F401  fixtures
from tests.browser.test_main_job import brand  # noqa: F401  a fixture
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

# Every word of three letters and more outside of what people wrote: Save is SaveSa.
STRETCH = """() => {
  const ours = `.d-btn, .d-tabs a, dt, th, h1, h2, h3, label, legend, summary, .d-chip, .d-label, .d-opt, .d-bottom a,
    .d-menu :is(a, button), .d-help, .d-group, .d-seg :is(a, button, label), .link, .small, .muted, .d-kpis__more`;
  let n = 0;
  for (const one of document.querySelectorAll(ours)) {
    const walk = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode()) {
      if (text.stretched || text.parentElement.closest("svg, .d-kbd, .d-row, [dir=auto], .d-count, .num")) continue;
      text.stretched = true;
      text.data = text.data.replace(/\\p{L}{3,}/gu, (word) => word + word.slice(0, Math.ceil(word.length * 0.4)));
      n += 1;
    }
  }
  return n;
}"""


def test_words_of_the_interface_may_be_longer_by_two_fifths(
    house: House,
    phone: Page,  # noqa: F811
    ticket: Ticket,  # noqa: F811
) -> None:
    found: dict[str, Any] = {}
    stretched = 0
    for name in states_of(phone, house, ticket):
        stretched += phone.evaluate(STRETCH)
        if out := outside(phone):
            found[name] = out[:5]
    assert found == {}
    assert stretched > 300


def test_control_a_word_that_stands_out_is_seen(house: House, phone: Page, ticket: Ticket) -> None:  # noqa: F811
    phone.goto(f"{house.url}/wall/")
    assert not outside(phone)
    phone.evaluate("() => { document.querySelector('h2').style.whiteSpace = 'nowrap'; }")
    phone.evaluate("() => { document.querySelector('h2').textContent = 'Wa'.repeat(200); }")
    assert outside(phone)


def test_the_clock_of_a_queue_is_seen_on_a_phone_without_moving_the_table(
    house: House,
    phone: Page,  # noqa: F811
    ruth: Agent,  # noqa: F811
    ticket: Ticket,  # noqa: F811
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(due_at=ticket.opened_at)
    phone.goto(f"{house.url}/wall/")
    chip = phone.locator("#wall-lines .d-sla")
    expect(chip).to_contain_text("late")
    box, seen = phone.locator("#wall-lines").bounding_box(), chip.bounding_box()
    assert box
    assert seen
    assert seen["x"] + seen["width"] <= box["x"] + box["width"]
