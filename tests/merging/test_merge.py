"""Two customers become one: what each room lets follow, and what is refused."""

from __future__ import annotations

import pytest

from agents.models import Agent, Brand
from callbacks.services import promise
from contactcenter import clock
from customers.models import ContactPoint, Customer, Merge
from customers.services import (
    Line,
    add_contact_point,
    customer_of_address,
    edit_profile,
    merge,
    owners_of,
    record_consent,
    record_order,
)
from goodwill.models import Reason
from goodwill.services import grant
from loyalty.services import customers_by_number, enrol
from tests import make
from tests.loyalty.test_holds import refused
from tests.merging.sound import expect_sound
from tickets.services import open_ticket


def test_all_that_was_theirs_is_with_the_one_who_stays(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    made = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    twin.refresh_from_db()
    assert twin.merged_into == kept
    assert twin.who_stays() == kept
    values = kept.contact_points.order_by("value").values_list("value", flat=True)
    assert list(values) == ["+493012345678", "+493099999999", "m.mond@work.example", "mara@mail.example"]
    assert kept.orders.get().number == "A-77"
    assert kept.tickets.count() == kept.callbacks.count() == 1
    account = make.now_of(kept)
    assert (account.balance, account.tier.code) == (1800, "silver")
    assert (make.now_of(twin).balance, make.now_of(twin).status) == (0, "merged")
    for left in (twin.contact_points, twin.orders, twin.tickets, twin.callbacks):
        assert not left.exists()
    assert made.rows.filter(table="customers_order").count() == 1
    expect_sound()


def test_both_histories_tell_of_it(kept: Customer, twin: Customer, supervisor: Agent) -> None:
    made = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    told = kept.changes.get(kind="merged"), twin.changes.get(kind="merged")
    assert [line.by for line in told] == [supervisor, supervisor]
    assert told[0].data == {"merge": made.pk, "other": twin.pk}
    assert told[1].data == {"merge": made.pk, "into": kept.pk}


def test_a_no_of_either_stands_and_what_only_one_has_said_counts_for_both(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    record_consent(kept, "calls", given=True, source="call")  # later than the no of the other
    record_consent(kept, "programme", given=False, source="call")
    record_consent(twin, "programme", given=True, source="call")
    record_consent(twin, "marketing", given=True, source="shop")
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    newest = kept.consents.order_by("purpose", "-recorded_at", "-id").distinct("purpose")
    said = {consent.purpose: (consent.given, consent.source) for consent in newest}
    assert said == {"calls": (False, "merge"), "marketing": (True, "merge"), "programme": (False, "call")}
    assert twin.consents.count() == 3  # nothing of what was said is touched


def test_the_only_account_there_is_follows_with_its_number(
    customer: Customer, twin: Customer, supervisor: Agent
) -> None:
    number = make.now_of(twin).number
    merge(customer, twin, by=supervisor, reason="twice", key="m1")
    account = make.now_of(customer)
    assert (account.number, account.balance, account.status) == (number, 800, "active")
    expect_sound()


def test_two_who_are_no_members_are_merged_as_well(
    brand: Brand, customer: Customer, supervisor: Agent
) -> None:
    other = make.make_customer(brand=brand)
    merge(customer, other, by=supervisor, reason="asked", key="m1")
    assert customer.contact_points.count() == 2


def test_an_order_counts_once_however_often_its_buyer_was_merged(
    brand: Brand, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    third = make.make_member(brand=brand)
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    merge(third, kept, by=supervisor, reason="twice", key="m2")
    again = record_order(
        twin, "A-77", lines=[Line("SKU-1", "Rain jacket", 4000)], placed_at=clock.now(), by=None
    )
    assert again.customer == third
    assert make.now_of(third).balance == 1800
    assert third.spend_of_twelve_months() == 4000
    expect_sound()


def test_the_same_merge_twice_is_one_and_another_under_its_key_is_refused(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    made = {merge(kept, twin, by=supervisor, reason="twice", key="m1").pk for _ in range(2)}
    assert len(made) == 1
    assert make.now_of(kept).balance == 1800
    with refused("key_conflict"):
        merge(kept, twin, by=supervisor, reason="asked", key="m1")
    with refused("already_merged"):
        merge(twin, kept, by=supervisor, reason="twice", key="m2")
    with refused("already_merged"):
        merge(kept, twin, by=supervisor, reason="twice", key="m3")


def test_what_is_no_pair_of_one_brand_is_refused(
    brand: Brand, kept: Customer, other_brand: Brand, supervisor: Agent, agent: Agent
) -> None:
    stranger, other = make.make_customer(brand=other_brand), make.make_customer(brand=brand)
    for pair, code in (((kept, kept), "same_customer"), ((kept, stranger), "other_brand")):
        with refused(code):
            merge(*pair, by=supervisor, reason="twice", key="m1")
    with refused("bad_reason"):
        merge(kept, other, by=supervisor, reason="why not", key="m1")
    with refused("not_allowed"):
        merge(kept, other, by=agent, reason="twice", key="m1")
    assert not Merge.objects.exists()


def test_a_frozen_account_is_merged_by_nobody(kept: Customer, twin: Customer, supervisor: Agent) -> None:
    make.freeze(twin, by=supervisor)
    with refused("account_not_active"):
        merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert not Merge.objects.exists()
    assert twin.contact_points.count() == 2


def test_mail_numbers_and_imports_reach_the_one_who_stays(
    brand: Brand, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    old = make.now_of(twin).number
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert customer_of_address(brand, "M.Mond@work.example")[0] == kept
    assert owners_of(brand, [("mail", "m.mond@work.example")]) == {("mail", "m.mond@work.example"): kept.pk}
    assert customers_by_number(brand, [old]) == {old: kept.pk}
    assert Customer.objects.reached_by("phone", "+493099999999").get() == kept


def test_what_comes_in_for_somebody_who_was_merged_goes_on_to_the_one_who_stays(
    brand: Brand, kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    queue = brand.queues.get()
    ticket = open_ticket(twin, queue=queue, subject="?", channel="mail", key="new")
    assert ticket.customer == kept
    assert make.make_order(customer=twin).customer == kept
    assert record_consent(twin, "marketing", given=False, source="shop").customer == kept


def test_a_deed_by_hand_on_somebody_who_was_merged_is_refused_with_who_stays(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    deeds = [
        lambda: edit_profile(twin, {"city": "Bergen"}, by=supervisor),
        lambda: add_contact_point(twin, "mail", "new@mail.example", by=supervisor),
        lambda: enrol(twin, by=supervisor, source="call"),
        lambda: promise(twin, make.next_day("UTC"), by=supervisor, reason="?", key="p", kind="task"),
    ]
    for deed in deeds:
        with pytest.raises(Exception, match="merged") as refusal:
            deed()
        assert (refusal.value.code, refusal.value.details) == ("customer_merged", {"customer": kept.pk})


def test_goodwill_on_a_ticket_that_came_along_goes_to_the_one_who_stays(
    kept: Customer, twin: Customer, supervisor: Agent, late_parcel: Reason
) -> None:
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    grant(kept.tickets.get(), 50, by=supervisor, reason=late_parcel, key="g1")
    assert make.now_of(kept).balance == 1850


def test_nobody_merged_is_in_a_list_of_those_in_use(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert list(Customer.objects.in_use()) == [kept]
    assert not ContactPoint.ever.filter(customer=twin).exists()
