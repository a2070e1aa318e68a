"""How the points of each month were spent since, read from lots and what used them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db import connection

from contactcenter import clock
from loyalty.liability import Liability, Vintage, liability_of
from loyalty.models import Programme

GIVEN = """
SELECT date_trunc('month', born.occurred_at AT TIME ZONE %(zone)s)::date AS month, sum(granted), sum(remaining)
FROM loyalty_lot AS lot JOIN loyalty_entry AS born ON born.id = lot.entry_id
JOIN loyalty_account AS account ON account.id = lot.account_id
WHERE account.programme_id = %(programme)s GROUP BY 1 ORDER BY 1
"""
# What took points from a lot: spending, also undone (a minus); its end, less what came back; anything else (taken back,
# paid for a debt, moved to another account) makes it as if they had never been given here.
USED = """
SELECT date_trunc('month', born.occurred_at AT TIME ZONE %(zone)s)::date AS month,
       date_trunc('month', spent.occurred_at AT TIME ZONE %(zone)s)::date AS used_in,
       CASE WHEN spent.contra = 'expire' THEN 'expired'
            WHEN spent.kind = 'redeem' OR used.points < 0 THEN 'spent' ELSE 'gone' END AS how,
       sum(used.points)
FROM loyalty_lotuse AS used JOIN loyalty_entry AS spent ON spent.id = used.entry_id
JOIN loyalty_lot AS lot ON lot.id = used.lot_id JOIN loyalty_entry AS born ON born.id = lot.entry_id
JOIN loyalty_account AS account ON account.id = lot.account_id
WHERE account.programme_id = %(programme)s GROUP BY 1, 2, 3
"""


def vintages_of(programme: Programme, *, at: datetime | None = None) -> list[Vintage]:
    """The vintages of `programme`, by the months of its zone; each as old as whole months have passed by `at`."""
    values: dict[str, str | int] = {"zone": programme.time_zone, "programme": programme.pk}
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, values)
        given = cursor.fetchall()
        cursor.execute(USED, values)
        used = cursor.fetchall()
    spent: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    gone: dict[date, int] = defaultdict(int)
    for month, used_in, how, points in used:
        if how == "spent":
            spent[month][max(0, _months(month, used_in))] += points
        elif how == "gone":
            gone[month] += points
    today = (at or clock.now()).astimezone(programme.zone).date()
    return [
        Vintage(month, granted - gone[month], left, max(0, _months(month, today)), dict(spent[month]))
        for month, granted, left in given
    ]


def liability(programme: Programme, *, at: datetime | None = None) -> Liability:
    """What the programme owes its members for points, at what a point is worth today."""
    lives = {Programme.Expiry.AGE: 0, Programme.Expiry.FIXED_DAY: 12}.get(
        Programme.Expiry(programme.expiry_mode)
    )
    months = None if lives is None else programme.validity_months + lives
    value = programme.point_value_minor
    return liability_of(vintages_of(programme, at=at), point_value_minor=value, months=months)


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
