"""Two who choose at the same instant, and one beside the sweep: one thing is given, and the budget is exact."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from agents.models import Agent
from contactcenter.errors import Refused
from goodwill.models import Budget, Offer, Policy
from goodwill.services import Option, approve, choose, default_due, offer, withdraw_offer
from loyalty.models import Account, Reward, Voucher
from tests import make
from tests.together import at_once
from tickets.models import Ticket

pytestmark = pytest.mark.race


def sent(*, per_grant: int = 1000) -> tuple[Offer, Agent, Ticket, Budget]:
    """An offer of 300 points or a voucher worth 400, with a budget that pays."""
    brand = make.make_brand()
    by = make.make_agent(brands=[brand])
    since = make.instant("2020-01-01T00:00:00+00:00")
    Policy.objects.create(brand=brand, agent=by, starts_at=since, per_grant=per_grant)
    budget = make.make_budget(brand=brand, points=1000)
    ticket = make.make_ticket(customer=make.make_member(brand=brand), queue=make.make_queue(brand=brand))
    reason = make.make_reason(brand=brand)
    gift = make.make_reward(brand=brand, points=400, stock=10)
    options = [Option(300), Option(gift=gift)]
    return offer(ticket, options, by=by, reason=reason, key="o", text="Choose:"), by, ticket, budget


def given(ticket: Ticket) -> tuple[int, int]:
    """Points and vouchers that the customer has."""
    return Account.objects.get(customer=ticket.customer).balance, Voucher.objects.count()


def book(budget: Budget) -> tuple[int, int]:
    budget.refresh_from_db()
    return budget.spent, budget.reserved


def codes(answers: list[Any]) -> list[str]:
    return sorted(one.code if isinstance(one, Refused) else type(one).__name__ for one in answers)


def each(shown: Offer) -> list[Callable[[], Any]]:
    """Each of the two chosen, as two windows of a browser would."""
    return [partial(choose, shown, remedy.pk) for remedy in shown.remedies.all()]


def test_the_same_clicked_ten_times_at_once_is_given_once(own_db: str) -> None:
    shown, _by, ticket, budget = sent()
    points = shown.remedies.get(kind="points").pk
    answers = at_once(*[partial(choose, shown, points) for _ in range(10)])
    assert codes(answers) == ["Offer"] * 10
    assert (given(ticket), book(budget)) == ((300, 0), (300, 0))


def test_of_two_different_choices_at_once_one_is_given(own_db: str) -> None:
    shown, _by, ticket, budget = sent()
    assert codes(at_once(*each(shown))) == ["Offer", "already_chosen"]
    assert (given(ticket), book(budget)) in [((300, 0), (300, 0)), ((0, 1), (400, 0))]
    assert Reward.objects.get().stock == 10 - given(ticket)[1]


def test_control_without_the_locks_both_are_given(own_db: str) -> None:
    shown, _by, ticket, _budget = sent()
    at_once(*each(shown), unlocked=True)
    assert given(ticket) == (300, 1)


@pytest.mark.parametrize("n", range(3))
def test_the_sweep_and_a_click_at_the_same_instant_give_one_thing(own_db: str, n: int) -> None:
    shown, by, ticket, budget = sent()
    voucher = shown.remedies.get(kind="voucher").pk
    late, just = shown.default_at, shown.sent_at
    answers = at_once(
        partial(default_due, at=late),
        partial(default_due, at=late),
        partial(choose, shown, voucher, at=just),
        partial(withdraw_offer, shown, by=by),
    )
    shown.refresh_from_db()
    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, Refused)], (
        answers
    )
    paths = {"defaulted": ((300, 0), (300, 0)), "chosen": ((0, 1), (400, 0)), "withdrawn": ((0, 0), (0, 0))}
    assert (given(ticket), book(budget)) == paths[shown.state]


def test_control_without_the_locks_the_sweep_gives_beside_a_click(own_db: str) -> None:
    shown, _by, ticket, _budget = sent()
    voucher = shown.remedies.get(kind="voucher").pk
    at_once(partial(default_due, at=shown.default_at), partial(choose, shown, voucher), unlocked=True)
    assert given(ticket) == (300, 1)


def test_an_offer_is_sent_once_whoever_agrees_at_the_same_time(own_db: str) -> None:
    shown, _by, ticket, budget = sent(per_grant=10)
    bosses = [make.make_agent(role="supervisor", brands=[ticket.brand]) for _ in range(2)]
    assert shown.state == "waiting"
    at_once(*[partial(approve, shown.request, by=boss) for boss in bosses])
    assert ticket.messages.filter(kind="outbound").count() == 1
    assert book(budget) == (0, 400)
