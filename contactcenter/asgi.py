"""The live stream, and nothing else: `GET /live/` for whoever is signed in, as plain ASGI.

So far it greets, keeps the line open and ends with the session; the pages still ask by themselves. A stream is a
coroutine: it holds no thread and no database connection, the session is read by a few threads for all of them.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType
from typing import Any

import django
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import Error, close_old_connections
from django.http import HttpRequest, parse_cookie

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
django.setup()

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HELLO = b"retry: 3000\nevent: hello\ndata: {}\n\n"
HEARTBEAT = b": still here\n\n"
STALLED_SECONDS = 30  # a reader who takes nothing for so long is gone
_readers = ThreadPoolExecutor(2, thread_name_prefix="session")


class House:
    """What all streams of this process share: how many there are, and whether it is time to go."""

    def __init__(self) -> None:
        self.streams = 0
        self.closing = asyncio.Event()

    def hear_signals(self) -> None:
        """End the streams when the process is told to stop: the server would first wait for them to end."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            earlier = signal.getsignal(name)

            def hear(number: int, frame: FrameType | None, earlier: Any = earlier) -> None:
                loop.call_soon_threadsafe(self.closing.set)
                if callable(earlier):
                    earlier(number, frame)

            signal.signal(name, hear)


_house = House()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request, or the start and the end of the process."""
    if scope["type"] == "lifespan":
        await _live_and_die(receive, send)
    elif scope["path"] == "/live/healthz":
        await _answer(send, 200, b"alive")
    elif scope["path"] != "/live/":
        await _answer(send, 404, b"not here")
    elif scope["method"] != "GET":
        await _answer(send, 405, b"a stream is only read", (b"allow", b"GET"))
    elif _house.streams >= settings.LIVE_MAX_STREAMS or _house.closing.is_set():
        await _answer(send, 503, b"no room now", (b"retry-after", b"5"))
    else:
        _house.streams += 1
        try:
            await _serve(scope, receive, send)
        finally:
            _house.streams -= 1


async def _live_and_die(receive: Receive, send: Send) -> None:
    while (event := await receive())["type"] == "lifespan.startup":
        _house.closing.clear()
        _house.hear_signals()
        await send({"type": "lifespan.startup.complete"})
    await send({"type": f"{event['type']}.complete"})


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Look who asks, then stream until they go, their session ends, or the process does."""
    session_key = _session_key(scope)
    try:
        known = await _is_signed_in(session_key)
    except Error:
        await _answer(send, 503, b"no database now", (b"retry-after", b"5"))
        return
    if not known:
        await _answer(send, 401, b"sign in first")
        return
    watch = [asyncio.create_task(_hung_up(receive)), asyncio.create_task(_house.closing.wait())]
    stream = asyncio.create_task(_stream(session_key, send))
    try:
        await asyncio.wait([stream, *watch], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (stream, *watch):
            task.cancel()
    with suppress(asyncio.CancelledError, TimeoutError, OSError):
        await stream
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b""})


async def _stream(session_key: str, send: Send) -> None:
    """Hello at once, then heartbeats; ends when the session has."""
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _say(send, HELLO)
    loop = asyncio.get_running_loop()
    look_at = loop.time() + settings.LIVE_SESSION_SECONDS
    beat_at = loop.time() + settings.LIVE_HEARTBEAT_SECONDS
    while True:
        await asyncio.sleep(min(look_at, beat_at) - loop.time())
        if loop.time() >= look_at:
            look_at = loop.time() + settings.LIVE_SESSION_SECONDS
            with suppress(Error):  # without its database the house lets nobody in and sends nobody away
                if not await _is_signed_in(session_key):
                    return
        if loop.time() >= beat_at:
            beat_at = loop.time() + settings.LIVE_HEARTBEAT_SECONDS
            await _say(send, HEARTBEAT)


async def _say(send: Send, words: bytes) -> None:
    async with asyncio.timeout(STALLED_SECONDS):
        await send({"type": "http.response.body", "body": words, "more_body": True})


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, words: bytes, *headers: tuple[bytes, bytes]) -> None:
    plain = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store"), *headers]
    plain.append((b"content-length", str(len(words)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": plain})
    await send({"type": "http.response.body", "body": words})


def _session_key(scope: Scope) -> str:
    """What the session's cookie holds, "" for a visitor."""
    cookies = "; ".join(value.decode("latin1") for name, value in scope["headers"] if name == b"cookie")
    return parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")


async def _is_signed_in(session_key: str) -> bool:
    """Whether this session is that of an active agent now. Raises the database's own errors."""
    if not session_key:
        return False
    return await asyncio.get_running_loop().run_in_executor(_readers, _read, session_key)


def _read(session_key: str) -> bool:
    """In a reader's thread, whose connection is looked over before and after as a request's would be."""
    close_old_connections()
    try:
        request = HttpRequest()
        request.session = SessionStore(session_key)
        return bool(get_user(request).is_authenticated)
    finally:
        close_old_connections()
