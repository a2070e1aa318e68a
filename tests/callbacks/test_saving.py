"""Calls to members who are about to lose points or a tier: who gets one, how many, and never twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import loyalty.services
from agents.models import Agent, Brand, Team
from callbacks.models import Callback, CallbackPolicy, QuietHours
from callbacks.services import cancel, save_members, saving
from customers.models import ContactPoint, Customer
from customers.services import record_consent
from loyalty.models import Account, Lot, Programme
from tests import make
from tests.contactcenter.test_plans import explained
from tests.loyalty.tiering import qualify
from tests.together import at_once

EARNED = make.instant("2026-01-10T12:00+01:00")
BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


@pytest.fixture
def circle(programme: Programme) -> Programme:
    return ready(programme.brand)


def ready(brand: Brand) -> Programme:
    """A brand whose default queue has a team that calls."""
    team = make.make_team(brand=brand, agents=[make.make_agent(brands=[brand])])
    make.make_queue(brand=brand, team=team)
    return Programme.objects.get(brand=brand)


def a_member(brand: Brand, points: int = 2000, *, says: bool | None = True, **fields: Any) -> Customer:
    """A member who earned so many points in January, has a phone and allowed calls."""
    member = make.make_member(brand=brand, **({"phone": make_number()} | fields))
    make.give(member.account, points, at=EARNED)
    if says is not None:
        record_consent(member, "calls", given=says, source="checkout", at=EARNED)
    return member


def make_number() -> str:
    return f"+4930{int(make.unique('1')[1:]) + 10_000_000}"


def ends() -> datetime:
    """When the points of January end."""
    end = Lot.objects.values_list("expires_at", flat=True).distinct().get()
    assert end
    return end


def before(days: int) -> datetime:
    return ends() - days * DAY


def called() -> list[Customer]:
    return [one.customer for one in Callback.objects.select_related("customer").order_by("pk")]


def test_who_is_about_to_lose_points_and_allowed_calls_is_called_with_some_days_left(
    circle: Programme,
) -> None:
    member = a_member(circle.brand, 2400)
    make.make_reward(brand=circle.brand, name="Tote bag", points=1800)
    assert save_members(at=before(10)) == 1
    call = Callback.objects.get()
    assert (call.customer, call.kind, call.source, call.owner) == (member, "call", "ledger", None)
    assert call.team == Team.objects.get()
    assert call.window_from.astimezone(BERLIN).hour == 9
    assert before(10) < call.window_from < before(8)
    last = f"{(ends() - DAY).astimezone(BERLIN):%-d %B %Y}"
    assert call.reason == f"2,400 points end after {last}"
    assert call.notes.splitlines() == [
        f"2,400 of 2,400 points end after {last}; they are worth 24.00 EUR.",
        "They would be enough for Tote bag (1,800 points).",
    ]
    assert call.events.get().actor == "house"


@pytest.mark.parametrize(("days", "made"), [(40, 0), (22, 0), (20, 1), (5, 1), (4, 0)])
def test_neither_too_early_nor_too_late(circle: Programme, days: int, made: int) -> None:
    a_member(circle.brand)
    assert save_members(at=before(days)) == made


def test_nobody_is_called_who_did_not_say_yes_last(circle: Programme) -> None:
    never, no, yes_then_no, no_then_yes = (
        a_member(circle.brand, says=says) for says in (None, False, True, False)
    )
    record_consent(yes_then_no, "calls", given=False, source="call", at=EARNED + DAY)
    record_consent(no_then_yes, "calls", given=True, source="call", at=EARNED + DAY)
    save_members(at=before(10))
    assert called() == [no_then_yes]
    assert not Callback.objects.filter(customer__in=[never, no, yes_then_no]).exists()


def without_phone(member: Customer) -> None:
    member.contact_points.filter(kind="phone").update(removed_at=EARNED)


def called_lately(member: Customer) -> None:
    one = make.make_callback(customer=member)
    Callback.objects.filter(pk=one.pk).update(
        window_from=before(20), window_to=before(19), promised_to=before(19), look_at=before(20)
    )


def spent(member: Customer) -> None:
    loyalty.services.redeem(make.now_of(member), 1500, by=None, key="spent", at=EARNED + DAY)


def held(member: Customer) -> None:
    loyalty.services.hold(
        make.now_of(member), 1500, by=None, key="held", until=before(1), source="basket", at=before(11)
    )


def frozen(member: Customer) -> None:
    make.freeze(member, by=make.make_agent(brands=[member.brand], role="supervisor"))


@pytest.mark.parametrize("against", [without_phone, called_lately, spent, held, frozen])
def test_this_stands_against_a_call(circle: Programme, against: Any) -> None:
    member, other = a_member(circle.brand), a_member(circle.brand)
    against(member)
    save_members(at=before(10))
    assert set(Callback.objects.filter(source="ledger").values_list("customer", flat=True)) == {other.pk}


def test_the_policy_says_from_how_many_points_and_whether_at_all(circle: Programme) -> None:
    a_member(circle.brand, 1500)
    policy = CallbackPolicy.objects.create(brand=circle.brand, saves_points_from=1501)
    assert save_members(at=before(10)) == 0
    CallbackPolicy.objects.filter(pk=policy.pk).update(saves_points_from=0, saves_tiers=False)
    assert save_members(at=before(10)) == 0
    CallbackPolicy.objects.filter(pk=policy.pk).update(saves_points_from=1500)
    assert save_members(at=before(10)) == 1


def test_the_days_number_goes_to_the_most_valuable_and_the_next_day_to_the_rest(circle: Programme) -> None:
    CallbackPolicy.objects.create(brand=circle.brand, saves_a_day=2)
    members = {points: a_member(circle.brand, points) for points in (1100, 4000, 1300, 3000, 1200)}
    morning = before(10)
    assert [save_members(at=morning + hours * timedelta(hours=1)) for hours in (0, 1, 5)] == [2, 0, 0]
    assert called() == [members[4000], members[3000]]
    assert save_members(at=morning + DAY) == 2
    assert save_members(at=morning + 2 * DAY) == 1
    assert called()[2:] == [members[1300], members[1200], members[1100]]


def test_a_day_is_the_brands_own(circle: Programme) -> None:
    CallbackPolicy.objects.create(brand=circle.brand, saves_a_day=1)
    for _ in range(2):
        a_member(circle.brand)
    night = before(10).astimezone(BERLIN).replace(hour=23, minute=50)
    assert [save_members(at=night + minutes * timedelta(minutes=1)) for minutes in (0, 5, 15)] == [1, 0, 1]


def test_the_calls_of_a_day_are_spread_over_it(circle: Programme) -> None:
    for _ in range(9):
        a_member(circle.brand)
    save_members(at=before(10))
    hours = [one.window_from.astimezone(BERLIN).hour for one in Callback.objects.order_by("pk")]
    assert hours == [9, 10, 11, 12, 13, 14, 15, 16, 9]


def test_the_same_points_bring_one_call_even_where_members_may_be_called_every_day(
    circle: Programme, agent: Agent
) -> None:
    CallbackPolicy.objects.create(brand=circle.brand, saves_days_between=0)
    a_member(circle.brand)
    save_members(at=before(12))
    cancel(Callback.objects.get(), by=agent, at=before(12))
    assert [save_members(at=before(days)) for days in (12, 11, 8)] == [0, 0, 0]


def test_control_without_the_name_of_what_is_saved_there_would_be_more(
    circle: Programme, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    CallbackPolicy.objects.create(brand=circle.brand, saves_days_between=0)
    a_member(circle.brand)
    monkeypatch.setattr(saving, "_key", lambda stake: make.unique("save"))
    save_members(at=before(12))
    cancel(Callback.objects.get(), by=agent, at=before(12))
    assert [save_members(at=before(days)) for days in (8,)] == [1]


def test_without_a_team_nobody_is_called_and_the_policys_team_comes_first(
    programme: Programme, brand: Brand
) -> None:
    a_member(brand)
    make.make_queue(brand=brand)
    assert save_members(at=before(10)) == 0
    team = make.make_team(brand=brand, agents=[make.make_agent(brands=[brand])])
    CallbackPolicy.objects.create(brand=brand, team=team)
    assert save_members(at=before(10)) == 1
    assert Callback.objects.get().team == team


def test_a_call_that_would_come_too_late_is_not_promised(circle: Programme) -> None:
    quiet = {"brand": circle.brand, "opens": "08:00", "closes": "21:00"}
    a_member(circle.brand)
    end = ends()
    last_days = sorted({(end - days * DAY).astimezone(BERLIN).weekday() for days in range(2, 6)})
    QuietHours.objects.create(**quiet, closed_weekdays=last_days)
    assert save_members(at=end - 5 * DAY) == 0  # nobody is called on the days that are left
    QuietHours.objects.all().delete()
    assert save_members(at=end - 5 * DAY) == 1


def test_where_the_team_has_no_time_the_call_comes_in_the_next_hour_that_is_free(circle: Programme) -> None:
    team = Team.objects.get()
    team.agents.set(team.agents.all()[:1])
    for _ in range(9):
        a_member(circle.brand)
    save_members(at=before(10))
    taken = Callback.objects.order_by("window_from").values_list("window_from", flat=True)
    assert len(taken) == 9
    assert max(list(taken).count(hour) for hour in taken) <= 4  # so many quarters has an hour


def test_sleepers_lose_all_and_are_called_too(circle: Programme) -> None:
    Programme.objects.filter(pk=circle.pk).update(expiry_mode="inactivity", inactivity_months=6)
    member = a_member(circle.brand)
    Account.objects.update(joined_at=EARNED)
    end = make.instant("2026-07-11T00:00+02:00")
    made = [save_members(at=end - days * DAY) for days in (30, 3, 12)]
    assert (made, called()) == ([0, 0, 1], [member])


# ── tiers ──────────────────────────────────────────────────────────────────────────────────────────────────────


def a_climber(circle: Programme, qualifying: int, *, kept: int = 0) -> Customer:
    """Who qualified in 2024 for a tier that is valid to the end of 2025; `kept` of it were earned again in 2025."""
    member = make.make_member(brand=circle.brand, phone=make_number())
    Account.objects.filter(customer=member).update(joined_at=make.instant("2020-05-05T12:00+02:00"))
    account = make.now_of(member)
    qualify(account, qualifying, "2024-06-01")
    if kept:
        qualify(account, kept, "2025-06-01")
    record_consent(member, "calls", given=True, source="checkout", at=EARNED)
    return member


DECEMBER = make.instant("2025-12-01T06:00+01:00")


def test_who_is_about_to_lose_a_tier_is_called_the_highest_first_and_who_keeps_it_is_not(
    circle: Programme,
) -> None:
    silver, gold, kept, half = (
        a_climber(circle, 600), a_climber(circle, 2500), a_climber(circle, 2500, kept=2100),
        a_climber(circle, 2500, kept=600),
    )  # fmt: skip
    assert make.now_of(gold).tier_valid_until == make.instant("2026-01-01T00:00+01:00")
    assert save_members(at=DECEMBER) == 3
    assert called() == [gold, half, silver]
    assert not Callback.objects.filter(customer=kept).exists()
    reasons = list(Callback.objects.order_by("pk").values_list("reason", "notes"))
    assert reasons[0][0] == "Gold ends after 31 December 2025"
    assert reasons[0][1].splitlines()[:2] == [
        "Gold falls to Bronze after 31 December 2025.", "2,000 more points keep it."
    ]  # fmt: skip
    assert "Gold falls to Silver" in reasons[1][1]
    assert "1,400 more points keep it." in reasons[1][1]
    assert save_members(at=DECEMBER + 5 * DAY) == 0


def test_tiers_are_left_alone_where_the_policy_says_so_or_the_end_is_far_or_near(circle: Programme) -> None:
    a_climber(circle, 2500)
    assert save_members(at=DECEMBER - 20 * DAY) == 0
    assert save_members(at=DECEMBER + 28 * DAY) == 0
    policy = CallbackPolicy.objects.create(brand=circle.brand, saves_tiers=False)
    assert save_members(at=DECEMBER) == 0
    CallbackPolicy.objects.filter(pk=policy.pk).update(saves_tiers=True)
    assert save_members(at=DECEMBER) == 1


# ── many, and at once ──────────────────────────────────────────────────────────────────────────────────────────


def test_another_brand_has_its_own_number_and_its_own_members(circle: Programme, other_brand: Brand) -> None:
    make.make_programme(brand=other_brand)
    ready(other_brand)
    CallbackPolicy.objects.create(brand=circle.brand, saves_a_day=1)
    for brand in (circle.brand, circle.brand, other_brand, other_brand):
        a_member(brand, phone=make_number())
    end = (
        Lot.objects.filter(account__brand=circle.brand).values_list("expires_at", flat=True).distinct().get()
    )
    assert save_members(at=end - 10 * DAY) == 3
    assert Callback.objects.filter(brand=other_brand).count() == 2


def test_it_asks_the_same_for_many_who_cannot_be_called_as_for_a_few(circle: Programme) -> None:
    a_member(circle.brand, says=False)
    asked = [questions()]
    for _ in range(20):
        a_member(circle.brand, says=False)
    asked.append(questions())
    assert asked[0] == asked[1] <= 12


def questions() -> int:
    with CaptureQueriesContext(connection) as queries:
        assert not save_members(at=before(10))
    return len(queries)


FILL = [
    """INSERT INTO customers_customer (brand_id, name, language, country, city, time_zone, created_at)
    SELECT brand_id, 'One of many', 'en', '', '', '', now()
    FROM loyalty_account, generate_series(1, 20000) n WHERE id = %(account)s""",
    """INSERT INTO loyalty_account (brand_id, programme_id, customer_id, number, status, balance, held, pending,
        lifetime_earned, lifetime_redeemed, lifetime_expired, version, joined_at, next_expiry, tier_id,
        tier_valid_until)
    SELECT a.brand_id, a.programme_id, c.id, c.id, 'active', 5000, 0, 0, 10, 0, 0, 1, now(),
        a.next_expiry + interval '1 year', a.tier_id, a.next_expiry + interval '1 year'
    FROM loyalty_account a, customers_customer c WHERE a.id = %(account)s AND c.name = 'One of many'""",
    """INSERT INTO customers_contactpoint (brand_id, customer_id, kind, value, created_at)
    SELECT brand_id, id, 'phone', '+4977' || id + 10000000, now() FROM customers_customer WHERE name = 'One of many'""",
    """INSERT INTO customers_consent (brand_id, customer_id, purpose, given, source, recorded_at)
    SELECT brand_id, id, 'calls', true, 'call', now() FROM customers_customer WHERE name = 'One of many'""",
]


def test_it_walks_the_accounts_of_which_something_ends_and_no_others(circle: Programme) -> None:
    account = a_member(circle.brand).account
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loyalty.check', 'off', true)")
        for statement in FILL:
            cursor.execute(statement, {"account": account.pk})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; ANALYZE")
    for index, least in {
        "loyalty_account_to_expire": "SUM",
        "loyalty_account_tier_to_review": "rank",
    }.items():
        statement = looked(least)
        plan = explained(statement)
        assert index in {node.get("Index Name") for node in plan}, index
        scanned = [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"]
        assert "loyalty_account" not in scanned, index
        with connection.cursor() as cursor:  # the control: without it the plan is another
            cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX {index}")
        assert index not in {node.get("Index Name") for node in explained(statement)}


def looked(word: str) -> str:
    """The statement by which it looks for what is at stake."""
    with CaptureQueriesContext(connection) as queries:
        save_members(at=before(60))
    return next(
        query["sql"] for query in queries if "customers_consent" in query["sql"] and word in query["sql"]
    )


@pytest.fixture
def many(own_db: str) -> datetime:
    brand = make.make_brand(time_zone="Europe/Berlin")
    make.make_programme(brand=brand, time_zone="Europe/Berlin")
    ready(brand)
    CallbackPolicy.objects.create(brand=brand, saves_a_day=4)
    for _ in range(8):
        a_member(brand)
    return before(10)


@pytest.mark.race
def test_runs_at_once_keep_to_the_days_number_and_call_nobody_twice(many: datetime) -> None:
    for days in range(2):
        made = at_once(*[partial(save_members, at=many + days * DAY)] * 4)
        assert sum(made) == 4
    assert len({one.pk for one in called()}) == 8 == Callback.objects.count()


@pytest.mark.race
def test_control_without_standing_alone_runs_at_once_go_over_the_days_number(
    many: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "_alone", lambda pk: True)
    monkeypatch.setattr(saving, "_key", lambda stake: make.unique("save"))
    at_once(*[partial(save_members, at=many)] * 3, meet_after="callbacks_callback")
    assert Callback.objects.count() > 4


MANY_CALLS = """INSERT INTO callbacks_callback (brand_id, customer_id, kind, reason, owner_id, promised_at, window_from,
        window_to, promised_to, zone, key, request_hash, state, ended_at)
    SELECT brand_id, customer_id, 'task', '?', owner_id, now(), day, day + interval '1 hour', day + interval '1 hour',
        'UTC', n, '', 'kept', now()
    FROM callbacks_callback, generate_series(1, 20000) n, LATERAL (SELECT timestamptz '2024-01-01' + n * interval '1h')
        AS d(day) WHERE id = %s"""


def test_the_number_is_looked_up_by_an_index(circle: Programme) -> None:
    one = make.make_callback(customer=make.make_customer(brand=circle.brand))
    with connection.cursor() as cursor:
        cursor.execute(MANY_CALLS, [one.pk])
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; ANALYZE callbacks_callback"
        )
    after_all_of_them = one.window_to + timedelta(days=365)
    with CaptureQueriesContext(connection) as queries:
        save_members(at=after_all_of_them)
    (count,) = [query["sql"] for query in queries if "COUNT" in query["sql"]]
    assert "callbacks_callback_by_day" in {node.get("Index Name") for node in explained(count)}


def test_phones_of_others_are_not_dialled(circle: Programme) -> None:
    member = a_member(circle.brand)
    other = make.make_customer(brand=circle.brand)
    make.make_phone(customer=other)
    save_members(at=before(10))
    assert Callback.objects.get().contact_point == ContactPoint.objects.get(customer=member, kind="phone")
