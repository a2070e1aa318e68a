"""Two tickets of one customer become one, and two again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

import customers.services
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tickets import sla
from tickets.calendars import hours_of
from tickets.models import Clock, Ticket, TicketTag
from tickets.services import (
    assign,
    link,
    merge,
    note,
    open_by_hand,
    reply,
    resolve,
    set_status,
    snooze,
    tag,
    tell_late,
    unmerge,
)
from tickets.services.joining import JOINED_AT_MOST

NOON = datetime.fromisoformat("2026-11-02T12:00:00+00:00")


def later(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def nora(ticket: Ticket) -> Customer:
    return ticket.customer


def another(of: Ticket, *, at: datetime | None = None, **fields: Any) -> Ticket:
    """One more ticket of the same customer."""
    return make.make_ticket(customer=of.customer, queue=of.queue, at=at, **fields)


def refused(deed: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        deed(*args, **named)
    return refusal.value.code


def lines(ticket: Ticket, *kinds: str) -> list[dict[str, Any]]:
    return [event.data for event in ticket.events.filter(kind__in=kinds).order_by("seq")]


def now(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def reading(one: Clock) -> sla.Reading:
    return sla.Reading(one.target, one.used, one.since, one.due_at)


def folded(one: Clock) -> sla.Reading:
    """What the clock's log alone says of it."""
    facts = [sla.Fact(fact.kind, fact.at, fact.target, hours_of(fact.hours_id)) for fact in one.facts.all()]
    return sla.folded(facts)


def test_a_merged_ticket_goes_on_in_the_other_and_both_say_so(ticket: Ticket, agent: Agent) -> None:
    other = another(ticket)
    for _ in range(2):
        assert merge(other, ticket, by=agent) == ticket
    gone, kept = now(other), now(ticket)
    assert (gone.merged_into, gone.status, gone.due_at) == (ticket, "closed", None)
    assert (kept.joined_count, kept.whole()) == (1, [ticket.pk, other.pk])
    (there,) = lines(other, "merged")
    (here,) = lines(ticket, "merged")
    assert (there["before"]["status"], there["after"], there["ticket"]) == (
        "new",
        ticket.pk,
        ticket.reference,
    )
    assert (here["other"], here["ticket"], here["tickets"]) == (other.pk, other.reference, [other.pk])
    assert kept.said().count() == 2


def test_a_chain_is_followed_in_one_step_and_closes_no_ring(ticket: Ticket, agent: Agent) -> None:
    middle, last = another(ticket), another(ticket)
    merge(ticket, middle, by=agent)
    merge(middle, last, by=agent)
    assert [now(one).merged_into for one in (ticket, middle)] == [last, last]
    assert now(last).joined_count == 2
    assert refused(merge, last, ticket, by=agent) == "merged_ring"
    assert refused(merge, last, last, by=agent) == "same_ticket"
    fourth = another(ticket)
    assert merge(fourth, ticket, by=agent) == last  # which leads on
    assert refused(merge, middle, another(ticket), by=agent) == "ticket_merged"


def test_the_database_refuses_chains_rings_and_another_customers_ticket(ticket: Ticket, agent: Agent) -> None:
    other, third, strange = another(ticket), another(ticket), make.make_ticket(brand=ticket.brand)
    merge(other, ticket, by=agent)
    over = {"status": "closed", "resolved_at": NOON, "merged_at": NOON, "due_at": None}
    for one, into in ((ticket, third), (third, other), (third, third), (third, strange)):
        with pytest.raises(IntegrityError, match="merged_in"), transaction.atomic():
            Ticket.objects.filter(pk=one.pk).update(merged_into=into, joined_count=0, **over)


