"""Who gets which ticket: who fits, who of them first, and which ticket first. Needs no database.

All that a ticket needs is asked for at first. The longer it waits, the less of it is: first it no longer waits for the
agent who had its customer last, then language, skills and team are let go one by one, then a supervisor is told.
Whatever is let go still counts where several fit. Every answer names its reasons as codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

# The steps of widening: what is no longer asked for from the step on.
WHOLE, NO_STICKY, NO_LANGUAGE, NO_SKILLS, NO_TEAM, TELL = range(6)

# Why somebody got a ticket.
STICKY, LANGUAGE, SKILLS, TEAM = "sticky", "language", "skills", "team"  # they fit in this
WIDENED = {LANGUAGE: "no_language", SKILLS: "no_skills", TEAM: "no_team"}  # they do not, and it was let go
ONLY_ONE, LEAST_LOADED, LONGEST_IDLE = "only_one", "least_loaded", "longest_idle"  # of those who fit
# Why nobody did, from the farthest to the nearest.
NOBODY_HERE, NO_TEAM_HERE, NO_SKILLS_HERE, NO_LANGUAGE_HERE, ALL_FULL, KEPT = NOBODY = (
    "nobody_here", "no_team_here", "no_skills_here", "no_language_here", "all_full", "kept_for_last",
)  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """A ticket that nobody has, and what it asks for. Empty: asks for nothing of the kind.

    `since` is when it began to wait, `turn` its place in the queue (tickets/score.py: due, less what tier and priority
    give). `limit` is how many of its kind fill an agent; `last` had the customer last, `left` gave this ticket away.
    """

    ticket: int
    brand: int
    queue: int
    channel: str
    since: datetime
    turn: datetime
    limit: int
    team: int | None = None
    skills: frozenset[int] = frozenset()
    language: str = ""
    last: int | None = None
    left: int | None = None
    sticky: timedelta = timedelta(minutes=5)
    widen: timedelta = timedelta(minutes=15)
    floor: timedelta = timedelta(minutes=120)


@dataclass
class Worker:
    """An agent who is here: `load` is how much of them is taken (1: full), `limits` their own by brand and channel."""

    agent: int
    brands: frozenset[int]
    is_available: bool
    idle_since: datetime
    teams: frozenset[int] = frozenset()
    skills: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    load: Fraction = Fraction(0)
    limits: Mapping[tuple[int, str], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Who gets a ticket (None: nobody yet), how far its needs were widened, why, and of how many who are here."""

    agent: int | None
    step: int
    reasons: tuple[str, ...]
    considered: int


def share(limit: int) -> Fraction | None:
    """How much of an agent a ticket takes whose like fill them by `limit`; None where they take none of it."""
    return Fraction(1, limit) if limit else None


def has_room(worker: Worker, brand: int, channel: str, limit: int) -> bool:
    """Whether one more ticket fits beside what `worker` has."""
    more = share(worker.limits.get((brand, channel), limit))
    return more is not None and worker.load + more <= 1


