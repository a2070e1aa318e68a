"""Why an order earned nothing or less, and what is due is posted: exactly, once, as an order's points."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import Line, Refund, refund_order
from loyalty.models import Account, Entry, PendingGrant, Programme
from loyalty.services import enrol, explain_order, mature_next, post_missing
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.loyalty.test_rules import LINES, NOON, balance, buy, set_rule
from tests.together import at_once


@pytest.fixture
def customer(programme: Programme) -> Customer:
    customer = make.make_member(brand=programme.brand)
    Account.objects.filter(customer=customer).update(joined_at=NOON - timedelta(days=90))
    return customer


@pytest.fixture
def forgotten(customer: Customer) -> Order:
    """An order that came in while the account was frozen for a day."""
    Account.objects.filter(customer=customer).update(status="frozen")
    order = buy(customer)
    Account.objects.filter(customer=customer).update(status="active")
    return order


def why(order: Order, customer: Customer | None = None) -> str:
    return explain_order(order, customer=customer).code


def test_an_order_that_earned_says_so_by_rule_and_version(customer: Customer) -> None:
    said = explain_order(buy(customer))
    assert (said.code, said.due, said.facts.given) == ("given", 0, 495)
    assert [(one.code, one.rule, one.version, one.points) for one in said.rules] == [
        ("gives", "orders", 1, 495)
    ]


def test_pending_points_say_until_when(customer: Customer, programme: Programme) -> None:
    Programme.objects.update(pending_days=14)
    with clock.standing_at(NOON):
        order = buy(Customer.objects.get(pk=customer.pk))
    said = explain_order(order, at=NOON)
    assert (said.code, said.facts.pending) == ("pending", 495)
    assert said.facts.matures_at == make.instant("2026-05-16T00:00+02:00")


def test_an_order_of_somebody_else_is_told_as_nothing_but_that(customer: Customer) -> None:
    friend = make.make_member(brand=customer.brand)
    said = explain_order(buy(friend), customer=customer)
    assert (said.code, said.facts.given, said.rules) == ("other_customer", 0, [])


def test_no_member_before_joining_cancelled_and_frozen(customer: Customer) -> None:
    stranger = make.make_customer(brand=customer.brand)
    order = buy(stranger)
    assert why(order) == "no_member"
    enrol(stranger)
    assert why(order) == "before_joining"
    cancelled = make.make_order(customer=customer, status="cancelled")
    assert why(cancelled) == "cancelled"
    Account.objects.filter(customer=customer).update(status="frozen")
    assert why(buy(customer)) == "frozen"


def test_rules_of_the_day_say_what_bounded_them(customer: Customer, programme: Programme) -> None:
    set_rule(programme, excluded_categories=["gift cards"], minimum_minor=2000, cap_per_day=300)
    card = buy(customer, [LINES[1]])
    small = buy(customer, [Line("S", "Sock", 1999)])
    first, second = buy(customer, [LINES[0]]), buy(customer, [LINES[0]])
    third = buy(customer, [LINES[0]])
    told = [explain_order(order) for order in (card, small, first, second, third)]
    assert [one.code for one in told] == ["nothing", "nothing", "given", "less", "nothing"]
    assert [one.rules[0].code for one in told] == ["excluded", "minimum", "gives", "cap", "cap"]
    assert {one.due for one in told} == {0}


def test_a_day_without_a_rule_says_so(customer: Customer, programme: Programme) -> None:
    programme.earning_rules.update(event="birthday")
    assert why(buy(customer)) == "no_rule"


def test_what_came_back_says_so(customer: Customer) -> None:
    order = buy(customer)
    refund_order(order, [Refund(order.lines.get(sku="J"), 4990)], key="r")
    said = explain_order(order)
    assert (said.code, said.facts.taken_back) == ("given_back", 245)


def test_what_is_due_is_posted_as_points_of_the_order_at_its_instant(
    customer: Customer, forgotten: Order, agent: Agent
) -> None:
    said = explain_order(forgotten)
    assert (said.code, said.due) == ("missing", 495)
    entry = post_missing(forgotten, by=agent, key="k1")
    assert isinstance(entry, Entry)
    assert (entry.points, entry.qualifying, entry.contra, entry.actor) == (495, 495, "issue.order", agent)
    assert (entry.occurred_at, entry.source) == (NOON, f"order:{forgotten.number}")
    assert post_missing(forgotten, by=agent, key="k1") == entry
    with pytest.raises(Refused) as refusal:
        post_missing(forgotten, by=agent, key="k2")
    assert (refusal.value.code, refusal.value.details) == ("nothing_missing", {"why": "given"})
    assert balance(customer) == 495
    assert why(forgotten) == "given"


def test_what_was_given_back_meanwhile_is_not_due_and_a_later_refund_takes_the_rest(
    customer: Customer, forgotten: Order, agent: Agent
) -> None:
    refund_order(forgotten, [Refund(forgotten.lines.get(sku="J"), 4990)], key="r1")
    post_missing(forgotten, by=agent, key="k1")
    assert balance(customer) == 250
    refund_order(forgotten, [Refund(forgotten.lines.get(sku="G"), 5000)], key="r2")
    assert balance(customer) == 0


def test_only_the_rule_that_gave_nothing_is_due_and_its_refund_takes_both(
    customer: Customer, programme: Programme, agent: Agent
) -> None:
    order = buy(customer)
    set_rule(programme, code="clothes", points_per_unit=2, categories=["clothes"])
    said = explain_order(order)
    assert (said.code, said.due, said.facts.given) == ("missing", 98, 495)
    post_missing(order, by=agent, key="k1")
    assert balance(customer) == 593
    refund_order(order, [Refund(line, line.amount_minor) for line in order.lines.all()], key="r")
    assert balance(customer) == 0


def test_missing_points_whose_days_run_are_pending(customer: Customer, agent: Agent) -> None:
    Programme.objects.update(pending_days=14)
    with clock.standing_at(NOON):
        Account.objects.filter(customer=customer).update(status="frozen")
        order = buy(customer)
        Account.objects.filter(customer=customer).update(status="active")
        grant = post_missing(order, by=agent, key="k1", at=NOON)
        assert post_missing(order, by=agent, key="k1", at=NOON) == grant
    assert isinstance(grant, PendingGrant)
    assert mature_next(at=grant.matures_at) == 1
    assert balance(customer) == 495


def test_nobody_posts_for_a_brand_they_do_not_serve_or_without_the_right(forgotten: Order) -> None:
    for by in (make.make_agent(), make.make_agent(brands=[forgotten.brand], role=None)):
        with pytest.raises(Refused) as refusal:
            post_missing(forgotten, by=by, key="k")
        assert refusal.value.code == "not_allowed"


@pytest.mark.race
def test_two_agents_at_once_post_it_once(own_db: str) -> None:
    member = make.make_member()
    Account.objects.filter(customer=member).update(status="frozen", joined_at=NOON)
    order = buy(member)
    Account.objects.filter(customer=member).update(status="active")
    ada, bea = (make.make_agent(brands=[member.brand]) for _ in range(2))
    answers = at_once(
        lambda: post_missing(order, by=ada, key="k1"), lambda: post_missing(order, by=bea, key="k2")
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Entry", "Refused"]
    expect_sound(member.account)
    assert Account.objects.get(customer=member).balance == 495
