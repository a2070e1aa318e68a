"""Every limit of a policy: what counts against it, where it ends, and which policy holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.limits import Limit, beginnings, first_over, limits_of, most_alone
from goodwill.models import Policy, Reason, Request
from goodwill.models.policies import policy_of
from goodwill.services import ask, decline, grant, undo, withdraw
from tests import make
from tickets.models import Ticket

NOW = make.instant("2026-03-18T11:00:00+00:00")  # a Wednesday


def give(ticket: Ticket, points: int, by: Agent, reason: Reason, at: datetime = NOW) -> Request:
    return grant(ticket, points, by=by, reason=reason, key=make.unique(), at=at)


def bound(ticket: Ticket, points: int, by: Agent, reason: Reason, at: datetime = NOW) -> str:
    """The code of the limit that a grant is over."""
    with pytest.raises(Refused) as refusal:
        give(ticket, points, by, reason, at)
    assert refusal.value.code == "over_limit"
    return str(refusal.value.details["bound"])


def other_customer(ticket: Ticket) -> Ticket:
    return make.make_ticket(customer=make.make_member(brand=ticket.brand, points=10))


@pytest.mark.parametrize(
    ("column", "ago", "free"),
    [
        ("per_day", timedelta(hours=1), timedelta(hours=20)),
        ("per_week", timedelta(days=2), timedelta(days=4)),
        ("per_month", timedelta(days=17), timedelta(days=19)),
    ],
)
def test_what_an_agent_gives_in_a_time_is_limited_over_all_customers(
    ticket: Ticket, agent: Agent, generous: Reason, own: Policy, column: str, ago: timedelta, free: timedelta
) -> None:
    Policy.objects.filter(pk=own.pk).update(**{column: 1000})
    give(other_customer(ticket), 600, agent, generous, NOW - ago)
    assert bound(ticket, 401, agent, generous) == column
    give(other_customer(ticket), 400, agent, generous)
    Request.objects.update(asked_at=NOW - free)
    assert give(ticket, 1000, agent, generous).state == "posted"


@pytest.mark.parametrize("name", ["day", "week", "month"])
def test_grants_of_an_agent_are_counted(
    ticket: Ticket, agent: Agent, generous: Reason, own: Policy, name: str
) -> None:
    Policy.objects.filter(pk=own.pk).update(**{f"grants_per_{name}": 2})
    for _ in range(2):
        give(other_customer(ticket), 1, agent, generous)
    assert bound(ticket, 1, agent, generous) == f"grants_per_{name}"


@pytest.mark.parametrize("days", [30, 90, 365])
def test_what_a_customer_is_given_is_limited_whoever_gives_and_on_whatever_ticket(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, own: Policy, days: int
) -> None:
    Policy.objects.filter(pk=own.pk).update(**{f"customer_{days}": 1000})
    before = NOW - timedelta(days=days) + timedelta(seconds=1)
    give(make.make_ticket(customer=ticket.customer), 600, supervisor, generous, before)
    assert bound(ticket, 401, agent, generous) == f"customer_{days}"
    assert give(ticket, 401, agent, generous, NOW + timedelta(seconds=2)).points == 401


@pytest.mark.parametrize("days", [30, 90, 365])
def test_how_often_a_customer_is_given_something_is_limited(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, own: Policy, days: int
) -> None:
    Policy.objects.filter(pk=own.pk).update(**{f"grants_customer_{days}": 1})
    give(ticket, 1, supervisor, generous, NOW - timedelta(days=days - 1))
    assert bound(ticket, 1, agent, generous) == f"grants_customer_{days}"


def test_a_ticket_has_a_limit_with_all_that_went_into_it(
    ticket: Ticket, agent: Agent, generous: Reason, own: Policy
) -> None:
    Policy.objects.filter(pk=own.pk).update(per_ticket=1000)
    gone = make.make_ticket(customer=ticket.customer)
    give(gone, 600, agent, generous)
    tickets.services.merge(gone, ticket, by=agent)
    assert bound(ticket, 401, agent, generous) == "per_ticket"
    assert give(ticket, 400, agent, generous).state == "posted"


def test_the_defaults_are_those_that_are_shipped(ticket: Ticket, agent: Agent, generous: Reason) -> None:
    limits = {one.code: one.allowed for one in limits_of(agent, ticket, 1, at=NOW)}
    assert limits == {
        "per_grant": 500, "per_ticket": 1000, "per_day": 5000, "customer_90": 3000, "grants_customer_90": 3,
        "apart_days": 1,
    }  # fmt: skip
    give(ticket, 100, agent, generous, NOW - timedelta(days=29))
    assert bound(ticket, 100, agent, generous) == "apart_days"
    assert give(ticket, 100, agent, generous, NOW + timedelta(days=2)).state == "posted"


def test_what_was_declined_withdrawn_or_undone_counts_nowhere_and_what_waits_does(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    def asked() -> Request:
        return ask(ticket, 600, by=agent, reason=generous, key=make.unique())

    decline(asked(), by=supervisor)
    withdraw(asked(), by=agent)
    undo(give(ticket, 100, agent, generous, clock.now()), by=agent)
    at = clock.now()
    assert all(one.used == 0 for one in limits_of(agent, ticket, 1, at=at))
    asked()
    used = {one.code: one.used for one in limits_of(agent, ticket, 1, at=at)}
    assert (used["per_ticket"], used["customer_90"], used["grants_customer_90"]) == (600, 600, 1)
    assert used["per_day"] == 0  # somebody else has to agree to it


def test_the_closest_policy_holds_and_the_own_of_a_brand_before_that_of_all(
    agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    team = make.make_team(brand=brand, agents=[agent])

    def held(in_brand: Brand = brand) -> int:
        return int(policy_of(agent, in_brand, NOW).per_grant)

    since = {"starts_at": NOW - timedelta(days=1)}
    assert held() == 500
    Policy.objects.create(brand=brand, role=roles.AGENT, per_grant=300, **since)
    assert (held(), held(other_brand)) == (300, 500)
    Policy.objects.create(brand=brand, team=team, per_grant=700, **since)
    assert held() == 700
    Policy.objects.create(brand=brand, agent=agent, per_grant=50, **since)
    assert (held(), held(other_brand)) == (50, 500)


def test_a_policy_holds_from_its_beginning_until_its_end(agent: Agent, brand: Brand) -> None:
    Policy.objects.create(
        brand=brand, agent=agent, per_grant=9, starts_at=NOW, ends_at=NOW + timedelta(hours=1)
    )
    held = [
        policy_of(agent, brand, NOW + timedelta(minutes=minutes)).per_grant for minutes in (-1, 0, 59, 60)
    ]
    assert held == [500, 9, 9, 500]


def test_days_weeks_and_months_begin_at_midnight_in_the_zone_of_the_brand() -> None:
    at = make.instant(
        "2026-03-29T23:30:00+00:00"
    )  # Monday in Berlin, an hour and a half after the clocks changed
    found = {name: begin.isoformat() for name, begin in beginnings(at, ZoneInfo("Europe/Berlin")).items()}
    assert found == {
        "day": "2026-03-30T00:00:00+02:00",
        "week": "2026-03-30T00:00:00+02:00",
        "month": "2026-03-01T00:00:00+01:00",
    }


def test_of_several_limits_the_one_that_leaves_least_is_told() -> None:
    limits = [Limit("per_day", 100, 60, 50), Limit("per_ticket", 100, 80, 50), Limit("per_grant", 500, 0, 50)]
    over = first_over(limits)
    assert over is not None
    assert (over.code, most_alone(limits)) == ("per_ticket", 20)
    assert most_alone([*limits, Limit("apart_days", 1, 1, 1, days=30)]) == 0
