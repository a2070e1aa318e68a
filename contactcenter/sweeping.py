"""An error of ours stands before one row of a sweep, and before no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

log = logging.getLogger(__name__)


def each(see_to: Callable[..., int], rows: Iterable[tuple[Any, ...]]) -> int:
    """Call `see_to`, a transaction of its own, with every one of the rows (its key first); the sum of what it gives.

    A row on which it fails is written into the log and counts nothing: the next run of the sweep tries it again.
    """
    return sum(_tried(see_to, row) for row in list(rows))


def _tried(see_to: Callable[..., int], row: tuple[Any, ...]) -> int:
    try:
        return see_to(*row)
    except Exception:
        log.exception("%s failed on %s", see_to.__qualname__, row[0])
        return 0
