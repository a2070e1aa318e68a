"""A merge is undone: both are as they were, and what happened since is asked about."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models

from agents.models import Agent, Brand
from callbacks.models import Callback
from callbacks.services import cancel, done
from contactcenter.errors import Refused
from customers.models import Consent, ContactPoint, Customer, Merge, Notice, Order
from customers.services import (
    Refund,
    add_contact_point,
    correct_contact_point,
    merge,
    record_consent,
    refund_order,
    since,
    unmerge,
    write_notice,
)
from loyalty.models import AccountEvent, Entry
from tests import make
from tests.loyalty.test_holds import refused
from tests.merging.sound import expect_sound
from tickets.models import Ticket
from tickets.services import reply

TABLES: list[type[models.Model]] = [ContactPoint, Order, Ticket, Callback, Notice]


def theirs(customer: Customer) -> dict[str, list[Any]]:
    """The ids of all that is this customer's, and what their account says."""
    rows: dict[str, list[Any]] = {
        table.__name__: sorted(table._base_manager.filter(customer=customer).values_list("pk", flat=True))
        for table in TABLES
    }
    account = make.now_of(customer)
    rows["account"] = [
        account.number,
        account.balance,
        account.status,
        account.tier,
        account.tier_valid_until,
    ]
    return rows | {"lots": sorted(account.lots.filter(is_open=True).values_list("remaining", "expires_at"))}


@pytest.fixture
def one(kept: Customer, twin: Customer, supervisor: Agent) -> Merge:
    return merge(kept, twin, by=supervisor, reason="twice", key="m1")


def decided(one: Merge, choice: str = "", **chosen: str) -> dict[str, str]:
    """A choice for all that is asked: what the facts speak for, or the same for all."""
    return {item.key: choice or item.advice for item in since(one)} | chosen


def test_both_are_as_they_were(kept: Customer, twin: Customer, supervisor: Agent) -> None:
    write_notice(twin.contact_points.get(kind="mail"), "points_expire", key="n1")
    before = theirs(kept), theirs(twin)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert theirs(kept) != before[0]
    assert since(one) == []
    undone = unmerge(one, by=supervisor, key="u1")
    assert (theirs(kept), theirs(twin)) == before
    twin.refresh_from_db()
    assert (twin.merged_into, undone.undone_by) == (None, supervisor)
    assert twin.changes.filter(kind="unmerged").count() == kept.changes.filter(kind="unmerged").count() == 1
    assert AccountEvent.objects.filter(kind="unmerged", actor=supervisor).count() == 1
    assert Entry.objects.filter(reason="unmerge").aggregate(sum=models.Sum("points"))["sum"] == 0
    expect_sound()


def test_undone_twice_with_one_key_is_undone_once(one: Merge, supervisor: Agent, twin: Customer) -> None:
    assert {unmerge(one, by=supervisor, key="u1").pk for _ in range(2)} == {one.pk}
    assert make.now_of(twin).balance == 800
    with refused("undone_before"):
        unmerge(one, by=supervisor, key="u2")


def test_the_key_of_an_unmerge_stands_for_it_alone(
    brand: Brand, one: Merge, supervisor: Agent, twin: Customer
) -> None:
    unmerge(one, by=supervisor, key="u1")
    other = merge(twin, make.make_member(brand=brand), by=supervisor, reason="twice", key="m2")
    with refused("key_conflict"):
        unmerge(other, by=supervisor, key="u1")


def test_an_agent_undoes_nothing(one: Merge, agent: Agent) -> None:
    with refused("not_allowed"):
        unmerge(one, by=agent, key="u1")


def test_merges_are_undone_the_last_one_first(
    brand: Brand, kept: Customer, twin: Customer, one: Merge, supervisor: Agent
) -> None:
    third = make.make_member(brand=brand, points=10)
    second = merge(third, kept, by=supervisor, reason="twice", key="m2")
    assert twin.who_stays() != third  # as it was loaded
    twin.refresh_from_db()
    assert twin.who_stays() == third
    with refused("not_the_last"):
        unmerge(one, by=supervisor, key="u1")
    unmerge(second, by=supervisor, key="u2")
    unmerge(one, by=supervisor, key="u1")
    assert [make.now_of(who).balance for who in (kept, twin, third)] == [1000, 800, 10]
    expect_sound()


