"""A promise with a price, in words: what runs beside the ticket, and the receipt in its conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from desk.days import in_words
from desk.due import Due, due, span
from goodwill.models import PledgeRun


@dataclass(frozen=True)
class Pledged:
    """What is promised until when, in `words`, and how much of the time is left."""

    words: str
    chip: Due


def pledged(runs: Iterable[PledgeRun], *, now: datetime) -> list[Pledged]:
    """The promises that run on a ticket at `now`, as they stand beside it."""
    return [
        Pledged(
            _running(one.kind, one.due_at, one.pledge.points, now),
            due(one.due_at, now=now, since=one.started_at, kind=one.kind),
        )
        for one in runs
        if one.due_at and one.pledge
    ]


def _running(kind: str, until: datetime, points: int, now: datetime) -> str:
    """Promised: answered by 14:05, else 100 points."""
    local = timezone.localtime(until)
    day = "" if local.date() == timezone.localtime(now).date() else f"{in_words(local.date(), 'DAY')} "
    words = {"at": f"{day}{local:%H:%M}", "points": intcomma(points)}
    if kind == "resolution":
        return _("Promised: solved by %(at)s, else %(points)s points") % words
    return _("Promised: answered by %(at)s, else %(points)s points") % words


PROMISED: dict[str, Callable[[], str]] = {
    "first": lambda: _("Promised: first answer by %s"),
    "next": lambda: _("Promised: next answer by %s"),
    "resolution": lambda: _("Promised: solution by %s"),
}
WHY: dict[str, Callable[[], str]] = {
    "budget_used_up": lambda: _("its budget has no points left"),
    "budget_is_over": lambda: _("it is not the time of its budget"),
    "often_enough": lambda: _("it pays one customer no oftener"),
    "own_account": lambda: _("it is the address of who promised it"),
    "account_not_active": lambda: _("the account is frozen"),
}


def words_of_pledge(data: dict[str, Any]) -> str:
    """The receipt: what was promised, when it came, and what was paid."""
    up, came = _instant(data["due"]), _instant(data["answered"])
    late = span(came - up) if came and up else ""
    points = intcomma(data["points"])
    if data["what"] == "pledge_answered":
        return _("What was promised by %(up)s came at %(came)s, %(late)s late") % {
            "up": _said(up), "came": _said(came), "late": late,
        }  # fmt: skip
    promised = PROMISED[data["clock"]]() % _said(up)
    came_words = _("it came at %s") % _said(came) if came else _("it was not there")
    if data["what"] == "pledge_paid":
        paid = _("%s points are paid by the pledge") % points
        return f"{promised}; {came_words}: {paid}"
    why, unpaid = WHY.get(data["why"], lambda: data["why"])(), _("%s points are not paid") % points
    return f"{promised}; {came_words}: {unpaid}, {why}"


def _instant(text: str | None) -> datetime | None:
    return timezone.localtime(datetime.fromisoformat(text)) if text else None


def _said(at: datetime | None) -> str:
    return date_format(at, "DAY_TIME") if at else "–"
