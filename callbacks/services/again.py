"""When a call comes back: after a try that reached nobody, and after a promise that nobody kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks import retries
from callbacks.capacity import Span
from callbacks.models import Attempt, Callback, CallbackEvent, RetryRule
from callbacks.services.booking import Asked, asked_again, stand_in_line

NO_TRY = (Attempt.Outcome.MOVED, Attempt.Outcome.RUNNING)  # they spoke, or nobody has said yet


@dataclass(frozen=True)
class Left:
    """What follows an outcome that reaches nobody: so many more tries (0: it is given up), the next so much later."""

    tries: int
    after: timedelta
    other_hour: bool


def left_of(callback: Callback, attempts: Iterable[Attempt]) -> dict[str, Left]:
    """By outcome, what follows if this call ends so, after the `attempts` there were. Two queries."""
    begun = since(callback)
    tried = Counter(one.outcome for one in attempts if one.at >= begun)
    own = {row.outcome: row.rule for row in RetryRule.objects.filter(brand=callback.brand_id)}
    rules = {**retries.SHIPPED, **own}
    return {
        outcome: Left(max(0, rule.times - tried[outcome]), rule.after, rule.other_hour)
        for outcome, rule in rules.items()
    }


def rule_of(brand_id: int, outcome: str) -> retries.Rule:
    """The brand's rule for an outcome, else the shipped one."""
    row = RetryRule.objects.filter(brand=brand_id, outcome=outcome).first()
    return row.rule if row else retries.SHIPPED[outcome]


def next_try(callback: Callback, outcome: str, at: datetime) -> Span | None:
    """The window of the next try of a locked call whose last one, noted already, came to `outcome` at `at`.

    None where the brand's rule allows no more, or nothing can be promised.
    """
    rule = rule_of(callback.brand_id, outcome)
    tries = callback.attempts.exclude(outcome__in=NO_TRY)
    tried = list(tries.filter(at__gte=since(callback)).values_list("at", "outcome"))
    start = retries.earliest(rule, tries=sum(one == outcome for _at, one in tried), at=at)
    if start is None:
        return None
    asked = asked_again(callback)
    hours = retries.hours_tried([one for one, _outcome in tried], asked.place.zone)
    return window_after(asked, start, at=at, besides=hours if rule.other_hour else frozenset())


def since(callback: Callback) -> datetime:
    """From when tries count: the customer who moves a call is promised all of them anew."""
    moves = callback.events.filter(kind=CallbackEvent.Kind.MOVED).order_by("-id")
    return moves.values_list("at", flat=True).first() or callback.promised_at


def window_after(
    asked: Asked, start: datetime, *, at: datetime, besides: frozenset[int] = frozenset()
) -> Span | None:
    """The first window from `start` on in which the call can be promised at `at`, none of it in the hours `besides`."""
    booking = stand_in_line(asked, at)

    def allowed(instant: datetime) -> datetime | None:
        window = booking.first(instant, retries.LENGTH)
        return window[0] if window else None

    found = retries.search(start, allowed=allowed, tried=besides, zone=asked.place.zone)
    return (found, found + retries.LENGTH) if found else None
