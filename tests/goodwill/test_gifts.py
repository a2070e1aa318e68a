"""Vouchers and benefits given instead of points: the same limits by what they are worth, taken back while unused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

import customers.services
import loyalty.services
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from goodwill.limits import limits_of
from goodwill.models import Budget, Policy, Reason, Request
from goodwill.services import approve, ask_gift, decline, grant, grant_gift, reverse, undo
from loyalty.models import Account, Benefit, Redemption, Reward, Voucher
from loyalty.treatment import treatment_of
from tests import make
from tickets.models import Ticket


@pytest.fixture
def shipping(brand: Brand, ticket: Ticket) -> Reward:
    return make.make_reward(brand=brand, code="free-shipping", name="Free shipping", points=400, stock=5)


@pytest.fixture
def priority(ticket: Ticket) -> Benefit:
    """The best tier's members go first; the member of the ticket has no tier."""
    return make.make_benefit(ticket.customer.account.programme)


@pytest.fixture
def budget(brand: Brand) -> Budget:
    return make.make_budget(brand=brand, points=1000)


def code_of(deed: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*arguments, **more)
    assert refusal.value.sentence
    return refusal.value.code


def looked_at_once(deed: Any, *arguments: Any, **more: Any) -> Any:
    """Do it, and let the database look as it does at the end of a transaction."""
    done = deed(*arguments, **more)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return done


def book(budget: Budget) -> tuple[int, int]:
    budget.refresh_from_db()
    return budget.spent, budget.reserved


def test_a_voucher_is_given_and_the_ledger_is_not_touched(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward, budget: Budget
) -> None:
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    voucher = Voucher.objects.get(redemption=given.redemption)
    account = Account.objects.get(customer=ticket.customer)
    assert (given.state, given.points, given.entry, given.reward) == ("posted", 400, None, shipping)
    assert (account.balance, account.version) == (1000, 1)
    assert (given.redemption.is_gift, given.redemption.entry, given.redemption.account) == (
        True,
        None,
        account,
    )
    assert voucher.state_at(clock.now()) == "valid"
    assert (Reward.objects.get().stock, book(budget)) == (4, (400, 0))
    event = ticket.events.get(kind="goodwill")
    assert event.data == {
        "points": 400, "reason": "late-parcel", "request": given.pk, "entry": None, "gift": "free-shipping",
        "before": None, "after": None,
    }  # fmt: skip
    assert grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v").pk == given.pk
    assert code_of(grant, ticket, 400, by=agent, reason=late_parcel, key="v") == "key_conflict"
    assert loyalty.services.use_voucher(voucher.code, by=agent, key="u").used_at
    loyalty.services.prove_ledger()


@pytest.mark.parametrize("step", ["undone", "reversed"])
def test_an_unused_voucher_is_taken_back_and_one_more_is_in_stock(
    ticket: Ticket,
    agent: Agent,
    supervisor: Agent,
    late_parcel: Reason,
    shipping: Reward,
    budget: Budget,
    step: str,
) -> None:
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    late = clock.now() + timedelta(minutes=16)
    assert code_of(undo, given, by=supervisor) == "not_yours"
    assert code_of(undo, given, by=agent, at=late) == "too_late"
    for _ in range(2):
        deed = (
            (undo, {"by": agent}) if step == "undone" else (reverse, {"by": supervisor, "reason": "mistake"})
        )
        back = deed[0](given, **deed[1])
        assert (back.state, back.returned) == (step, None)
    voucher = Voucher.objects.get()
    assert voucher.state_at(clock.now()) == "cancelled"
    assert code_of(loyalty.services.use_voucher, voucher.code, by=agent, key="u") == "voucher_cancelled"
    assert (Reward.objects.get().stock, book(budget)) == (5, (0, 0))


