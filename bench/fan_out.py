"""The two small processes beside the stream's benchmark: bare servers' floor, and all clients in one.

`python -m bench.fan_out server` answers every GET with an event stream and hands every line that it reads from its
input to all of them: asyncio, and nothing else. `… client PORT COUNT COOKIE` opens so many streams and writes, for each
event that the last of them has got, its number and the instant (CLOCK_MONOTONIC, which all processes share).
"""

from __future__ import annotations

import asyncio
import re
import selectors
import socket
import sys
import time
from collections import Counter
from typing import cast

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1a\r\nevent: hello\ndata: {}\n\n\n\n\r\n"
)
NUMBER = re.compile(rb'"ref":(\d+)\}')
PATIENCE = 20


class Bare(asyncio.Protocol):
    """A stream of the floor: no session, no topic, no database."""

    open: set[asyncio.Transport] = set()  # of the whole process

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):
            self.transport.write(HEAD)
            self.open.add(self.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.open.discard(self.transport)


def say(*words: object) -> None:
    """One line to whoever started this process."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def serve() -> None:
    """Say the port, then hand on line by line."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Bare, "127.0.0.1", 0, backlog=1024)
    say(server.sockets[0].getsockname()[1])
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        words = b'id: 1.1\ndata: {"kind":"ticket","ref":%d}\n\n' % int(line)
        chunk = b"%x\r\n%s\r\n" % (len(words), words)
        for transport in Bare.open:
            transport.write(chunk)


def listen(port: int, count: int, cookies: list[str]) -> None:
    """Open the streams, say so, and say of every event when the last of them had it."""
    chosen = selectors.DefaultSelector()
    for number in range(count):
        line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        cookie = cookies[number % len(cookies)]
        line.sendall(f"GET /live/ HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid={cookie}\r\n\r\n".encode())
        chosen.register(line, selectors.EVENT_READ)
    greeted, got = 0, Counter[int]()
    while True:
        for key, _events in chosen.select():
            words = key.fileobj.recv(65536)  # type: ignore[union-attr]
            if not words:
                return
            greeted += words.count(b"event: hello")
            for found in NUMBER.findall(words):
                got[int(found)] += 1
                if got[int(found)] == count:
                    say(int(found), time.monotonic())
        if greeted == count:
            greeted = -1
            say("ready")


if __name__ == "__main__":
    if sys.argv[1] == "server":
        asyncio.run(serve())
    else:
        listen(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split(","))
