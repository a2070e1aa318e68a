"""The live stream, and nothing else: `GET /live/` for whoever is signed in, as plain ASGI.

A stream is a coroutine: it holds no thread and no database connection. One reader looks for what is new, for all of
them; sessions, rights and what somebody missed are read by one more thread. See docs/live.md.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType
from typing import Any
from urllib.parse import parse_qs

import django
import redis.asyncio
from django.conf import settings
from django.db import Error
from django.http import parse_cookie

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
django.setup()

from contactcenter import wire  # noqa: E402  the settings come first
from contactcenter.streaming import reading  # noqa: E402
from contactcenter.streaming.fan_out import Line, Switchboard  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HELLO = "retry: 3000\n{at}event: hello\ndata: {{}}\n\n"
RESET = "{at}event: reset\ndata: {{}}\n\n"
HEARTBEAT = b": still here\n\n"
STALLED_SECONDS = 30  # a reader who takes nothing for so long is gone
AGAIN_SECONDS = (
    0.03,
    0.1,
    0.3,
)  # after a word that something is there: an older transaction may have to end first
_reader = ThreadPoolExecutor(1, thread_name_prefix="events")
_sessions = ThreadPoolExecutor(1, thread_name_prefix="session")


class House:
    """What all streams of this process share: how many there are, and whether it is time to go."""

    def __init__(self) -> None:
        self.streams = 0
        self.closing = asyncio.Event()
        self.board = Switchboard()
        self.tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begin to read what is new."""
        self.closing.clear()
        self.board = Switchboard()
        self.tasks = [asyncio.create_task(_read_on(self.board)), asyncio.create_task(_hear(self.board))]

    async def close(self) -> None:
        """Read no more."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

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
        _house.open()
        _house.hear_signals()
        await send({"type": "lifespan.startup.complete"})
    await _house.close()
    await send({"type": f"{event['type']}.complete"})


async def _read_on(board: Switchboard) -> None:
    """Read what is new, once for all: when the wire says so, and every second."""
    tries: Iterator[float] = iter(())
    while True:
        pause = settings.LIVE_LOOK_SECONDS
        try:
            if board.read_to is None:
                board.read_to = await _in_thread(_reader, reading.where_now)
            heard = await _in_thread(_reader, reading.news, board.read_to)
            board.tell(heard)
            tries = iter(()) if heard else tries
            pause = 0 if len(heard) == reading.AT_ONCE else next(tries, pause)
            board.is_away(False)
        except Error:  # what the database holds is read when it is back; until then every page asks by itself
            board.is_away(True)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await board.woken.wait()
        if board.woken.is_set():
            board.woken.clear()
            tries = iter(AGAIN_SECONDS)


async def _hear(board: Switchboard) -> None:
    """Listen on the wire for as long as there is one; without it the house looks by itself."""
    while True:
        with suppress(redis.RedisError, OSError):
            client = redis.asyncio.from_url(settings.REDIS_URL, decode_responses=True)
            async with client, client.pubsub(ignore_subscribe_messages=True) as ear:
                await ear.subscribe(wire.CHANNEL)
                async for word in ear.listen():
                    board.hear(str(word["data"]))
        await asyncio.sleep(random.uniform(1, 3))  # noqa: S311  no secret


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Look who asks, then stream until they go, their session ends, or the process does."""
    session_key = _session_key(scope)
    try:
        listener = await _in_thread(_sessions, reading.who, session_key)
    except Error:
        await _answer(send, 503, b"no database now", (b"retry-after", b"5"))
        return
    if listener is None:
        await _answer(send, 401, b"sign in first")
        return
    line = Line(listener)
    _house.board.join(line)
    watch = [asyncio.create_task(_hung_up(receive)), asyncio.create_task(_house.closing.wait())]
    stream = asyncio.create_task(_stream(line, session_key, _last_seen(scope), send))
    try:
        await asyncio.wait([stream, *watch], return_when=asyncio.FIRST_COMPLETED)
    finally:
        _house.board.leave(line)
        for task in (stream, *watch):
            task.cancel()
    with suppress(asyncio.CancelledError, TimeoutError, OSError, Error):
        await stream
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b""})


async def _stream(line: Line, session_key: str, last: reading.Cursor | None, send: Send) -> None:
    """Hello and what was missed, then what comes, and heartbeats; ends when the session has."""
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _say(send, await _greeting(line, last))
    loop = asyncio.get_running_loop()
    look_at = loop.time() + _soon(settings.LIVE_SESSION_SECONDS)
    beat_at = loop.time() + settings.LIVE_HEARTBEAT_SECONDS
    alarm = loop.call_at(
        min(look_at, beat_at), line.bell.set
    )  # one for many events: most come before it rings
    while True:
        await line.bell.wait()
        line.bell.clear()
        now = loop.time()
        if now >= look_at or line.looks_again:
            look_at, line.looks_again = now + _soon(settings.LIVE_SESSION_SECONDS), False
            with suppress(Error):  # without its database the house lets nobody in and sends nobody away
                if not await _still_there(line, session_key):
                    return
        words = line.take()
        if line.is_lost:
            line.is_lost = False
            words = _with_place(RESET, _house.board.read_to)
        if now >= beat_at:
            beat_at = now + settings.LIVE_HEARTBEAT_SECONDS
            words += HEARTBEAT
        if now >= alarm.when():
            alarm = loop.call_at(min(look_at, beat_at), line.bell.set)
        if words:
            await _say(send, words)


async def _greeting(line: Line, last: reading.Cursor | None) -> bytes:
    """Hello, then what was missed since `last`; for a new page what came while it was on its way.

    The line has joined before: what is read here and told there is said once, and nothing falls between.
    """
    place = last or _house.board.read_to
    topics = line.listener.topics
    read = (reading.missed, last, topics) if last else (reading.recent, topics)
    try:
        found = await _in_thread(_sessions, *read)
    except Error:
        found = None
    if found is None:
        line.lose()
        return _with_place(HELLO, place)
    if found:
        line.seen = max(line.seen, found[-1].at)
    return _with_place(HELLO, place) + b"".join(heard.words for heard in found)


async def _still_there(line: Line, session_key: str) -> bool:
    """Whether the session is somebody's still; whoever may hear of other topics by now reads everything anew."""
    listener = await _in_thread(_sessions, reading.who, session_key)
    if listener is not None and listener != line.listener:
        _house.board.leave(line)
        line.listener = listener
        _house.board.join(line)
        line.lose()
    return listener is not None


def _with_place(words: str, place: reading.Cursor | None) -> bytes:
    return words.format(at=f"id: {place}\n" if place else "").encode()


def _soon(seconds: float) -> float:
    """No later than that, and not all at once."""
    return seconds * random.uniform(0.8, 1)  # noqa: S311  no secret


async def _in_thread(thread: ThreadPoolExecutor, deed: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(thread, deed, *args)


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


def _last_seen(scope: Scope) -> reading.Cursor | None:
    """The last event the browser has: from its header, or from ?last= where another tab goes on. None: a new page."""
    header = next(
        (value.decode("latin1") for name, value in scope["headers"] if name == b"last-event-id"), ""
    )
    asked = parse_qs(scope.get("query_string", b"").decode("latin1")).get("last", [""])[0]
    return reading.cursor_of(header or asked)
