"""What can be promised: all the rules together, from what brand, customer and calendar say."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from agents.models import Agent, Brand
from callbacks.models import Callback, CallbackPolicy, ContactHours, QuietHours
from callbacks.services import (
    Asked,
    asked_again,
    expect_next,
    expect_window,
    move,
    next_window,
    no_answer,
    promise,
    windows_of_day,
)
from callbacks.services.booking import Choice
from callbacks.services.promising import More
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import record_consent
from tests import make

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
MONDAY = make.instant("2026-05-04T10:00+02:00")
TUESDAY = date(2026, 5, 5)


def hour(of: int, day: int = 5) -> tuple[datetime, datetime]:
    """An hour of a day of May in Berlin."""
    start = make.instant(f"2026-05-{day:02}T{of:02}:00+02:00")
    return start, start + HOUR


@pytest.fixture
def asked(member: Customer, agent: Agent) -> Asked:
    return Asked(member, agent, point=member.contact_points.get(kind="phone"))


def refused(asked: Asked, window: tuple[datetime, datetime]) -> Refused | None:
    try:
        expect_window(asked, window, at=MONDAY)
    except Refused as refusal:
        return refusal
    return None


def code_of(asked: Asked, window: tuple[datetime, datetime]) -> str:
    refusal = refused(asked, window)
    return refusal.code if refusal else ""


def fill(asked: Asked, window: tuple[datetime, datetime], count: int, **fields: object) -> list[Callback]:
    """So many calls of whoever is asked, to other customers, in a window."""
    brand = asked.customer.brand
    fields = {"owner": asked.owner, "more": More(team=asked.team) if asked.team else None} | fields
    by = asked.owner or make.make_agent(brands=[brand])
    return [
        make.make_callback(
            customer=make.make_customer(brand=brand), by=by, window=window, at=MONDAY, **fields
        )
        for _ in range(count)
    ]


def free(choices: list[Choice]) -> list[int]:
    """The hours of Berlin that can be promised."""
    return [(choice.start + 2 * HOUR).hour for choice in choices if not choice.why_not]


def test_where_nobody_has_set_anything_up_the_usual_hours_are_offered(asked: Asked) -> None:
    choices = windows_of_day(asked, TUESDAY, at=MONDAY)
    assert free(choices) == list(range(8, 21))
    assert (choices[0].why_not, choices[0].in_short) == ("quiet_hours", "quiet hours")
    assert len(choices) == 15


def test_hours_that_are_over_are_not_offered(asked: Asked) -> None:
    choices = windows_of_day(asked, MONDAY.date(), at=MONDAY)
    assert choices[0].start == MONDAY


def test_quiet_hours_are_those_of_the_country_else_of_all_others_else_the_usual(
    asked: Asked, brand: Brand, other_brand: Brand
) -> None:
    QuietHours.objects.create(brand=other_brand, country="DE", opens=time(12), closes=time(13))
    QuietHours.objects.create(brand=brand, country="", opens=time(9), closes=time(20))
    assert free(windows_of_day(asked, TUESDAY, at=MONDAY)) == list(range(9, 20))
    QuietHours.objects.create(brand=brand, country="DE", opens=time(10), closes=time(18), closed_weekdays=[2])
    assert free(windows_of_day(asked, TUESDAY, at=MONDAY)) == list(range(10, 18))
    assert free(windows_of_day(asked, TUESDAY + timedelta(days=1), at=MONDAY)) == []
    refusal = refused(asked, hour(9))
    assert refusal is not None
    assert str(refusal) == "The customer's quiet hours are 18:00 to 10:00 local time. Choose another window."
    refusal = refused(asked, hour(12, day=6))
    assert refusal is not None
    assert str(refusal) == "Nobody is called there on a Wednesday. Choose another window."


def test_a_customer_is_called_when_they_want_to_be(asked: Asked, other_brand: Brand) -> None:
    somebody = make.make_customer(brand=other_brand)
    ContactHours.objects.create(
        brand=other_brand, customer=somebody, weekday=1, opens=time(8), closes=time(9)
    )
    assert code_of(asked, hour(10)) == ""
    for opens, closes in ((time(9), time(11)), (time(18), time(0))):
        ContactHours.objects.create(
            brand=asked.customer.brand, customer=asked.customer, weekday=1, opens=opens, closes=closes
        )
    assert free(windows_of_day(asked, TUESDAY, at=MONDAY)) == [9, 10, 18, 19, 20]
    assert code_of(asked, hour(12)) == "contact_hours"
    assert code_of(asked, hour(12, day=6)) == "contact_hours"  # on no other day
    assert code_of(asked, hour(22)) == "quiet_hours"


def test_calls_are_promised_while_we_work(asked: Asked, brand: Brand) -> None:
    calendar = make.make_calendar(brand=brand)
    CallbackPolicy.objects.create(brand=brand, calendar=calendar)
    assert free(windows_of_day(asked, TUESDAY, at=MONDAY)) == list(range(9, 17))
    assert code_of(asked, hour(18)) == "closed"
    assert code_of(asked, hour(10, day=9)) == "closed"  # a Saturday


def test_who_does_not_want_to_be_called_is_not_unless_they_ask_for_it(asked: Asked) -> None:
    record_consent(asked.customer, "calls", given=True, source="checkout", at=MONDAY - HOUR)
    assert code_of(asked, hour(10)) == ""
    record_consent(asked.customer, "marketing", given=False, source="checkout", at=MONDAY)
    assert code_of(asked, hour(10)) == ""
    record_consent(asked.customer, "calls", given=False, source="call", at=MONDAY)
    assert code_of(asked, hour(10)) == "do_not_call"
    assert {choice.why_not for choice in windows_of_day(asked, TUESDAY, at=MONDAY)} == {"do_not_call"}
    assert next_window(asked, MONDAY, at=MONDAY) is None
    wished = Asked(asked.customer, asked.owner, point=asked.point, by_customer=True)
    assert code_of(wished, hour(10)) == ""
    assert code_of(wished, hour(22)) == "quiet_hours"
    record_consent(asked.customer, "calls", given=True, source="call", at=MONDAY + HOUR)
    assert code_of(asked, hour(10)) == ""


def test_a_number_of_several_zones_is_called_when_it_is_day_in_all_of_them(
    brand: Brand, agent: Agent
) -> None:
    customer = make.make_customer(brand=brand, phone="+12125550123")
    assert customer.time_zone == ""
    asked = Asked(customer, agent, point=customer.contact_points.get(kind="phone"))
    assert asked.place.zone.key == "America/New_York"
    free_there = [
        choice.start.astimezone(asked.place.zone).hour
        for choice in windows_of_day(asked, TUESDAY, at=MONDAY)
        if not choice.why_not
    ]
    assert free_there == list(range(14, 21))  # from eight on Hawaii to nine in New York


def test_an_agent_promises_so_many_calls_a_quarter_hour(asked: Asked, brand: Brand) -> None:
    fill(asked, hour(14), 3)
    assert code_of(asked, hour(14)) == ""
    fill(asked, hour(14), 1)
    assert code_of(asked, hour(14)) == "full"
    assert [choice.in_short for choice in windows_of_day(asked, TUESDAY, at=MONDAY)][7] == "full"
    assert free(windows_of_day(asked, TUESDAY, at=MONDAY)) == [*range(8, 14), *range(15, 21)]
    CallbackPolicy.objects.create(brand=brand, per_quarter=2)
    assert code_of(asked, hour(14)) == ""


def test_time_is_taken_by_calls_that_are_still_to_be_made_and_by_no_tasks(asked: Asked) -> None:
    fill(asked, hour(14), 6, kind="task")
    calls = fill(asked, hour(14), 4)
    assert code_of(asked, hour(14)) == "full"
    assert code_of(asked_again(calls[0]), hour(14)) == ""  # moved, it leaves its own place
    Callback.objects.filter(pk=calls[0].pk).update(state="kept", ended_at=MONDAY, look_at=None)
    assert code_of(asked, hour(14)) == ""


def test_an_agents_time_is_one_in_all_brands(asked: Asked, other_brand: Brand) -> None:
    assert asked.owner is not None
    asked.owner.brands.add(other_brand)
    elsewhere = Asked(make.make_customer(brand=other_brand), asked.owner)
    fill(elsewhere, hour(14), 4)
    assert code_of(asked, hour(14)) == "full"


def test_a_team_has_the_time_of_its_agents(asked: Asked, brand: Brand, agent: Agent) -> None:
    colleague, gone, stranger = (make.make_agent(brands=[brand]) for _ in range(3))
    stranger.brands.clear()
    team = make.make_team(brand=brand, agents=[agent, colleague, gone, stranger])
    Agent.objects.filter(pk=gone.pk).update(is_active=False)
    teams = Asked(asked.customer, team=team, point=asked.point)
    fill(asked, hour(14), 3)  # of the agent's own
    fill(Asked(asked.customer, colleague), hour(14), 2)
    fill(teams, hour(14), 2)
    assert code_of(teams, hour(14)) == ""
    fill(teams, hour(14), 1)
    assert code_of(teams, hour(14)) == "full"
    assert code_of(asked, hour(14)) == "full"  # the agent's last quarter hour is promised by the team
    assert code_of(asked, hour(15)) == ""


def test_teams_that_share_an_agent_do_not_promise_their_time_twice(asked: Asked, brand: Brand) -> None:
    """Two agents and two, one of them in both teams: three calls a quarter hour are all there is."""
    left, shared, right = (make.make_agent(brands=[brand]) for _ in range(3))
    first = Asked(asked.customer, team=make.make_team(brand=brand, agents=[left, shared]), point=asked.point)
    second = Asked(
        asked.customer, team=make.make_team(brand=brand, agents=[shared, right]), point=asked.point
    )
    fill(first, hour(10), 8)
    assert code_of(second, hour(10)) == ""
    fill(second, hour(10), 4)
    assert code_of(second, hour(10)) == "full"
    assert code_of(second, hour(11)) == ""


def test_an_owners_call_is_made_by_nobody_else(asked: Asked, brand: Brand, agent: Agent) -> None:
    """What they have promised from ten to twelve leaves their team one agent, though the hour looks half empty."""
    team = make.make_team(brand=brand, agents=[agent, make.make_agent(brands=[brand])])
    fill(asked, (hour(10)[0], hour(11)[1]), 8)
    of_team = Asked(asked.customer, team=team, point=asked.point)
    fill(of_team, hour(10), 4)
    assert code_of(of_team, hour(10)) == "full"


def test_a_team_in_which_nobody_works_has_the_time_of_all_who_are_asked_instead(
    asked: Asked, brand: Brand, other_brand: Brand, agent: Agent
) -> None:
    empty = Asked(asked.customer, team=make.make_team(brand=brand), point=asked.point)
    fill(asked, hour(14), 4)
    assert code_of(empty, hour(14)) == "full"
    make.make_agent(brands=[brand])
    assert code_of(empty, hour(14)) == ""
    customer = make.make_customer(brand=other_brand, time_zone="Europe/Berlin")
    nobody = Asked(customer, team=make.make_team(brand=other_brand))
    assert code_of(nobody, hour(14)) == "full"


def test_who_is_to_call_may_be_open_while_windows_are_shown(asked: Asked) -> None:
    choices = windows_of_day(Asked(asked.customer), TUESDAY, at=MONDAY)
    assert free(choices) == list(range(8, 21))
    assert {choice.wait for choice in choices if not choice.why_not} == {0}


def test_the_next_window_is_the_first_that_keeps_to_all_of_it(asked: Asked, brand: Brand) -> None:
    CallbackPolicy.objects.create(brand=brand, calendar=make.make_calendar(brand=brand))
    fill(asked, hour(9), 4)
    after = make.instant("2026-05-04T16:20+02:00")
    expected = (hour(9)[0] + HOUR / 4, hour(9)[1] + HOUR / 4)
    assert next_window(asked, after, at=MONDAY) == expected
    assert expect_next(asked, after, at=MONDAY) == expected
    ContactHours.objects.create(
        brand=brand, customer=asked.customer, weekday=6, opens=time(9), closes=time(11)
    )
    with pytest.raises(Refused) as refusal:
        expect_next(asked, after, at=MONDAY)
    assert refusal.value.code == "no_window"


def test_a_wait_is_expected_where_much_is_promised(asked: Asked, brand: Brand) -> None:
    """Erlang C: 3 calls of 6 minutes in an hour, A = 0.3: 0.3 x 6 / 0.7 = 2.57 minutes; 6 of 6 minutes by one: 9."""
    CallbackPolicy.objects.create(brand=brand, per_quarter=15)

    def wait() -> int | None:
        return next(one.wait for one in windows_of_day(asked, TUESDAY, at=MONDAY) if one.start == hour(14)[0])

    assert wait() == 0
    fill(asked, hour(14), 3)
    assert wait() == 3
    fill(asked, hour(14), 3)
    assert wait() == 9
    fill(asked, hour(14), 4)
    assert wait() is None  # ten calls of six minutes: the line grows


def test_with_more_agents_nobody_waits_as_long(asked: Asked, brand: Brand) -> None:
    """A = 0.8 of one agent: 24 minutes; of two: C = 0.228..., x 6 / 1.2 = 1.14."""
    CallbackPolicy.objects.create(brand=brand, per_quarter=15)
    waits = []
    for people in (1, 2):
        agents = [make.make_agent(brands=[brand]) for _ in range(people)]
        team = Asked(asked.customer, team=make.make_team(brand=brand, agents=agents), point=asked.point)
        fill(team, hour(14), 8)
        choices = windows_of_day(team, TUESDAY, at=MONDAY)
        waits.append(next(one.wait for one in choices if one.start == hour(14)[0]))
    assert waits == [24, 2]


def test_a_promise_is_moved_and_tried_again_by_the_same_rules(asked: Asked, agent: Agent) -> None:
    (callback,) = fill(asked, hour(14), 1)
    fill(asked, hour(16), 4)
    with pytest.raises(Refused) as refusal:
        move(callback, hour(16), by=agent, key="m1", at=MONDAY)
    assert refusal.value.code == "full"
    move(callback, hour(15), by=agent, key="m2", at=MONDAY)
    no_answer(callback, by=agent, key="n1", at=hour(15)[0])
    callback.refresh_from_db()
    assert callback.window_from == hour(16)[0] + HOUR / 4  # 16:00 is full, and 15 was tried


def test_a_retry_comes_in_an_hour_that_was_tried_where_there_is_no_other(asked: Asked, agent: Agent) -> None:
    (callback,) = fill(asked, hour(14), 1)
    for weekday in range(7):
        ContactHours.objects.create(
            brand=callback.brand, customer=callback.customer, weekday=weekday, opens=time(14), closes=time(15)
        )
    no_answer(callback, by=agent, key="n1", at=hour(14)[0])
    callback.refresh_from_db()
    assert callback.window_from == hour(14, day=6)[0]


def test_who_takes_their_consent_back_is_not_tried_again(asked: Asked, agent: Agent) -> None:
    (callback,) = fill(asked, hour(14), 1)
    record_consent(callback.customer, "calls", given=False, source="letter", at=MONDAY)
    no_answer(callback, by=agent, key="n1", at=hour(14)[0])
    callback.refresh_from_db()
    assert callback.state == "given_up"


def test_a_call_the_customer_asked_for_is_promised_though_they_want_none(asked: Asked) -> None:
    record_consent(asked.customer, "calls", given=False, source="letter", at=MONDAY)
    fields = {"by": None, "owner": asked.owner, "reason": "?", "contact_point": asked.point, "at": MONDAY}
    with pytest.raises(Refused) as refusal:
        promise(asked.customer, hour(14), key="c1", **fields)  # type: ignore[arg-type]
    assert (refusal.value.code, str(refusal.value)) == (
        "do_not_call",
        "The customer does not want to be called.",
    )
    wished = promise(asked.customer, hour(14), key="c2", more=More(source="page"), **fields)  # type: ignore[arg-type]
    assert move(wished, hour(15), by=None, key="", at=MONDAY).window_from == hour(15)[0]


def test_a_day_asks_the_same_few_questions_however_much_is_promised(
    asked: Asked, brand: Brand, agent: Agent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CallbackPolicy.objects.create(brand=brand, calendar=make.make_calendar(brand=brand))
    team = make.make_team(brand=brand, agents=[agent])
    windows_of_day(asked, TUESDAY, at=MONDAY)  # the calendar's hours are kept by the process
    for promised in range(3):
        fill(asked, hour(10 + promised), 2)
        fill(Asked(asked.customer, team=team), hour(14), 1)
        for one in (asked, Asked(asked.customer, team=team, point=asked.point)):
            with django_assert_num_queries(7):
                windows_of_day(one, TUESDAY, at=MONDAY)


def test_a_day_in_a_full_quarter_is_shown_in_a_moment(asked: Asked, brand: Brand, agent: Agent) -> None:
    """Ninety days of one agent, all of them full."""
    (sample,) = fill(asked, hour(14), 1)
    rows = []
    for number in range(90 * 52):
        day, quarter = divmod(number, 52)
        start = make.instant("2026-05-05T08:00+02:00") + timedelta(days=day, minutes=15 * quarter)
        rows.append(
            Callback(
                brand=brand, customer=sample.customer, contact_point=sample.contact_point, reason="?", owner=agent,
                window_from=start, window_to=start + HOUR / 4, promised_to=start + HOUR / 4, look_at=start,
                zone="Europe/Berlin", key=f"bulk{number}",
            )
        )  # fmt: skip
    Callback.objects.bulk_create(rows)
    assert free(windows_of_day(asked, TUESDAY, at=MONDAY)) == []
