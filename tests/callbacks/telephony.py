"""A telephone service with Twilio's interface, of the test's own: it keeps its calls and answers for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from agents.models import Agent
from callbacks.models import Callback, CallbackPolicy, Line
from callbacks.services import accept, claim_due
from tests import make

ACCOUNT, TOKEN, OURS = "AC0123456789", "s3cret-token", "+4930900100"
AGENT, CUSTOMER = "+4930111222", "+493012345678"


class Service:
    """`becomes` says how its newest call stands; `fails_with` lets it answer so, whatever it is asked."""

    def __init__(self, server: HTTPServer) -> None:
        self.placed: list[dict[str, list[str]]] = []
        self.ended: list[str] = []
        self.asked = 0
        self.agents, self.customers, self.seconds = "queued", "", ""
        self.fails_with = 0
        self.meanwhile: Callable[[], Any] = lambda: None
        calls = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
        server.expect_request(f"{calls}.json", method="POST").respond_with_handler(self._place)
        server.expect_request(f"{calls}.json", method="GET").respond_with_handler(self._children)
        for number in range(1, 200):
            one = server.expect_request(f"{calls}/{sid(number)}.json")
            one.respond_with_handler(self._one)

    def becomes(self, agents: str, customers: str = "", seconds: str = "") -> None:
        self.agents, self.customers, self.seconds = agents, customers, seconds

    def _place(self, request: Request) -> Response:
        self.placed.append(parse_qs(request.get_data(as_text=True)))
        name = sid(len(self.placed))
        return self._answer({"sid": name, "status": self.agents}, status=201)

    def _one(self, request: Request) -> Response:
        name = request.path.rpartition("/")[2].removesuffix(".json")
        if request.method == "POST":
            self.ended.append(name)
        else:
            self.asked += 1
        known = name in {sid(number + 1) for number in range(len(self.placed))}
        return self._answer({"sid": name, "status": self.agents}, status=200 if known else 404)

    def _children(self, _request: Request) -> Response:
        child = {"sid": "CA0", "status": self.customers, "duration": self.seconds or None}
        return self._answer({"calls": [child] if self.customers else []})

    def _answer(self, content: Any, status: int = 200) -> Response:
        self.meanwhile()
        return Response(json.dumps(content), status=self.fails_with or status)


def sid(number: int) -> str:
    """The service's name for the call it placed as its `number`th."""
    return f"CA{number:032d}"


def event(status: str, *, number: int = 1, of_customer: bool = True, seconds: str = "") -> dict[str, str]:
    """A status event of a call, as the service posts it."""
    own = {"CallSid": "CA0" if of_customer else sid(number), "CallStatus": status, "AccountSid": ACCOUNT}
    more = {"ParentCallSid": sid(number)} if of_customer else {}
    return own | more | ({"CallDuration": seconds} if seconds else {})


def set_up(settings: Any, server: HTTPServer) -> Service:
    """Let the settings name a service of our own."""
    settings.VOICE_REST = server.url_for("").rstrip("/")
    settings.VOICE_REST_ACCOUNT, settings.VOICE_REST_TOKEN, settings.VOICE_FROM = ACCOUNT, TOKEN, OURS
    return Service(server)


def dials_by(callback: Callback, kind: str, *, line: str = AGENT) -> None:
    """Let the brand dial by `kind`, and everybody's owner have a line (none where `line` is empty)."""
    CallbackPolicy.objects.update_or_create(brand=callback.brand, defaults={"dialler": kind})
    if line and callback.owner:
        Line.objects.update_or_create(agent=callback.owner, defaults={"address": line})


def make_accepted(by: Agent | None = None, kinds: Sequence[str] = (), **fields: Any) -> Callback:
    """A call that is due now and was accepted by its owner."""
    callback = make.make_callback(by=by, **fields)
    opened = callback.window_from
    Callback.objects.filter(pk=callback.pk).update(look_at=opened)
    claim_due(at=opened)
    assert callback.owner
    return accept(Callback.objects.get(pk=callback.pk), by=callback.owner, at=opened)
