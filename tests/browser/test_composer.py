"""The composer in a real browser: drafts that outlive it, undo, an hour that is chosen, files, a colleague's draft."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import tickets.services
from agents.models import Agent, Brand
from tests import databases, make
from tests.browser.test_main_job import PASSWORD, ana, brand, eventually, mails_to, sign_in  # noqa: F401  fixtures
from tests.house import House, open_house
from tickets.models import Attachment, Draft, Message, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

UNDO_SECONDS = 10
DROP = """([field, name, kind, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: kind }));
  const how = { bubbles: true, cancelable: true };
  const event = field === "paste"
    ? new ClipboardEvent("paste", { ...how, clipboardData: transfer })
    : new DragEvent("drop", { ...how, dataTransfer: transfer });
  document.querySelector("#composer textarea").dispatchEvent(event);
}"""


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch, own_db: str) -> Iterator[House]:
    """The house with the seconds in which a reply can be undone, as it really runs."""
    monkeypatch.setenv("UNDO_SEND_SECONDS", str(UNDO_SECONDS))
    with open_house(databases.url_of(own_db)) as opened:
        yield opened


@pytest.fixture
def ticket(brand: Brand) -> Ticket:  # noqa: F811
    customer = make.make_customer(brand=brand, name="Nora Nilsen", mail="nora@posteo.example")
    return make.make_ticket(customer=customer, queue=make.make_queue(brand=brand))


@pytest.fixture
def another(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Pages of other browsers that know nothing of the first."""
    opened: list[Any] = []

    def page() -> Page:
        opened.append(browser.new_context())
        found: Page = opened[-1].new_page()
        return found

    yield page
    for context in opened:
        context.close()


def at(page: Page, house: House, ticket: Ticket) -> Page:
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    expect(page.locator("#composer textarea")).to_be_visible()
    return page


@pytest.fixture
def page(page: Page, house: House, ana: Agent, ticket: Ticket) -> Page:  # noqa: F811
    """Ana's browser with the ticket open."""
    sign_in(page, house, ana)
    return at(page, house, ticket)


def drop(page: Page, way: str, name: str, kind: str, content: bytes) -> None:
    page.evaluate(DROP, [way, name, kind, base64.b64encode(content).decode()])


def test_a_draft_is_there_after_a_reload_on_another_machine_and_seen_by_a_colleague(
    house: House,
    page: Page,
    another: Callable[[], Page],
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
    ticket: Ticket,
) -> None:
    page.keyboard.press("r")
    page.keyboard.type("Dear Nora, we")
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    page.keyboard.type(" are")  # and gone before it is saved
    page.reload()
    eventually(lambda: Draft.objects.filter(text="Dear Nora, we are").exists(), 5)
    expect(at(page, house, ticket).locator("#composer textarea")).to_have_value("Dear Nora, we are")

    second = another()
    sign_in(second, house, ana)
    expect(at(second, house, ticket).locator("#composer textarea")).to_have_value("Dear Nora, we are")
    second.locator("#composer textarea").fill("Changed over there")
    expect(second.locator("#draft-state")).to_have_text("Draft saved")
    page.locator("#composer textarea").fill("Changed over here")
    expect(page.locator("#composer-refusal")).to_contain_text("Changed over there")
    expect(page.locator("#composer textarea")).to_have_value("Changed over here")
    page.get_by_role("button", name="Put both together").click()
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    assert Draft.objects.get().text == "Changed over there\n\nChanged over here"

    sam = make.make_agent(brands=[brand], name="Sam Sperling", email="sam@ff.example", password=PASSWORD)
    colleague = another()
    sign_in(colleague, house, sam)
    at(colleague, house, ticket)
    expect(colleague.locator("#composer")).to_contain_text("Ana Petrova has an unsent draft.")
    colleague.get_by_role("button", name="Show it").click()
    expect(colleague.locator(".d-begun")).to_contain_text("Changed over here")
    expect(colleague.locator("#composer textarea")).to_have_value("")


def test_a_colleagues_draft_is_told_of_without_a_reload_and_after_ones_own_reply(
    house: House,
    page: Page,
    another: Callable[[], Page],
    brand: Brand,  # noqa: F811
    ticket: Ticket,
) -> None:
    sam = make.make_agent(brands=[brand], name="Sam Sperling", email="sam@ff.example", password=PASSWORD)
    expect(page.locator("html")).to_have_attribute("data-stream", "on")
    page.locator("#composer textarea").fill("Dear Nora, I")
    colleague = another()
    sign_in(colleague, house, sam)
    at(colleague, house, ticket)
    expect(colleague.locator("#composer")).to_contain_text("Ana Petrova has an unsent draft.")
    field = colleague.locator("#composer textarea")
    field.fill("Dear Nora, we")
    warning = page.locator("#composer", has_text="Sam Sperling has an unsent draft.")
    expect(warning).to_be_visible(timeout=4_000)
    expect(page.locator("#composer textarea")).to_have_value("Dear Nora, I")
    expect(page.locator("#composer textarea")).to_be_focused()

    page.keyboard.press("Control+Enter")
    expect(page.locator(".d-toast--held")).to_be_visible()
    expect(page.locator("#composer textarea")).to_have_value("")
    expect(warning).to_be_visible()
    expect(colleague.locator("#thread")).to_contain_text("goes out in a moment", timeout=4_000)
    expect(colleague.locator("#composer")).not_to_contain_text("has an unsent draft")
    expect(field).to_have_value("Dear Nora, we")

    colleague.close(run_before_unload=False)
    expect(page.locator("#head .d-looks")).to_contain_text("Sam has not sent what they wrote", timeout=5_000)
    tickets.services.save_draft(ticket, "", kind="reply", by=sam, version=1, key="gone")
    expect(warning).to_have_count(0, timeout=4_000)
    expect(page.locator("#head .d-looks")).to_be_empty(timeout=5_000)