def test_what_is_not_one_is_refused_with_a_sentence(
    ticket: Ticket, agent: Agent, other_brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = make.make_ticket(brand=ticket.brand)
    with pytest.raises(Refused, match="merge the two first"):
        merge(strange, ticket, by=agent)
    assert refused(merge, make.make_ticket(brand=other_brand), ticket, by=agent) == "not_allowed"
    assert refused(merge, ticket, make.make_ticket(brand=other_brand), by=agent) == "other_brand"
    over = another(ticket)
    resolve(over, by=agent)
    assert refused(merge, ticket, over, by=agent) == "ticket_ended"
    assert merge(over, ticket, by=agent) == ticket
    monkeypatch.setattr("tickets.services.joining.JOINED_AT_MOST", 1)
    assert refused(merge, another(ticket), ticket, by=agent) == "too_many_merged"
    assert JOINED_AT_MOST == 50


def test_no_deed_is_done_on_a_merged_ticket(ticket: Ticket, agent: Agent) -> None:
    other = another(ticket)
    merge(other, ticket, by=agent)
    assert refused(reply, other, "Hello", by=agent, key="r") == "ticket_merged"
    assert refused(note, other, "Hm", by=agent, key="n") == "ticket_merged"
    assert refused(assign, other, agent, by=agent) == "ticket_merged"
    assert refused(tag, other, "late", by=agent) == "ticket_merged"
    with pytest.raises(Refused, match=f"{other.reference} went into {ticket.reference}"):
        resolve(other, by=agent)


def test_the_sooner_promise_is_kept_and_its_log_tells_so(
    nora: Customer, ticket: Ticket, agent: Agent
) -> None:
    early = another(ticket, at=later(-60))
    kept = another(ticket, at=later(0))
    assert (now(early).due_at, now(kept).due_at) == (later(180), later(240))
    merge(early, kept, by=agent, at=later(10))
    one = Clock.objects.get(ticket=kept)
    assert now(kept).due_at == one.due_at == later(180)
    assert reading(one) == folded(one)
    old = Clock.objects.get(ticket=early)
    assert (old.ended_at, old.was_met, old.facts.last().kind) == (later(10), False, "merged")
    assert reading(old) == folded(old)


def test_the_later_promise_changes_nothing_and_a_word_without_one_brings_its_own(
    ticket: Ticket, agent: Agent
) -> None:
    kept, late, answered = (another(ticket, at=later(minutes)) for minutes in (0, 60, 0))
    merge(late, kept, by=agent, at=later(70))
    assert now(kept).due_at == later(240)
    reply(answered, "Here it is", by=agent, key="a", at=later(5))
    merge(kept, answered, by=agent, at=later(80))
    one = Clock.objects.get(ticket=answered, kind="next")
    assert now(answered).due_at == one.due_at == later(240)
    assert now(answered).status == "open"  # the customer waits
    assert reading(one) == folded(one)


def test_a_broken_promise_is_told_of_once_where_the_ticket_goes_on(ticket: Ticket, agent: Agent) -> None:
    late, kept = another(ticket, at=later(-300)), another(ticket, at=later(0))
    merge(late, kept, by=agent, at=later(1))
    while tell_late(at=later(2)):
        pass
    assert (len(lines(late, "late")), len(lines(kept, "late"))) == (0, 1)


def test_a_word_that_waits_wakes_the_other_and_a_snooze_without_one_goes_on(
    ticket: Ticket, agent: Agent
) -> None:
    kept, other = another(ticket), another(ticket)
    snooze(kept, clock.now() + timedelta(days=1), by=agent)
    reply(other, "Done", by=agent, key="a")
    merge(other, kept, by=agent)
    assert now(kept).snoozed_until is not None
    merge(another(ticket), kept, by=agent)
    assert now(kept).snoozed_until is None


def test_who_has_the_other_one_gets_it_or_is_told(ticket: Ticket, agent: Agent) -> None:
    mate = make.make_agent(brands=[ticket.brand])
    theirs, mine, nobodys = (another(ticket) for _ in range(3))
    assign(theirs, mate, by=mate)
    merge(theirs, nobodys, by=agent)
    assert now(nobodys).assignee == mate
    assign(mine, agent, by=agent)
    merge(nobodys, mine, by=agent)
    assert now(mine).assignee == agent
    (told,) = Notification.objects.filter(agent=mate)
    assert (told.kind, told.subject, told.data["ticket"]) == ("merged", mine.reference, nobodys.reference)


def test_tags_come_along_and_go_again_but_for_those_that_were_there(ticket: Ticket, agent: Agent) -> None:
    other = another(ticket)
    for name in ("late", "lamp"):
        tag(other, name, by=agent)
    tag(ticket, "late", by=agent)
    merge(other, ticket, by=agent)
    assert sorted(on.tag.name for on in TicketTag.objects.filter(ticket=ticket)) == ["lamp", "late"]
    unmerge(other, by=agent)
    assert [on.tag.name for on in TicketTag.objects.filter(ticket=ticket)] == ["late"]
    assert TicketTag.objects.filter(ticket=other).count() == 2


def test_taken_apart_a_ticket_stands_as_it_did_and_its_promise_as_if_nothing_had_been(
    ticket: Ticket, agent: Agent
) -> None:
    kept, other = another(ticket, at=later(0)), another(ticket, at=later(-60))
    until = later(600)
    snooze(other, until, by=agent, at=later(1))
    merge(other, kept, by=agent, at=later(10))
    make.hear(kept, text="And one more thing")
    for _ in range(2):
        unmerge(other, by=agent, at=later(100))
    back, stays = now(other), now(kept)
    assert (back.merged_into, back.status, back.snoozed_until, back.due_at) == (
        None,
        "new",
        until,
        later(180),
    )
    one = Clock.objects.get(ticket=other)
    assert reading(one) == folded(one)
    assert (stays.joined_count, stays.last_words) == (0, "And one more thing")
    assert [message.text for message in stays.said().order_by("pk")][-1] == "And one more thing"
    assert back.said().count() == 1
    assert len(lines(other, "unmerged")) == len(lines(kept, "unmerged")) == 1


def test_taken_apart_a_ticket_brings_back_what_had_gone_into_it(ticket: Ticket, agent: Agent) -> None:
    middle, last = another(ticket), another(ticket)
    merge(ticket, middle, by=agent)
    merge(middle, last, by=agent)
    unmerge(middle, by=agent)
    assert (now(ticket).merged_into, now(middle).merged_into) == (middle, None)
    assert (now(middle).joined_count, now(last).joined_count) == (1, 0)


def test_what_had_gone_into_another_one_before_is_taken_out_alone_and_brings_no_tag_back(
    ticket: Ticket, agent: Agent
) -> None:
    def tags_of(one: Ticket) -> list[str]:
        return [on.tag.name for on in TicketTag.objects.filter(ticket=one)]

    middle, last = another(ticket), another(ticket)
    tag(ticket, "parcel", by=agent)
    merge(ticket, last, by=agent)
    unmerge(ticket, by=agent)
    merge(ticket, middle, by=agent)
    merge(middle, last, by=agent)
    unmerge(ticket, by=agent)
    assert (now(ticket).merged_into, now(middle).merged_into) == (None, last)
    assert now(last).joined_count == 1
    assert tags_of(last) == ["parcel"]  # it came with the one in the middle, and goes with that one
    unmerge(middle, by=agent)
    assert (now(last).joined_count, tags_of(last), tags_of(ticket)) == (0, [], ["parcel"])


def test_a_ticket_whose_only_waiting_word_went_out_again_waits_no_more(ticket: Ticket, agent: Agent) -> None:
    kept, other = another(ticket), another(ticket)
    reply(kept, "Done", by=agent, key="a")
    merge(other, kept, by=agent)
    assert now(kept).due_at is not None
    unmerge(other, by=agent)
    assert now(kept).due_at is None
    assert now(other).due_at is not None


def test_who_has_not_seen_what_came_in_does_not_answer_past_it(ticket: Ticket, agent: Agent) -> None:
    other = another(ticket)
    seen = now(ticket).message_seq
    merge(other, ticket, by=make.make_agent(brands=[ticket.brand]))
    assert refused(reply, ticket, "Hello", by=agent, key="r", seen=seen) == "conversation_moved"
    assert reply(ticket, "Hello", by=agent, key="r", seen=now(ticket).message_seq)


def test_parking_stops_no_clock_of_a_word_that_came_in_by_mail(ticket: Ticket, agent: Agent) -> None:
    told = {"channel": "phone", "subject": "A call", "text": "It is urgent", "key": "call"}
    spoken = open_by_hand(ticket.customer, queue=ticket.queue, by=agent, **told)
    merge(ticket, spoken, by=agent)
    set_status(spoken, "on_hold", by=agent)
    assert now(spoken).due_at is not None


def test_customers_are_not_taken_apart_through_one_ticket(ticket: Ticket, agent: Agent) -> None:
    boss = make.make_agent(role="supervisor", brands=[ticket.brand])
    twin = make.make_customer(brand=ticket.brand)
    theirs = make.make_ticket(customer=twin, queue=ticket.queue)
    merged = customers.services.merge(ticket.customer, twin, by=boss, reason="twice", key="m")
    merge(theirs, now(ticket), by=agent)
    choices = {item.key: "back" for item in customers.services.since(merged)}
    assert refused(customers.services.unmerge, merged, by=boss, key="u", choices=choices) == "torn_apart"
    unmerge(theirs, by=agent)
    choices = {item.key: "back" for item in customers.services.since(merged)}
    customers.services.unmerge(merged, by=boss, key="u", choices=choices)
    assert now(theirs).customer == twin


def test_merged_customers_take_their_merged_tickets_along(ticket: Ticket, agent: Agent) -> None:
    boss = make.make_agent(role="supervisor", brands=[ticket.brand])
    merge(another(ticket), ticket, by=agent)
    kept = make.make_customer(brand=ticket.brand)
    customers.services.merge(kept, ticket.customer, by=boss, reason="twice", key="m")
    assert Ticket.objects.filter(customer=kept).count() == 2


def test_links_are_kept_by_the_one_they_were_made_on(ticket: Ticket, agent: Agent) -> None:
    other, third = another(ticket), another(ticket)
    link(other, third, kind="related", by=agent)
    merge(other, ticket, by=agent)
    assert refused(link, other, ticket, kind="related", by=agent) == "ticket_merged"
