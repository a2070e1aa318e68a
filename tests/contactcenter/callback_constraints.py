"""What the database refuses of promises, tries and the rules of a brand that can never be true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from types import SimpleNamespace as World
from typing import Any

from agents.models import Agent, Brand
from callbacks.models import (
    Attempt,
    CallbackEvent,
    ContactHours,
    FollowUp,
    Line,
    QuietHours,
    RetryRule,
)
from contactcenter import clock
from customers.models import Customer
from tests import make
from tests.contactcenter.behind import change


def rows_for_callbacks(member: Customer, agent: Agent, brand: Brand, other_brand: Brand) -> dict[str, Any]:
    """A row of every rule of a brand, and strangers of another."""
    policy = make.make_callback_rules(brand=brand, customer=member, by=agent)
    return {
        "callback_policy": policy,
        "quiet_hours": QuietHours.objects.get(brand=brand),
        "retry_rule": RetryRule.objects.get(brand=brand),
        "follow_up": FollowUp.objects.get(brand=brand),
        "contact_hours": ContactHours.objects.get(brand=brand, weekday=0),
        "line": Line.objects.get(agent=agent),
        "their_contact_reason": make.make_contact_reason(brand=other_brand),
        "their_callback": make.make_callback(customer=make.make_customer(brand=other_brand)),
    }


def attempt(world: World, **fields: Any) -> Attempt:
    """A call that runs, written behind the services' back."""
    return Attempt.objects.create(**({"callback": world.callback, "by": world.agent} | fields))


def twice(write: Callable[[], Any]) -> None:
    write()
    write()


def in_two_calls(world: World) -> None:
    for callback in (world.callback, world.second_callback):
        change(callback, state="in_call")


def offered_twice(world: World) -> None:
    until = clock.now() + timedelta(minutes=1)
    for callback in (world.callback, world.second_callback):
        change(callback, state="offered", offered_to=world.agent, offer_until=until)


def in_a_call_of_nobody(world: World) -> None:
    change(world.callback, state="accepted", owner=None, team=world.team)


def event(world: World, **fields: Any) -> CallbackEvent:
    sound = {"callback": world.callback, "kind": "due", "actor": "house", "at": clock.now()}
    return CallbackEvent.objects.create(**(sound | fields))


CASES: dict[str, Callable[[World], Any]] = {
    "callbacks_callback_window_runs": lambda w: change(w.callback, window_to=w.callback.window_from),
    "callbacks_callback_ended_when_over": lambda w: change(w.callback, state="kept", look_at=None),
    "callbacks_callback_call_has_number": lambda w: change(w.callback, contact_point=None),
    "callbacks_callback_one_open_call_a_ticket": lambda w: change(w.second_callback, ticket=w.ticket),
    "callbacks_callback_is_somebodys": lambda w: change(w.callback, owner=None, team=None),
    "callbacks_callback_offered_to_one": lambda w: change(w.callback, state="offered"),
    "callbacks_callback_taken_by_one": in_a_call_of_nobody,
    "callbacks_callback_looked_at_while_open": lambda w: change(w.callback, look_at=None),
    "callbacks_callback_kind_known": lambda w: change(w.callback, channel="pigeon"),
    "callbacks_callback_one_offer_an_agent": offered_twice,
    "callbacks_callback_one_call_an_agent": in_two_calls,
    "callbacks_callbackevent_by_its_actor": lambda w: event(w, actor="agent"),
    "callbacks_attempt_one_running": lambda w: twice(lambda: attempt(w)),
    "callbacks_attempt_told_has_key": lambda w: attempt(w, outcome="busy"),
    "callbacks_attempt_ref_once_a_dialler": lambda w: [
        attempt(w, dialler="sip", ref="c1", outcome="lost") for _ in range(2)
    ],
    "callbacks_attempt_ends_after_it_began": lambda w: attempt(
        w, answered_at=clock.now(), hung_up_at=clock.now() - timedelta(minutes=1)
    ),
    "callbacks_policy_makes_calls": lambda w: change(w.callback_policy, per_quarter=0),
    "callbacks_policy_gives_time": lambda w: change(w.callback_policy, offer_seconds=5),
    "callbacks_policy_can_be_staffed": lambda w: change(w.callback_policy, answer_percent=100),
    "callbacks_quiethours_country_once_a_brand": lambda w: QuietHours.objects.create(brand=w.brand),
    "callbacks_quiethours_leave_time": lambda w: change(w.quiet_hours, closes=time(7)),
    "callbacks_retryrule_outcome_once_a_brand": lambda w: RetryRule.objects.create(
        brand=w.brand, outcome="busy", after_minutes=1, times=1
    ),
    "callbacks_retryrule_outcome_known": lambda w: change(w.retry_rule, outcome="done"),
    "callbacks_retryrule_comes_to_an_end": lambda w: change(w.retry_rule, times=11),
    "callbacks_followup_sign_once_a_brand": lambda w: FollowUp.objects.create(
        brand=w.brand, sign="late", about="Again"
    ),
    "callbacks_followup_names_its_reason": lambda w: change(w.follow_up, sign="reason"),
    "callbacks_followup_within_sixty_days": lambda w: change(w.follow_up, after_hours=24 * 61),
    "callbacks_contacthours_once": lambda w: ContactHours.objects.create(
        brand=w.brand, customer=w.contact_hours.customer, weekday=0, opens="08:00", closes="09:00"
    ),
    "callbacks_contacthours_run": lambda w: change(w.contact_hours, closes=time(7)),
    "callbacks_contacthours_weekday_known": lambda w: change(w.contact_hours, weekday=7),
    "callbacks_line_is_dialled": lambda w: change(w.line, address="0049 30"),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "callbacks_callback_customer_id_of_one_brand": lambda w: change(w.callback, customer=w.stranger),
    "callbacks_callback_ticket_id_of_one_brand": lambda w: change(w.callback, ticket=w.their_ticket),
    "callbacks_callback_ticket_id_of_one_customer": lambda w: change(w.callback, ticket=w.second_ticket),
    "callbacks_callback_contact_point_id_of_one_customer": lambda w: change(
        w.callback, contact_point=w.somebodys_phone
    ),
    "callbacks_callback_team_id_of_one_brand": lambda w: change(w.callback, team=w.their_team),
    "callbacks_callback_topic_id_of_one_brand": lambda w: change(w.callback, topic=w.their_contact_reason),
    "callbacks_callback_follows_id_of_one_brand": lambda w: change(w.callback, follows=w.their_callback),
    "callbacks_callbackpolicy_calendar_id_of_one_brand": lambda w: change(
        w.callback_policy, calendar=w.their_calendar
    ),
    "callbacks_callbackpolicy_team_id_of_one_brand": lambda w: change(w.callback_policy, team=w.their_team),
    "callbacks_contacthours_customer_id_of_one_brand": lambda w: change(w.contact_hours, customer=w.stranger),
    "callbacks_followup_contact_reason_id_of_one_brand": lambda w: change(
        w.follow_up, sign="reason", contact_reason=w.their_contact_reason
    ),
}