def test_a_reply_is_undone_within_its_seconds_and_else_goes_out_once(
    house: House,
    page: Page,
    ticket: Ticket,
) -> None:
    page.keyboard.press("r")
    page.keyboard.type("Too early")
    page.keyboard.press("Control+Enter")
    toast = page.locator(".d-toast--held")
    expect(toast).to_contain_text("Sending to Nora Nilsen")
    expect(page.locator("#thread")).to_contain_text("goes out in a moment")
    expect(page.locator("#composer textarea")).to_have_value("")
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#composer textarea")).to_have_value("Too early")
    expect(toast).to_have_count(0)
    expect(page.locator("#thread .d-msg--held")).to_have_count(0)

    page.locator("#composer textarea").fill("In **good** time")
    page.keyboard.press("Control+Enter")
    expect(toast).to_be_visible()
    page.goto(house.url)  # the toast goes along
    expect(toast).to_contain_text("Sending to Nora Nilsen")
    letter = eventually(lambda: mails_to(house.mail_dir, "nora@posteo.example"), 30)[-1]
    assert letter.get_body(("plain",)).get_content().strip() == "In **good** time"
    assert "<strong>good</strong>" in letter.get_body(("html",)).get_content()
    expect(toast).to_have_count(0)
    at(page, house, ticket)
    expect(page.locator("#thread strong")).to_have_text("good")
    assert Message.objects.filter(kind="outbound").count() == 1
    assert len(mails_to(house.mail_dir, "nora@posteo.example")) == 1


def test_a_reply_is_put_off_until_tomorrow_and_cancelled(
    page: Page,
) -> None:
    page.locator("#composer textarea").fill("Good morning")
    page.get_by_label("More ways to send").click()
    page.get_by_role("button", name="Tomorrow").click()
    waiting = page.locator("#thread .d-msg--held")
    expect(waiting).to_contain_text("Good morning")
    expect(waiting).to_contain_text("goes out")
    waiting.get_by_role("button", name="Cancel").click()
    expect(page.locator("#composer textarea")).to_have_value("Good morning")
    expect(waiting).to_have_count(0)
    assert not Message.objects.filter(kind="outbound").exists()


def test_files_come_by_button_drag_and_paste_and_go_out_with_the_reply(
    house: House,
    page: Page,
) -> None:
    page.locator("#composer textarea").fill("Look: ")
    page.locator("#composer textarea").press("End")
    page.locator("[data-attach]").set_input_files(
        {"name": "label.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )
    files = page.locator("#draft-files .d-file")
    expect(files).to_have_count(1)
    drop(page, "drop", "list.csv", "text/csv", b"a;b")
    expect(files).to_have_count(2)
    drop(page, "drop", "setup.exe", "application/x-msdownload", b"MZ")
    expect(page.locator("#composer-refusal")).to_contain_text("can be run")
    drop(page, "paste", "dot.png", "image/png", make.PNG)
    expect(files).to_have_count(3)
    eventually(lambda: Attachment.objects.filter(is_inline=True).first(), 5)
    dot = Attachment.objects.get(is_inline=True)
    expect(page.locator("#composer textarea")).to_have_value(f"Look: ![dot.png](file:{dot.pk})")
    page.get_by_label("Take list.csv away").click()
    expect(files).to_have_count(2)
    page.get_by_role("button", name="Preview").click()
    picture = page.locator("#preview img")
    expect(picture).to_have_attribute("alt", "dot.png")
    eventually(lambda: picture.evaluate("picture => picture.naturalWidth") == 1, 5)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    page.reload()
    expect(files).to_have_count(2)
    page.locator("#composer textarea").press("Control+Enter")
    letter = eventually(lambda: mails_to(house.mail_dir, "nora@posteo.example"), 30)[-1]
    assert {part.get_filename() for part in letter.walk() if part.get_filename()} == {"dot.png", "label.pdf"}


def test_marks_are_put_in_by_keys_and_two_macros_stack(
    page: Page,
    brand: Brand,  # noqa: F811
    ticket: Ticket,
) -> None:
    for name in ("late", "sorry"):
        make.make_macro(
            brand=brand, title=f"It is {name}", text=f"It is {name}.", actions=[{"do": "tag", "name": name}]
        )
    field = page.locator("#composer textarea")
    field.fill("good")
    field.select_text()
    page.keyboard.press("Control+b")
    expect(field).to_have_value("**good**")
    field.fill("")
    field.type("/")
    page.locator("#macro-names button", has_text="It is late").click()
    expect(field).to_have_value("It is late.")
    page.locator("#macros summary").click()
    page.locator("#macro-names button", has_text="It is sorry").click()
    expect(field).to_have_value("It is late.\n\nIt is sorry.")
    expect(page.locator("#composer .d-macro")).to_have_count(2)
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    page.keyboard.press("Control+Enter")
    eventually(lambda: set(ticket.tagged.values_list("tag__name", flat=True)) == {"late", "sorry"}, 30)
