"""The lines of a promise's life in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from callbacks.models import Attempt, Callback, CallbackEvent

STATES = dict(Callback.State.choices)
CODES: dict[str, Any] = dict(Attempt.Outcome.choices) | {"not_tried": gettext_lazy("nobody tried")}


def _words_of(code: object) -> str:
    return str(CODES.get(code, "")) if isinstance(code, str) else ""


def told_of(event: CallbackEvent) -> str:
    """What a line says has changed: its state, its window, what came of the call; times are the reader's own."""
    before, after = event.data.get("before") or {}, event.data.get("after") or {}
    parts = [_state(before, after), _window(before, after), _words_of(event.data.get("outcome"))]
    return " · ".join(part for part in parts if part)


def _state(before: dict[str, Any], after: dict[str, Any]) -> str:
    was, now = (str(STATES.get(side.get("state", ""), "")) for side in (before, after))
    return f"{was} → {now}" if was and now and was != now else was or now


def _window(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The window where a line made or changed one."""
    if not after.get("from") or (before.get("from"), before.get("to")) == (after["from"], after["to"]):
        return ""
    return window_of(*(datetime.fromisoformat(after[side]) for side in ("from", "to")))


def window_of(start: datetime, end: datetime) -> str:
    """`start` to `end` as the reader's clock has it: 30 Nov, 10:00–11:00."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    same = first.date() == last.date()
    until = date_format(last, "H:i" if same else "j M, H:i")
    return f"{date_format(first, 'j M, H:i')}–{until}"
