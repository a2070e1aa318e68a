"""What supervisors do with the promises of others: another window, somebody else. Neither is a try to reach anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent, Team
from agents.rights import expect_right
from agents.telling import notify
from callbacks.models import Callback, CallbackPolicy
from callbacks.services.booking import Booking, asked_again
from callbacks.services.ending import expect_open, move_locked
from callbacks.services.offering import next_look, subject_of
from callbacks.services.pools import line_up
from callbacks.services.steps import DIRECT, Event, State, first_look, lock, record, standing
from contactcenter import clock
from contactcenter.errors import Refused

Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Order:
    """What is to become of a promise: another `window`, and who keeps it: the agent `to`, else the `team`.

    `seen` is the window it had when this was decided: a promise that was moved meanwhile is not moved again.
    """

    window: Window | None = None
    seen: Window | None = None
    to: Agent | None = None
    team: Team | None = None


def shifted(window: Window, zone: ZoneInfo, *, days: int = 0, hours: int = 0) -> Window:
    """`window` so many days later by the calendar of `zone`, where it keeps its time of day, and then so many hours.

    Fewer than none go back. Instants in UTC.
    """
    start = (window[0].astimezone(zone) + timedelta(days=days)).astimezone(UTC) + timedelta(hours=hours)
    return start, start + (window[1] - window[0])


@transaction.atomic
def direct(callback: Callback, order: Order, *, by: Agent, at: datetime | None = None) -> Callback:
    """Hand a promise over and move it, as far as it is ordered: all of it, or nothing.

    Refused: as in `hand_over` and `put_off`; `nothing_ordered`.
    """
    if order.window is None and order.to is None and order.team is None:
        raise Refused("nothing_ordered", _("Choose another window, or somebody else."))
    at = at or clock.now()
    if order.to is not None or order.team is not None:
        callback = _locked(callback, by)
        _hand(callback, order.to, order.team, by=by, at=at, stays=order.window is None)
    if order.window is not None:  # by the time of whoever keeps it now
        callback = put_off(callback, order.window, seen=order.seen, by=by, at=at)
    return callback


@transaction.atomic
def hand_over(
    callback: Callback,
    *,
    to: Agent | None = None,
    team: Team | None = None,
    by: Agent,
    at: datetime | None = None,
) -> Callback:
    """Let somebody else keep an open promise: the agent `to`, else whoever of the `team` can.

    Offered or accepted it goes back to due, and is offered anew. Who has it already keeps it, nothing is written.
    Refused: `not_allowed`, `callback_over`, `in_call`, `nobodys` (a task is always an agent's), `not_of_brand`, and
    `full` of a call to come for which they have no time.
    """
    callback = _locked(callback, by)
    _hand(callback, to, team, by=by, at=at or clock.now(), stays=True)
    return callback


def _locked(callback: Callback, by: Agent) -> Callback:
    """The promise of others, locked, as far as `by` may direct it."""
    expect_right(by, DIRECT, callback.brand_id)
    callback = lock(callback)
    expect_open(callback)
    if callback.state == State.IN_CALL:
        raise Refused("in_call", _("%s is calling them at this moment.") % callback.owner)
    return callback


def _hand(
    callback: Callback, to: Agent | None, team: Team | None, *, by: Agent, at: datetime, stays: bool
) -> None:
    """Give a locked promise to somebody else; `stays` in its window, for which they must have time."""
    _expect_of_brand(callback, to, team)
    keeps = (to, team or callback.team)
    if (callback.owner, callback.team) == keeps:
        return
    before, had = standing(callback), {"owner": callback.owner_id, "team": callback.team_id}
    callback.owner, callback.team = keeps
    if stays and callback.is_call and callback.state in Callback.WAITING:
        _expect_time(callback, at)
    callback.save(update_fields=["owner", "team", *_start_over(callback, at)])
    record(
        callback, Event.HANDED, by=by, at=at, before=before, had=had,
        has={"owner": callback.owner_id, "team": callback.team_id},
    )  # fmt: skip
    _tell(callback, by, at)


def _expect_time(callback: Callback, at: datetime) -> None:
    """What is due is called by whoever can; of what is to come nobody gets more than they can call."""
    line_up()
    if not Booking(asked_again(callback), at).has_room(max(callback.window_from, at), callback.window_to):
        raise Refused("full", _("%s has no time left in this window.") % (callback.owner or callback.team))


@transaction.atomic
def put_off(
    callback: Callback, window: Window, *, seen: Window | None = None, by: Agent, at: datetime | None = None
) -> Callback:
    """Promise another window instead of an open one, as `move` does, without a try: the house could not keep it.

    In that window already, nothing changes. Refused: `not_allowed`, `callback_over`, `in_call`, `moved_meanwhile` when
    it is not in the window `seen` any more, and what stands against a window.
    """
    callback = _locked(callback, by)
    stands = (callback.window_from, callback.window_to)
    if stands == window:
        return callback
    if seen is not None and stands != seen:
        raise Refused("moved_meanwhile", _("It was moved meanwhile. Look at it again."))
    move_locked(callback, window, by=by, at=at or clock.now())
    return callback


def _expect_of_brand(callback: Callback, to: Agent | None, team: Team | None) -> None:
    if to is None and (team is None or not callback.is_call):
        raise Refused("nobodys", _("Say who is to keep it: an agent, or for a call a team."))
    if to is not None and not Agent.objects.serving(callback.brand).filter(pk=to.pk).exists():
        raise Refused("not_of_brand", _("%s does not serve this brand.") % to)
    if team is not None and team.brand_id != callback.brand_id:
        raise Refused("not_of_brand", _("%s does not serve this brand.") % team)


def _start_over(callback: Callback, at: datetime) -> list[str]:
    """A call at work is due anew, for whoever has it now; one that waits is looked at as if it was always theirs.

    Gives the fields that were set.
    """
    policy = CallbackPolicy.objects.of(callback.brand_id)
    if callback.state in Callback.WAITING:
        callback.reminded_at, callback.look_at = None, first_look(callback, policy, at)
        return ["reminded_at", "look_at"]
    if not callback.is_call:
        return []
    callback.state, callback.due_since = State.DUE, at
    callback.offered_to = callback.offer_until = callback.escalated_at = None
    callback.look_at = next_look(callback, policy)
    return ["state", "due_since", "offered_to", "offer_until", "escalated_at", "look_at"]


def _tell(callback: Callback, by: Agent, at: datetime) -> None:
    if callback.owner is None or callback.owner == by:
        return
    notify(
        [callback.owner], brand_id=callback.brand_id, kind="callback_handed", subject=subject_of(callback),
        key=f"callback:{callback.pk}:handed:{at.isoformat()}", at=at, callback=callback.pk,
    )  # fmt: skip
