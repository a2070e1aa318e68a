"""The times a ticket can be put off to."""

from __future__ import annotations

import pytest
from django.utils import timezone

from desk.snoozing import choices
from tests.make import instant


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        ("2026-03-25T10:30+01:00", {
            "soon": "2026-03-25T12:30+01:00", "evening": "2026-03-25T17:00+01:00",
            "tomorrow": "2026-03-26T09:00+01:00", "monday": "2026-03-30T09:00+02:00",
            "week": "2026-04-01T11:30+02:00",
        }),
        ("2026-03-30T18:00+02:00", {
            "soon": "2026-03-30T20:00+02:00", "tomorrow": "2026-03-31T09:00+02:00",
            "monday": "2026-04-06T09:00+02:00", "week": "2026-04-06T18:00+02:00",
        }),
    ],
)  # fmt: skip
def test_times_are_those_of_the_readers_clock_also_over_the_day_it_is_put_forward(
    now: str, offered: dict[str, str]
) -> None:
    with timezone.override("Europe/Berlin"):
        assert {one.code: one.until for one in choices(instant(now))} == {
            code: instant(until) for code, until in offered.items()
        }
