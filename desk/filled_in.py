"""What was filled in on a ticket, and what the shop was asked, in words for its thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from desk.templatetags.desk import money
from tickets.models import FieldValue, ShopTask

State = ShopTask.State
# What became of a task, said after what it is.
STEPS: dict[str, Callable[[], str]] = {
    State.ASKED: lambda: _("the shop is asked"),
    State.TAKEN: lambda: _("the shop is at it"),
    State.DONE: lambda: _("the shop has done it"),
    State.REFUSED: lambda: _("the shop will not"),
    State.WITHDRAWN: lambda: _("no longer asked"),
}


@dataclass(frozen=True)
class Names:
    """What the lines of a thread speak of, by id: reasons, checklists, values of fields, what the shop said."""

    reasons: dict[int, str] = field(default_factory=dict)
    items: dict[int, str] = field(default_factory=dict)
    values: dict[int, FieldValue] = field(default_factory=dict)
    fields: dict[int, str] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)


def reason(data: dict[str, Any], names: Names) -> str:
    """What the reason is now, and what it was."""
    after = names.reasons.get(data["after"] or 0)
    now = _("Reason: %s") % after if after else _("Reason taken back")
    return _was(now, names.reasons.get(data["before"] or 0, ""))


def checked(data: dict[str, Any], names: Names) -> str:
    return _("Ticked: %s") % names.items.get(data["after"], "–")


def unchecked(data: dict[str, Any], names: Names) -> str:
    return _("Tick taken back: %s") % names.items.get(data["before"], "–")


def filled(data: dict[str, Any], names: Names) -> str:
    """What stands in a field now, and what stood there."""
    before, after = (names.values.get(data[side] or 0) for side in ("before", "after"))
    label = names.fields.get(data["field"], "–")
    now = f"{label}: {after.shown}" if after else _("%s: emptied") % label
    return _was(now, before.shown if before else "")


def shop(data: dict[str, Any], names: Names) -> str:
    """What the shop was asked to do with which order, how far that is, and what it said to it."""
    what = ShopTask.Kind(data["what"]).label
    amount = f" {money(data['amount_minor'], data['currency'])}" if data["amount_minor"] else ""
    words = f"{what}{amount}, {data['order']}: {STEPS[data['after']]()}"
    answer = names.answers.get(data["task"]) if data["after"] in (State.DONE, State.REFUSED) else ""
    return f"{words} – “{answer}”" if answer else words


def _was(now: str, before: str) -> str:
    return _("%(now)s (was %(before)s)") % {"now": now, "before": before} if before else now
