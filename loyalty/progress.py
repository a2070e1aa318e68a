"""What a member is about to reach or to lose, as facts a screen can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contactcenter import clock
from loyalty import tier_rules, tier_windows
from loyalty.models import Account, Tier
from loyalty.services.standing import Ladder, ladder_of, measure
from loyalty.services.tier_reviews import floors_of
from loyalty.services.tiers import rank_of
from loyalty.tier_rules import Level, Measures


@dataclass(frozen=True)
class Keeping:
    """What it takes to keep the tier that is held past `last_day`: `missing` of what counts from `first_day` on.

    `falls_to` is where it goes if nothing more happens: None for no tier at all, the same tier where it is kept.
    `kept_to` is the last day it is kept through then (None: for ever, or it falls); `level` is what the tier takes.
    """

    last_day: date
    first_day: date
    missing: Missing
    falls_to: Tier | None
    is_kept: bool
    kept_to: date | None
    has_begun: bool
    level: Level


@dataclass(frozen=True)
class Missing:
    """What is missing of each measure; 0 where nothing is, or it is not asked for."""

    points: int = 0
    spend_minor: int = 0
    orders: int = 0

    def __bool__(self) -> bool:
        return bool(self.points or self.spend_minor or self.orders)


@dataclass(frozen=True)
class Progress:
    """What counts in the window that runs, the `next` tier (None at the top) and what is missing to it by `last_day`.

    `points` are qualifying points; `missing` is how many more of them. `keeping` says what becomes of the tier that
    is held, None where it never ends.
    """

    points: int
    next: Tier | None
    missing: int
    last_day: date | None
    needed: Level | None = None
    more: Missing = Missing()
    keeping: Keeping | None = None

    @property
    def percent(self) -> int:
        """How much of the way is gone, 0 to 100: of the measure of which the largest part is missing."""
        if self.needed is None:
            return 100
        asked = (
            (self.more.points, self.needed.points),
            (self.more.spend_minor, self.needed.spend_minor),
            (self.more.orders, self.needed.orders),
        )
        return min(
            (max(0, needed - missing) * 100 // needed for missing, needed in asked if needed), default=100
        )


@dataclass(frozen=True)
class Outlook:
    """The tier after something more has been earned, and the last day it is held through (None: for ever).

    `missing` is what the `next` tier above it still takes then (None at the top).
    """

    tier: Tier | None
    is_raised: bool
    last_day: date | None
    missing: Missing
    next: Tier | None = None


@dataclass(frozen=True)
class Expiring:
    """`points` that end next, at the end of `last_day` in the programme's zone."""

    points: int
    last_day: date


def of_tier(account: Account, at: datetime | None = None) -> Progress:
    """How far this account is from the tier above the one it holds, and from keeping that one, at `at`. Few queries."""
    at = at or clock.now()
    ladder = ladder_of(account.programme, at)
    if ladder is None:
        return Progress(0, None, 0, None)
    window = ladder.window(account)
    span = window.holding(at)
    asked = [(account.pk, span)]
    if end := account.tier_valid_until:
        asked += [(account.pk, one) for one, _until in window.still_valid(end)]
    measures, *at_review = measure(ladder, asked)
    last_day = _last_day(account, span[1])
    keeping = _keeping(ladder, account, at_review, at) if at_review else None
    above = next((level for level in ladder.levels if level.rank > rank_of(account.tier)), None)
    if above is None:
        return Progress(measures.points, None, 0, last_day, keeping=keeping)
    more = _missing(above, measures)
    return Progress(measures.points, ladder.tiers[above.rank], more.points, last_day, above, more, keeping)