def step_of(waiting: Waiting, at: datetime) -> int:
    """How far the needs of a ticket are widened at `at`."""
    over = at - waiting.since - waiting.sticky
    return WHOLE if over < timedelta(0) else min(TELL, NO_STICKY + over // waiting.widen)


def in_order(tickets: Iterable[Waiting], at: datetime) -> list[Waiting]:
    """The tickets as they are to be given out: in their turn, who has waited longer than the floor before all.

    Of those the longest goes first: so nobody waits for ever, however many better customers come.
    """

    def key(one: Waiting) -> tuple[bool, datetime, int]:
        starves = at - one.since >= one.floor
        return (not starves, one.since if starves else one.turn, one.ticket)

    return sorted(tickets, key=key)


def choose(waiting: Waiting, workers: Sequence[Worker], at: datetime) -> Answer:
    """Who of `workers` gets the ticket at `at`."""
    step = step_of(waiting, at)
    here = [worker for worker in workers if waiting.brand in worker.brands]
    last = next((one for one in here if one.agent == waiting.last != waiting.left), None)
    if step == WHOLE and last is not None:
        if last.is_available and _room(last, waiting):
            return Answer(last.agent, step, (STICKY,), len(here))
        return Answer(None, step, (KEPT,), len(here))
    blocked = {worker.agent: _blocked(worker, waiting, step) for worker in here}
    fits = [worker for worker in here if blocked[worker.agent] is None]
    if not fits:
        nearest = max((NOBODY.index(code) for code in blocked.values() if code), default=0)
        return Answer(None, step, (NOBODY[nearest],), len(here))
    best, *others = sorted(fits, key=lambda worker: (*_wishes(worker, waiting), *_rest(worker)))
    return Answer(best.agent, step, (*_matches(best, waiting), _decided(best, others, waiting)), len(here))


def plan(tickets: Iterable[Waiting], workers: Sequence[Worker], at: datetime) -> list[tuple[Waiting, Answer]]:
    """An answer for each ticket in the order in which they are given out, each on top of what was given before."""
    by_id = {worker.agent: worker for worker in workers}
    answers = []
    for waiting in in_order(tickets, at):
        answer = choose(waiting, workers, at)
        answers.append((waiting, answer))
        if answer.agent is not None:
            worker = by_id[answer.agent]
            worker.load += share(worker.limits.get((waiting.brand, waiting.channel), waiting.limit)) or 0
            worker.idle_since = max(at, worker.idle_since)
    return answers


def _room(worker: Worker, waiting: Waiting) -> bool:
    return has_room(worker, waiting.brand, waiting.channel, waiting.limit)


def _blocked(worker: Worker, waiting: Waiting, step: int) -> str | None:
    """What stands between a ticket and an agent who is here, None for nothing."""
    if not worker.is_available or (worker.agent == waiting.left and step < NO_LANGUAGE):
        return NOBODY_HERE
    team, skills, language = _fit(worker, waiting)
    if not team and step < NO_TEAM:
        return NO_TEAM_HERE
    if not skills and step < NO_SKILLS:
        return NO_SKILLS_HERE
    if not language and step < NO_LANGUAGE:
        return NO_LANGUAGE_HERE
    return None if _room(worker, waiting) else ALL_FULL


def _fit(worker: Worker, waiting: Waiting) -> tuple[bool, bool, bool]:
    """Whether team, skills and language fit; what is not asked for always does."""
    return (
        waiting.team is None or waiting.team in worker.teams,
        waiting.skills <= worker.skills,
        not waiting.language or waiting.language in worker.languages,
    )


def _wishes(worker: Worker, waiting: Waiting) -> tuple[bool, bool, int, bool, bool]:
    """What is better served by whom, the better the smaller; also of what is not asked for any more."""
    team, _skills, language = _fit(worker, waiting)
    is_last = worker.agent == waiting.last
    lacking = len(waiting.skills - worker.skills)
    return (worker.agent == waiting.left, not team, lacking, not language, not is_last)


def _rest(worker: Worker) -> tuple[Fraction, datetime, int]:
    return (worker.load, worker.idle_since, worker.agent)


def _matches(worker: Worker, waiting: Waiting) -> list[str]:
    """What of the needs the agent meets, and what had to be let go."""
    asked = (waiting.team is not None, bool(waiting.skills), bool(waiting.language))
    codes = [STICKY] if worker.agent == waiting.last else []
    for name, is_asked, fits in zip((TEAM, SKILLS, LANGUAGE), asked, _fit(worker, waiting), strict=True):
        if is_asked:
            codes.append(name if fits else WIDENED[name])
    return codes


def _decided(best: Worker, others: Sequence[Worker], waiting: Waiting) -> str:
    """What decided between those who fit equally well."""
    equal = [one for one in others if _wishes(one, waiting) == _wishes(best, waiting)]
    if not equal:
        return ONLY_ONE
    return LEAST_LOADED if equal[0].load > best.load else LONGEST_IDLE
