"""From when to when points count towards a tier. Needs no database."""

from __future__ import annotations

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which `day` begins in `zone` (days of 23 and 25 hours come out right)."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def calendar_year(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The half-open window [start, end) of the calendar year in `zone` that holds the instant `at`, in UTC."""
    year = at.astimezone(zone).year
    return midnight(date(year, 1, 1), zone), midnight(date(year + 1, 1, 1), zone)


def months_on(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The local midnight that ends the day `months` after `at`; the 31st becomes the last of a shorter month."""
    day = at.astimezone(zone).date()
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = ((date(year + month // 12, month % 12 + 1, 1)) - date.resolution).day
    return midnight(date(year, month, min(day.day, last)) + date.resolution, zone)


def last_day_before(end: datetime, zone: ZoneInfo) -> date:
    """The last day in `zone` that lies before the instant `end`: what ends at a midnight ends with the day before."""
    return (end - datetime.resolution).astimezone(zone).date()


BEGINNING = datetime.min.replace(tzinfo=UTC)
FOR_EVER = datetime.max.replace(tzinfo=UTC)
Span = tuple[datetime, datetime]  # half-open: [start, end)


class Kind(StrEnum):
    """Which time is counted towards a tier."""

    CALENDAR_YEAR = "calendar_year"
    PROGRAMME_YEAR = "programme_year"
    ROLLING = "rolling"
    ANNIVERSARY = "anniversary"
    LIFETIME = "lifetime"


@dataclass(frozen=True)
class Window:
    """Which time counts in `zone`: a year that begins on `starts` (month, day), the last `months`, or all time.

    `starts` is 1 January for the calendar year, the programme's day, or the member's day of joining; 29 February
    is 28 February in other years. `of` reads it from a set of tiers and the day of joining.
    """

    kind: Kind
    zone: ZoneInfo
    months: int = 12
    starts: tuple[int, int] = (1, 1)

    @classmethod
    def of(
        cls, kind: str, zone: ZoneInfo, *, months: int, starts: tuple[int, int], joined_at: datetime
    ) -> Window:
        """The window of one member; `starts` is that of the programme's year."""
        known = Kind(kind)
        if known == Kind.ANNIVERSARY:
            joined = joined_at.astimezone(zone).date()
            starts = (joined.month, joined.day)
        return cls(known, zone, months, (1, 1) if known == Kind.CALENDAR_YEAR else starts)

    @property
    def is_year(self) -> bool:
        """Whether time is cut into periods that do not overlap."""
        return self.kind not in (Kind.ROLLING, Kind.LIFETIME)

    def holding(self, at: datetime) -> Span:
        """The period that holds `at`; of a rolling window the one that ends with its local day."""
        if self.kind == Kind.LIFETIME:
            return BEGINNING, FOR_EVER
        day = at.astimezone(self.zone).date()
        if self.kind == Kind.ROLLING:
            end = day + date.resolution
            return midnight(months_before(end, self.months), self.zone), midnight(end, self.zone)
        year = day.year if yearly(day.year, self.starts) <= day else day.year - 1
        first, last = yearly(year, self.starts), yearly(year + 1, self.starts)
        return midnight(first, self.zone), midnight(last, self.zone)

    def before(self, end: datetime) -> Span:
        """The window that ends at the local midnight `end`."""
        return self.holding(end - datetime.resolution)

    def valid_until(self, at: datetime) -> datetime | None:
        """How long a tier is held that is reached at `at`: to the end of the next period, or `months` on."""
        if self.kind == Kind.LIFETIME:
            return None
        if self.kind == Kind.ROLLING:
            return months_on(at, self.months, self.zone)
        return self.holding(self.holding(at)[1])[1]

    def still_valid(self, at: datetime) -> list[tuple[Span, datetime | None]]:
        """The windows that a review at `at` looks at, each with how long it keeps what was reached in it.

        Of years the one that is over and the one that runs; of a rolling window what ends at `at`.
        """
        if self.kind == Kind.LIFETIME:
            return [(self.holding(at), None)]
        if self.kind == Kind.ROLLING:
            return [(self.before(at), self.valid_until(at - datetime.resolution))]
        now = self.holding(at)
        return [(self.before(now[0]), now[1]), (now, self.valid_until(at))]

    def renewed(self, at: datetime) -> datetime | None:
        """How long a tier is kept that a review at `at` leaves, whatever was earned: one period more."""
        return self.still_valid(at)[0][1]


def yearly(year: int, starts: tuple[int, int]) -> date:
    """The day of `year` on which a period begins; 29 February is the 28th where there is none."""
    month, day = starts
    return date(year, 2, 28) if (month, day) == (2, 29) and not isleap(year) else date(year, month, day)


def months_before(day: date, months: int) -> date:
    """The day `months` before `day`, the last of its month where there is none."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
