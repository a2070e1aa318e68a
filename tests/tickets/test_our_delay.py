"""Our delay never costs the customer: points and tiers that ran out while a ticket waited on us."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import Refund, refund_order
from loyalty import proof
from loyalty.explain import explain
from loyalty.models import Account, Lot, LotExtension, Programme, TierFloor
from loyalty.services import earn, expire, extend, hold, redeem, release, review_some
from loyalty.statements import Period, statement_of
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.loyalty.tiering import climber, day, held, qualify
from tests.together import at_once
from tickets.models import Ticket, TicketEvent
from tickets.services import make_good_next, reply, resolve, set_status
from tickets.sla import AROUND_THE_CLOCK, Fact
from tickets.waiting import Wait, waits

NOON = datetime.fromisoformat("2026-06-10T12:00+02:00")
HOURS, DAYS = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def account(member: Customer) -> Account:
    """The member, with 1,000 points that end with 10 June 2026 at midnight in Berlin."""
    end = datetime.fromisoformat("2026-06-11T00:00+02:00")
    Lot.objects.update(expires_at=end)
    Account.objects.update(next_expiry=end, joined_at=day("2026-01-01"))
    return Account.objects.select_related("programme").get(pk=member.account.pk)


def balance(account: Account) -> int:
    return Account.objects.get(pk=account.pk).balance


def answer(ticket: Ticket, agent: Agent, at: datetime) -> None:
    reply(ticket, "Here it is.", by=agent, key=make.unique(), at=at)


def sweep(at: datetime) -> None:
    while make_good_next(at=at):
        pass


def expect_proven() -> None:
    assert not [found for check in proof.CHECKS for found in proof.broken(check).findings]


def log(*lines: tuple[str, int]) -> list[Fact]:
    return [Fact(kind, NOON + hours * HOURS, HOURS, AROUND_THE_CLOCK) for kind, hours in lines]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([("started", 0), ("met", 5)], [(0, 5)]),
        ([("started", 0), ("warned", 1), ("breached", 2), ("retargeted", 3), ("met", 80)], [(0, 80)]),
        ([("started", 0), ("met", 5), ("started", 9), ("met", 10)], [(0, 5), (9, 10)]),
        (
            [("started", 0), ("stopped", 4), ("resumed", 50), ("met", 51)],
            [(0, 4), (50, 51)],
        ),  # it was over between
        ([("started", 0)], []),  # it waits still
        ([], []),
    ],
)
def test_the_log_tells_how_long_a_customer_waited_around_the_clock(lines: Any, found: Any) -> None:
    assert waits(log(*lines)) == [Wait(NOON + a * HOURS, NOON + b * HOURS) for a, b in found]


def test_points_that_ended_while_we_were_late_come_back_for_as_long_as_we_took(
    account: Account, member: Customer, agent: Agent
) -> None:
    ticket = make.make_ticket(customer=member, at=NOON)
    assert expire(account, at=NOON + DAYS)
    assert balance(account) == 0
    answer(ticket, agent, NOON + 3 * DAYS)
    sweep(NOON + 3 * DAYS)

    assert balance(account) == 1000
    extension = LotExtension.objects.get()
    assert (extension.points, extension.waited, str(extension.last_day)) == (1000, 3 * DAYS, "2026-06-13")
    back = account.entries.last()
    assert (back.kind, back.contra, back.points, back.reverses.kind) == ("reverse", "expire", 1000, "expire")
    assert explain(back).extension == extension
    told = ticket.events.get(kind=TicketEvent.Kind.KEPT)
    assert (told.actor, told.data["points"]) == ("system", 1000)
    expect_sound(account)
    expect_proven()

    sweep(NOON + 4 * DAYS)  # once a lot and ticket
    assert LotExtension.objects.count() == 1
    assert expire(account, at=NOON + 10 * DAYS)
    assert balance(account) == 0
    expect_proven()


def test_points_that_nobody_has_taken_yet_just_live_longer(
    account: Account, member: Customer, agent: Agent
) -> None:
    ticket = make.make_ticket(customer=member, at=NOON)
    answer(ticket, agent, NOON + 13 * HOURS)
    sweep(NOON + 13 * HOURS)
    lines = account.entries.count()
    assert expire(account, at=NOON + 13 * HOURS) is None
    assert (account.entries.count(), balance(account)) == (lines, 1000)
    assert LotExtension.objects.get().points == 0
    expect_proven()


def test_what_ended_before_the_word_or_after_our_answer_stays_as_it_is(
    account: Account, member: Customer, agent: Agent
) -> None:
    early = make.make_ticket(customer=member, at=NOON - 5 * DAYS)
    answer(early, agent, NOON - 4 * DAYS)
    late = make.make_ticket(customer=member, at=NOON + DAYS)
    answer(late, agent, NOON + 2 * DAYS)
    sweep(NOON + 2 * DAYS)
    assert not LotExtension.objects.exists()


def test_a_parked_ticket_and_one_that_waits_on_the_customer_give_nothing(
    account: Account, member: Customer, agent: Agent
) -> None:
    ticket = make.make_ticket(customer=member, at=NOON - 2 * DAYS)
    answer(ticket, agent, NOON - DAYS)
    set_status(ticket, Ticket.Status.ON_HOLD, by=agent, at=NOON - DAYS)
    resolve(ticket, by=agent, at=NOON + 5 * DAYS)
    sweep(NOON + 5 * DAYS)
    assert not LotExtension.objects.exists()


def test_tickets_opened_again_and_again_before_the_end_give_no_more_than_the_programme_allows(
    account: Account, member: Customer, agent: Agent
) -> None:
    Programme.objects.update(delay_days=5)
    at = NOON
    for hours in (48, 48, 32, 48):
        ticket = make.make_ticket(customer=member, at=at)
        at += hours * HOURS
        answer(ticket, agent, at)
        sweep(at)
    lot = account.lots.get()
    assert lot.expires_at == datetime.fromisoformat("2026-06-16T00:00+02:00")
    assert LotExtension.objects.count() == 3
    expect_proven()


def test_points_that_came_back_are_taken_when_their_order_is_refunded_and_can_be_spent_but_once(
    brand: Brand, programme: Programme, agent: Agent
) -> None:
    member = make.make_member(brand=brand)
    order = make.make_order(customer=member, amount_minor=10_000, placed_at=day("2026-01-05"))
    end = datetime.fromisoformat("2026-06-11T00:00+02:00")
    Lot.objects.update(expires_at=end)
    Account.objects.update(next_expiry=end)
    account = Account.objects.select_related("programme").get(customer=member)
    ticket = make.make_ticket(customer=member, at=NOON)
    expire(account, at=NOON + DAYS)
    answer(ticket, agent, NOON + 2 * DAYS)
    sweep(NOON + 2 * DAYS)
    redeem(account, 300, by=None, key="spent", at=NOON + 2 * DAYS)
    refund_order(order, [Refund(order.lines.get(), 10_000)], key="r", at=NOON + 2 * DAYS)
    assert balance(account) == -300  # all 500 are taken, of which 300 were spent
    expect_sound(account)
    expect_proven()


def test_a_debt_is_paid_with_what_comes_back_and_held_points_just_live_longer(
    account: Account, member: Customer, agent: Agent
) -> None:
    kept = hold(account, 400, by=None, key="h", until=NOON + 30 * DAYS, at=NOON)
    ticket = make.make_ticket(customer=member, at=NOON)
    expire(account, at=NOON + DAYS)
    assert balance(account) == 400
    answer(ticket, agent, NOON + 2 * DAYS)
    sweep(NOON + 2 * DAYS)
    assert balance(account) == 1000
    assert LotExtension.objects.get().points == 600
    release(kept, by=None, at=NOON + 2 * DAYS)
    assert balance(account) == 1000
    expect_sound(account)
    expect_proven()


def test_a_statement_of_before_goes_on_saying_what_ended_when(
    account: Account, member: Customer, agent: Agent
) -> None:
    with clock.standing_at(NOON):
        earn(account, 10, contra="issue.order", by=None, key="a", at=NOON)
    ticket = make.make_ticket(customer=member, at=NOON)
    with clock.standing_at(NOON + 2 * DAYS):
        answer(ticket, agent, NOON + 2 * DAYS)
        expire(account, at=NOON + 2 * DAYS)
        sweep(NOON + 2 * DAYS)
    account = Account.objects.select_related("programme").get(pk=account.pk)
    before = statement_of(account, Period.of_days(NOON.date(), NOON.date(), account.programme))
    now = statement_of(account, Period.of_days(NOON.date(), (NOON + 5 * DAYS).date(), account.programme))
    assert next(str(one.last_day) for one in before.endings()) == "2026-06-10"
    assert next(str(one.last_day) for one in now.endings()) == "2026-06-12"


def test_a_tier_that_was_lost_while_we_were_late_is_held_for_as_long_as_we_took(
    brand: Brand, agent: Agent
) -> None:
    account = climber(brand)
    qualify(account, 500, "2024-06-01")
    ticket = make.make_ticket(customer=account.customer, at=day("2025-12-30"))
    review_some(at=day("2026-01-01"))
    assert held(account)[0] == "basic"
    answer(ticket, agent, day("2026-01-04"))
    sweep(day("2026-01-04"))
    assert held(account) == ("gold", "2026-01-06")
    assert TierFloor.objects.get().cause == "delay"
    sweep(day("2026-01-05"))
    review_some(at=day("2026-01-06"))
    assert (held(account)[0], TierFloor.objects.count()) == ("basic", 1)


def test_a_tier_that_is_over_and_was_not_reviewed_yet_is_not_forgotten(brand: Brand, agent: Agent) -> None:
    account = climber(brand)
    qualify(account, 500, "2024-06-01")
    ticket = make.make_ticket(customer=account.customer, at=day("2025-12-30"))
    answer(ticket, agent, day("2026-01-04"))
    sweep(day("2026-01-04"))
    assert held(account) == ("gold", "2026-01-06")


def test_the_same_lot_for_the_same_ticket_is_extended_once_and_a_key_with_other_content_is_refused(
    account: Account,
) -> None:
    lot = account.lots.get()
    first = extend(lot, waited=DAYS, source="ticket:FF-1", key="k", at=NOON)
    assert extend(lot, waited=DAYS, source="ticket:FF-1", key="k", at=NOON) == first
    assert extend(lot, waited=2 * DAYS, source="ticket:FF-1", key="other", at=NOON) == first
    with pytest.raises(Refused, match="other content"):
        extend(lot, waited=2 * DAYS, source="ticket:FF-1", key="k", at=NOON)


@pytest.mark.race
class TestRaces:
    def both(self, **how: Any) -> tuple[Account, list[Any]]:
        member = make.make_member(points=1000)
        now = clock.now()
        account = Account.objects.select_related("programme").get(pk=member.account.pk)
        Lot.objects.filter(account=account).update(expires_at=now - HOURS)
        Account.objects.filter(pk=account.pk).update(next_expiry=now - HOURS)
        lot = account.lots.get()
        kept = partial(extend, lot, waited=2 * DAYS, source="ticket:FF-1", key=make.unique())
        return account, at_once(kept, partial(expire, account), **how)

    def test_expiry_at_the_same_moment_takes_nothing_that_is_kept(self, own_db: str) -> None:
        for _ in range(8):
            account, answers = self.both()
            assert not [one for one in answers if isinstance(one, Exception)]
            assert balance(account) == 1000
            expect_sound(account)
        expect_proven()

    def test_control_without_the_locks_the_two_run_into_each_other(self, own_db: str) -> None:
        account, answers = self.both(unlocked=True)
        broken = [one for one in answers if isinstance(one, DatabaseError)]
        assert broken or balance(account) != 1000 or account.lots.get().remaining != 1000
