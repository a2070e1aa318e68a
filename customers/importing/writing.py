"""A batch of items written: one transaction, tried again where somebody was quicker, item by item where it must be."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError, IntegrityError, OperationalError, transaction

from contactcenter.errors import Refused
from contactcenter.guards import broken
from customers.importing.batches import Item, Kind, Outcome
from customers.importing.reading import Record

TRIES = 3  # somebody else may be quicker, or stand in the way
log = logging.getLogger(__name__)


@dataclass
class Told:
    """What became of a batch: items taken and known, each refused one with why, how many lines, and the last."""

    taken: int = 0
    known: int = 0
    refused: list[tuple[list[Record], str]] = field(default_factory=list)
    lines: int = 0
    last: int = 0

    @classmethod
    def together(cls, parts: Iterable[Told]) -> Told:
        """What became of several batches that stand beside each other in the file."""
        whole = cls()
        for part in parts:
            whole.taken += part.taken
            whole.known += part.known
            whole.refused += part.refused
            whole.lines += part.lines
            whole.last = max(whole.last, part.last)
        whole.refused.sort(key=lambda refused: refused[0][0].line)
        return whole


def take(kind: Kind, batch: Sequence[Item], *, dry: bool = False) -> Told:
    """Write what makes sense of a batch; `dry` looks at it all and writes nothing."""
    told = Told(lines=sum(len(item.records) for item in batch))
    told.last = max((item.records[-1].line for item in batch), default=0)
    sound = [item for item in batch if not item.refused]
    outcomes = iter(_stored(kind, sound, dry=dry) if sound else ())
    for item in batch:
        outcome = Refused("no_sense", item.refused) if item.refused else next(outcomes)
        if isinstance(outcome, Refused):
            told.refused.append((item.records, outcome.sentence))
        elif outcome == "taken":
            told.taken += 1
        else:
            told.known += 1
    return told


def _stored(kind: Kind, batch: Sequence[Item], *, dry: bool) -> list[Outcome]:
    """What became of a batch; where it cannot be written as a whole, each item is tried alone."""
    for _ in range(TRIES):
        try:
            return _store(kind, batch, dry=dry)
        except (IntegrityError, OperationalError) as error:
            problem: Exception = error  # somebody was quicker: look again
        except (Refused, DatabaseError) as error:
            problem = error
            break
    if len(batch) > 1:
        return [outcome for item in batch for outcome in _stored(kind, [item], dry=dry)]
    if isinstance(problem, OperationalError):
        raise problem  # the database itself: not the line's fault
    line = batch[0].records[0].line
    log.warning("Line %d could not be stored: %s", line, _without_values(problem))
    return [problem if isinstance(problem, Refused) else Refused("not_stored", "It could not be stored.")]


def _store(kind: Kind, batch: Sequence[Item], *, dry: bool) -> list[Outcome]:
    with transaction.atomic():
        outcomes = kind.store(batch)
        if dry:
            transaction.set_rollback(True)
    return outcomes


def _without_values(problem: Exception) -> str:
    """What a log may say of a failure: its kind, and its code or constraint; the message holds people's data."""
    told = problem.code if isinstance(problem, Refused) else broken(problem)
    return f"{type(problem).__name__} {told}".strip()
