"""What customers do to a call themselves, by the link of a letter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from callbacks.models import Callback
from callbacks.services.ending import cancel, move
from callbacks.services.steps import State, lock
from contactcenter import clock
from contactcenter.errors import Refused


@transaction.atomic
def move_by_link(
    callback: Callback, window: tuple[datetime, datetime], *, seen: str, at: datetime | None = None
) -> Callback:
    """Move a call that still comes; `seen` is the beginning of the window they saw (`mark_of`).

    The same again is harmless. Refused: `moved_meanwhile` when it is another window by now, `in_call`, `past` when its
    time is over, `callback_over`, and what `move` refuses.
    """
    at = at or clock.now()
    held = _expect_to_come(callback, at)
    if (held.window_from, held.window_to) != window:
        _expect_seen(held, seen)
        held = move(held, window, by=None, key="", at=at)
    return held


@transaction.atomic
def cancel_by_link(callback: Callback, *, seen: str, at: datetime | None = None) -> Callback:
    """Cancel a call that still comes. Refused as `move_by_link`."""
    at = at or clock.now()
    held = lock(callback)
    if held.state == State.CANCELLED:
        return held
    held = _expect_to_come(held, at)
    _expect_seen(held, seen)
    return cancel(held, by=None, at=at)


def mark_of(callback: Callback) -> str:
    """What a page that shows a call tells apart its windows by."""
    return str(int(callback.window_from.timestamp()))


def _expect_to_come(callback: Callback, at: datetime) -> Callback:
    held = lock(callback)
    if not held.is_open:
        raise Refused("callback_over", _("This promise is %s already.") % held.get_state_display())
    if held.state == State.IN_CALL:
        raise Refused("in_call", _("We are calling you at this moment."))
    if held.window_to <= at:
        raise Refused("past", _("The time of this call is over."))
    return held


def _expect_seen(held: Callback, seen: str) -> None:
    if mark_of(held) != seen:
        raise Refused("moved_meanwhile", _("The call was moved meanwhile. Look again."))