def test_a_used_voucher_is_taken_back_by_nobody(
    ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason, shipping: Reward, budget: Budget
) -> None:
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    loyalty.services.use_voucher(Voucher.objects.get().code, by=agent, key="u")
    assert code_of(undo, given, by=agent) == "already_used"
    assert code_of(reverse, given, by=supervisor, reason="mistake") == "already_used"
    given.refresh_from_db()
    assert (given.state, book(budget)) == ("posted", (400, 0))


def test_what_was_given_is_not_undone_as_if_it_had_been_bought(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    assert code_of(loyalty.services.undo_redemption, given.redemption, by=agent) == "a_gift"
    assert not Redemption.objects.can_be_undone().exists()


def test_what_it_is_worth_stands_against_every_limit(
    ticket: Ticket, agent: Agent, supervisor: Agent, brand: Brand, generous: Reason
) -> None:
    dear, cheap = (make.make_reward(brand=brand, points=points) for points in (501, 300))
    refused = code_of(grant_gift, ticket, dear, by=agent, reason=generous, key="d")
    assert (refused, Redemption.objects.count(), Voucher.objects.count()) == ("over_limit", 0, 0)
    grant_gift(ticket, cheap, by=agent, reason=generous, key="c")
    waits = ask_gift(ticket, dear, by=agent, reason=generous, key="w")
    assert (waits.state, waits.redemption) == ("waiting", None)
    Reward.objects.filter(pk=dear.pk).update(points=9000)  # what was asked for is what is agreed to
    assert (approve(waits, by=supervisor).state, Voucher.objects.count()) == ("posted", 2)
    waits.refresh_from_db()
    assert (waits.points, waits.redemption.points) == (501, 501)
    used = {one.code: one.used for one in limits_of(agent, ticket, 0, at=clock.now())}
    assert (used["per_ticket"], used["customer_90"], used["grants_customer_90"], used["per_day"]) == (
        801,
        801,
        2,
        300,
    )


def test_the_budget_reserves_what_a_waiting_voucher_is_worth_and_refuses_what_it_has_not(
    ticket: Ticket, agent: Agent, supervisor: Agent, brand: Brand, generous: Reason, budget: Budget
) -> None:
    dear = make.make_reward(brand=brand, points=700)
    waits = ask_gift(ticket, dear, by=agent, reason=generous, key="w")
    assert book(budget) == (0, 700)
    assert code_of(ask_gift, ticket, dear, by=agent, reason=generous, key="x") == "budget_used_up"
    assert decline(waits, by=supervisor).state == "declined"
    assert (book(budget), Voucher.objects.count()) == ((0, 0), 0)


def test_who_is_no_member_may_have_a_voucher_and_nothing_else(
    customer: Customer, agent: Agent, late_parcel: Reason, shipping: Reward, priority: Benefit
) -> None:
    ticket = make.make_ticket(customer=customer)
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    assert (given.account, given.redemption.account, given.state) == (None, None, "posted")
    code = Voucher.objects.get(redemption=given.redemption).code
    assert loyalty.services.use_voucher(code, by=agent, key="u").used_at
    assert code_of(grant, ticket, 50, by=agent, reason=late_parcel, key="p") == "no_member"
    assert code_of(grant_gift, ticket, priority, by=agent, reason=late_parcel, key="b") == "no_member"


def test_a_benefit_is_given_for_its_days_and_ends_when_it_is_taken_back(
    ticket: Ticket, agent: Agent, late_parcel: Reason, priority: Benefit, budget: Budget
) -> None:
    at, who = clock.now(), ticket.customer_id
    assert not treatment_of(who, at).goes_first
    given = grant_gift(ticket, priority, by=agent, reason=late_parcel, key="b", at=at)
    assert (given.points, given.given_benefit.points, book(budget)) == (300, 300, (300, 0))
    assert treatment_of(who, at + timedelta(days=29)).goes_first
    assert not treatment_of(who, at + timedelta(days=30)).goes_first
    undo(given, by=agent, at=at + timedelta(minutes=1))
    assert not treatment_of(who, at + timedelta(minutes=1)).goes_first
    assert book(budget) == (0, 0)


def test_a_benefit_that_they_have_by_tier_or_gift_is_not_given_again(
    ticket: Ticket, agent: Agent, late_parcel: Reason, priority: Benefit
) -> None:
    Policy.objects.update(apart_days=None)
    give = {"by": agent, "reason": late_parcel}
    grant_gift(ticket, priority, key="b", **give)
    assert code_of(grant_gift, ticket, priority, key="c", **give) == "has_it"
    undo(Request.objects.get(), by=agent)
    Account.objects.filter(customer=ticket.customer).update(tier=priority.tier)
    assert code_of(grant_gift, ticket, priority, key="d", **give) == "has_it"


def test_who_is_to_be_answered_sooner_is_on_this_ticket_at_once_and_no_longer_when_it_is_undone(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    sooner = make.make_benefit(ticket.customer.account.programme, kind="reply_time", value=50)
    before = Ticket.objects.get(pk=ticket.pk).due_at
    given = grant_gift(ticket, sooner, by=agent, reason=late_parcel, key="b")
    assert Ticket.objects.get(pk=ticket.pk).due_at < before
    undo(given, by=agent)
    assert Ticket.objects.get(pk=ticket.pk).due_at == before


def test_what_is_sent_by_hand_sold_out_or_without_a_value_is_not_given(
    ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand, priority: Benefit
) -> None:
    shipped = make.make_reward(brand=brand, kind="shipped", points=100)
    gone = make.make_reward(brand=brand, points=100, stock=0)
    off = make.make_reward(brand=brand, points=100, is_active=False)
    priceless = make.make_benefit(priority.programme, gift_points=None)
    found = [
        code_of(grant_gift, ticket, gift, by=agent, reason=late_parcel, key=make.unique())
        for gift in (shipped, gone, off, priceless)
    ]
    assert found == ["not_a_voucher", "sold_out", "reward_gone", "not_given"]
    assert not Request.objects.exists()


def test_nothing_of_another_brand_is_given(
    ticket: Ticket, agent: Agent, late_parcel: Reason, other_brand: Brand
) -> None:
    theirs = make.make_reward(brand=other_brand, points=100)
    with pytest.raises(Refused) as refusal:
        grant_gift(ticket, theirs, by=agent, reason=late_parcel, key="t")
    assert refusal.value.code == "reward_gone"
    assert not Redemption.objects.exists()


def test_a_frozen_account_gets_no_voucher(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    Account.objects.update(status="frozen")
    assert (
        code_of(grant_gift, ticket, shipping, by=agent, reason=late_parcel, key="v") == "account_not_active"
    )
    assert not Request.objects.exists()


def test_the_database_keeps_no_gift_that_nobody_asked_for(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward, priority: Benefit
) -> None:
    account, deed = ticket.customer.account, {"points": 400, "by": agent, "at": clock.now()}
    for do, gift in ((loyalty.services.give_reward, shipping), (loyalty.services.give_benefit, priority)):
        with pytest.raises(IntegrityError, match="nobody asked for it"), transaction.atomic():
            looked_at_once(do, gift, account=account, key=make.unique(), **deed)
    assert looked_at_once(grant_gift, ticket, shipping, by=agent, reason=late_parcel, key="v").redemption


def test_a_voucher_given_after_a_merge_goes_back_with_its_ticket(
    ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason, shipping: Reward, priority: Benefit
) -> None:
    kept = make.make_member(brand=ticket.brand, points=10)
    merge = customers.services.merge(kept, ticket.customer, by=supervisor, reason="twice", key="m")
    ticket.refresh_from_db()
    voucher = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    benefit = ask_gift(ticket, priority, by=supervisor, reason=late_parcel, key="b")
    assert {voucher.account, voucher.redemption.account, benefit.given_benefit.account} == {kept.account}
    customers.services.unmerge(merge, by=supervisor, key="u")
    for row in (voucher, benefit):
        row.refresh_from_db()
        given = row.redemption or row.given_benefit
        assert row.account == given.account == Account.objects.get(customer=merge.merged_id)
