"""When a call comes back: after a try that reached nobody, and after a promise that nobody kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks import retries, windows
from callbacks.models import Attempt, Callback, RetryRule

Span = tuple[datetime, datetime]
NO_TRY = (Attempt.Outcome.MOVED, Attempt.Outcome.RUNNING)  # they spoke, or nobody has said yet


@dataclass(frozen=True)
class Left:
    """What follows an outcome that reaches nobody: so many more tries (0: it is given up), the next so much later."""

    tries: int
    after: timedelta
    other_hour: bool


def left_of(callback: Callback, attempts: Iterable[Attempt]) -> dict[str, Left]:
    """By outcome, what follows if this call ends so, after the `attempts` there were. One query."""
    tried = Counter(one.outcome for one in attempts)
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
    tried = list(callback.attempts.exclude(outcome__in=NO_TRY).values_list("at", "outcome"))
    start = retries.earliest(rule, tries=sum(one == outcome for _at, one in tried), at=at)
    if start is None:
        return None
    hours = retries.hours_tried([one for one, _outcome in tried], ZoneInfo(callback.zone))
    return window_after(callback, start, besides=hours if rule.other_hour else frozenset())


def window_after(
    callback: Callback, start: datetime, *, besides: frozenset[int] = frozenset()
) -> Span | None:
    """The first window from `start` on in which this customer may be called, none of it in the hours `besides`."""
    zone = ZoneInfo(callback.zone)
    found = retries.search(
        start,
        allowed=lambda instant: windows.after_quiet(instant, retries.LENGTH, zone),
        tried=besides,
        zone=zone,
    )
    return (found, found + retries.LENGTH) if found else None
