"""What was given and how it went on: by reason, agent, team and tier, apologies apart from delight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import tickets.services
from agents.models import Agent, Brand
from customers.models import Customer
from goodwill.models import Policy, Reason, Request
from goodwill.reports.comparison import comparison
from goodwill.reports.given import Figures, Given, given
from goodwill.services import Option, ask, choose, decline, grant, grant_gift, offer, undo
from tests import make
from tests.goodwill import returns
from tests.goodwill.returns import simulate
from tickets.models import ContactReason, Survey, Ticket

NOW = make.instant("2026-10-01T12:00:00+00:00")
DAYS = {"since": NOW - timedelta(days=60), "until": NOW}


@pytest.fixture
def delight(brand: Brand) -> Reason:
    return make.make_reason(brand=brand, label="Extra mile", kind=Reason.Kind.DELIGHT)


def opened(customer: Customer, days_ago: float, reason: ContactReason | None = None) -> Ticket:
    ticket = make.make_ticket(customer=customer, at=NOW - timedelta(days=days_ago))
    Ticket.objects.filter(pk=ticket.pk).update(reason=reason)
    return ticket


def gave(ticket: Ticket, points: int, by: Agent, reason: Reason, days_ago: float = 30) -> Request:
    return grant(ticket, points, by=by, reason=reason, key=make.unique(), at=NOW - timedelta(days=days_ago))


def report(brand: Brand, **more: Any) -> Given:
    return given(brand, **({"at": NOW} | DAYS | more))


def named(found: Given, part: str) -> dict[str, tuple[int, int]]:
    return {name: (one.grants, one.points) for name, one in found.apology.parts[part]}


def test_points_are_told_by_reason_agent_team_and_tier_with_their_worth(
    brand: Brand,
    member: Customer,
    agent: Agent,
    own: Policy,
    supervisor: Agent,
    late_parcel: Reason,
    generous: Reason,
) -> None:
    team = make.make_team(brand=brand, agents=[agent], name="Parcels")
    make.make_team(brand=make.make_brand(), agents=[agent], name="Of another brand")
    Reason.objects.filter(pk=generous.pk).update(label="Generous")
    other = make.make_member(brand=brand)
    gave(opened(member, 31), 300, agent, late_parcel)
    gave(opened(other, 31), 200, agent, generous)
    gave(opened(other, 31), 100, supervisor, late_parcel)
    found = report(brand)
    assert found.apology.total == Figures(grants=3, points=600, customers=2, watched=3)
    assert named(found, "reason") == {"Late parcel": (2, 400), "Generous": (1, 200)}
    assert named(found, "agent") == {agent.name: (2, 500), supervisor.name: (1, 100)}
    assert named(found, "team") == {team.name: (2, 500), "none": (1, 100)}
    assert sum(points for _grants, points in named(found, "tier").values()) == 600
    assert found.point_value_minor == member.account.programme.point_value_minor
    weeks = dict(found.apology.weeks)
    assert (sum(weeks.values()), len([points for points in weeks.values() if points])) == (600, 1)


def test_delight_stands_apart_and_says_nothing_about_failures(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason, delight: Reason
) -> None:
    gave(opened(member, 31), 300, agent, late_parcel)
    gave(opened(member, 31), 50, agent, delight)
    found = report(brand)
    assert (found.apology.total.points, found.delight.total.points) == (300, 50)
    assert [name for name, _figures in found.delight.parts["reason"]] == ["Extra mile"]


def test_what_was_taken_back_or_given_on_other_days_or_in_another_brand_counts_nothing(
    brand: Brand, other_brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason
) -> None:
    gave(opened(member, 70), 100, agent, late_parcel, 61)
    gave(opened(member, 1), 100, agent, late_parcel, 0)
    kept = gave(opened(member, 40), 200, agent, late_parcel, 35)
    gone = gave(opened(member, 40), 400, agent, late_parcel, 35)
    undo(gone, by=agent, at=gone.asked_at)
    assert report(brand).apology.total.points == kept.points
    assert report(other_brand).apology.total == Figures()


def test_who_writes_again_on_a_new_ticket_within_a_fortnight_is_counted_once_they_were_watched_so_long(
    brand: Brand, agent: Agent, own: Policy, late_parcel: Reason
) -> None:
    def follow(*days_after: float) -> None:
        person = make.make_member(brand=brand)
        gave(opened(person, 31), 100, agent, late_parcel)
        for days in days_after:
            opened(person, 30 - days)

    follow(1, 2)
    follow(13.9)
    follow(14.1)
    follow(-0.5)
    gave(opened(make.make_member(brand=brand), 10), 100, agent, late_parcel, 9)
    total = report(brand).apology.total
    assert (total.grants, total.watched, total.wrote_again) == (5, 4, 2)


def test_a_ticket_that_is_opened_again_after_the_grant_is_counted(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason
) -> None:
    ticket = opened(member, 31)
    gave(ticket, 100, agent, late_parcel)
    assert report(brand).apology.total.reopened == 0
    tickets.services.resolve(ticket, by=agent, at=NOW - timedelta(days=29))
    make.hear(ticket, "Still broken", at=NOW - timedelta(days=28))
    total = report(brand).apology.total
    assert (total.watched, total.reopened, total.wrote_again) == (1, 1, 0)


def test_what_customers_answered_afterwards_stands_beside_it(
    brand: Brand, agent: Agent, own: Policy, late_parcel: Reason
) -> None:
    for score in (5, 4, 2, None):
        ticket = opened(make.make_member(brand=brand), 31)
        gave(ticket, 100, agent, late_parcel)
        Survey.objects.create(
            brand=brand, ticket=ticket, queue=ticket.queue, resolved_at=NOW, score=score,
            state="answered" if score else "asked", answered_at=NOW if score else None,
        )  # fmt: skip
    total = report(brand).apology.total
    assert (total.answered, total.content) == (3, 2)


@pytest.fixture
def broken(brand: Brand) -> ContactReason:
    return make.make_contact_reason(brand=brand, label="Broken")


def sides(brand: Brand) -> tuple[int, int]:
    """How many people stand on either side, whether somebody is like them or not."""
    found = comparison(brand, at=NOW, **DAYS).outcomes["writes_again"]
    return found.given + found.alone, found.others


def test_whoever_had_a_failure_about_which_apologies_are_given_is_compared_once(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason, broken: ContactReason
) -> None:
    gave(opened(member, 31, broken), 100, agent, late_parcel)
    opened(member, 25, broken)  # the first of a customer counts
    others = [make.make_member(brand=brand) for _ in range(3)]
    for person in others[:2]:
        opened(person, 31, broken)
    opened(others[2], 31, make.make_contact_reason(brand=brand))  # nobody was ever given anything about this
    opened(others[2], 31)  # nobody said what it was about
    assert sides(brand) == (1, 2)


def test_delight_waiting_and_taken_back_stand_on_neither_side_nor_does_who_was_given_something_lately(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason, delight: Reason,
    broken: ContactReason,
) -> None:  # fmt: skip
    gave(opened(member, 31, broken), 100, agent, late_parcel)
    glad, back, lately = (make.make_member(brand=brand) for _ in range(3))
    gave(opened(glad, 31, broken), 50, agent, delight)
    gone = gave(opened(back, 31, broken), 100, agent, late_parcel)
    undo(gone, by=agent, at=gone.asked_at)
    gave(opened(lately, 80), 100, agent, late_parcel, 79)
    opened(lately, 31, broken)
    assert sides(brand) == (1, 0)
    assert comparison(brand, at=NOW, **DAYS).nameless == 0


def test_a_failure_is_as_grave_as_the_reason_that_was_named_else_as_such_failures_usually_are(
    brand: Brand, agent: Agent, supervisor: Agent, own: Policy, late_parcel: Reason, broken: ContactReason
) -> None:
    grave = make.make_reason(brand=brand, label="Lost", severity=4)

    def somebody() -> Ticket:
        return opened(make.make_member(brand=brand), 31, broken)

    def declined(reason: Reason) -> None:
        at = NOW - timedelta(days=30)
        make.make_policy(agent=asker, brand=brand, per_grant=1)
        asked = ask(somebody(), 100, by=asker, reason=reason, key=make.unique(), at=at)
        decline(asked, by=supervisor, at=at)

    def alike() -> tuple[int, int, int]:
        found = comparison(brand, at=NOW, **DAYS).outcomes["writes_again"]
        return found.given, found.others, found.alone

    for _ in range(2):
        gave(somebody(), 100, agent, late_parcel)
    somebody()  # nobody named a reason: as grave as most
    gave(somebody(), 100, agent, grave)
    assert alike() == (2, 1, 1)
    asker = make.make_agent(brands=[brand])
    declined(grave)
    assert alike() == (3, 2, 0)
    Reason.objects.filter(pk=grave.pk).update(kind=Reason.Kind.DELIGHT)
    assert alike() == (
        2,
        2,
        0,
    )  # what was asked for as delight names no failure; the one given it stands nowhere


def test_who_was_hit_by_an_incident_is_compared_with_others_whom_it_hit(
    brand: Brand, agent: Agent, own: Policy, late_parcel: Reason, broken: ContactReason
) -> None:
    incident = opened(make.make_member(brand=brand), 40)
    hit = [opened(make.make_member(brand=brand), 31, broken) for _ in range(2)]
    for ticket in hit:
        tickets.services.link(ticket, incident, kind="incident", by=agent)
    gave(hit[0], 100, agent, late_parcel)
    opened(make.make_member(brand=brand), 31, broken)
    found = comparison(brand, at=NOW, **DAYS).outcomes["writes_again"]
    assert (found.given, found.others, found.alone) == (1, 1, 0)


def test_a_voucher_counts_for_what_it_was_worth_and_who_is_no_member_has_one(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason, broken: ContactReason
) -> None:
    shipping = make.make_reward(brand=brand, name="Free shipping", points=400)
    stranger = opened(make.make_customer(brand=brand), 31, broken)
    grant_gift(stranger, shipping, by=agent, reason=late_parcel, key="v", at=NOW - timedelta(days=30))
    gave(opened(member, 31, broken), 100, agent, late_parcel)
    found = report(brand)
    assert found.apology.total == Figures(grants=2, points=500, customers=2, watched=2)
    assert named(found, "form") == {"a voucher": (1, 400), "points": (1, 100)}
    assert dict(named(found, "tier"))["none"][0] >= 1
    assert sides(brand) == (2, 0)


def test_what_a_pledge_paid_is_told_and_is_nobodys_and_answers_no_failure(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason, broken: ContactReason
) -> None:
    gave(opened(make.make_member(brand=brand), 31, broken), 100, agent, late_parcel)
    paid = gave(opened(member, 31, broken), 100, agent, late_parcel)
    pledge = make.make_pledge(brand=brand)
    Request.objects.filter(pk=paid.pk).update(
        by=None, pledge=pledge, budget=pledge.budget, approver=pledge.published_by
    )
    assert named(report(brand), "agent") == {agent.name: (1, 100), "nobody: a pledge paid": (1, 100)}
    assert sides(brand) == (1, 0)
    assert comparison(brand, at=NOW, **DAYS).nameless == 0


def test_what_customers_answered_before_they_were_given_anything_is_no_answer_to_it(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason, broken: ContactReason
) -> None:
    ticket = opened(member, 31, broken)
    gave(ticket, 100, agent, late_parcel)
    survey = make.make_survey(
        ticket, state="answered", score=1, answered_at=NOW - timedelta(days=30, hours=1)
    )

    def answers() -> tuple[int, int]:
        found = comparison(brand, at=NOW, **DAYS).outcomes["content"]
        return report(brand).apology.total.answered, found.given + found.alone

    assert answers() == (0, 0)
    Survey.objects.filter(pk=survey.pk).update(changed_at=NOW)
    assert answers() == (1, 1)


def test_who_chooses_or_was_called_instead_stands_on_neither_side(
    brand: Brand, member: Customer, agent: Agent, own: Policy, late_parcel: Reason, broken: ContactReason
) -> None:
    gave(opened(member, 31, broken), 100, agent, late_parcel)
    for call in (False, True):
        ticket = opened(make.make_member(brand=brand), 31, broken)
        at = NOW - timedelta(days=30)
        chosen = offer(
            ticket,
            [Option(100), Option()],
            by=agent,
            reason=late_parcel,
            key=make.unique(),
            text="Sorry.",
            at=at,
        )
        if call:
            choose(chosen, chosen.remedies.get(kind="call").pk, at=at)
    assert sides(brand) == (1, 0)


def test_more_customers_ask_no_more(brand: Brand, ticket: Ticket) -> None:
    def asked(people: int) -> int:
        world = simulate(1, people=people)
        with CaptureQueriesContext(connection) as queries:
            for question in (given, comparison):
                question(world.brand, since=returns.SINCE, until=returns.UNTIL, at=returns.NOW)
        return len(queries)

    assert asked(5) == asked(500) == 8
