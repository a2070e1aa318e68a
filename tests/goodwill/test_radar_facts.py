"""What the radar reads of each kind of goodwill, and the signs that ask the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import customers.services
import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import ContactPoint, Customer, Duplicate
from goodwill import services
from goodwill.models import Policy, Reason, Request
from goodwill.radar.facts import Gift, gifts_of, judged_of, served_of, worked_of
from goodwill.radar.merged import merged
from goodwill.radar.related import related
from goodwill.services import Option, ask, choose, give_out, grant, incidents, keep_next_pledge, offer
from loyalty.models import Account, Programme, Voucher
from tests import make
from tests.goodwill.hit import an_incident
from tickets.models import Channel, Queue, Ticket
from tickets.services.acting import acting

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def known(brand: Brand, days: int = 90) -> list[Gift]:
    at = clock.now() + HOUR
    return gifts_of(brand, since=at - timedelta(days=days), at=at)


def given(ticket: Ticket, agent: Agent, reason: Reason, points: int = 100, **more: Any) -> Request:
    return grant(ticket, points, by=agent, reason=reason, key=make.unique(), **more)


def test_a_gift_is_known_with_who_asked_for_whom_and_how_the_ticket_went(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    request = given(ticket, agent, generous)
    (gift,) = known(ticket.brand)
    assert (gift.pk, gift.agent, gift.customer, gift.ticket) == (
        request.pk,
        agent.pk,
        ticket.customer_id,
        ticket.pk,
    )
    assert (gift.queue, gift.channel, gift.points, gift.limit) == (ticket.queue_id, "mail", 100, 500)
    assert (gift.said, gift.wrote, gift.opened, gift.closed, gift.is_alone) == (
        True,
        False,
        False,
        False,
        True,
    )
    assert (gift.given_at, gift.deed) == (request.asked_at, None)
    assert gift.joined_at == ticket.customer.account.joined_at


def test_what_an_agent_wrote_down_is_no_word_of_the_customer_and_they_opened_and_closed_it(
    member: Customer, queue: Queue, agent: Agent, generous: Reason
) -> None:
    told = tickets.services.open_by_hand(
        member, queue=queue, channel=Channel.PHONE, subject="?", text="They rang.", by=agent, key="rang"
    )
    given(told, agent, generous)
    assert [(gift.said, gift.opened, gift.closed) for gift in known(queue.brand)] == [(False, True, False)]
    tickets.services.resolve(told, by=agent)
    assert [(gift.opened, gift.closed) for gift in known(queue.brand)] == [(True, True)]
    make.hear(Ticket.objects.get(pk=told.pk))
    assert known(queue.brand)[0].said


def test_what_was_said_in_a_ticket_that_went_into_it_was_said(
    member: Customer, queue: Queue, agent: Agent, generous: Reason
) -> None:
    told = tickets.services.open_by_hand(
        member, queue=queue, channel=Channel.PHONE, subject="?", text="They rang.", by=agent, key="rang"
    )
    given(told, agent, generous)
    tickets.services.merge(make.make_ticket(customer=member), told, by=agent)
    assert known(queue.brand)[0].said


def test_nobody_is_accused_of_what_a_pledge_pays(
    brand: Brand, queue: Queue, supervisor: Agent, programme: Programme
) -> None:
    since = clock.now() - timedelta(hours=5)
    make.make_pledge(brand=brand, by=supervisor, starts_at=since - DAY)
    make.make_ticket(customer=make.make_member(brand=brand), queue=queue, at=since)
    while keep_next_pledge():
        pass
    paid = Request.objects.get()
    assert (paid.by, paid.approver, paid.state) == (None, supervisor, "posted")
    assert known(brand) == []


def test_nobody_is_accused_of_what_a_rule_asked_for_whatever_made_it_wait(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    other = make.make_ticket(customer=make.make_member(brand=ticket.brand))
    with acting(make.make_rule(brand=ticket.brand).versions.get()):
        requests = [
            ask(ticket, 100, by=agent, reason=generous, key="r"),
            ask(other, 900, by=agent, reason=generous, key="s"),
        ]
    assert [request.bound for request in requests] == ["rule", "per_grant"]
    services.approve(requests[0], by=supervisor)
    assert known(ticket.brand) == []
    by_hand = ask(
        make.make_ticket(customer=make.make_member(brand=ticket.brand)),
        900,
        by=agent,
        reason=generous,
        key="t",
    )
    assert [gift.pk for gift in known(ticket.brand)] == [by_hand.pk]


def test_the_grants_of_an_incident_are_of_one_deed(
    brand: Brand, agent: Agent, supervisor: Agent, late_parcel: Reason, programme: Programme
) -> None:
    hit = an_incident(brand, *(make.make_member(brand=brand) for _ in range(3)), by=agent)
    deed = incidents.ask(hit, 100, by=agent, reason=late_parcel, key="all")
    incidents.approve(deed, by=supervisor)
    assert give_out() == 3
    assert {(gift.deed, gift.agent, gift.approver) for gift in known(brand)} == {
        (deed.pk, agent.pk, supervisor.pk)
    }


def test_a_voucher_and_a_benefit_count_for_what_they_are_worth(
    ticket: Ticket, agent: Agent, generous: Reason, own: Policy
) -> None:
    reward = make.make_reward(brand=ticket.brand, points=400)
    guest = make.make_ticket(customer=make.make_customer(brand=ticket.brand))
    services.grant_gift(guest, reward, by=agent, reason=generous, key="v")
    benefit = make.make_benefit(ticket.customer.account.programme, gift_points=300)
    services.grant_gift(ticket, benefit, by=agent, reason=generous, key="b")
    told = {
        gift.customer: (gift.points, gift.joined_at is None, gift.given_at is None)
        for gift in known(ticket.brand)
    }
    assert told == {guest.customer_id: (400, True, False), ticket.customer_id: (300, False, True)}


def test_of_an_offer_the_dearest_counts_until_the_customer_has_chosen_and_a_call_is_nothing(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    sent = offer(ticket, [Option(300), Option(gift=make.make_reward(brand=ticket.brand, points=400)), Option()],
                 by=agent, reason=generous, key="o", text="Choose:")  # fmt: skip
    assert [(gift.points, gift.given_at, gift.is_alone) for gift in known(ticket.brand)] == [
        (400, None, True)
    ]
    choose(sent, sent.remedies.get(kind="points").pk)
    assert [(gift.points, gift.given_at is None) for gift in known(ticket.brand)] == [(300, False)]
    other = make.make_ticket(customer=make.make_member(brand=ticket.brand))
    called = offer(other, [Option(300), Option()], by=agent, reason=generous, key="p", text="Choose:")
    choose(called, called.remedies.get(kind="call").pk)
    assert [gift.ticket for gift in known(ticket.brand)] == [ticket.pk]


def test_what_was_taken_back_or_is_of_another_brand_or_time_is_left_out(
    ticket: Ticket, agent: Agent, generous: Reason, own: Policy, other_brand: Brand
) -> None:
    services.undo(given(ticket, agent, generous), by=agent)
    assert known(ticket.brand) == []
    given(ticket, agent, generous, at=clock.now() - timedelta(days=10))
    assert (len(known(ticket.brand)), known(ticket.brand, days=10), known(other_brand)) == (1, [], [])


def test_what_is_held_against_an_agent_is_counted_by_queue_and_by_customer(
    ticket: Ticket, agent: Agent, own: Policy
) -> None:
    now, brand = clock.now(), ticket.brand
    tickets.services.assign(ticket, agent, by=agent)
    make.make_ticket(customer=ticket.customer)
    assert served_of([(agent.pk, ticket.customer_id)], since=now - DAY) == {(agent.pk, ticket.customer_id): 1}
    assert served_of([(agent.pk, ticket.customer_id)], since=now + DAY) == {}
    tickets.services.resolve(ticket, by=agent)
    assert worked_of(brand, since=now - DAY, at=now + DAY) == {(ticket.queue_id, agent.pk): 1}
    assert worked_of(brand, since=now - DAY, at=now - HOUR) == {}


# Given, merged, spent within a day.


def one_who_stays(brand: Brand) -> Customer:
    return make.make_member(brand=brand, points=600)


def merge(kept: Customer, gone: Customer, by: Agent, at: datetime) -> Any:
    return customers.services.merge(kept, gone, by=by, reason="twice", key=make.unique(), at=at)


def spend(customer: Customer, by: Agent, at: datetime) -> Any:
    account = Account.objects.get(customer=customer)
    return loyalty.services.redeem(account, 500, by=by, key=make.unique(), at=at)


@pytest.mark.parametrize(
    ("merged_after", "spent_after", "is_found"),
    [
        (HOUR, 2 * HOUR, True),
        (HOUR, DAY, True),
        (HOUR, DAY + timedelta(seconds=1), False),
        (-HOUR, 2 * HOUR, False),
        (2 * HOUR, HOUR, False),
    ],
)
def test_given_then_merged_then_spent_within_a_day_and_in_this_order(
    merged_after: timedelta, spent_after: timedelta, is_found: bool,
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason,
) -> None:  # fmt: skip
    at = clock.now() - 3 * DAY
    kept = one_who_stays(ticket.brand)
    make.give(kept.account, 1, at=at - 2 * DAY)
    deeds = [
        (timedelta(0), lambda when: given(ticket, agent, generous, at=when)),
        (merged_after, lambda when: merge(kept, ticket.customer, supervisor, when)),
        (spent_after, lambda when: spend(kept, supervisor, when)),
    ]
    for after, deed in sorted(deeds, key=lambda one: one[0]):
        deed(at + after)
    gifts = known(ticket.brand)
    found = merged(gifts, ticket.brand_id)
    assert [(sign.agent, sign.customer) for sign in found] == ([(agent.pk, kept.pk)] if is_found else [])
    if found:
        assert found[0].figures["merged_by"] == found[0].figures["spent_by"] == supervisor.pk


def test_the_day_begins_when_it_was_agreed_to_not_when_it_was_asked_for(
    ticket: Ticket, agent: Agent, supervisor: Agent, second: Agent, generous: Reason
) -> None:
    at = clock.now() - 3 * DAY
    kept = one_who_stays(ticket.brand)
    request = ask(ticket, 900, by=agent, reason=generous, key="a", at=at)
    merge(kept, ticket.customer, second, at + HOUR)
    assert merged(known(ticket.brand), ticket.brand_id) == []  # nothing to spend yet
    services.approve(request, by=supervisor, at=at + 40 * HOUR)
    spend(kept, second, at + 41 * HOUR)
    assert merged(known(ticket.brand), ticket.brand_id) == []  # merged before
    third = one_who_stays(ticket.brand)
    merge(third, kept, second, at + 42 * HOUR)
    spend(third, second, at + 43 * HOUR)
    assert [sign.customer for sign in merged(known(ticket.brand), ticket.brand_id)] == [third.pk]


def test_taking_the_merge_apart_again_hides_nothing(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    at, kept = clock.now() - 3 * DAY, one_who_stays(ticket.brand)
    given(ticket, agent, generous, at=at)
    one = merge(kept, ticket.customer, supervisor, at + HOUR)
    spend(kept, supervisor, at + 2 * HOUR)
    choices = {item.key: "kept" for item in customers.services.since(one)}
    customers.services.unmerge(one, by=supervisor, key="apart", choices=choices, at=at + 3 * HOUR)
    assert [(sign.agent, sign.customer) for sign in merged(known(ticket.brand), ticket.brand_id)] == [
        (agent.pk, ticket.customer_id)
    ]


def test_a_voucher_is_spent_when_it_is_used(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    at, kept = clock.now() - 3 * DAY, one_who_stays(ticket.brand)
    services.grant_gift(
        ticket, make.make_reward(brand=ticket.brand, points=400), by=agent, reason=generous, key="v", at=at
    )
    merge(kept, ticket.customer, supervisor, at + HOUR)
    assert merged(known(ticket.brand), ticket.brand_id) == []
    code = Voucher.objects.get().code
    loyalty.services.use_voucher(code, by=supervisor, key="u", at=at + 2 * HOUR)
    (sign,) = merged(known(ticket.brand), ticket.brand_id)
    assert (sign.agent, sign.customer, sign.figures["spent_by"]) == (agent.pk, kept.pk, supervisor.pk)


# Own and related accounts that were given something all the same.


def via(brand: Brand) -> list[tuple[int, str]]:
    return sorted((sign.agent, sign.figures["via"]) for sign in related(known(brand), brand.pk))


def owner_of(agent: Agent, brand: Brand) -> Customer:
    """The agent's own customer, by the address they sign in with."""
    return make.make_customer(brand=brand, mail=agent.email)


