"""What a page may load and run, and that no page of ours asks for more: its header, and every address walked."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.isolation.test_isolation import settled, world  # noqa: F401  fixtures
from tests.isolation.walk import lines
from tests.isolation.world import World
from tickets.models import Survey, Ticket

POLICY = {
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}
LOOSE = ("unsafe-", "nonce-", "*", "http:", "https:")
RUNS = ("javascript:", "vbscript:", "data:text", "js:")
FETCHES = {
    "src",
    "srcset",
    "data",
    "poster",
    "action",
    "formaction",
    "background",
    "ping",
    "hx-get",
    "hx-post",
}


class Faults(HTMLParser):
    """What in a page the policy would refuse, or would ask somebody else."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._tag = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        for name, given in attrs:
            value = (given or "").strip()
            asks = name in FETCHES or (name == "href" and tag in ("link", "use", "image", "base"))
            runs = name == "style" or name.startswith(("on", "hx-on")) or value.lower().startswith(RUNS)
            if runs or (asks and re.match(r"(https?:)?//", value)):
                self.found.append(f"<{tag} {name}={value[:80]!r}>")
        if tag in ("style", "base", "object", "embed", "applet"):
            self.found.append(f"<{tag}>")

    def handle_endtag(self, _tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "script" and data.strip():
            self.found.append(f"<script>{data.strip()[:40]}")


def directives(answer: Any) -> set[str]:
    return {part.strip() for part in answer["Content-Security-Policy"].split(";")}


def pages(world: World) -> list[tuple[str, str, Any]]:  # noqa: F811
    """What every address outside the admin and the API answers a visitor and a supervisor, whole and as a part."""
    found = []
    for line in lines():
        own = (
            "/admin/",
            "/api/v1/",
            "/hooks/",
            "/sent/",
        )  # the last: a mail's, see tests/desk/test_signed.py
        if line.address.startswith(own) and line.address != "/api/v1/docs/":
            continue
        for who in ("visitor", "supervisor"):
            answer = world.send(who, "get", world.path(line.address), {})
            if answer.get("Content-Type", "").startswith("text/html"):
                found.append((who, line.address, answer))
    return found


def test_the_policy_of_every_page_allows_our_own_files_and_nothing_else(world: World) -> None:  # noqa: F811
    walked = pages(world)
    assert len(walked) > 90
    for who, address, answer in walked:
        assert directives(answer) == POLICY, (who, address)
        assert not any(word in answer["Content-Security-Policy"] for word in LOOSE), (who, address)


def test_no_page_holds_what_the_policy_refuses_or_asks_for_what_is_not_ours(world: World) -> None:  # noqa: F811
    wrong = [
        f"{who} {address}: {fault}"
        for who, address, answer in pages(world)
        for fault in Faults(answer.content.decode()).found
    ]
    assert wrong == []


def test_the_pages_of_signed_links_and_refusals_hold_nothing_of_it_either(
    client: Client, ticket: Ticket, desk_client: Client
) -> None:
    asked = make_asked(ticket)
    for where, visitor in [
        (f"/asked/{asked}/", client),
        ("/asked/made-up/", client),
        ("/nowhere/", client),
        (f"/tickets/{ticket.reference}/goodwill/0/withdraw/", desk_client),
    ]:
        answer = visitor.get(where)
        assert directives(answer) == POLICY, where
        assert Faults(answer.content.decode()).found == [], where


@pytest.fixture
def desk_client(agent: Any) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def make_asked(ticket: Ticket) -> str:
    """The word of a survey about the ticket."""
    from contactcenter import clock, links
    from tickets.letters import SURVEY

    now = clock.now()
    survey = Survey.objects.create(
        brand=ticket.brand, ticket=ticket, queue=ticket.queue, state="asked", resolved_at=now, asked_at=now
    )
    return links.token(SURVEY, brand=ticket.brand_id, subject=survey.pk, until=now.replace(year=now.year + 1))


def test_the_admin_alone_has_the_looser_policy(owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    for where in ("/admin/", "/admin/tickets/ticket/", "/admin/login/"):
        answer = client.get(where, follow=True)
        assert "'unsafe-eval'" in answer["Content-Security-Policy"], where
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], where
    for where in ("/", "/admin", "/administrator/", "/api/v1/docs/", "/accounts/sign-in/?next=/admin/"):
        assert "unsafe" not in client.get(where)["Content-Security-Policy"], where


def test_the_description_of_the_api_runs_our_own_files_only(owner: Any) -> None:
    client = Client()
    client.force_login(owner)
    answer = client.get("/api/v1/docs/")
    assert directives(answer) == POLICY
    assert Faults(answer.content.decode()).found == []
    assert answer.content.decode().count("<script src=") == 2


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color: red">',
        '<span class="d-meter" style="--v:9">',
        "<script>alert(1)</script>",
        "<script>\n1\n</script>",
        '<a onclick="x()">',
        '<p hx-on:click="x()">',
        '<a href="javascript:x()">',
        '<img src="https://x.example/x.gif">',
        '<link rel="stylesheet" href="//x.example/x.css">',
        '<form action="https://x.example/">',
        "<style>p {}</style>",
        '<base href="/x/">',
        '<iframe src="http://x.example/">',
    ],
)
def test_control_each_fault_is_seen(planted: str) -> None:
    assert Faults(f"<p>{planted}</p>").found


def test_control_what_is_ours_is_no_fault() -> None:
    ours = (
        f'<script src="{settings.STATIC_URL}x.js"></script><a href="https://x.example/">x</a>'
        '<img src="data:image/png,"><span data-v="9">9%</span><form action="/x/"></form>'
    )
    assert Faults(ours).found == []