def test_a_later_merge_of_somebody_else_is_undone_first(
    brand: Brand, kept: Customer, one: Merge, supervisor: Agent
) -> None:
    later = merge(kept, make.make_customer(brand=brand), by=supervisor, reason="twice", key="m2")
    with pytest.raises(Exception, match="Undo that first") as refusal:
        unmerge(one, by=supervisor, key="u1")
    assert refusal.value.details == {"merge": later.pk}


def test_what_came_since_is_asked_about_and_nothing_is_undone_before_all_is_decided(
    kept: Customer, one: Merge, supervisor: Agent
) -> None:
    ticket = make.make_ticket(customer=kept, key="new")
    order = make.make_order(customer=kept, number="A-99")
    point = add_contact_point(kept, "mail", "third@mail.example", by=supervisor)
    record_consent(kept, "marketing", given=True, source="shop")
    keys = {item.key for item in since(one)}
    assert keys == {f"ticket:{ticket.pk}", f"order:{order.pk}", f"point:{point.pk}", "consent:marketing"}
    with pytest.raises(Exception, match="4 things came since") as refusal:
        unmerge(one, by=supervisor, key="u1")
    assert (refusal.value.code, set(refusal.value.details["items"])) == ("to_be_decided", keys)
    with refused("to_be_decided"):
        unmerge(one, by=supervisor, key="u1", choices={f"order:{order.pk}": "back"})
    with refused("unknown_choice"):
        unmerge(one, by=supervisor, key="u1", choices=decided(one) | {"order:1": "back"})
    with refused("unknown_choice"):
        unmerge(one, by=supervisor, key="u1", choices=decided(one, choice="both"))
    assert kept.orders.count() == 2


@pytest.mark.parametrize("choice", ["kept", "back"])
def test_what_came_since_goes_where_it_was_decided(
    kept: Customer, twin: Customer, one: Merge, supervisor: Agent, choice: str
) -> None:
    ticket = make.make_ticket(customer=kept, key="new")
    order = make.make_order(customer=kept, number="A-99", amount_minor=10_000)
    point = add_contact_point(kept, "mail", "third@mail.example", by=supervisor)
    record_consent(kept, "marketing", given=True, source="shop")
    unmerge(one, by=supervisor, key="u1", choices=decided(one, choice=choice))
    winner, other = (kept, twin) if choice == "kept" else (twin, kept)
    for row in (ticket, order, point):
        row.refresh_from_db()
        assert row.customer_id == winner.pk
    assert make.now_of(winner).balance == {"kept": 1000, "back": 800}[choice] + 500
    assert make.now_of(other).balance == {"kept": 800, "back": 1000}[choice]
    said = Consent.objects.filter(purpose="marketing").order_by("id")
    assert [line.given for line in said.filter(customer=winner)] == [True]
    assert [line.given for line in said.filter(customer=other)] == ([] if choice == "kept" else [True, False])
    expect_sound()


def test_the_points_of_an_order_count_for_whoever_it_goes_to_and_a_refund_finds_them(
    kept: Customer, twin: Customer, one: Merge, supervisor: Agent
) -> None:
    order = make.make_order(customer=kept, number="A-99", amount_minor=100_000)
    unmerge(one, by=supervisor, key="u1", choices={f"order:{order.pk}": "back"})
    year = make.now_of(twin).entries.filter(contra="issue.order").aggregate(sum=models.Sum("qualifying"))
    assert year["sum"] == 600 + 200 + 5000
    assert make.now_of(twin).tier.code == "platinum"
    assert make.now_of(kept).entries.aggregate(sum=models.Sum("qualifying"))["sum"] == 0
    order.refresh_from_db()
    refund_order(order, [Refund(order.lines.get(), 100_000)], key="back", by=supervisor)
    assert (make.now_of(twin).balance, make.now_of(kept).balance) == (800, 1000)
    expect_sound()


def test_a_no_that_came_by_the_merge_goes_with_it(kept: Customer, twin: Customer, supervisor: Agent) -> None:
    record_consent(kept, "calls", given=True, source="call")
    record_consent(twin, "marketing", given=True, source="shop")
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    unmerge(one, by=supervisor, key="u1")
    newest = kept.consents.order_by("purpose", "-recorded_at", "-id").distinct("purpose")
    # Who never spoke of news cannot be made silent again: until they are asked it is a no.
    assert {consent.purpose: consent.given for consent in newest} == {"calls": True, "marketing": False}
    assert twin.consents.count() == 2