def test_an_address_that_came_later_is_found(ticket: Ticket, agent: Agent, generous: Reason) -> None:
    given(ticket, agent, generous)
    assert via(ticket.brand) == []
    customers.services.add_contact_point(ticket.customer, "mail", agent.email)
    assert via(ticket.brand) == [(agent.pk, "own")]


def test_a_word_from_the_own_mailbox_that_came_later_is_found(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    given(ticket, agent, generous)
    local, _at, domain = agent.email.partition("@")
    make.hear(ticket, sender=f"{local}+shop@{domain}".upper())
    assert via(ticket.brand) == [(agent.pk, "sender")]


def test_whoever_agreed_is_looked_at_as_who_asked_is(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    services.approve(ask(ticket, 900, by=agent, reason=generous, key="a"), by=supervisor)
    customers.services.add_contact_point(ticket.customer, "mail", supervisor.email)
    assert via(ticket.brand) == [(supervisor.pk, "own")]


def test_who_was_brought_by_the_own_account_or_may_be_the_same_or_has_the_name_is_found(
    brand: Brand, queue: Queue, agent: Agent, generous: Reason, programme: Programme, own: Policy
) -> None:
    mine = owner_of(agent, brand)
    account = loyalty.services.enrol(mine)
    friend = make.make_referral(account).friend.customer
    twin, namesake = make.make_member(brand=brand), make.make_member(brand=brand, name="ada  AMSEL")
    Duplicate.objects.create(brand=brand, one=mine, other=twin, score=85, reasons=["name"])
    stranger = make.make_member(brand=brand, name="Ada")
    for customer in (friend, twin, namesake, stranger):
        given(make.make_ticket(customer=customer, queue=queue), agent, generous)
    assert via(brand) == [(agent.pk, "brought"), (agent.pk, "duplicate"), (agent.pk, "name")]


def test_reading_and_relating_take_as_many_questions_for_few_as_for_many(
    brand: Brand, queue: Queue, agent: Agent, supervisor: Agent, generous: Reason, programme: Programme, own: Policy
) -> None:  # fmt: skip
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            gifts = known(brand)
            related(gifts, brand.pk)
            merged(gifts, brand.pk)
            judged_of(brand, {gift.agent for gift in gifts})
        return len(asked)

    owner_of(agent, brand)
    given(make.make_ticket(customer=make.make_member(brand=brand), queue=queue), agent, generous)
    few = cost()
    for _ in range(12):
        colleague = make.make_agent(brands=[brand], role=roles.AGENT)
        owner_of(colleague, brand)
        given(make.make_ticket(customer=make.make_member(brand=brand), queue=queue), colleague, generous)
    assert cost() == few <= 14
    assert ContactPoint.objects.filter(brand=brand).count() > 12
