"""What was filled in on a ticket, and what the shop was asked, in words for its thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


def reason(named: str, was: str) -> str:
    """What the reason is now, and what it was; `""` for none."""
    now = _("Reason: %s") % named if named else _("Reason taken back")
    return _was(now, was)


def checked(named: str) -> str:
    return _("Ticked: %s") % (named or "–")


def unchecked(named: str) -> str:
    return _("Tick taken back: %s") % (named or "–")


def filled(data: dict[str, Any], values: Iterable[FieldValue]) -> str:
    """What stands in a field now, and what stood there."""
    known = {value.pk: value for value in values}
    before, after = (known.get(data[side]) for side in ("before", "after"))
    label = next((value.field.label for value in known.values()), "–")
    now = f"{label}: {after.shown}" if after else _("%s: emptied") % label
    return _was(now, before.shown if before else "")


def shop(data: dict[str, Any], answer: str) -> str:
    """What the shop was asked to do with which order, how far that is, and what it said to it."""
    what = ShopTask.Kind(data["what"]).label
    amount = f" {money(data['amount_minor'], data['currency'])}" if data["amount_minor"] else ""
    words = f"{what}{amount}, {data['order']}: {STEPS[data['after']]()}"
    is_over = data["after"] in (State.DONE, State.REFUSED)
    return f"{words} – “{answer}”" if answer and is_over else words


def _was(now: str, before: str) -> str:
    return _("%(now)s (was %(before)s)") % {"now": now, "before": before} if before else now
