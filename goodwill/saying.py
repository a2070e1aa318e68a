"""Limits and the parts of a suggestion in words, for the desk and the admin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goodwill.suggestion import Code, Part

NAMES: dict[str, Callable[[], str]] = {
    "per_grant": lambda: _("This grant"),
    "per_ticket": lambda: _("This ticket"),
    "per_day": lambda: _("You today"),
    "per_week": lambda: _("You this week"),
    "per_month": lambda: _("You this month"),
    "customer_30": lambda: _("Customer, 30 days"),
    "customer_90": lambda: _("Customer, 90 days"),
    "customer_365": lambda: _("Customer, a year"),
    "budget": lambda: _("Budget"),
}
SEVERITIES: dict[int, Callable[[], str]] = {
    1: lambda: _("%s, light"),
    2: lambda: "%s",
    3: lambda: _("%s, serious"),
    4: lambda: _("%s, grave"),
}


@dataclass(frozen=True)
class Line:
    """A part of a suggestion as it is read; a cap is shown apart from the rest."""

    text: str
    points: int
    is_cap: bool = False


def lines_of(parts: Iterable[Part], *, reason: str, tier: str) -> list[Line]:
    """The parts in words; `reason` and `tier` are the names of those the suggestion was made for."""
    return list(_lines(parts, reason, tier))


def kept_parts(parts: Iterable[dict[str, Any]]) -> list[Part]:
    """The parts that were kept with a request."""
    return [Part(**part) for part in parts]


def _lines(parts: Iterable[Part], reason: str, tier: str) -> Iterator[Line]:
    for part in parts:
        if part.code == Code.SEVERITY:
            yield Line(SEVERITIES[part.number]() % reason, part.points)
        elif part.code == Code.TIER:
            yield Line(
                _("%(tier)s, plus %(percent)d%%") % {"tier": tier, "percent": part.percent}, part.points
            )
        elif part.code in WORDS:
            yield Line(WORDS[part.code](part), part.points)
        else:
            yield Line(_("Capped: %s") % _cap(part), part.points, is_cap=True)


def _cap(part: Part) -> str:
    if part.code in CAPS:
        return CAPS[part.code](part)
    return _("%(name)s, %(left)d left") % {"name": NAMES[part.code](), "left": part.number}


def _times(part: Part) -> str:
    words = ngettext("Another mishap in 90 days", "%(count)s more mishaps in 90 days", part.number)
    return words % {"count": part.number}


WORDS: dict[str, Callable[[Part], str]] = {
    Code.LOSS: lambda part: _("What was lost"),
    Code.MISHAPS: _times,
    Code.MESSAGES: lambda part: _("Wrote %d times") % part.number,
    Code.WAITING: lambda part: _("Waited %d days") % part.number,
    Code.INCIDENT: lambda part: _("%d customers were hit, less for each") % part.number,
    Code.REASON_MINIMUM: lambda part: _("No less than %d for this reason") % part.number,
    Code.ALREADY_GIVEN: lambda part: _("Given or asked for on this ticket"),
    Code.BELOW_MINIMUM: lambda part: _("The rest is less than this reason gives"),
    Code.ROUNDING: lambda part: _("Rounded"),
}
CAPS: dict[str, Callable[[Part], str]] = {
    Code.REASON_MAXIMUM: lambda part: _("this reason, %d left") % part.number,
    Code.LOSS_CAP: lambda part: (
        _("%(percent)d%% of the loss, %(left)d left") % {"percent": part.percent, "left": part.number}
    ),
    Code.SPEND_CAP: lambda part: (
        _("%(percent)d%% of twelve months’ spend, %(left)d left")
        % {"percent": part.percent, "left": part.number}
    ),
}
