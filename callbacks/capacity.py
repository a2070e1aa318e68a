"""Whether there is time for what is promised: so many calls an agent and quarter hour. Needs no database.

Each call takes one place in one quarter hour of its own window, whichever. A window counts the whole quarter hours that
lie in it, or the one it begins in where there is none; they are those of UTC, and so the same for everybody. Placing
whatever ends first as early as it may begin finds room for all exactly if there is room for all (Jackson's rule for
jobs of one length: J. R. Jackson, *Scheduling a production line to minimize maximum tardiness*, 1955).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

QUARTER = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span = tuple[datetime, datetime]  # from, to


class Book:
    """What is promised to be done by those who manage `per_quarter` calls a quarter hour between them.

    What comes too late even so is done late and takes the place of others: they are behind, and will be so then.
    """

    def __init__(self, windows: Iterable[Span], per_quarter: int = 1) -> None:
        if per_quarter < 0:
            raise ValueError("Nobody manages fewer than 0 calls in a quarter hour.")
        self.per_quarter = per_quarter
        self.late = 0  # calls for which there is no room in their own window
        self._placed: dict[int, list[tuple[int, int]]] = {}
        self._full: list[tuple[int, int]] = []
        jobs = sorted(quarters(*window) for window in windows)
        if per_quarter:
            self._place(jobs)
        else:
            self.late = len(jobs)

    def _place(self, jobs: Sequence[tuple[int, int]]) -> None:
        open_now: list[tuple[int, int]] = []  # by their ends
        quarter = begun = 0
        while begun < len(jobs) or open_now:
            if not open_now:
                quarter = max(quarter, jobs[begun][0])
            while begun < len(jobs) and jobs[begun][0] <= quarter:
                heappush(open_now, (jobs[begun][1], jobs[begun][0]))
                begun += 1
            for _ in range(min(self.per_quarter, len(open_now))):
                end, start = heappop(open_now)
                self.late += end <= quarter
                self._placed.setdefault(quarter, []).append((start, max(end, quarter + 1)))
            quarter += 1

    def has_room(self, start: datetime, end: datetime) -> bool:
        """Whether one more call within [start, end) can be done, and all others still be when they can be now.

        Who stands in a full quarter hour may move within their own window, and others for them: all that can be
        reached so is full, or there is room.
        """
        first, last = quarters(start, end)
        if not self.per_quarter or any(begins <= first and last <= ends for begins, ends in self._full):
            return False
        low = high = first  # what was looked at so far
        while low > first or high < last:
            if high < last:
                quarter, high = high, high + 1
            else:
                quarter = low = low - 1
            there = self._placed.get(quarter, [])
            if len(there) < self.per_quarter:
                return True
            first = min(first, *(begins for begins, _ends in there))
            last = max(last, *(ends for _begins, ends in there))
        self._full.append((first, last))
        return False


def fits(windows: Iterable[Span], per_quarter: int = 1) -> bool:
    """Whether all of `windows` can be kept by those who manage `per_quarter` calls a quarter hour."""
    return not Book(windows, per_quarter).late


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
