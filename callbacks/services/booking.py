"""Which windows can be promised to a customer: all that the rules need to know, in a few questions that stay the same.

Who has time is true only while nobody else promises it away: whoever writes a promise stands in line before it looks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain

from agents.models import Agent, Team
from callbacks import erlang, windows
from callbacks.capacity import Span, share_in
from callbacks.models import Callback, CallbackPolicy, QuietHours
from callbacks.services.pools import line_up, pool_of
from callbacks.services.wanting import contact_hours_of
from callbacks.why_not import IN_SHORT, SENTENCES, sentence
from callbacks.zones import Place, place_of
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Consent, ContactPoint, Customer
from customers.services import has_not_refused
from tickets import calendars
from tickets.business_hours import BusinessHours


@dataclass(frozen=True)
class Asked:
    """A call somebody wants to promise: to whom, at which number, and who is to make it.

    The customer may be one we do not know yet, of whom only the brand is said. `owner`, else `team`; where neither is
    known nobody's time is asked about. `besides` is a promise that takes no
    time: the one that is moved or tried again. `by_customer` says that the customer chooses the window: who asks for a
    call wants it, whatever they said of calls before.
    """

    customer: Customer
    owner: Agent | None = None
    team: Team | None = None
    point: ContactPoint | None = None
    besides: Callback | None = None
    by_customer: bool = False

    @cached_property
    def place(self) -> Place:
        """Where the customer is; `place.zone.key` is the zone their windows are shown in."""
        is_phone = self.point is not None and self.point.kind == ContactPoint.Kind.PHONE
        return place_of(self.customer, self.point.value if self.point and is_phone else "")


def asked_again(callback: Callback, *, by_customer: bool = False) -> Asked:
    """The same call once more, for another window."""
    wished = by_customer or callback.chain()[-1].source == Callback.Source.PAGE
    return Asked(callback.customer, callback.owner, callback.team, callback.contact_point, callback, wished)


@dataclass(frozen=True)
class Choice:
    """A window on a page: `why_not` is the code of what stands against it, `in_short` the same in a word or two.

    `wait` is how many minutes a call in it waits on average for who can make it, rounded up; None where it cannot be
    promised, or where more is promised than can be done.
    """

    start: datetime
    end: datetime
    why_not: str = ""
    in_short: str = ""
    wait: int | None = None


class Booking:
    """What holds at `at` for a call that is `asked` for."""

    def __init__(self, asked: Asked, at: datetime) -> None:
        self.at, self.place = at, asked.place
        self.policy = CallbackPolicy.objects.of(asked.customer.brand_id)
        self.quiet = _quiet_in(asked.customer.brand_id, self.place.country)
        self.pool = pool_of(
            asked.owner, asked.team, per_quarter=self.policy.per_quarter, besides=asked.besides, at=at
        )
        self.rules = windows.rules_for(
            *self.place.zones,
            quiet=self.quiet,
            contact=contact_hours_of(asked.customer),
            ours=_our_hours(self.policy),
            has_room=self.has_room,
            barred=""
            if asked.by_customer or has_not_refused(asked.customer, Consent.Purpose.CALLS)
            else "do_not_call",
        )

    def has_room(self, start: datetime, end: datetime) -> bool:
        """Whether who is to call has time in [start, end), beside all they have promised."""
        return self.pool is None or self.pool.book.has_room(start, end)

    def expected_wait(self, start: datetime, end: datetime) -> float:
        """How many seconds a call in [start, end) waits on average, by the calls that are promised then (Erlang C).

        `math.inf` where more is promised than can be done.
        """
        if self.pool is None:
            return 0.0
        handling = self.policy.handling_minutes * 60
        calls = share_in(self.pool.windows, start, end)
        offered = erlang.load(calls, handling, (end - start).total_seconds())
        return erlang.wait(self.pool.agents, offered, handling)

    def day(self, day: date) -> list[Choice]:
        """The hours of a `day` in the customer's zone that are not over, each with what stands against it."""
        found = windows.offered(day, self.place.zone, now=self.at, rules=self.rules)
        return [self._choice(window) for window in found if window.why_not != "past"]

    def first(self, after: datetime, length: timedelta = windows.HOUR) -> Span | None:
        """The first window from `after` on in which the call can be promised; None when there is none in 90 days."""
        found = windows.first_free(after, length, now=self.at, rules=self.rules)
        return (found.start, found.end) if found else None

    def _choice(self, window: windows.Window) -> Choice:
        if window.why_not:
            return Choice(window.start, window.end, window.why_not, str(IN_SHORT[window.why_not]))
        seconds = self.expected_wait(max(window.start, self.at), window.end)
        return Choice(
            window.start, window.end, wait=None if math.isinf(seconds) else math.ceil(round(seconds) / 60)
        )


def windows_of_day(asked: Asked, day: date, *, at: datetime | None = None) -> list[Choice]:
    """The hours of a `day` in the customer's zone that are not over, each with what stands against it."""
    return Booking(asked, at or clock.now()).day(day)


def windows_of_first_free(asked: Asked, days: Sequence[date], *, at: datetime) -> tuple[date, list[Choice]]:
    """The first of the `days` with an hour in which the call can be promised, and its hours; else the first of them."""
    booking = Booking(asked, at)
    offered = ((day, booking.day(day)) for day in days)
    first = next(offered)
    free = (one for one in chain([first], offered) if any(not choice.why_not for choice in one[1]))
    return next(free, first)


def stand_in_line(asked: Asked, at: datetime) -> Booking:
    """What holds for the call, in a transaction: until it ends nobody else is promised the time there is now."""
    line_up()
    return Booking(asked, at)


def expect_window(asked: Asked, window: Span, *, at: datetime) -> None:
    """Refuse a window in which the call cannot be promised, with a code of `callbacks.windows` or `do_not_call`.

    In a transaction, as all that follow: see `stand_in_line`.
    """
    booking = stand_in_line(asked, at)
    code = windows.refusal(*window, now=at, rules=booking.rules)
    if code:
        raise Refused(code, sentence(code, start=window[0], zone=asked.place.zone, quiet=booking.quiet))


def is_awake(callback: Callback, at: datetime) -> bool:
    """Whether it is not quiet at `at` where the customer of a call is."""
    return all(hours.is_open(at) for hours in Booking(asked_again(callback), at).rules.awake)


def expect_time(window: Span, *, at: datetime) -> None:
    """The same of a task, which only has to lie ahead, and not too far."""
    code = windows.refusal(*window, now=at)
    if code:
        raise Refused(code, str(SENTENCES[code]))


def next_window(asked: Asked, after: datetime, *, at: datetime) -> Span | None:
    """The first hour from `after` on in which the call can be promised; None when there is none in 90 days."""
    return stand_in_line(asked, at).first(after)


def expect_next(asked: Asked, after: datetime, *, at: datetime) -> Span:
    """The same; refused where there is none: `no_window`."""
    window = next_window(asked, after, at=at)
    if window is None:
        raise Refused("no_window", str(SENTENCES["no_window"]))
    return window


def _quiet_in(brand: int, country: str) -> windows.Quiet:
    """What the brand says of a country, else of all others, else the usual."""
    rows = QuietHours.objects.filter(brand=brand, country__in=[country, ""]).order_by("-country")
    row = rows.first()
    if row is None:
        return windows.USUAL
    return windows.Quiet(row.closes, row.opens, frozenset(row.closed_weekdays))


def _our_hours(policy: CallbackPolicy) -> BusinessHours | None:
    hours = calendars.hours_of(policy.calendar.hours_id) if policy.calendar else None
    return hours if isinstance(hours, BusinessHours) else None
