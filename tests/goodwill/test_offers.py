"""The customer chooses: what is reserved, what is given, when, and what becomes of what nobody chose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import tickets.services
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, Customer
from goodwill.limits import limits_of
from goodwill.models import Budget, Offer, Policy, Reason, Remedy, Request
from goodwill.services import (
    Option,
    approve,
    choose,
    decline,
    default_due,
    grant,
    lapse_due,
    offer,
    reverse,
    undo,
    withdraw,
    withdraw_offer,
)
from loyalty.models import Account, Redemption, Reward, Voucher
from tests import make
from tickets.models import Message, Ticket

WEEK = timedelta(days=7)


@pytest.fixture
def shipping(brand: Brand, ticket: Ticket) -> Reward:
    return make.make_reward(brand=brand, code="free-shipping", name="Free shipping", points=400, stock=1)


@pytest.fixture
def budget(brand: Brand) -> Budget:
    return make.make_budget(brand=brand, points=1000)


@pytest.fixture
def offered(ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward, budget: Budget) -> Offer:
    """300 points, a voucher worth 400, or a call."""
    return offer_of(ticket, agent, generous, Option(300), Option(gift=shipping), Option())


def offer_of(
    ticket: Ticket, agent: Agent, reason: Reason, *options: Option, key: str = "o", **more: Any
) -> Offer:
    return offer(ticket, options, by=agent, reason=reason, key=key, text="We are sorry. Choose:", **more)


def code_of(deed: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*arguments, **more)
    assert refusal.value.sentence
    return refusal.value.code


def one(offer: Offer, kind: str) -> int:
    return int(offer.remedies.get(kind=kind).pk)


def book(budget: Budget) -> tuple[int, int]:
    budget.refresh_from_db()
    return budget.spent, budget.reserved


def balance(ticket: Ticket) -> int:
    return Account.objects.get(customer=ticket.customer).balance


def told(ticket: Ticket) -> list[tuple[str, Any]]:
    return [(row.kind, row.data.get("what")) for row in ticket.events.filter(kind__startswith="goodwill")]


def test_the_dearest_is_reserved_and_a_reply_with_the_link_stands_in_the_thread(
    offered: Offer, ticket: Ticket, agent: Agent, budget: Budget
) -> None:
    request = offered.request
    assert (request.state, request.points, book(budget), balance(ticket)) == ("open", 400, (0, 400), 1000)
    assert offered.default_at - offered.sent_at == WEEK
    assert [(row.kind, row.points, row.is_default) for row in offered.remedies.all()] == [
        ("points", 300, True), ("voucher", 400, False), ("call", 0, False),
    ]  # fmt: skip
    message = ticket.messages.get(kind=Message.Kind.OUTBOUND)
    assert message.author == agent
    assert message.text.startswith("We are sorry. Choose:\n\nhttp")
    assert "/chosen/" in message.text
    ticket.refresh_from_db()
    assert (ticket.status, told(ticket)) == ("pending", [("goodwill_request", "offered")])
    used = {row.code: row.used for row in limits_of(agent, ticket, 0, at=clock.now())}
    assert (used["per_ticket"], used["customer_90"], used["per_day"]) == (400, 400, 400)


def test_points_that_are_chosen_are_given_and_the_rest_is_free(
    offered: Offer, ticket: Ticket, budget: Budget
) -> None:
    done = choose(offered, one(offered, "points"))
    request = Request.objects.get()
    assert (done.state, done.chosen.kind, request.state, request.points) == (
        "chosen",
        "points",
        "posted",
        300,
    )
    assert (balance(ticket), book(budget), Voucher.objects.count()) == (1300, (300, 0), 0)
    assert told(ticket) == [
        ("goodwill_request", "offered"),
        ("goodwill_request", "chosen"),
        ("goodwill", None),
    ]
    assert ticket.events.get(data__what="chosen").actor == "customer"
    assert "300" in ticket.messages.order_by("-seq")[0].text
    assert choose(offered, one(offered, "points")).pk == done.pk
    assert code_of(choose, offered, one(offered, "voucher")) == "already_chosen"
    assert (balance(ticket), book(budget)) == (1300, (300, 0))


def test_a_voucher_that_is_chosen_is_given_and_its_code_is_mailed(
    offered: Offer, ticket: Ticket, budget: Budget
) -> None:
    choose(offered, one(offered, "voucher"))
    voucher = Voucher.objects.get()
    assert (balance(ticket), book(budget), Request.objects.get().redemption) == (
        1000,
        (400, 0),
        voucher.redemption,
    )
    assert voucher.code in ticket.messages.order_by("-seq")[0].text


def test_a_call_that_is_chosen_costs_nothing_and_supervisors_are_told(
    offered: Offer, ticket: Ticket, agent: Agent, supervisor: Agent, budget: Budget
) -> None:
    tickets.services.resolve(ticket, by=agent)
    choose(offered, one(offered, "call"))
    ticket.refresh_from_db()
    assert (Request.objects.get().state, book(budget), balance(ticket)) == ("called", (0, 0), 1000)
    assert (ticket.status, ticket.due_at is not None) == ("open", True)
    assert Notification.objects.get(agent=supervisor).kind == "goodwill_call"
    assert not Request.objects.counting().exists()


def test_a_call_that_is_chosen_when_the_ticket_is_closed_opens_one_that_names_it(
    offered: Offer, ticket: Ticket, agent: Agent
) -> None:
    tickets.services.resolve(ticket, by=agent)
    tickets.services.close(ticket)
    choose(offered, one(offered, "call"))
    new = Ticket.objects.get(follows=ticket)
    assert (new.status, new.customer, new.queue, new.due_at is not None) == (
        "new", ticket.customer, ticket.queue, True,
    )  # fmt: skip
    assert told(new) == [("goodwill_request", "called")]
    choose(offered, one(offered, "call"))
    assert Ticket.objects.filter(follows=ticket).count() == 1


def test_what_nobody_chose_in_seven_days_is_given_by_the_sweep_once(
    offered: Offer, ticket: Ticket, budget: Budget
) -> None:
    at = offered.default_at
    assert default_due(at=at - timedelta(seconds=1)) == 0
    assert code_of(choose, offered, one(offered, "voucher"), at=at) == "offer_over"
    assert (default_due(at=at), default_due(at=at)) == (1, 0)
    offered.refresh_from_db()
    assert (offered.state, offered.chosen.kind) == ("defaulted", "points")
    assert (balance(ticket), book(budget)) == (1300, (300, 0))
    assert ticket.events.get(data__what="defaulted").actor == "system"
    assert code_of(choose, offered, one(offered, "voucher"), at=at) == "already_chosen"


def test_a_default_that_cannot_be_given_frees_the_budget_and_tells_who_offered(
    offered: Offer, ticket: Ticket, agent: Agent, budget: Budget
) -> None:
    Account.objects.update(status="frozen")
    assert (default_due(at=offered.default_at), default_due(at=offered.default_at)) == (1, 0)
    offered.refresh_from_db()
    assert (offered.state, Request.objects.get().state, book(budget)) == ("withdrawn", "lapsed", (0, 0))
    assert Notification.objects.get(agent=agent).kind == "goodwill_not_given"


def test_what_is_sold_out_when_it_is_chosen_is_refused_and_something_else_may_be_chosen(
    offered: Offer, ticket: Ticket, budget: Budget
) -> None:
    Reward.objects.update(stock=0)
    assert code_of(choose, offered, one(offered, "voucher")) == "sold_out"
    assert (Offer.objects.get().state, book(budget)) == ("open", (0, 400))
    choose(offered, one(offered, "points"))
    assert (balance(ticket), book(budget)) == (1300, (300, 0))


def test_an_offer_is_withdrawn_by_who_made_it_or_a_supervisor_until_somebody_chose(
    offered: Offer, agent: Agent, supervisor: Agent, other_brand: Brand, budget: Budget, ticket: Ticket
) -> None:
    colleague = make.make_agent(brands=[ticket.brand])
    foreign = make.make_agent(role="supervisor", brands=[other_brand])
    for stranger in (colleague, foreign):
        assert code_of(withdraw_offer, offered, by=stranger) == "not_allowed"
    for by in (supervisor, agent):
        assert withdraw_offer(offered, by=by).state == "withdrawn"
    assert (Request.objects.get().state, book(budget)) == ("withdrawn", (0, 0))
    assert code_of(choose, offered, one(offered, "points")) == "offer_withdrawn"
    assert default_due(at=offered.default_at) == 0


def test_what_was_chosen_is_not_undone_by_the_agent_but_taken_back_by_a_supervisor(
    offered: Offer, agent: Agent, supervisor: Agent, budget: Budget, ticket: Ticket
) -> None:
    choose(offered, one(offered, "points"))
    assert code_of(withdraw_offer, offered, by=agent) == "already_chosen"
    assert code_of(undo, offered.request, by=agent) == "customer_chose"
    assert reverse(offered.request, by=supervisor, reason="mistake").state == "reversed"
    assert (balance(ticket), book(budget)) == (1000, (0, 0))


def test_over_the_limit_by_the_dearest_it_waits_and_the_link_goes_out_when_somebody_agrees(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, brand: Brand, budget: Budget
) -> None:
    dear = make.make_reward(brand=brand, points=900)
    waits = offer_of(ticket, agent, generous, Option(100), Option(gift=dear))
    assert (waits.state, waits.request.state, book(budget)) == ("waiting", "waiting", (0, 900))
    assert not ticket.messages.filter(kind=Message.Kind.OUTBOUND).exists()
    assert code_of(choose, waits, one(waits, "points")) == "offer_withdrawn"
    assert code_of(withdraw_offer, waits, by=agent) == "not_sent"
    assert default_due(at=clock.now() + WEEK) == 0
    tickets.services.hear(ticket, "And?", channel="mail", sender="m@m.example", key="and")
    approve(waits.request, by=supervisor)
    waits.refresh_from_db()
    ticket.refresh_from_db()
    assert (waits.state, waits.request.state, book(budget), ticket.status) == (
        "open",
        "open",
        (0, 900),
        "new",
    )
    message = ticket.messages.get(kind=Message.Kind.OUTBOUND)
    assert (message.author, "/chosen/" in message.text) == (agent, True)
    choose(waits, one(waits, "points"))
    assert (balance(ticket), book(budget)) == (1100, (100, 0))


@pytest.mark.parametrize("end", ["declined", "withdrawn", "lapsed"])
def test_an_offer_that_nobody_agrees_to_is_never_sent(
    ticket: Ticket,
    agent: Agent,
    supervisor: Agent,
    generous: Reason,
    budget: Budget,
    shipping: Reward,
    end: str,
) -> None:
    waits = offer_of(ticket, agent, generous, Option(900), Option(gift=shipping))
    if end == "declined":
        decline(waits.request, by=supervisor)
    elif end == "withdrawn":
        withdraw(waits.request, by=agent)
    else:
        assert lapse_due(at=clock.now() + timedelta(hours=48)) == 1
    waits.refresh_from_db()
    assert (waits.state, Request.objects.get().state, book(budget)) == ("withdrawn", end, (0, 0))
    assert not ticket.messages.filter(kind=Message.Kind.OUTBOUND).exists()


def test_who_is_no_member_chooses_among_vouchers_and_a_call(
    customer: Customer, agent: Agent, generous: Reason, shipping: Reward, queue: Any
) -> None:
    ticket = make.make_ticket(customer=customer, queue=queue)
    assert code_of(offer_of, ticket, agent, generous, Option(100), Option(gift=shipping)) == "no_member"
    assert not Offer.objects.exists()
    sent = offer_of(ticket, agent, generous, Option(gift=shipping), Option())
    choose(sent, one(sent, "voucher"))
    assert (Request.objects.get().account, Redemption.objects.get().account) == (None, None)


def test_an_offer_is_made_once_with_one_key(
    offered: Offer, ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward, budget: Budget
) -> None:
    same = (Option(300), Option(gift=shipping), Option())
    assert offer_of(ticket, agent, generous, *same).pk == offered.pk
    assert code_of(offer_of, ticket, agent, generous, *same[:2]) == "key_conflict"
    more = (Option(350), *same[1:])
    assert code_of(offer_of, ticket, agent, generous, *more) == "key_conflict"
    assert code_of(grant, ticket, 400, by=agent, reason=generous, key="o") == "key_conflict"
    assert (Offer.objects.count(), book(budget)) == (1, (0, 400))
    assert ticket.messages.filter(kind=Message.Kind.OUTBOUND).count() == 1


def test_what_makes_no_choice_is_not_offered(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward, brand: Brand
) -> None:
    three = [make.make_reward(brand=brand, points=100) for _ in range(3)]
    found = [
        code_of(offer_of, ticket, agent, late_parcel, *options, key=make.unique())
        for options in (
            [Option(100)],
            [Option(100), *(Option(gift=gift) for gift in three)],
            [Option(100), Option(200)],
            [Option(), Option()],
            [Option(10), Option(gift=shipping)],
            [Option(100), Option(gift=make.make_reward(brand=brand, points=1001))],
        )
    ]
    assert found == [
        "too_few_remedies", "too_many_remedies", "same_twice", "same_twice", "outside_reason", "outside_reason",
    ]  # fmt: skip
    assert not Request.objects.exists()


def test_without_an_address_nothing_is_offered_and_nothing_stays_reserved(
    ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward, budget: Budget
) -> None:
    Message.objects.all().delete()
    ContactPoint.objects.filter(customer=ticket.customer, kind="mail").delete()
    assert code_of(offer_of, ticket, agent, generous, Option(100), Option(gift=shipping)) == "no_address"
    assert (Offer.objects.count(), Request.objects.count(), book(budget)) == (0, 0, (0, 0))


def test_an_agent_has_no_more_in_open_offers_than_a_day_allows(
    ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward, own: Policy
) -> None:
    Policy.objects.filter(pk=own.pk).update(per_day=500)
    offer_of(ticket, agent, generous, Option(300), Option(gift=shipping))
    assert code_of(grant, ticket, 101, by=agent, reason=generous, key="g") == "over_limit"
    assert grant(ticket, 100, by=agent, reason=generous, key="g").state == "posted"


def test_what_went_into_another_ticket_is_chosen_there(
    offered: Offer, ticket: Ticket, agent: Agent, budget: Budget
) -> None:
    into = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    tickets.services.merge(ticket, into, by=agent)
    choose(offered, one(offered, "points"))
    assert (balance(ticket), book(budget)) == (1300, (300, 0))
    assert into.events.filter(kind="goodwill").exists()


def test_the_sweep_asks_no_more_for_each_of_many(
    ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward, own: Policy
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert default_due(at=clock.now() + WEEK + timedelta(minutes=1)) == made
        return len(asked)

    costs = []
    for made in (1, 2, 3):
        for _ in range(made):
            offer_of(ticket, agent, generous, Option(10), Option(gift=shipping), key=make.unique())
        costs.append(cost())
    assert costs[2] - costs[1] == costs[1] - costs[0]
    assert Remedy.objects.filter(is_default=True).count() == 6
