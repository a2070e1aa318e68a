"""What was promised in the demo: calls and tasks that are due, to come, kept, moved and cancelled."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import callbacks.services
from callbacks import windows
from callbacks.models import Callback
from contactcenter.demo.customers import Profile
from contactcenter.demo.story import Story
from customers.models import ContactPoint

if TYPE_CHECKING:
    from contactcenter.demo.conversations import Turn

TASK = Callback.Kind.TASK
HOUR = timedelta(hours=1)
IN_TALK = re.compile(r"(\d+)d (\d\d):(\d\d) \| (.+)")
OPENED_AGO = timedelta(minutes=20)  # the window of what is due now opened then
MADE_AHEAD = timedelta(hours=4)


class Promise(NamedTuple):
    """A promise to be told: who calls whom about what, on which ticket, if any."""

    key: str
    owner: str
    customer: str
    reason: str
    ticket: str = ""
    kind: str = Callback.Kind.CALL


# Ana's next two calls go to whoever is awake: some of these people live on the other side of the world.
ANA_CALLS = [
    Promise("amara", "ana", "amara-nwosu", "Split table leg: a new leg or a whole table?", "split-leg"),
    Promise("jun", "ana", "jun-lee", "Change of address, wants it confirmed by voice", "change-of-address"),
    Promise("hannah", "ana", "hannah-whitlam", "Customs papers for the rug", "customs-papers"),
    Promise("piotr", "ana", "piotr-zielinski", "Refund missing, third contact", "refund-missing"),
    Promise("marcus", "ana", "marcus-bell", "Which finish for the second oak table"),
    Promise("grace", "ana", "grace-thornton", "Says the gift wrap was missing"),
]
# Hours from now to the opening of the window; calls that would fall into the night move to the next morning.
TODAY = [
    (-0.4, Promise("courier", "ana", "daniel-okafor", "Ask the courier for the proof of delivery", kind=TASK)),
    (2.5, Promise("samples", "ana", "sofie-lindqvist", "Send the lamp fitting chart once it is printed", kind=TASK)),
    (-0.2, Promise("warehouse", "sam", "imran-malik", "Check with the warehouse on the bed slats", kind=TASK)),
    (1.5, Promise("emily", "sam", "emily-carter", "Delivery slot for the armchair")),
    (2.0, Promise("priya", "isla", "priya-shah", "Walk through the points of the last order")),
    (-0.6, Promise("stock", "isla", "oliver-grant", "Look whether the shade is back in stock", kind=TASK)),
    (3.0, Promise("freya", "mira", "freya-andersen", "Second voucher does not show in her account")),
    (26.0, Promise("lena", "ruth", "lena-fischer", "Thank her for ten years with us")),
]  # fmt: skip
# Days ago, local hour, what came of it; what was missed was promised again.
PAST = [
    (2, 10, "kept", Promise("luca", "ana", "luca-ferri", "Wrong colour, which one does he want")),
    (2, 15, "second try", Promise("petra", "ana", "petra-novak", "Explain the date of the refund")),
    (3, 11, "kept", Promise("hugo", "mira", "hugo-blanc", "How to use the gift card")),
    (4, 16, "kept", Promise("nadia", "sam", "nadia-haddad", "Floor for the delivery, is there a lift")),
    (5, 10, "moved", Promise("oliver", "isla", "oliver-grant", "Damaged lamp: photos or pick-up")),
    (6, 14, "kept", Promise("george", "isla", "george-adeyemi", "Two orders, one parcel")),
    (1, 16, "missed", Promise("zara", "sam", "zara-hussain", "Says the second basket is late as well")),
    (
        8,
        11,
        "cancelled",
        Promise("katharina", "mira", "katharina-bauer", "Points missing from the shop in Graz"),
    ),
    (9, 17, "second try", Promise("imran", "sam", "imran-malik", "Slats of the bed frame")),
    (12, 12, "kept", Promise("greta", "ana", "greta-hoffmann", "How far to Platinum, and by when")),
]


def plan_of_talk(story: Story, ticket: str, profile: Profile, turn: Turn) -> None:
    """A promise made in a conversation: `2d 14:00 | reason`, one hour by the customer's clock."""
    found = IN_TALK.fullmatch(turn.words)
    if not found:
        raise ValueError(f"{turn.key}: cannot read “{turn.words}”")
    days, hour, minute, reason = found.groups()
    start = _local(turn.at, profile.zone, int(days), time(int(hour), int(minute)))
    kind = Callback.Kind.CALL if turn.sign == "~" else Callback.Kind.TASK
    promise = Promise(turn.key.removeprefix("demo:"), turn.who, profile.key, reason, ticket, kind)
    _plan(story, promise, (start, start + HOUR), at=turn.at)


