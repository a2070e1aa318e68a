"""How a common word is found without reading all that hold it: the index is asked shelf by shelf, the newest first.

A shelf is a run of tickets of one brand by their ids: 4,096, 32,768 or 262,144 ids long. Each row of words carries
its three, so a run of any length is a few shelves, and "these shelves and these words" is one question to the index.
"""

from __future__ import annotations

from collections.abc import Iterator

LEVELS = (12, 15, 18)  # the ids of a shelf, as a power of two; tickets_shelves() in the database has the same
GROWTH = 8


def shelf(brand: int, level: int, number: int) -> int:
    """The shelf as the database writes it."""
    return (brand << 36) + (level << 32) + number


def stretches(last: int) -> Iterator[tuple[int, int]]:
    """From the id `last` downwards, each from `low` on and below `high`: eight times as long as the one before."""
    high, width, step = last + 1, 1 << LEVELS[0], 0
    while high > 0:
        size = 1 << LEVELS[min(step, len(LEVELS) - 1)]
        low = max(0, (high - width) // size * size)
        yield low, high
        high, width, step = low, width * GROWTH, step + 1


def blocks(low: int, high: int) -> list[tuple[int, int]]:
    """The fewest (level, number) that hold the ids from `low`, where a shelf begins, and below `high`."""
    found, at = [], low
    smallest = 1 << LEVELS[0]
    end = -(-high // smallest) * smallest
    while at < end:
        level = max(n for n, bits in enumerate(LEVELS) if not at % (1 << bits) and at + (1 << bits) <= end)
        found.append((level, at >> LEVELS[level]))
        at += 1 << LEVELS[level]
    return found


def shelves(brands: list[int], low: int, high: int) -> list[int]:
    """Every shelf of these brands in the stretch."""
    return [shelf(brand, level, number) for brand in brands for level, number in blocks(low, high)]
