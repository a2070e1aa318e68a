"""What stands in a field, as a value, or the sentence that says what is wrong with it. No database."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime
from functools import lru_cache

from contactcenter import clock
from customers.services.profile import cleaned

YES = frozenset({"yes", "y", "true", "1"})
NO = frozenset({"no", "n", "false", "0"})
MONEY = re.compile(r"([0-9]{1,10})(?:[.,]([0-9]{1,2}))?", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
MOST_POINTS = 100_000_000


class Wrong(Exception):  # noqa: N818  an answer to whoever wrote the line
    """A field that says nothing usable, with the sentence for the report."""


def text(value: str, name: str, longest: int) -> str:
    if len(value) > longest:
        raise Wrong(f"{name} has {len(value)} characters; {longest} fit.")
    if not value.isprintable():
        value = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return value


def yes(value: str, name: str) -> bool | None:
    """True, False, or None for an empty field."""
    word = value.lower()
    if not word:
        return None
    if word not in YES | NO:
        raise Wrong(f"{name} is “{value[:20]}”; write yes or no.")
    return word in YES


def money(value: str, name: str) -> int:
    """Minor units of an amount like 49.90 or 49,90."""
    match = MONEY.fullmatch(value)
    if match is None:
        raise Wrong(f"{name} is “{value[:20]}”; write an amount like 49.90, without currency and thousands.")
    units, cents = match.groups(default="")
    return int(units) * 100 + int(cents.ljust(2, "0") or 0)


def whole(value: str, name: str, *, least: int, most: int, default: int) -> int:
    if not value:
        return default
    if not WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise Wrong(f"{name} is “{value[:20]}”; write a whole number from {least} to {most}.")
    return int(value)


def instant(value: str, name: str, zone: str, now: datetime) -> datetime:
    """The UTC instant of an ISO date or time; without an offset it is one of `zone`."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong(f"{name} is “{value[:30]}”; write 2026-05-01 or 2026-05-01T14:30+02:00.") from None
    try:
        at = (at if at.tzinfo else at.replace(tzinfo=zoneinfo.ZoneInfo(zone))).astimezone(UTC)
    except OverflowError:
        raise Wrong(f"{name} is “{value[:30]}”, which is no time we can tell.") from None
    if at < OLDEST or clock.still_to_come(at, now=now):
        raise Wrong(f"{name} is “{value[:30]}”: before 1970, or still to come.")
    return at


def language(value: str) -> str:
    return _cleaned("language", value.replace("_", "-")) if value else "en"


def country(value: str) -> str:
    return _cleaned("country", value)


def time_zone(value: str) -> str:
    return _cleaned("time_zone", value)


def birthday(value: str) -> str:
    return _cleaned("birthday", value)


@lru_cache(maxsize=1000)  # a file says the same few values over and over
def _cleaned(field: str, value: str) -> str:
    """A field of the profile as people edit it; refused as it is there."""
    return cleaned(field, value)
