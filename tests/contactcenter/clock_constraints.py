"""What can never be true of calendars, promises and their clocks: the cases of test_constraints for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace as World
from typing import Any

from agents.models import Brand, Notification
from contactcenter import clock
from tests import make
from tests.contactcenter.behind import change
from tickets.models import Clock, ClockFact, Ticket

NEVER = timedelta(0)


def rows_for_clocks(ticket: Ticket, brand: Brand, other_brand: Brand) -> dict[str, Any]:
    """What the world of test_constraints needs besides."""
    calendar = make.make_calendar(brand=brand, name="Office")
    special = calendar.special_days.create(day="2026-12-24")
    their_calendar = make.make_calendar(brand=other_brand)
    return {
        "calendar": calendar,
        "special": special,
        "second_calendar": make.make_calendar(brand=brand, name="Night"),
        "their_calendar": their_calendar,
        "sla": make.make_sla(brand=brand, position=1, calendar=calendar),
        "second_sla": make.make_sla(brand=brand, position=2, calendar=calendar),
        "clock": Clock.objects.get(ticket=ticket),
    }


def clock_of(world: World, **fields: Any) -> Clock:
    now = clock.now()
    sound = {"ticket": world.ticket, "kind": "resolution", "started_at": now, "since": now}
    return Clock.objects.create(**({"target": timedelta(hours=1)} | sound | fields))


def fact(world: World, **fields: Any) -> ClockFact:
    sound = {
        "clock": world.clock,
        "seq": 9,
        "kind": "paused",
        "at": clock.now(),
        "target": timedelta(hours=1),
    }
    return ClockFact.objects.create(**(sound | fields))


def tell_twice(world: World) -> None:
    for _ in range(2):
        Notification.objects.create(
            brand=world.brand, agent=world.agent, kind="late", subject="FF-1", key="k"
        )


CASES: dict[str, Callable[[World], Any]] = {
    "agents_notification_told_once": tell_twice,
    "tickets_queue_gives_time": lambda w: change(w.second_queue, reply_minutes=0),
    "tickets_calendar_name_once_a_brand": lambda w: change(w.second_calendar, name="Office"),
    "tickets_opening_once": lambda w: w.calendar.openings.create(weekday=0, opens="09:00", closes="10:00"),
    "tickets_opening_weekday_known": lambda w: w.calendar.openings.create(
        weekday=7, opens="09:00", closes="10:00"
    ),
    "tickets_specialday_once": lambda w: w.calendar.special_days.create(day="2026-12-24"),
    "tickets_specialday_both_or_neither": lambda w: change(w.special, opens="09:00"),
    "tickets_slapolicy_position_once": lambda w: change(w.second_sla, position=1),
    "tickets_slapolicy_warns_before": lambda w: change(w.sla, warn_percent=100),
    "tickets_slapolicy_gives_time": lambda w: change(w.sla, next_minutes=0),
    "tickets_clock_one_of_a_kind": lambda w: clock_of(w, kind="first", ended_at=clock.now()),
    "tickets_clock_one_answer_at_a_time": lambda w: clock_of(w, kind="next"),
    "tickets_clock_kind_known": lambda w: clock_of(w, kind="lunch"),
    "tickets_clock_counts_up": lambda w: clock_of(w, target=NEVER),
    "tickets_clock_ended_stands": lambda w: change(w.clock, ended_at=clock.now()),
    "tickets_clock_looked_at_while_running": lambda w: clock_of(w, next_at=clock.now()),
    "tickets_clock_met_is_ended": lambda w: change(w.clock, was_met=True),
    "tickets_clockfact_seq_once": lambda w: fact(w, seq=1),
    "tickets_clockfact_kind_known": lambda w: fact(w, kind="lunch"),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "tickets_calendar_hours_id_of_one_brand": lambda w: change(w.calendar, hours=w.their_calendar.hours),
    "tickets_slapolicy_calendar_id_of_one_brand": lambda w: change(w.sla, calendar=w.their_calendar),
    "tickets_slapolicy_queue_id_of_one_brand": lambda w: change(w.sla, queue=w.their_queue),
    "tickets_slapolicy_escalate_to_id_of_one_brand": lambda w: change(w.sla, escalate_to=w.their_queue),
}
