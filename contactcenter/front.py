"""The demo's one port: `/live/` goes to the stream, everything else to the pages, which run in threads."""

from __future__ import annotations

from a2wsgi import WSGIMiddleware

from contactcenter import asgi, wsgi
from contactcenter.asgi import Receive, Scope, Send

_pages = WSGIMiddleware(wsgi.application, workers=8)  # type: ignore[arg-type] # theirs are narrower


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One request of a browser, or the start and the end of the process."""
    if scope["type"] == "lifespan" or scope["path"].startswith("/live/"):
        await asgi.application(scope, receive, send)
    else:
        await _pages(scope, receive, send)  # type: ignore[arg-type]