def keepings(accounts: Sequence[Account], at: datetime) -> list[tuple[Account, Keeping]]:
    """What becomes of the tiers of these accounts of one programme, of each that ends; as `of_tier` finds it of one.

    Two queries for all of them, and one more for each that is about to fall.
    """
    ladder = ladder_of(accounts[0].programme, at) if accounts else None
    if ladder is None:
        return []
    spans = {
        one.pk: [span for span, _until in ladder.window(one).still_valid(one.tier_valid_until)]
        for one in accounts
        if one.tier_valid_until
    }
    measured = iter(measure(ladder, [(pk, span) for pk, theirs in spans.items() for span in theirs]))
    found = []
    for one in accounts:
        at_review = [next(measured) for _span in spans.get(one.pk, [])]
        if at_review and (keeping := _keeping(ladder, one, at_review, at)):
            found.append((one, keeping))
    return found


def if_earned(
    account: Account, *, points: int = 0, spend_minor: int = 0, orders: int = 0, at: datetime | None = None
) -> Outlook:
    """What so many qualifying `points`, money and orders more would make of the tier, if they counted at `at`."""
    at = at or clock.now()
    ladder = ladder_of(account.programme, at)
    if ladder is None:
        return Outlook(account.tier, False, None, Missing())
    window = ladder.window(account)
    (now,) = measure(ladder, [(account.pk, window.holding(at))])
    then = Measures(now.points + points, now.spend_minor + spend_minor, now.orders + orders)
    reached, held = ladder.reached(then), rank_of(account.tier)
    above = next((level for level in ladder.levels if level.rank > max(reached, held)), None)
    missing = _missing(above, then) if above else Missing()
    following = ladder.tiers[above.rank] if above else None
    if reached <= held:
        return Outlook(account.tier, False, _last_day(account, account.tier_valid_until), missing, following)
    until = ladder.ends(reached, window.valid_until(at))
    return Outlook(ladder.tiers[reached], True, _last_day(account, until), missing, following)


def _keeping(ladder: Ladder, account: Account, measured: Sequence[Measures], at: datetime) -> Keeping | None:
    """What the review at the end of the tier would find as of now."""
    end, held = account.tier_valid_until, rank_of(account.tier)
    level = next((level for level in ladder.levels if level.rank == held), None)
    if end is None or level is None:
        return None
    window = ladder.window(account)
    (start, _end), until = window.still_valid(end)[0]
    earned = max(ladder.reached(measures) for measures in measured)
    left = tier_rules.reviewed(held, earned, sorted(ladder.tiers), tier_rules.Review(ladder.version.review))
    if left < held and start <= at and (floor := floors_of([account], end).get(account.pk)):
        left = max(left, floor.tier.rank)  # only who is about to fall is asked for a floor
    first_day = start.astimezone(account.programme.zone).date()
    return Keeping(
        last_day=tier_windows.last_day_before(end, account.programme.zone),
        first_day=first_day,
        missing=_missing(level, measured[0]),
        falls_to=ladder.tiers.get(left),
        is_kept=left >= held,
        kept_to=_last_day(account, until) if left >= held else None,
        has_begun=start <= at,
        level=level,
    )


def _missing(level: Level, measures: Measures) -> Missing:
    return Missing(
        max(0, (level.points or 0) - measures.points),
        max(0, (level.spend_minor or 0) - measures.spend_minor),
        max(0, (level.orders or 0) - measures.orders),
    )


def _last_day(account: Account, end: datetime | None) -> date | None:
    if end is None or end == tier_windows.FOR_EVER:
        return None
    return tier_windows.last_day_before(end, account.programme.zone)


def expiring_soon(
    account: Account, *, days: int = 30, at: datetime | None = None, points: int | None = None
) -> Expiring | None:
    """The points that end first, if that is within `days` of `at`; all that end at that same instant together.

    `points` if the caller has just asked how many end at `account.next_expiry`.
    """
    at = at or clock.now()
    if account.next_expiry is None or account.next_expiry > at + timedelta(days=days):
        return None
    if points is None:
        points = sum(account.lots.open_until(account.next_expiry).values_list("remaining", flat=True))
    return Expiring(points, tier_windows.last_day_before(account.next_expiry, account.programme.zone))
