"""A promise that pays itself: the log of the clocks decides, its own budget pays, once, and nobody is charged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand, Notification
from contactcenter.errors import Refused
from customers.models import Customer
from goodwill.limits import limits_of
from goodwill.models import Budget, Pledge, PledgeRun, Policy, Reason, Request
from goodwill.services import grant, keep_next_pledge, publish, reverse, stop, undo
from goodwill.tasks import keep_pledges
from loyalty import proof
from loyalty.models import Account, Programme, TierChange
from tests import make
from tickets.models import Clock, ClockFact, SlaPolicy, Ticket
from tickets.services import merge, move_to, reopen, reply, resolve, set_status, tell_late, unmerge

NOON = datetime.fromisoformat("2026-06-10T12:00+02:00")
MINUTES = timedelta(minutes=1)


@pytest.fixture
def since() -> dict[str, Any]:
    """Since when pledges and their budgets are there."""
    return {"starts_at": NOON - timedelta(days=30)}


@pytest.fixture
def budget(brand: Brand) -> Budget:
    return make.make_budget(
        brand=brand, pays_pledges=True, points=1000, starts_at=NOON - timedelta(days=30),
        ends_at=NOON + timedelta(days=300),
    )  # fmt: skip


@pytest.fixture
def pledge(brand: Brand, supervisor: Agent, since: dict[str, Any], budget: Budget) -> Pledge:
    """Every member is answered within an hour, first and around the clock, or gets 100 points."""
    return make.make_pledge(brand=brand, by=supervisor, budget=budget, **since)


def word(member: Customer, at: datetime = NOON, **fields: Any) -> Ticket:
    return make.make_ticket(customer=member, at=at, **fields)


def answer(ticket: Ticket, agent: Agent, at: datetime) -> None:
    reply(ticket, "Here it is.", by=agent, key=make.unique(), at=at)


def sweep(at: datetime) -> None:
    while keep_next_pledge(at=at):
        pass


def balance(member: Customer) -> int:
    return Account.objects.get(customer=member).balance


def states(ticket: Ticket) -> list[tuple[str, str]]:
    return list(PledgeRun.objects.filter(ticket=ticket).order_by("pk").values_list("state", "why"))


def receipts(ticket: Ticket) -> list[str]:
    return [event.data["what"] for event in ticket.events.filter(kind="goodwill_request").order_by("seq")]


@pytest.fixture
def before(member: Customer) -> int:
    return balance(member)


def test_who_waits_longer_than_promised_is_paid_from_the_budget_of_the_pledge(
    pledge: Pledge, budget: Budget, member: Customer, agent: Agent, supervisor: Agent, before: int
) -> None:
    ticket = word(member)
    sweep(NOON + 59 * MINUTES)
    assert balance(member) == before
    sweep(NOON + 60 * MINUTES)
    sweep(NOON + 61 * MINUTES)
    assert balance(member) == before + 100
    given = Request.objects.get(ticket=ticket)
    assert (given.by, given.approver, given.pledge, given.state) == (None, supervisor, pledge, "posted")
    assert given.key.startswith(f"pledge:{pledge.pk}:")
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved) == (100, 0)
    assert receipts(ticket) == ["pledge_paid"]
    answer(ticket, agent, NOON + 95 * MINUTES)
    sweep(NOON + 96 * MINUTES)
    assert receipts(ticket) == ["pledge_paid", "pledge_answered"]
    told = ticket.events.filter(kind="goodwill_request").latest("seq").data
    said = [datetime.fromisoformat(told[name]) for name in ("due", "answered")]
    assert said == [NOON + 60 * MINUTES, NOON + 95 * MINUTES]
    assert balance(member) == before + 100
    assert not [found for check in proof.CHECKS for found in proof.broken(check).findings]


def test_who_is_answered_in_time_even_at_the_last_instant_is_not_paid(
    pledge: Pledge, member: Customer, agent: Agent, before: int
) -> None:
    ticket = word(member)
    answer(ticket, agent, NOON + 60 * MINUTES)
    sweep(NOON + 90 * MINUTES)
    assert (states(ticket), balance(member)) == ([("kept", "")], before)


def test_business_hours_and_pauses_are_what_the_clock_counted(
    brand: Brand,
    supervisor: Agent,
    budget: Budget,
    since: dict[str, Any],
    member: Customer,
    agent: Agent,
    before: int,
) -> None:
    """Opened at 16:30 of an office that closes at 17:00: an hour is up at 9:30 the next day."""
    make.make_sla(brand=brand, calendar=make.make_calendar(brand=brand), first_minutes=240)
    make.make_pledge(brand=brand, by=supervisor, budget=budget, **since)
    ticket = word(member, NOON.replace(hour=16, minute=30))
    sweep(NOON.replace(hour=23))
    morning = NOON.replace(day=11, hour=9, minute=30)
    assert PledgeRun.objects.get(ticket=ticket).due_at == morning
    sweep(morning - MINUTES)
    assert balance(member) == before
    sweep(morning)
    assert balance(member) == before + 100


def test_a_solution_that_stands_while_the_customer_is_asked_is_not_broken(
    brand: Brand,
    supervisor: Agent,
    budget: Budget,
    since: dict[str, Any],
    member: Customer,
    agent: Agent,
    before: int,
) -> None:
    make.make_sla(brand=brand, calendar=None, first_minutes=30, resolution_minutes=480)
    make.make_pledge(brand=brand, by=supervisor, budget=budget, kind="resolution", minutes=120, **since)
    ticket = word(member)
    answer(ticket, agent, NOON + 20 * MINUTES)
    set_status(ticket, "pending", by=agent, at=NOON + 30 * MINUTES)
    sweep(NOON + 300 * MINUTES)
    assert (states(ticket), balance(member)) == ([("running", "")], before)
    make.hear(ticket, at=NOON + 300 * MINUTES)  # the answer stopped it with 100 minutes left
    sweep(NOON + 399 * MINUTES)
    assert balance(member) == before
    sweep(NOON + 400 * MINUTES)
    assert balance(member) == before + 100
    resolve(ticket, by=agent, at=NOON + 404 * MINUTES)
    sweep(NOON + 405 * MINUTES)
    reopen(ticket, by=agent, at=NOON + 410 * MINUTES)
    sweep(NOON + 4000 * MINUTES)
    assert balance(member) == before + 100
    assert receipts(ticket) == ["pledge_paid", "pledge_answered"]


def test_without_minutes_of_its_own_it_is_broken_when_the_log_says_that_the_clock_was_late(
    brand: Brand, supervisor: Agent, budget: Budget, since: dict[str, Any], member: Customer, before: int
) -> None:
    make.make_sla(brand=brand, calendar=None, first_minutes=45)
    make.make_pledge(brand=brand, by=supervisor, budget=budget, minutes=None, **since)
    ticket = word(member)
    sweep(NOON + 50 * MINUTES)
    assert (states(ticket), balance(member)) == ([("running", "")], before)
    tell_late(at=NOON + 51 * MINUTES)  # which writes the line
    sweep(NOON + 51 * MINUTES)
    assert balance(member) == before + 100
    run = PledgeRun.objects.get(ticket=ticket)
    assert run.due_at == NOON + 45 * MINUTES


def test_an_answer_that_comes_late_before_any_sweep_is_paid_from_its_log(
    pledge: Pledge, member: Customer, agent: Agent, before: int
) -> None:
    ticket = word(member)
    answer(ticket, agent, NOON + 70 * MINUTES)
    sweep(NOON + 71 * MINUTES)
    assert (states(ticket), receipts(ticket)) == ([("paid", "")], ["pledge_paid"])
    told = ticket.events.filter(kind="goodwill_request").get().data
    assert datetime.fromisoformat(told["answered"]) == NOON + 70 * MINUTES
    assert balance(member) == before + 100


def test_the_tier_and_the_queue_at_the_start_of_the_clock_count(
    brand: Brand, supervisor: Agent, budget: Budget, since: dict[str, Any], programme: Programme, agent: Agent
) -> None:
    gold = programme.tiers.get(code="gold")
    vip, rest = make.make_queue(brand=brand), make.make_queue(brand=brand)
    make.make_pledge(brand=brand, by=supervisor, budget=budget, tier_from=gold, queue=vip, **since)

    def paid(queue: Any, was: str, then: str) -> bool:
        member = make.make_member(brand=brand)
        account = member.account
        ticket = word(member, queue=queue)
        Account.objects.filter(pk=account.pk).update(tier=programme.tiers.get(code=then))
        TierChange.objects.create(
            account=account, programme=programme, from_tier=programme.tiers.get(code=was),
            to_tier=programme.tiers.get(code=then), cause="earned" if was < then else "lapsed",
            effective_at=NOON + MINUTES, recorded_at=NOON + MINUTES,
        )  # fmt: skip
        move_to(ticket, rest if queue == vip else vip, by=agent, at=NOON + 2 * MINUTES)
        sweep(NOON + 90 * MINUTES)
        return Request.objects.filter(ticket=ticket).exists()

    assert paid(vip, "gold", "silver")
    assert paid(vip, "platinum", "bronze")
    assert not paid(vip, "silver", "gold")
    assert not paid(rest, "gold", "silver")


def test_the_pledge_that_holds_is_that_of_the_start_and_the_dearest_of_several(
    brand: Brand, supervisor: Agent, budget: Budget, since: dict[str, Any], member: Customer, before: int
) -> None:
    made = {"brand": brand, "by": supervisor, "budget": budget}
    make.make_pledge(**made, points=50, **since)
    make.make_pledge(**made, points=200, minutes=90, **since)
    make.make_pledge(**made, points=300, starts_at=NOON + MINUTES)
    make.make_pledge(**made, points=400, ends_at=NOON, **since)
    make.make_pledge(**made, points=500, published=False, **since)
    make.make_pledge(**made, points=600, kind="next", **since)
    word(member)
    sweep(NOON + 89 * MINUTES)
    assert balance(member) == before
    sweep(NOON + 90 * MINUTES)
    assert balance(member) == before + 200


def test_a_pledge_that_ends_is_paid_for_clocks_that_run_and_one_that_is_stopped_is_not(
    pledge: Pledge, supervisor: Agent, brand: Brand, before: int
) -> None:
    first, second = (make.make_member(brand=brand) for _ in range(2))
    word(first)
    Pledge.objects.filter(pk=pledge.pk).update(ends_at=NOON + MINUTES)
    sweep(NOON + 60 * MINUTES)
    assert Request.objects.filter(account__customer=first).count() == 1
    Pledge.objects.filter(pk=pledge.pk).update(ends_at=None)
    word(second)
    stop(pledge, by=supervisor)
    sweep(NOON + 61 * MINUTES)
    assert not Request.objects.filter(account__customer=second).exists()
    assert not PledgeRun.objects.filter(ticket__customer=second).exists()


def test_who_is_no_member_and_whose_account_is_frozen_is_not_paid(
    pledge: Pledge, brand: Brand, customer: Customer, member: Customer, supervisor: Agent
) -> None:
    word(customer)
    frozen = word(member)
    make.freeze(member, by=supervisor)
    sweep(NOON + 60 * MINUTES)
    assert list(PledgeRun.objects.values_list("ticket", "state", "why")) == [
        (frozen.pk, "unpaid", "account_not_active")
    ]
    assert receipts(frozen) == ["pledge_unpaid"]


def test_a_customer_is_paid_so_often_in_so_many_days_at_most(
    pledge: Pledge, member: Customer, before: int
) -> None:
    for days in (0, 10, 29, 30):
        at = NOON + timedelta(days=days)
        word(member, at)
        sweep(at + 60 * MINUTES)
    assert list(PledgeRun.objects.order_by("pk").values_list("state", "why")) == [
        ("paid", ""), ("unpaid", "often_enough"), ("unpaid", "often_enough"), ("paid", ""),
    ]  # fmt: skip
    assert balance(member) == before + 200


def test_a_budget_that_is_used_up_pays_nothing_more_and_the_supervisors_are_told_once(
    pledge: Pledge, budget: Budget, brand: Brand, supervisor: Agent
) -> None:
    Budget.objects.filter(pk=budget.pk).update(points=250)
    for _ in range(5):
        word(make.make_member(brand=brand))
    sweep(NOON + 60 * MINUTES)
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved) == (200, 0)
    assert (
        sorted(PledgeRun.objects.values_list("state", "why"))
        == [("paid", "")] * 2 + [("unpaid", "budget_used_up")] * 3
    )
    (told,) = Notification.objects.filter(agent=supervisor, kind="pledge_unpaid")
    assert told.data == {"budget": budget.pk}


def test_nobody_is_charged_and_no_limit_of_an_agent_or_customer_counts_against_it(
    pledge: Pledge, budget: Budget, member: Customer, agent: Agent, supervisor: Agent, before: int
) -> None:
    ticket = word(member)
    free = {one.code: one.left for one in limits_of(agent, ticket, 1, at=NOON + 60 * MINUTES)}
    sweep(NOON + 60 * MINUTES)
    after = {one.code: one.left for one in limits_of(agent, ticket, 1, at=NOON + 61 * MINUTES)}
    assert after["per_day"] == free["per_day"]
    assert after["customer_90"] == free["customer_90"] - 100  # what a customer was given counts, by whomever
    with pytest.raises(Refused) as refused:
        undo(Request.objects.get(ticket=ticket), by=supervisor)
    assert refused.value.code == "not_yours"
    reverse(Request.objects.get(ticket=ticket), by=supervisor, reason="mistake", at=NOON + 90 * MINUTES)
    budget.refresh_from_db()
    assert (budget.spent, balance(member)) == (0, before)
    sweep(NOON + 99 * MINUTES)
    assert balance(member) == before


def test_nobody_gives_from_the_budget_of_a_pledge(
    budget: Budget, ticket: Ticket, agent: Agent, late_parcel: Any
) -> None:
    budget.refresh_from_db()
    assert grant(ticket, 100, by=agent, reason=late_parcel, key="k", at=NOON).budget is None


def test_a_wait_that_goes_on_in_another_ticket_is_paid_there_and_once(
    pledge: Pledge, member: Customer, agent: Agent, before: int
) -> None:
    first, second = word(member), word(member, NOON + 5 * MINUTES)
    sweep(NOON + 6 * MINUTES)
    merge(first, second, by=agent, at=NOON + 10 * MINUTES)
    sweep(NOON + 11 * MINUTES)
    assert states(first) == [("dropped", "")]
    sweep(NOON + 60 * MINUTES)
    assert (states(second), balance(member)) == ([("paid", "")], before + 100)
    unmerge(first, by=agent, at=NOON + 70 * MINUTES)
    sweep(NOON + 300 * MINUTES)
    assert (states(first), balance(member)) == ([("dropped", "")], before + 100)


def test_what_was_paid_before_a_merge_is_not_paid_again_after_it(
    pledge: Pledge, member: Customer, agent: Agent, before: int
) -> None:
    Pledge.objects.update(per_customer=9)
    first, second = word(member), word(member, NOON + 50 * MINUTES)
    sweep(NOON + 60 * MINUTES)
    assert balance(member) == before + 100
    merge(first, second, by=agent, at=NOON + 61 * MINUTES)
    sweep(NOON + 300 * MINUTES)
    assert (states(first), states(second)) == ([("paid", "")], [("dropped", "")])
    assert balance(member) == before + 100


def test_a_merge_before_any_sweep_loses_no_promise(
    pledge: Pledge, member: Customer, agent: Agent, before: int
) -> None:
    second, first = word(member, NOON + 5 * MINUTES), word(member)
    merge(first, second, by=agent, at=NOON + 10 * MINUTES)
    sweep(NOON + 60 * MINUTES)
    assert balance(member) == before + 100


def test_a_merge_holds_each_clock_to_the_pledge_of_its_own_kind(
    brand: Brand,
    supervisor: Agent,
    budget: Budget,
    since: dict[str, Any],
    member: Customer,
    agent: Agent,
    before: int,
) -> None:
    """Both clocks of a ticket start at one instant: an answer is not held to what is promised of the solution."""
    make.make_sla(brand=brand, calendar=None, first_minutes=60, resolution_minutes=480)
    made = {"brand": brand, "by": supervisor, "budget": budget, **since}
    answered = make.make_pledge(**made, points=100, minutes=60)
    solved = make.make_pledge(**made, points=300, minutes=480, kind="resolution")
    first, second = word(member), word(member, NOON + 5 * MINUTES)
    sweep(NOON + 6 * MINUTES)
    merge(first, second, by=agent, at=NOON + 10 * MINUTES)
    sweep(NOON + 60 * MINUTES)
    assert balance(member) == before + 100
    sweep(NOON + 480 * MINUTES)
    assert balance(member) == before + 400
    runs = PledgeRun.objects.filter(ticket=second, state="paid").values_list("kind", "pledge")
    assert dict(runs) == {"first": answered.pk, "resolution": solved.pk}


def test_a_ticket_that_ends_without_an_answer_in_time_is_not_paid_and_goes_on_when_it_is_reopened(
    pledge: Pledge, member: Customer, agent: Agent, before: int
) -> None:
    ticket = word(member)
    resolve(ticket, by=agent, at=NOON + 30 * MINUTES)
    sweep(NOON + 90 * MINUTES)
    assert (states(ticket), balance(member)) == ([("dropped", "")], before)
    reopen(ticket, by=agent, at=NOON + 100 * MINUTES)
    sweep(NOON + 129 * MINUTES)
    assert balance(member) == before
    sweep(NOON + 130 * MINUTES)
    assert (states(ticket), balance(member)) == ([("paid", "")], before + 100)


def test_every_turn_of_an_answer_is_a_promise_of_its_own(
    brand: Brand,
    supervisor: Agent,
    budget: Budget,
    since: dict[str, Any],
    member: Customer,
    agent: Agent,
    before: int,
) -> None:
    make.make_pledge(brand=brand, by=supervisor, budget=budget, kind="next", per_customer=5, **since)
    ticket = word(member)
    for hours in (1, 5, 9):
        answer(ticket, agent, NOON + hours * 60 * MINUTES)
        make.hear(ticket, at=NOON + (hours * 60 + 1) * MINUTES)
    answer(ticket, agent, NOON + 600 * MINUTES)
    sweep(NOON + 700 * MINUTES)
    assert balance(member) == before + 200  # the third word was answered after 59 minutes
    assert [state for state, _why in states(ticket)] == ["paid", "paid", "kept"]


def test_publishing_takes_a_right_an_apology_and_a_budget_of_its_own(
    brand: Brand, other_brand: Brand, agent: Agent, supervisor: Agent, budget: Budget
) -> None:
    def refused(by: Agent, **fields: Any) -> str:
        pledge = make.make_pledge(brand=brand, published=False, **{"budget": budget} | fields)
        with pytest.raises(Refused) as refusal:
            publish(pledge, by=by)
        assert not Pledge.objects.get(pk=pledge.pk).is_active
        return refusal.value.code

    assert refused(agent) == "not_allowed"
    assert refused(supervisor, points=5000) == "outside_reason"
    assert refused(supervisor, reason=make.make_reason(brand=brand, kind="delight")) == "outside_reason"
    assert refused(supervisor, budget=make.make_budget(brand=brand)) == "not_for_pledges"
    theirs = make.make_programme(brand=other_brand).tiers.get(code="gold")
    assert refused(supervisor, tier_from=theirs) == "other_brand"


def test_nobody_publishes_more_than_they_may_give_at_once_nor_alone_what_takes_two(
    brand: Brand, supervisor: Agent, budget: Budget, generous: Reason
) -> None:
    def refused(points: int) -> Any:
        pledge = make.make_pledge(brand=brand, published=False, budget=budget, reason=generous, points=points)
        with pytest.raises(Refused) as refusal:
            publish(pledge, by=supervisor)
        assert not Pledge.objects.get(pk=pledge.pk).is_active
        return refusal.value.code, refusal.value.details["bound"], refusal.value.details["limit"]

    made = {"brand": brand, "by": supervisor, "budget": budget, "reason": generous}
    assert make.make_pledge(**made, points=2500).is_active  # as the shipped policy of a supervisor has it
    assert refused(2501) == ("over_limit", "per_grant", 2500)
    own = make.make_policy(agent=supervisor, brand=brand, per_grant=2500, second_above=700)
    assert make.make_pledge(**made, points=700).is_active
    assert refused(701) == ("over_limit", "second_above", 700)
    Policy.objects.filter(pk=own.pk).update(ends_at=own.starts_at + MINUTES)
    Policy.objects.filter(role="supervisor").delete()
    assert refused(1) == ("over_limit", "per_grant", 0)


def test_the_supervisor_who_published_it_is_not_paid_by_it(
    pledge: Pledge, member: Customer, supervisor: Agent, before: int
) -> None:
    member.contact_points.filter(kind="mail").update(value=supervisor.email.upper())
    ticket = word(member)
    sweep(NOON + 60 * MINUTES)
    assert (states(ticket), balance(member)) == ([("unpaid", "own_account")], before)


def test_the_database_refuses_a_request_of_nobody_without_pledge_budget_and_who_decided(
    pledge: Pledge, member: Customer
) -> None:
    ticket = word(member)
    sweep(NOON + 60 * MINUTES)
    rows = Request.objects.filter(ticket=ticket)
    for change in ({"pledge": None}, {"budget": None}, {"approver": None}, {"by": pledge.published_by}):
        with (
            pytest.raises(IntegrityError, match=r"goodwill_request_(by_somebody|takes_others)"),
            transaction.atomic(),
        ):
            rows.update(**change)


def test_a_house_without_pledges_watches_no_clock(member: Customer, agent: Agent) -> None:
    ticket = word(member)
    answer(ticket, agent, NOON + MINUTES)
    assert not PledgeRun.objects.exists()


def test_a_sweep_that_finds_nothing_asks_once_and_one_that_finds_much_is_bounded(
    pledge: Pledge, brand: Brand, django_capture_on_commit_callbacks: Any
) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert keep_pledges(at=NOON) == 0
    assert len([one for one in queries if one["sql"].startswith("SELECT")]) == 1
    for _ in range(3):
        word(make.make_member(brand=brand))
    assert keep_pledges(at=NOON + 60 * MINUTES) == 3
    assert Clock.objects.filter(breached_at=None).count() == 3  # what the clocks themselves promise is longer
    assert ClockFact.objects.filter(kind="breached").count() == 0
    assert not SlaPolicy.objects.exists()
