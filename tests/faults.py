"""What a browser says against our pages: violations of the policy, errors of the console and of scripts, requests that
leave the house. Every browser test fails on them, whatever contexts it opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, WebError

HOME = ("127.0.0.1", "localhost", "")
# The browser's own note of an answer that a test may well want: a refusal, a page that is not there, a line that is
# cut. A file of ours that is missing is no such answer.
ANSWERED = re.compile(
    r"Failed to load resource: the server responded with a status of 4(01|03|04|09|10|22|29)\b"
)
CUT = re.compile(
    r"(Failed to load resource: )?.*net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE"
    r"|ABORTED|FAILED|NETWORK_CHANGED|INCOMPLETE_CHUNKED_ENCODING|NETWORK_IO_SUSPENDED)"
    r"|htmx:(afterRequest|sendError|sendAbort|timeout)\b"  # what htmx notes of the same
)


@dataclass
class Faults:
    """What was said since the test began. `allowed` are patterns of what the test itself brings about."""

    found: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def left(self) -> list[str]:
        """The faults that the test did not announce."""
        return [fault for fault in self.found if not any(re.search(one, fault) for one in self.allowed)]

    def listen(self, context: BrowserContext) -> None:
        """Hear all pages of a context, those to come too."""
        context.on("console", self._said)
        context.on("weberror", self._thrown)
        context.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        is_note = bool(ANSWERED.match(message.text)) and "/static/" not in place
        if message.type == "error" and not is_note and not CUT.match(message.text):
            self.found.append(f"console at {place}: {message.text}")

    def _thrown(self, error: WebError) -> None:
        self.found.append(f"script: {error.error}")

    def _asked(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme in ("http", "https", "ws", "wss") and where.hostname not in HOME:
            self.found.append(f"asked elsewhere: {request.url}")


@contextmanager
def heard() -> Iterator[Faults]:
    """Hear every context that any browser opens meanwhile."""
    faults = Faults()
    opens = Browser.new_context

    def new_context(self: Browser, *args: Any, **kwargs: Any) -> BrowserContext:
        context = opens(self, *args, **kwargs)
        faults.listen(context)
        return context

    def new_page(self: Browser, *args: Any, **kwargs: Any) -> Any:
        return new_context(self, *args, **kwargs).new_page()

    page_of_its_own = Browser.new_page
    Browser.new_context, Browser.new_page = new_context, new_page  # type: ignore[method-assign,assignment]
    try:
        yield faults
    finally:
        Browser.new_context, Browser.new_page = opens, page_of_its_own  # type: ignore[method-assign]
