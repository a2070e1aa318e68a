"""How long what ran out during a wait is kept: a table, and a property over zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.extension import kept_until
from loyalty.tier_windows import midnight

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    BERLIN,
    ZoneInfo("America/Sao_Paulo"),
    ZoneInfo("Pacific/Kiritimati"),
    ZoneInfo("Asia/Kathmandu"),
    UTC,
]


def berlin(text: str) -> datetime:
    """The midnight in Berlin that begins a day."""
    return midnight(datetime.fromisoformat(text).date(), BERLIN)


@pytest.mark.parametrize(
    ("waited", "most", "until"),
    [
        (timedelta(days=3), 30, "2026-12-13"),  # ended at the midnight after 9 December
        (timedelta(days=3, minutes=1), 30, "2026-12-14"),  # and to the end of the day it falls into
        (timedelta(minutes=5), 30, "2026-12-11"),
        (timedelta(days=90), 30, "2027-01-09"),
        (timedelta(days=90), 0, None),
        (timedelta(0), 30, None),
    ],
)
def test_what_ended_in_a_wait_lives_as_much_longer_to_the_end_of_a_day(
    waited: timedelta, most: int, until: str | None
) -> None:
    end = berlin("2026-12-10")
    found = kept_until(end, waited, BERLIN, first_end=end, most_days=most)
    assert found == (berlin(until) if until else None)


def test_a_day_of_25_hours_is_one_day() -> None:
    end = berlin("2026-10-25")
    found = kept_until(end, timedelta(hours=25), BERLIN, first_end=end, most_days=30)
    assert found == berlin("2026-10-26")


def test_all_extensions_together_stay_within_the_days_of_the_programme() -> None:
    first = end = berlin("2026-12-10")
    for _ in range(3):
        end = kept_until(end, timedelta(days=12), BERLIN, first_end=first, most_days=30) or end
    assert end == first + timedelta(days=30)
    assert kept_until(end, timedelta(days=12), BERLIN, first_end=first, most_days=30) is None


@given(
    day=st.dates(min_value=date(2024, 1, 2), max_value=date(2030, 1, 1)),
    waited=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=400)),
    most=st.integers(min_value=1, max_value=366),
    zone=st.sampled_from(ZONES),
)
def test_it_is_never_less_than_the_wait_unless_the_cap_says_so_and_ends_at_a_local_midnight(
    day: date, waited: timedelta, most: int, zone: ZoneInfo
) -> None:
    end = midnight(day, zone)
    until = kept_until(end, waited, zone, first_end=end, most_days=most)
    assert until
    local = until.astimezone(zone)
    assert until == midnight(local.date(), zone)
    days = (local.date() - day).days
    assert days == most or end + waited <= until < end + waited + timedelta(hours=25)
    assert 1 <= days <= most
