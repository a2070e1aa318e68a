"""HTTP servers that behave badly below HTTP: one that says nothing, and one that lets a byte drop now and then."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def server(*, every: float | None) -> Iterator[str]:
    """The address of a server that takes calls and answers a byte of its status line `every` so many seconds."""
    ends = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        thread = threading.Thread(target=_serve, args=(listening, every, ends))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ends.set()
            thread.join()


def _serve(listening: socket.socket, every: float | None, ends: threading.Event) -> None:
    taken: list[socket.socket] = []
    while not ends.wait(every or 0.05):
        with suppress(TimeoutError):
            taken.append(listening.accept()[0])
        for one in taken if every else []:
            try:
                one.sendall(b"H")
            except OSError:
                taken.remove(one)
    for one in taken:
        one.close()