def plan(story: Story, profiles: list[Profile]) -> None:
    """What is due now, what comes today, and what became of earlier promises."""
    zones = {profile.key: ZoneInfo(profile.zone) for profile in profiles}
    now = story.now
    for start, promise in calls_of_ana(now, zones):
        _plan(story, promise, (start, start + HOUR), at=now - MADE_AHEAD)
    for hours, promise in TODAY:
        start = _round(now + timedelta(hours=hours))
        if promise.kind == Callback.Kind.CALL:
            start = windows.after_quiet(start, HOUR, zones[promise.customer])
        _plan(story, promise, (start, start + HOUR), at=now - MADE_AHEAD)
    for days, hour, outcome, promise in PAST:
        start = _local(now, zones[promise.customer].key, -days, time(hour))
        _plan(story, promise, (start, start + HOUR), at=start - timedelta(hours=20))
        _plan_outcome(story, promise, start, outcome)


def calls_of_ana(now: datetime, zones: dict[str, ZoneInfo]) -> list[tuple[datetime, Promise]]:
    """The call she is to make now and the one in an hour, each with the opening of its window."""
    calls = list(ANA_CALLS)
    chosen = []
    for start in (_round(now - OPENED_AGO), _round(now + HOUR)):
        awake = next(
            call for call in calls if not windows.is_quiet(start, start + HOUR, zones[call.customer])
        )
        calls.remove(awake)
        chosen.append((start, awake))
    return chosen


def _round(at: datetime) -> datetime:
    """Down to five minutes: nobody promises a call at seven seconds past."""
    return at - timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)


def _local(at: datetime, zone: str, days: int, clock_time: time) -> datetime:
    day = at.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return datetime.combine(day, clock_time, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _plan(story: Story, promise: Promise, window: tuple[datetime, datetime], *, at: datetime) -> None:
    story.add(at, partial(_promise, story, promise, window, at))
    if window[0] <= story.now:
        story.add(window[0], partial(callbacks.services.claim_due, at=window[0]))
    if window[1] <= story.now and promise.ticket:
        _add_done(story, promise, window[0] + timedelta(minutes=12))


def _plan_outcome(story: Story, promise: Promise, start: datetime, outcome: str) -> None:
    first = start + timedelta(minutes=6)
    if outcome == "missed":
        _plan_missed(story, promise, start + HOUR)
    elif outcome == "cancelled":
        before = start - timedelta(hours=2)
        story.add(before, partial(_cancel, story, promise, before))
    elif outcome == "kept":
        _add_done(story, promise, first)
    elif outcome == "second try":
        again = start + HOUR  # never twice in one hour of the day
        story.add(first, partial(_no_answer, story, promise, first))
        story.add(again, partial(callbacks.services.claim_due, at=again))
        _add_done(story, promise, again + timedelta(minutes=4))
    elif outcome == "moved":
        later = start + timedelta(days=1)
        story.add(first, partial(_move, story, promise, (later, later + HOUR), first))
        story.add(later, partial(callbacks.services.claim_due, at=later))
        _add_done(story, promise, later + timedelta(minutes=9))


def _plan_missed(story: Story, promise: Promise, over: datetime) -> None:
    """Nobody called: the clock finds it, promises again by itself, and that promise is kept."""
    again = over + timedelta(minutes=40)
    story.add(over, partial(callbacks.services.look_at_next, at=over))
    story.add(again, partial(callbacks.services.claim_due, at=again))
    story.add(again + timedelta(minutes=7), partial(_make_up, story, promise, again + timedelta(minutes=7)))


def _make_up(story: Story, promise: Promise, at: datetime) -> None:
    followed = Callback.objects.get(follows=_of(promise))
    note = "Said sorry for being late, all is well."
    callbacks.services.done(
        followed, by=story.agents[promise.owner], key=f"demo:{promise.key}:done", note=note, at=at
    )


def _promise(story: Story, promise: Promise, window: tuple[datetime, datetime], at: datetime) -> None:
    customer = story.customers[promise.customer]
    call = promise.kind == Callback.Kind.CALL
    phone = customer.contact_points.filter(kind=ContactPoint.Kind.PHONE).first() if call else None
    callbacks.services.promise(
        customer,
        window,
        by=story.agents[promise.owner],
        reason=promise.reason,
        key=f"demo:{promise.key}",
        ticket=story.tickets[promise.ticket] if promise.ticket else None,
        contact_point=phone,
        kind=promise.kind,
        at=at,
    )


def _add_done(story: Story, promise: Promise, at: datetime) -> None:
    story.add(at, partial(_done, story, promise, at))


def _done(story: Story, promise: Promise, at: datetime) -> None:
    by, key = story.agents[promise.owner], f"demo:{promise.key}:done"
    callbacks.services.done(_of(promise), by=by, key=key, note="Reached, all said.", at=at)


def _no_answer(story: Story, promise: Promise, at: datetime) -> None:
    callbacks.services.no_answer(
        _of(promise), by=story.agents[promise.owner], key=f"demo:{promise.key}:1", at=at
    )


def _move(story: Story, promise: Promise, window: tuple[datetime, datetime], at: datetime) -> None:
    by, key = story.agents[promise.owner], f"demo:{promise.key}:1"
    callbacks.services.move(_of(promise), window, by=by, key=key, note="Asked for tomorrow.", at=at)


def _cancel(story: Story, promise: Promise, at: datetime) -> None:
    callbacks.services.cancel(_of(promise), by=story.agents[promise.owner], at=at)


def _of(promise: Promise) -> Callback:
    return Callback.objects.get(key=f"demo:{promise.key}")
