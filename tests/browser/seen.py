"""What a page looks like, measured: what stands out of it, what is too small to hit, what cannot be told apart."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

OUTSIDE = """() => {
  const found = [], width = innerWidth, name = (one) => `${one.tagName}.${one.className} #${one.id}`;
  if (document.documentElement.scrollWidth > width) found.push(`page ${document.documentElement.scrollWidth}`);
  const isCut = (one) => {
    for (let up = one.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflowX === "visible") continue;
      const box = up.getBoundingClientRect();
      if (box.right <= width + 1 && box.left >= -1) return true;
    }
    return false;
  };
  for (const one of document.body.querySelectorAll("*")) {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.closest(".sr, .d-skip, svg")) continue;
    const box = one.getBoundingClientRect();
    if (box.width && box.height && (box.right > width + 1 || box.left < -1) && !isCut(one)) found.push(name(one));
  }
  for (const one of document.querySelectorAll(".d-pane, .d-scroll, .d-props, .d-foot, .d-composer, .d-top, .d-menu")) {
    if (one.checkVisibility() && one.scrollWidth > one.clientWidth + 1) found.push(`sideways ${name(one)}`);
  }
  return found;
}"""
# What a finger hits: the thing itself, or what lies around it for the finger (`::before` in button.css).
SMALL = """([chosen, least]) => {
  const reach = (one) => {
    const box = one.getBoundingClientRect(), around = getComputedStyle(one, "::before");
    const more = around.position === "absolute" && around.content !== "none";
    const side = (length) => (more ? parseFloat(length) || 0 : 0);
    return [Math.max(box.width, side(around.width)), Math.max(box.height, side(around.height))];
  };
  const found = [];
  for (const one of document.querySelectorAll(chosen)) {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.closest(".sr, .d-skip") || one.disabled) continue;
    const sides = reach(one);
    if (sides[0] && Math.min(...sides) < least - 0.5) {
      const words = one.textContent.trim().slice(0, 20);
      found.push(`${one.tagName}.${one.className} #${one.id} ${words} ${sides.map(Math.round)}`);
    }
  }
  return found;
}"""


def outside(page: Page) -> list[str]:
    """What stands out of the window, and panes that would have to be moved sideways; nothing, as it should be."""
    found: list[str] = page.evaluate(OUTSIDE)
    return found


def small(page: Page, chosen: str, least: int) -> list[str]:
    """Which of the `chosen` (a selector) a finger would find smaller than `least` pixels, in either direction."""
    found: list[str] = page.evaluate(SMALL, [chosen, least])
    return found


def style(page: Page, chosen: str, name: str, part: str = "") -> Any:
    """The computed style of the first of the `chosen`."""
    return page.locator(chosen).first.evaluate(
        "(one, [name, part]) => getComputedStyle(one, part || null).getPropertyValue(name)", [name, part]
    )
