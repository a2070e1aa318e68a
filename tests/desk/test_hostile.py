"""Text of strangers on our pages, and addresses nobody of us wrote."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import goodwill.services
from agents.models import Agent, Brand
from callbacks.models import Callback
from contactcenter.paging import pack
from customers.models import ContactPoint, Customer
from desk.templatetags.desk import phone
from goodwill.models import Reason
from tests import make
from tests.desk.conftest import attach, signed_in
from tests.desk.deeds import post, say, thread_now
from tickets import services
from tickets.models import Queue, Ticket

SCRIPT = "<script>alert(1)</script>"
QUOTES = "\"'><img src=x onerror=alert(1)>"
TURNED = "\u202eevil\u2066 &amp; <b>"
DIGITS = "9" * 5000


@pytest.fixture
def hostile(brand: Brand, settings: Any, tmp_path: Any) -> Ticket:
    """A ticket in which everything that somebody can write is hostile."""
    settings.MEDIA_ROOT = tmp_path
    make.make_programme(brand=brand)
    customer = make.make_member(
        brand=brand, name=QUOTES + SCRIPT, points=700, city=SCRIPT, phone="+493012345678"
    )
    ContactPoint.objects.filter(customer=customer, kind="mail").update(value=f"{QUOTES}@mail.example")
    queue = make.make_queue(brand=brand, name=f"Q{SCRIPT}")
    ticket = make.make_ticket(
        customer=customer, queue=queue, subject=SCRIPT + QUOTES, text=SCRIPT + QUOTES + TURNED
    )
    agent = make.make_agent(brands=[brand], name=f"A{SCRIPT} {QUOTES}")
    reason = make.make_reason(brand=brand, label=SCRIPT, sentence=f"{SCRIPT}{QUOTES} {{points}}")
    goodwill.services.grant(ticket, 100, by=agent, reason=reason, key="g")
    services.note(ticket, SCRIPT + QUOTES, by=agent, key="n")
    services.assign(ticket, agent, by=agent)
    make.hear(ticket, f"Thanks\n\n> {SCRIPT}{QUOTES}", sender=f"{QUOTES}@x.example")
    make.make_callback(ticket=ticket, by=agent, reason=SCRIPT + QUOTES)
    attach(ticket, SCRIPT + QUOTES, b"x")
    return Ticket.objects.select_related("brand", "assignee", "customer").get(pk=ticket.pk)


def test_whatever_a_stranger_writes_is_shown_as_text_on_every_page(hostile: Ticket) -> None:
    desk = signed_in(hostile.assignee)
    callback = Callback.objects.get()
    reference = hostile.reference
    pages = [
        "/", "/?view=all", "/queue/?view=all", "/callbacks/", f"/callbacks/{callback.pk}/",
        *(f"/tickets/{reference}/{part}" for part in (
            "", "thread/", "customer/", "timeline/", "goodwill/", "goodwill/effect/", "callback/",
        )),
        f"/callbacks/{callback.pk}/windows/", f"/entries/{hostile.customer.account.entries.latest('pk').pk}/why/",
    ]  # fmt: skip
    told = 0
    for page in pages:
        answer = desk.get(page)
        assert answer.status_code == 200, page
        content = answer.content.decode()
        assert "<script>alert" not in content, page
        assert "<img src=x" not in content, page
        told += "&lt;script&gt;alert(1)" in content
    assert told >= 10


def test_a_refusal_names_a_hostile_customer_as_text(hostile: Ticket, agent: Agent) -> None:
    answer = say(signed_in(agent), hostile, seen=0)
    content = answer.content.decode()
    assert answer.status_code == 409
    assert "<script>" not in content
    assert "<img" not in content
    assert "wrote again while you were writing" in content


def test_the_words_of_a_prompt_stay_inside_their_attribute(hostile: Ticket, agent: Agent) -> None:
    content = signed_in(agent).get(f"/tickets/{hostile.reference}/customer/").content.decode()
    assert 'data-insert="&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&gt;&lt;img' in content


LINKS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://x.example/%0aalert(1)", "data:text/html,<b>",
    "vbscript:x", 'www.x.example/" onmouseover="alert(1)', "http://x.example/'><script>", "http://[::1",
    "javascript:alert(1)//http://x.example", "mailto:javascript:x@y.example", "http://\u202ex.example",
    "https://x.example/" + "a" * 20_000,
]  # fmt: skip
NOWHERE = [
    "/tickets/%00-1/", "/tickets/FF%00-1/", "/tickets/FF-%00/", "/tickets/FF-0/", "/tickets/FF--1/", "/tickets/-/",
    f"/tickets/FF-{10**30}/", f"/tickets/FF-{DIGITS}/", "/tickets/FF-٣/", "/tickets/%ED%A0%80-1/",
    "/tickets/%FF-1/", "/tickets/FF-2147483648/", "/tickets/FF-999999999/", f"/tickets/{'F' * 5000}-1/",
    "/tickets/FF-1'--/", f"/files/{10**30}/", f"/files/{DIGITS}/", "/files/-1/", "/files/0/",
    f"/entries/{10**30}/why/", f"/entries/{2**63}/why/", f"/entries/{2**63 - 1}/why/", f"/callbacks/{10**30}/",
    f"/callbacks/{DIGITS}/windows/", f"/callbacks/{2**63}/windows/",
]  # fmt: skip
QUEUES = [
    "view=abc", "view=%00", "queue=abc", "queue=-1", f"queue={10**30}", f"queue={DIGITS}", "queue=%00",
    "queue=%ED%A0%80", "after=x", "after=%00", "after=a:b:c", "after=%FF", f"after={DIGITS}", "current=%00",
    "current=<script>alert", "view=all&after=" + "a" * 9000,
]  # fmt: skip
THREADS = [
    "before=0", "before=1", "before=2", "before=999", f"before={10**30}", f"before={DIGITS}", "before=-1",
    "before=x", "before=٣", "version=%00", "version=x", f"version={DIGITS}", "read=1", "before=%00",
]  # fmt: skip
TIMELINES = ["only=x", "only=%00", "after=x", "after=%00", f"after={DIGITS}", "only=entry&after=%FF"]


def test_no_link_in_a_message_runs_anything(desk: Client, member: Customer, queue: Queue) -> None:
    ticket = make.make_ticket(customer=member, queue=queue, text=SCRIPT)
    for text in LINKS:
        make.hear(ticket, text)
    content = desk.get(f"/tickets/{ticket.reference}/thread/").content.decode()
    found = [link for link in content.split("<a ")[1:] if 'rel="nofollow"' in link]
    assert len(found) >= 2  # the two that are addresses
    for link in found:
        target = link.split('href="')[1].split('"')[0]
        assert target.startswith(("http://", "https://", "mailto:")), target
        assert "onmouseover" not in link.split(">")[0].replace(target, "")


def test_an_address_that_names_nothing_is_not_there(desk: Client, brand: Brand) -> None:
    for address in NOWHERE:
        assert desk.get(address).status_code == 404, address
    for pk in (10**30, 2**63, 2**63 - 1, 0):
        assert post(desk, "outcome", pk, "done", key="o").status_code == 404, pk


def test_a_page_asked_for_in_an_odd_way_is_still_that_page(desk: Client, ticket: Ticket) -> None:
    odd = [f"{page}?{query}" for page in ("/", "/queue/") for query in QUEUES]
    odd += [f"/tickets/{ticket.reference}/thread/?{query}" for query in THREADS]
    odd += [f"/tickets/{ticket.reference}/timeline/?{query}" for query in TIMELINES]
    for address in odd:
        answer = desk.get(address)
        assert answer.status_code == 200, address
        assert "<script>alert" not in answer.content.decode(), address


def test_earlier_messages_come_page_by_page_with_every_deed_once(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    for number in range(120):
        make.hear(ticket, f"word {number}")
        if number % 10 == 0:
            services.assign(ticket, agent if number % 20 else None, by=agent)
            services.assign(ticket, None if number % 20 else agent, by=agent)
    page = thread_now(ticket)
    items = list(page.items)
    while page.earlier:
        page = thread_now(ticket, before=page.earlier)
        items = page.items + items
    said = [item.message.seq for item in items if item.message]
    assert said == list(range(1, 122))
    done = [item.event.pk for item in items if item.event]
    assert len(done) == len(set(done)) == ticket.events.exclude(kind="opened").count()
    assert [item.at for item in items] == sorted(item.at for item in items)
    assert thread_now(ticket, before=0).items == thread_now(ticket, before=1).items == []


def test_a_cursor_of_the_queue_is_none_of_the_timeline_and_the_other_way_round(
    desk: Client, ticket: Ticket
) -> None:
    assert (
        desk.get(f"/tickets/{ticket.reference}/timeline/", {"after": pack("due", None, 1)}).status_code == 200
    )
    assert desk.get("/queue/", {"after": pack("timeline", ticket.opened_at, 1, 1)}).status_code == 200


def test_a_number_that_is_none_is_shown_as_it_is() -> None:
    assert phone("no number") == "no number"
    assert phone("+39347555014") == "+39 347 555 014"


def test_the_reason_may_be_hostile_too(desk: Client, ticket: Ticket, late_parcel: Reason) -> None:
    Reason.objects.filter(pk=late_parcel.pk).update(label=SCRIPT, sentence=SCRIPT)
    for points in ("-1", "x", DIGITS):
        answer = desk.get(f"/tickets/{ticket.reference}/goodwill/effect/", {"points": points})
        assert "&lt;script&gt;" in answer.content.decode()
        assert "<script>" not in answer.content.decode()