def test_a_ticket_that_came_along_and_went_on_may_stay(
    kept: Customer, twin: Customer, one: Merge, supervisor: Agent
) -> None:
    ticket = kept.tickets.get()
    make.hear(ticket, "And another thing.")
    (item,) = since(one)
    assert (item.key, item.advice) == (f"ticket:{ticket.pk}", "back")
    with refused("torn_apart"):  # its promised call goes to a number of the other
        unmerge(one, by=supervisor, key="u1", choices={item.key: "kept"})
    unmerge(one, by=supervisor, key="u1", choices={item.key: "back"})
    assert twin.tickets.get() == ticket
    assert twin.callbacks.count() == 1


def called(customer: Customer, number: str, **fields: Any) -> Callback:
    """A call promised to this number of the customer's, who says that they want it."""
    record_consent(customer, "calls", given=True, source="call")
    return make.make_callback(contact_point=customer.contact_points.get(value=number), **fields)


def test_calls_of_one_to_the_number_of_the_other_that_are_over_hold_no_unmerge(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    tickets = [make.make_ticket(customer=kept, key=key) for key in ("old", "older")]
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    calls = [called(kept, "+493099999999", ticket=ticket) for ticket in tickets]
    with pytest.raises(Refused, match="Keep or cancel this call first") as refusal:
        unmerge(one, by=supervisor, key="u1", choices=decided(one))
    assert (refusal.value.code, refusal.value.details) == ("torn_apart", {"what": f"promise:{calls[0].pk}"})
    done(calls[0], by=calls[0].owner, key="d1")
    cancel(calls[1], by=calls[1].owner)
    unmerge(one, by=supervisor, key="u1", choices=decided(one))
    (number,) = ContactPoint.ever.filter(customer=kept, value="+493099999999")
    assert number.removed_at
    assert {call.contact_point for call in kept.callbacks.all()} == {number}
    assert twin.contact_points.filter(value="+493099999999").exists()
    expect_sound()


def test_a_call_on_a_ticket_that_came_along_to_the_number_of_the_other_goes_back_with_it(
    kept: Customer, one: Merge, twin: Customer, supervisor: Agent
) -> None:
    before = kept.callbacks.get()
    cancel(before, by=supervisor)
    call = called(kept, "+493012345678", ticket=before.ticket)
    done(call, by=call.owner, key="d1")
    unmerge(one, by=supervisor, key="u1", choices=decided(one))
    call.refresh_from_db()
    assert (call.customer, call.contact_point.customer) == (twin, twin)
    assert call.contact_point.removed_at
    assert kept.contact_points.get(kind="phone").value == "+493012345678"
    expect_sound()


def test_a_new_ticket_written_from_an_address_that_came_along_is_likely_theirs(
    kept: Customer, one: Merge
) -> None:
    ticket = make.make_ticket(customer=kept, key="new")
    make.hear(ticket, sender="M.Mond@work.example")
    assert [item.advice for item in since(one)] == ["back"]


def test_mail_that_waits_for_an_address_of_the_other_holds_the_unmerge(
    kept: Customer, one: Merge, supervisor: Agent
) -> None:
    ticket = kept.tickets.get()
    make.hear(ticket, "Me again", sender="mara@mail.example")
    reply(ticket, "Yes", by=supervisor, key="r1")
    with refused("mail_waits"):
        unmerge(one, by=supervisor, key="u1", choices=decided(one))


def test_an_address_that_was_mended_since_is_likely_theirs(
    kept: Customer, twin: Customer, one: Merge, supervisor: Agent
) -> None:
    wrong = kept.contact_points.get(value="m.mond@work.example")
    right = correct_contact_point(wrong, "mara.mond@work.example", by=supervisor)
    assert [(item.key, item.advice) for item in since(one)] == [(f"point:{right.pk}", "back")]
    unmerge(one, by=supervisor, key="u1", choices=decided(one))
    assert twin.contact_points.filter(kind="mail").get() == right


def test_the_only_account_there_was_goes_back(customer: Customer, twin: Customer, supervisor: Agent) -> None:
    one = merge(customer, twin, by=supervisor, reason="twice", key="m1")
    make.give(make.now_of(customer), 50)
    unmerge(one, by=supervisor, key="u1", choices=decided(one))
    assert make.now_of(twin).balance == 850
    assert not hasattr(Customer.objects.get(pk=customer.pk), "account")
    expect_sound()
