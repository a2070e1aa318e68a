"""Statements of an account: what it had, what moved, what it has, and what of that expires when.

A statement goes by the day on which a line was posted, in the zone of the programme, so that its lines add up and a
statement once given never changes. The day on which something happened stands beside the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from contactcenter import clock
from contactcenter.paging import Page, pack, unpack
from loyalty import tier_windows
from loyalty.explain import balance_after, last_line_by
from loyalty.models import Account, Programme

PAGE = 20
ENDS_SHOWN = 24  # days on which points end; what ends later is one line

# What was left in each lot after line `seq`: what it was granted less what lines up to then had used, with the end
# that it had then.
LEFT_THEN = """
SELECT expires_at, sum(left_then) FROM (
    SELECT coalesce(
               (SELECT later.was_until FROM loyalty_lotextension AS later
                WHERE later.lot_id = lot.id AND later.seq > %(seq)s ORDER BY later.id LIMIT 1),
               lot.expires_at
           ) AS expires_at,
           lot.granted - coalesce(sum(used.points) FILTER (WHERE user_line.seq <= %(seq)s), 0) AS left_then
    FROM loyalty_lot AS lot
    JOIN loyalty_entry AS born ON born.id = lot.entry_id AND born.seq <= %(seq)s
    LEFT JOIN loyalty_lotuse AS used ON used.lot_id = lot.id
    LEFT JOIN loyalty_entry AS user_line ON user_line.id = used.entry_id
    WHERE lot.account_id = %(account)s GROUP BY lot.id
) lots WHERE left_then > 0 GROUP BY 1 ORDER BY 1 NULLS LAST
"""


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included, and the UTC instants [start, end) of them in a zone."""

    first: date
    last: date
    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, last: date, programme: Programme) -> Period:
        """In the zone of the programme."""
        zone = programme.zone
        return cls(first, last, clock.day(first, zone)[0], clock.day(last, zone)[1])

    @classmethod
    def of_month(cls, day: date, programme: Programme) -> Period:
        """The month that `day` is in."""
        first = day.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        return cls.of_days(first, following - timedelta(days=1), programme)

    @classmethod
    def asked(cls, words: Mapping[str, str], account: Account) -> Period:
        """From the ISO days `from` to `to` of an address; this month where they make no sense."""
        today = clock.now().astimezone(account.programme.zone).date()
        try:
            first, last = (date.fromisoformat(words.get(name, "")) for name in ("from", "to"))
            # A day beside it must exist in every zone.
            sound = first <= last and date.min.year < first.year and last.year < date.max.year
        except ValueError:
            sound = False
        programme = account.programme
        return cls.of_days(first, last, programme) if sound else cls.of_month(today, programme)


@dataclass(frozen=True)
class Ending:
    """`points` that end with `last_day` (None: never, or later than is listed, as `words` say)."""

    points: int
    last_day: date | None
    words: str = ""


@dataclass(frozen=True)
class Statement:
    """One account in one period: the balance before line `before` + 1 and after line `last`, in points."""

    account: Account
    period: Period
    before: int
    last: int
    opening: int
    closing: int

    @property
    def count(self) -> int:
        """How many lines it has."""
        return self.last - self.before

    @property
    def lines(self) -> QuerySet[Any]:
        """All its lines, the oldest first."""
        rows = self.account.entries.filter(seq__gt=self.before, seq__lte=self.last)
        return rows.select_related("actor").order_by("seq")

    def page(self, cursor: str = "") -> Page:
        """One page of its lines after those that `cursor` names; the index of seq leads there at once."""
        place = unpack("statement", cursor)
        rows = list(self.lines.filter(seq__gt=place[0])[: PAGE + 1] if place else self.lines[: PAGE + 1])
        return Page(rows[:PAGE], pack("statement", rows[PAGE - 1].seq) if len(rows) > PAGE else "")

    def endings(self) -> list[Ending]:
        """What of the closing balance ends when, as things stood after its last line."""
        if self.last == self.account.version:
            rows = self.account.lots.filter(is_open=True).order_by(F("expires_at").asc(nulls_last=True))
            found = list(rows.values_list("expires_at").annotate(Sum("remaining")))
        else:
            with connection.cursor() as cursor:
                cursor.execute(LEFT_THEN, {"account": self.account.pk, "seq": self.last})
                found = cursor.fetchall()
        zone = self.account.programme.zone
        shown = [
            Ending(points, tier_windows.last_day_before(at, zone) if at else None, "" if at else _("never"))
            for at, points in found[:ENDS_SHOWN]
        ]
        later = sum(points for _at, points in found[ENDS_SHOWN:])
        return [*shown, Ending(later, None, _("later"))] if later else shown


def statement_of(account: Account, period: Period) -> Statement:
    """The statement of `account`, which came with its programme, for `period`. Nothing is locked: of the lines
    that are posted meanwhile none belongs to it unless the period has not ended."""
    before = last_line_by(account, period.start - timedelta(microseconds=1))
    last = last_line_by(account, period.end - timedelta(microseconds=1))
    return Statement(
        account=account,
        period=period,
        before=before,
        last=last,
        opening=balance_after(account, before),
        closing=balance_after(account, last),
    )
