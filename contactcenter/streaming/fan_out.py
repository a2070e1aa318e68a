"""Who listens in this process, and how what was read once comes to all of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque

from contactcenter import wire
from contactcenter.streaming.reading import Cursor, Heard, Listener, words_of

BEHIND_AT_MOST = 200  # events that wait for a slow reader; after that they are told to read everything anew
AWAY, BACK = b"event: away\ndata: {}\n\n", b"event: back\ndata: {}\n\n"


class Line:
    """One open stream: what waits to be sent, and what it has seen."""

    __slots__ = ("bell", "is_lost", "listener", "looks_again", "seen", "waiting")

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.waiting: deque[Heard | bytes] = deque()
        self.bell = asyncio.Event()
        self.seen = Cursor(0, 0)
        self.is_lost = self.looks_again = False

    def put(self, heard: Heard | bytes) -> None:
        """Have this sent, or, when too much waits, have it read everything anew."""
        if len(self.waiting) >= BEHIND_AT_MOST:
            self.lose()
        elif not self.is_lost:
            self.waiting.append(heard)
        self.bell.set()

    def lose(self) -> None:
        """Forget what waits: the reader will be told to read everything anew."""
        self.waiting.clear()
        self.is_lost = True
        self.bell.set()

    def look_again(self) -> None:
        """Have its session read now."""
        self.looks_again = True
        self.bell.set()

    def take(self) -> bytes:
        """All that waits and was not seen, in one piece."""
        words = []
        while self.waiting:
            heard = self.waiting.popleft()
            if isinstance(heard, bytes):
                words.append(heard)
            elif heard.at > self.seen:
                self.seen = heard.at
                words.append(heard.words)
        return b"".join(words)


class Switchboard:
    """All lines of the process by topic, and how far the events were read."""

    def __init__(self) -> None:
        self.read_to: Cursor | None = None
        self.woken = asyncio.Event()
        self._is_away = False
        self._lines: defaultdict[str, set[Line]] = defaultdict(set)

    def join(self, line: Line) -> None:
        """From now on `line` is told of its topics."""
        for topic in line.listener.topics:
            self._lines[topic].add(line)

    def leave(self, line: Line) -> None:
        """`line` is told of nothing any more."""
        for topic in line.listener.topics:
            self._lines[topic].discard(line)
            if not self._lines[topic]:
                del self._lines[topic]

    def tell(self, heard: list[Heard]) -> None:
        """Hand on what was read, to everyone it is for."""
        for one in heard:
            for line in self._lines.get(one.topic, ()):
                line.put(one)
            self.read_to = one.at

    def is_away(self, away: bool) -> None:
        """Say to everyone that the database cannot be reached, or can again, once each time."""
        if away is not self._is_away:
            self._is_away = away
            for line in set().union(*self._lines.values()):
                line.put(AWAY if away else BACK)

    def hear(self, word: str) -> None:
        """A word from the wire; one that we don't know is none."""
        match word.split():
            case [wire.LOOK]:
                self.woken.set()
            case [wire.OUT, agent]:
                for line in self._lines.get(f"agent:{agent}", ()):
                    line.look_again()
            case [wire.LOOKS, brand, ticket]:
                words = words_of(wire.LOOKS, int(ticket))
                for line in self._lines.get(f"brand:{brand}", ()):
                    line.put(words)
