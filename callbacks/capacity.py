"""Whether there is time for what is promised: so many calls an agent and quarter hour. Needs no database.

Each call takes one place in one quarter hour of its own window, whichever, of one of those who can make it. A window
counts the whole quarter hours that lie in it, or the one it begins in where there is none; they are those of UTC, and
so the same for everybody. There is room for one more exactly if a place is free, or becomes free when others move
within their own windows and to others who can make them (augmenting paths: H. W. Kuhn, *The Hungarian method for the
assignment problem*, 1955; C. Berge, *Two theorems in graph theory*, 1957).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

QUARTER = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span = tuple[datetime, datetime]  # from, to
Crew = frozenset[int]  # the agents of whom one makes a call
Place = tuple[int, int]  # a quarter hour since 1970, and a kind of agents
Shape = tuple[int, int, tuple[int, ...]]  # the quarters [first, last) in which a call is made, by which kinds


class Book:
    """What is promised, each call with those of whom one makes it; an agent manages `per_quarter` a quarter hour.

    `crew` are those of whom one is to make one more. What comes too late even so is done late and takes the place of
    others: they are behind, and will be so then. What nobody can make takes nobody's time.
    """

    def __init__(self, calls: Iterable[tuple[Span, Crew]], crew: Crew, per_quarter: int = 1) -> None:
        if per_quarter < 0:
            raise ValueError("Nobody manages fewer than 0 calls in a quarter hour.")
        promised = [(*quarters(*window), who) for window, who in calls]
        self.late = 0  # calls for which there is no room in their own window
        self._kinds, self._holds = _alike({crew, *(who for _first, _last, who in promised)}, per_quarter)
        self._crew = self._kinds[crew]
        self._placed: dict[Place, Counter[Shape]] = defaultdict(Counter)
        self._full: set[Place] = set()  # nothing in these can move to where there is room
        for first, last, who in sorted(promised, key=lambda call: (call[1], call[0])):
            self._add(first, last, self._kinds[who])

    def has_room(self, start: datetime, end: datetime) -> bool:
        """Whether one more call within [start, end) can be done, and all others still be when they can be now."""
        return self._way_to_room((*quarters(start, end), self._crew)) is not None

    def _add(self, first: int, last: int, kinds: tuple[int, ...]) -> None:
        if self._take((first, last, kinds)):
            return
        self.late += 1
        if any(map(self._holds.__getitem__, kinds)):
            while not self._take((last, last + 1, kinds)):
                last += 1

    def _take(self, shape: Shape) -> bool:
        """Give the call a place, others moving for it; False, and nothing moved, where there is none."""
        way = self._way_to_room(shape)
        if way is None:
            return False
        for place, moves, left in way:
            self._placed[place][moves] += 1
            if left is not None:
                self._placed[left][moves] -= 1
                self._placed[left] += Counter()  # drops what is 0
        return True

    def _way_to_room(self, shape: Shape) -> list[tuple[Place, Shape, Place | None]] | None:
        """Who goes where so that `shape` gets a place, from the free place back to itself; None where all is full."""
        came: dict[Place, tuple[Shape, Place | None]] = {}
        known, waiting = {shape}, deque[tuple[Shape, Place | None]]([(shape, None)])
        while waiting:
            mover, stands_in = waiting.popleft()
            for place in _places(mover):
                if place in came or place in self._full:
                    continue
                came[place] = mover, stands_in
                there = self._placed.get(place, Counter())
                if there.total() < self._holds[place[1]]:
                    return list(_back(place, came))
                waiting.extend((other, place) for other in there if other not in known)
                known.update(there)
        self._full.update(came)
        return None


def _alike(crews: set[Crew], per_quarter: int) -> tuple[dict[Crew, tuple[int, ...]], list[int]]:
    """Agents who can make the same calls are of one kind: the kinds of each crew, and how many calls a kind manages."""
    ordered = list(crews)
    signs: dict[int, list[int]] = defaultdict(list)
    for number, crew in enumerate(ordered):
        for agent in crew:
            signs[agent].append(number)
    sizes = Counter(tuple(sign) for sign in signs.values())
    kinds = {
        crew: tuple(at for at, sign in enumerate(sizes) if number in sign)
        for number, crew in enumerate(ordered)
    }
    return kinds, [count * per_quarter for count in sizes.values()]


def _places(shape: Shape) -> Iterator[Place]:
    first, last, kinds = shape
    return ((quarter, kind) for quarter in range(first, last) for kind in kinds)


def _back(
    place: Place, came: dict[Place, tuple[Shape, Place | None]]
) -> Iterator[tuple[Place, Shape, Place | None]]:
    at: Place | None = place
    while at is not None:
        mover, left = came[at]
        yield at, mover, left
        at = left


def fits(windows: Iterable[Span], per_quarter: int = 1) -> bool:
    """Whether one agent who manages `per_quarter` calls a quarter hour can keep all of `windows`."""
    one = frozenset([0])
    return not Book([(window, one) for window in windows], one, per_quarter).late


def share_in(windows: Iterable[Span], start: datetime, end: datetime) -> float:
    """How many calls fall into [start, end), each as likely at any moment of its own window as at any other."""
    shares = (_overlap(window, (start, end)) / (window[1] - window[0]) for window in windows)
    return sum(shares, 0.0)


def _overlap(one: Span, other: Span) -> timedelta:
    return max(timedelta(0), min(one[1], other[1]) - max(one[0], other[0]))


def quarters(start: datetime, end: datetime) -> tuple[int, int]:
    """The quarter hours [first, last) since 1970 that lie in [start, end), or the one that `start` lies in."""
    first, last = -((EPOCH - start) // QUARTER), (end - EPOCH) // QUARTER
    begun = (start - EPOCH) // QUARTER
    return (first, last) if first < last else (begun, begun + 1)
