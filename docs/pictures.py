"""`make pictures`: every picture of README and docs, taken anew from a demo of its own, under fixed names and sizes.

`DESK_URL` names a demo that runs already. Times and ages differ with the hour: the demo's story is told up to now.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium
from tests.running import demo, sign_in

REPOSITORY = Path(__file__).resolve().parents[1]
MADE = REPOSITORY / "docs" / "img"
DESK, PHONE, FAR = (1440, 900), (390, 844), (1920, 1080)
COLOURS = 256


@dataclass(frozen=True)
class Picture:
    """A picture by name: of what is shown to `who` (a login of the demo; "" for a visitor) after `go`."""

    name: str
    who: str
    go: Callable[[Page, str, dict[str, Any]], None]
    size: tuple[int, int] = DESK
    dark: bool = False


def ticket(page: Page, url: str, samples: dict[str, Any]) -> None:
    page.goto(f"{url}/tickets/{samples['ticket']['reference']}/?view=all")
    page.locator("#thread .d-msg").last.wait_for()
    words = page.locator("#composer textarea")
    if words.input_value():  # a draft of an earlier picture
        words.fill("")
        words.blur()  # else the keys that follow are words again
        page.wait_for_timeout(2000)


def panel(key: str, within: str) -> Callable[[Page, str, dict[str, Any]], None]:
    def go(page: Page, url: str, samples: dict[str, Any]) -> None:
        ticket(page, url, samples)
        page.keyboard.press(key)
        page.locator(within).first.wait_for()

    return go


def over_the_limit(page: Page, url: str, samples: dict[str, Any]) -> None:
    panel("g", "#customer .d-panel")(page, url, samples)
    page.locator("#customer input[name=points]").fill("400")
    page.locator("#effect-over, #customer .d-tell").first.wait_for()


def refused(page: Page, url: str, samples: dict[str, Any]) -> None:
    """A reply to a conversation that went on meanwhile: nothing is written, for the service refuses it."""
    ticket(page, url, samples)
    page.keyboard.press("r")
    page.locator("#composer textarea").fill("It is on its way again, and should be with you on Thursday.")
    page.locator("#seen").evaluate("(field) => { field.value = 1; }")
    page.keyboard.press("Control+Enter")
    page.locator(".d-refusal").wait_for()


def macros(page: Page, url: str, samples: dict[str, Any]) -> None:
    ticket(page, url, samples)
    page.keyboard.press("r")
    page.keyboard.type("/")
    page.locator("#macro-names :is(button, a, label)").first.wait_for()


def address(path: str, shown: str) -> Callable[[Page, str, dict[str, Any]], None]:
    def go(page: Page, url: str, samples: dict[str, Any]) -> None:
        page.goto(url + path)
        page.locator(shown).first.wait_for()

    return go


def customer(page: Page, url: str, samples: dict[str, Any]) -> None:
    ticket(page, url, samples)
    page.locator('.d-bottom a[href="#customer"]').click()


ANA, RUTH, HOME = "ana@fjordandfinch.example", "ruth@fjordandfinch.example", "#queue .d-row"
WALL = address("/wall/", "#wall-lines tbody tr")
SHOWN: dict[str, tuple[str, Callable[[Page, str, dict[str, Any]], None]]] = {
    "ticket": (ANA, ticket),
    "goodwill": (ANA, panel("g", "#customer .d-panel")),
    "over": (ANA, over_the_limit),
    "refusal": (ANA, refused),
    "redeem": (ANA, panel("d", "#customer .d-panel")),
    "promise": (ANA, panel("b", "#customer .d-panel")),
    "macros": (ANA, macros),
    "callbacks": (ANA, address("/callbacks/", "#conversation .d-head")),
    "empty": (ANA, address("/?view=mine", HOME)),
    "wall": (RUTH, WALL),
    "sign-in": ("", address("/accounts/sign-in/", "form")),
}
PICTURES = [
    Picture(f"{name}-{'dark' if dark else 'light'}", who, go, dark=dark)
    for name, (who, go) in SHOWN.items()
    for dark in (False, True)
] + [
    Picture("phone-queue", ANA, address("/?view=all", HOME), PHONE),
    Picture("phone-ticket", ANA, ticket, PHONE),
    Picture("phone-customer", ANA, customer, PHONE),
    Picture("phone-ticket-dark", ANA, ticket, PHONE, dark=True),
    Picture("phone-wall", RUTH, WALL, PHONE),
    Picture("wall-far", RUTH, WALL, FAR, dark=True),
    # Of the README.
    Picture("desk-light", ANA, ticket),
    Picture("desk-dark", ANA, panel("g", "#customer .d-panel"), dark=True),
    Picture("phone", ANA, customer, PHONE),
]


def main() -> None:
    """Take them all, or those whose names are given."""
    wanted = sys.argv[1:]
    MADE.mkdir(parents=True, exist_ok=True)
    with demo() as (url, samples), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find() or None, args=[*chromium.FLAGS])
        states: dict[str, Any] = {}
        for picture in PICTURES:
            if wanted and picture.name not in wanted:
                continue
            take(browser, picture, url, samples, states)
            sys.stdout.write(f"docs/img/{picture.name}.png\n")
        browser.close()


def take(
    browser: Browser, picture: Picture, url: str, samples: dict[str, Any], states: dict[str, Any]
) -> None:
    """One picture into docs/img, of few colours so that it stays small; who signs in does so once."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        storage_state=states.get(picture.who),
    )
    page = context.new_page()
    if picture.who and picture.who not in states:
        sign_in(page, url, picture.who, samples["passwords"][picture.who])
        states[picture.who] = context.storage_state()
    picture.go(page, url, samples)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(600)  # counters, presence and the first polls
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        MADE / f"{picture.name}.png", optimize=True
    )
    context.close()


if __name__ == "__main__":
    main()
