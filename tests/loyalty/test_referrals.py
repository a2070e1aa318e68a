"""Who brought whom: both get points with the friend's first paid order, once, and lose them with it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import (
    Line,
    Newcomer,
    Purchase,
    Refund,
    add_contact_point,
    cancel_order,
    record_orders,
    refund_order,
    remove_contact_point,
)
from loyalty.explain import explain
from loyalty.models import Account, Entry, PendingGrant, Programme, Referral
from loyalty.services import (
    draft_version,
    dry_run,
    enrol,
    enrol_newcomers,
    freeze,
    mature_next,
    merge_accounts,
    record_referral,
    referrer_named,
    transfer,
)
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.loyalty.test_rules import set_rule
from tests.together import at_once

LONG_AGO = make.instant("2026-01-01T12:00+01:00")


def points(account: Account) -> int:
    account = Account.objects.get(pk=account.pk)
    expect_sound(account)
    return account.balance


def set_rules(programme: Programme, **terms: Any) -> None:
    """300 points for who brings somebody, 100 for who is brought; orders give none."""
    set_rule(programme, at=LONG_AGO, code="orders", points_per_unit=0)
    set_rule(programme, at=LONG_AGO, code="bring", event="referral", bonus=300, **terms)
    set_rule(programme, at=LONG_AGO, code="brought", event="referred", bonus=100, **terms)


@pytest.fixture
def referrer(programme: Programme) -> Account:
    set_rules(programme)
    return make.make_member(brand=programme.brand).account


def bring(referrer: Account, **fields: Any) -> Account:
    """A friend of `referrer` who has bought nothing yet."""
    customer = make.make_customer(brand=referrer.brand, **fields)
    return enrol(customer, brought_by=referrer.number)


@pytest.fixture
def friend(referrer: Account) -> Account:
    return bring(referrer)


def buy(friend: Account, **fields: Any) -> Order:
    return make.make_order(customer=Customer.objects.get(pk=friend.customer_id), **fields)


def test_both_get_points_with_the_first_paid_order_of_the_friend_and_never_again(
    referrer: Account, friend: Account
) -> None:
    assert (points(referrer), points(friend)) == (0, 0)
    order = buy(friend)
    buy(friend)
    assert (points(referrer), points(friend)) == (300, 100)
    referral = Referral.objects.get()
    assert (referral.state, referral.order, referral.way) == ("given", order, "number")
    keys = {f"referral:{referral.pk}:{side}" for side in ("referrer", "friend")}
    entries = Entry.objects.filter(key__in=keys)
    assert {(entry.contra, entry.qualifying) for entry in entries} == {("issue.event", 0)}
    assert len(entries) == 2


def test_a_code_names_its_member_however_it_is_written(referrer: Account) -> None:
    code = referrer.referral_code
    for said in (code, code.lower(), f" {code[:5]}-{code[5:]} "):
        assert referrer_named(referrer.brand_id, said) == (referrer, "code")
    assert referrer_named(referrer.brand_id, referrer.number.lower()) == (referrer, "number")
    friend = enrol(make.make_customer(brand=referrer.brand), brought_by=code)
    assert friend.brought_by.way == "code"


def test_nobody_of_another_brand_is_found_by_number_or_code(referrer: Account, other_brand: Brand) -> None:
    stranger = make.make_member(brand=other_brand).account
    for said in (stranger.number, stranger.referral_code, "nobody", ""):
        with pytest.raises(Refused) as refusal:
            referrer_named(referrer.brand_id, said)
        assert refusal.value.code == "unknown_referrer"
    with pytest.raises(Refused) as refusal:
        record_referral(bring(referrer), stranger, key="k")
    assert refusal.value.code == "other_brand"


@pytest.mark.parametrize("status", ["cancelled", "returned"])
def test_an_order_that_was_never_paid_decides_nothing(
    referrer: Account, friend: Account, status: str
) -> None:
    buy(friend, status=status)
    assert Referral.objects.get().state == "waiting"
    buy(friend)
    assert (points(referrer), points(friend)) == (300, 100)


def test_an_order_of_nothing_is_no_paid_one(referrer: Account, friend: Account) -> None:
    buy(friend, amount_minor=0)
    assert Referral.objects.get().state == "waiting"
    buy(friend)
    assert (points(referrer), points(friend)) == (300, 100)


def test_a_refund_of_that_order_takes_both_back(referrer: Account, friend: Account) -> None:
    order = buy(friend)
    for number in range(2):
        assert points(referrer) == 300
        refund_order(order, [Refund(order.lines.get(), 2500)], key=f"r{number}")
    assert (points(referrer), points(friend)) == (0, 0)
    assert Referral.objects.get().state == "taken_back"
    buy(friend)
    assert (points(referrer), points(friend)) == (0, 0)  # no second chance: else one could try and try


def test_what_was_spent_meanwhile_is_owed(referrer: Account, friend: Account) -> None:
    order = buy(friend)
    other = make.make_member(brand=referrer.brand).account
    transfer(referrer, other, 200, by=None, key="away")
    cancel_order(order)
    assert (points(referrer), points(friend)) == (-200, 0)


def test_less_paid_than_the_rule_asks_for_takes_both_back_and_less_gives_nothing(
    programme: Programme,
) -> None:
    set_rules(programme, minimum_minor=4000)
    referrer = make.make_member(brand=programme.brand).account
    friend, poor = bring(referrer), bring(referrer)
    buy(poor, amount_minor=3999)
    assert Referral.objects.get(friend=poor).why == "no_rule"
    order = buy(friend)
    refund_order(order, [Refund(order.lines.get(), 1000)], key="r1")
    assert (points(referrer), points(friend)) == (300, 100)
    refund_order(order, [Refund(order.lines.get(), 1)], key="r2")
    assert (points(referrer), points(friend)) == (0, 0)


@pytest.fixture
def patient(programme: Programme) -> Account:
    """A referrer of a programme whose points are pending for 14 days."""
    set_rules(programme)
    Programme.objects.filter(pk=programme.pk).update(pending_days=14)
    return make.make_member(brand=programme.brand).account


def test_points_are_pending_as_long_as_those_of_the_order_and_then_owned(patient: Account) -> None:
    friend = bring(patient)
    buy(friend)
    assert (points(patient), points(friend)) == (0, 0)
    grants = PendingGrant.objects.all()
    assert {(grant.account_id, grant.points) for grant in grants} == {(patient.pk, 300), (friend.pk, 100)}
    later = clock.now() + timedelta(days=16)
    with clock.standing_at(later):
        assert mature_next(at=later) == 2
        assert (points(patient), points(friend)) == (300, 100)
    assert {entry.contra for entry in Entry.objects.all()} == {"issue.event"}
    assert {grant.key.rpartition(":")[2] for grant in grants} == {"referrer", "friend"}


@pytest.mark.parametrize("how", ["refund", "cancel"])
def test_points_that_are_pending_never_come_to_be_when_the_order_is_given_back(
    patient: Account, how: str
) -> None:
    friend = bring(patient)
    order = buy(friend)
    if how == "cancel":
        cancel_order(order)
    else:
        refund_order(order, [Refund(order.lines.get(), 5000)], key="r")
    assert set(PendingGrant.objects.values_list("state", flat=True)) == {"cancelled"}
    assert Account.objects.get(pk=patient.pk).pending == 0
    later = clock.now() + timedelta(days=16)
    with clock.standing_at(later):
        assert mature_next(at=later) == 0
    assert not Entry.objects.exists()
    assert Referral.objects.get().state == "taken_back"


def test_what_matured_is_taken_back_all_the_same(patient: Account) -> None:
    Account.objects.filter(pk=patient.pk).update(joined_at=LONG_AGO)
    with clock.standing_at(clock.now() - timedelta(days=20)):
        friend = bring(patient)
        order = buy(friend)
    assert mature_next() == 2
    assert (points(patient), points(friend)) == (300, 100)
    refund_order(order, [Refund(order.lines.get(), 5000)], key="r")
    assert (points(patient), points(friend)) == (0, 0)


def refused(friend: Account, referrer: Account, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        record_referral(friend, referrer, key=make.unique())
    assert refusal.value.code == code


def test_nobody_brings_themselves(referrer: Account, friend: Account) -> None:
    refused(referrer, referrer, "one_person")
    merged = make.make_member(brand=referrer.brand).account
    merge_accounts(merged, friend, by=None, key="m")
    new = enrol(make.make_customer(brand=referrer.brand))
    merge_accounts(new, referrer, by=None, key="n")
    refused(referrer, Account.objects.get(pk=new.pk), "one_person")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("anna@mail.example", "anna+friend@mail.example"), ("an.na@gmail.com", "anna+2@googlemail.com")],
)
def test_another_writing_of_ones_own_mail_address_is_nobody_else(
    referrer: Account, ours: str, theirs: str
) -> None:
    anna = make.make_member(brand=referrer.brand, mail=ours).account
    refused(make.make_member(brand=referrer.brand, mail=theirs).account, anna, "one_person")


def test_a_number_that_was_taken_away_from_the_referrer_is_still_theirs(
    referrer: Account, agent: Agent
) -> None:
    point = add_contact_point(referrer.customer, "phone", "+49301234567")
    remove_contact_point(point, by=agent)
    friend = make.make_member(brand=referrer.brand, phone="+49301234567").account
    refused(friend, referrer, "one_person")


def test_an_address_of_an_account_that_was_merged_into_the_referrers_is_theirs(
    referrer: Account, agent: Agent
) -> None:
    old = make.make_member(brand=referrer.brand, mail="otto@mail.example").account
    merge_accounts(old, referrer, by=None, key="m")
    friend = make.make_member(brand=referrer.brand, mail="otto+x@mail.example").account
    refused(friend, referrer, "one_person")


def test_no_circle_can_be_for_who_brings_was_a_member_before(referrer: Account, friend: Account) -> None:
    refused(referrer, friend, "member_before")
    third = bring(friend)
    refused(referrer, third, "member_before")


def test_a_friend_is_brought_once(referrer: Account, friend: Account) -> None:
    assert record_referral(friend, referrer, key="again") == Referral.objects.get()
    other = make.make_member(brand=referrer.brand).account
    Account.objects.filter(pk=other.pk).update(joined_at=LONG_AGO)
    refused(friend, other, "brought_already")
    with pytest.raises(Refused) as refusal:
        record_referral(make.make_member(brand=referrer.brand).account, referrer, key=f"enrol:{friend.pk}")
    assert refusal.value.code == "key_conflict"


def test_who_has_ordered_before_cannot_be_brought(referrer: Account) -> None:
    customer = make.make_customer(brand=referrer.brand)
    make.make_order(customer=customer)
    with pytest.raises(Refused) as refusal:
        enrol(customer, brought_by=referrer.number)
    assert refusal.value.code == "bought_before"
    assert not Account.objects.filter(customer=customer).exists()  # all or nothing


def test_an_order_that_comes_late_and_was_placed_before_gives_nothing(
    referrer: Account, friend: Account
) -> None:
    buy(friend, placed_at=clock.now() - timedelta(days=2))
    assert Referral.objects.get().why == "bought_before"
    buy(friend)
    assert (points(referrer), points(friend)) == (0, 0)


def test_two_accounts_that_were_merged_meanwhile_get_nothing(referrer: Account, friend: Account) -> None:
    merge_accounts(referrer, friend, by=None, key="m")
    buy(friend)
    assert points(friend) == 0
    assert Referral.objects.get().why == "one_person"


def test_who_has_the_points_of_the_referrer_by_then_gets_them(referrer: Account, friend: Account) -> None:
    heir = make.make_member(brand=referrer.brand).account
    merge_accounts(referrer, heir, by=None, key="m")
    order = buy(friend)
    assert (points(heir), points(friend)) == (300, 100)
    cancel_order(order)
    assert (points(heir), points(friend)) == (0, 0)


def test_a_frozen_side_gets_nothing(referrer: Account, friend: Account, supervisor: Agent) -> None:
    freeze(referrer, by=supervisor, reason="fraud")
    refused(make.make_member(brand=referrer.brand).account, referrer, "account_not_active")
    buy(friend)
    assert (points(referrer), points(friend)) == (0, 100)


def test_where_an_account_was_frozen_and_nobody_got_anything_that_is_said(
    programme: Programme, supervisor: Agent
) -> None:
    set_rule(programme, at=LONG_AGO, code="bring", event="referral", bonus=300)
    referrer = make.make_member(brand=programme.brand).account
    friend = bring(referrer)
    freeze(referrer, by=supervisor, reason="fraud")
    buy(friend)
    assert Referral.objects.get().why == "not_active"


def test_caps_bound_what_somebody_earns_by_bringing_friends(programme: Programme) -> None:
    set_rules(programme)
    set_rule(
        programme, at=LONG_AGO + timedelta(days=1), code="bring", event="referral", bonus=300,
        cap_per_customer=700, cap_per_day=600,
    )  # fmt: skip
    referrer = make.make_member(brand=programme.brand).account
    friends = [bring(referrer) for _ in range(4)]
    tomorrow = clock.now() + timedelta(days=1)
    for friend in friends[:3]:
        buy(friend)
    assert points(referrer) == 600
    with clock.standing_at(tomorrow):
        buy(friends[3])
        assert points(referrer) == 700


def test_what_counts_towards_tiers_goes_with_it(programme: Programme) -> None:
    set_rules(programme, counts="all")
    referrer = make.make_member(brand=programme.brand).account
    order = buy(bring(referrer))
    cancel_order(order)
    assert sorted(Entry.objects.values_list("qualifying", flat=True)) == [-300, -100, 100, 300]


def test_an_import_of_orders_gives_the_same_as_one_after_the_other(referrer: Account) -> None:
    friends = [bring(referrer) for _ in range(3)]
    lines = [Line("S", "Shoes", 5000)]
    now = clock.now()
    record_orders(
        referrer.brand,
        [
            Purchase(f"I-{number}-{friend.pk}", friend.customer_id, now, list(lines))
            for number in range(2)
            for friend in friends
        ],
    )
    assert points(referrer) == 900
    assert [points(friend) for friend in friends] == [100, 100, 100]


@pytest.mark.parametrize(("days", "why"), [((0, -140), "bought_before"), ((3, 1), "")])
def test_the_day_says_which_order_was_first_not_the_row_of_the_file(
    referrer: Account, friend: Account, days: tuple[int, int], why: str
) -> None:
    now, lines = clock.now(), [Line("S", "Shoes", 5000)]
    bought = [Purchase(f"I{day}", friend.customer_id, now + timedelta(days=day), list(lines)) for day in days]
    with clock.standing_at(now + timedelta(days=4)):
        record_orders(referrer.brand, bought)
    referral = Referral.objects.get()
    assert (referral.why, referral.order and referral.order.number) == (why, f"I{days[1]}")
    assert points(referrer) == (0 if why else 300)


def test_an_import_locks_all_who_brought_and_were_brought_at_once_in_their_order(referrer: Account) -> None:
    brand = referrer.brand
    other = make.make_member(brand=brand).account
    people = [make.make_customer(brand=brand) for _ in range(2)]
    newcomers = [
        Newcomer("Lena", [], customer=person.pk, member=True, brought_by=account.number)
        for person, account in zip(people, (other, referrer), strict=True)
    ]
    with CaptureQueriesContext(connection) as queries:
        enrol_newcomers(brand, newcomers)
    locks = [sql for query in queries if "FOR UPDATE" in (sql := query["sql"]) and " IN (" in sql]
    friends = list(Account.objects.filter(customer__in=people).values_list("pk", flat=True))
    asked = re.search(r'"loyalty_account"."id" IN \(([0-9, ]+)\)', locks[0])
    assert asked is not None
    assert {int(pk) for pk in asked[1].split(",")} == {referrer.pk, other.pk, *friends}
    assert 'ORDER BY "loyalty_account"."id"' in locks[0]
    brought = Referral.objects.order_by("friend").values_list("referrer", flat=True)
    assert list(brought) == [other.pk, referrer.pk]


@pytest.mark.race
def test_two_first_orders_at_once_give_points_once(own_db: str) -> None:
    programme = make.make_programme()
    set_rules(programme)
    referrer = make.make_member(brand=programme.brand).account
    friend = bring(referrer)
    answers = at_once(*(lambda: buy(friend) for _ in range(4)))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert (points(referrer), points(friend)) == (300, 100)


@pytest.mark.race
def test_orders_refunds_and_transfers_at_once_end_without_a_deadlock(own_db: str) -> None:
    programme = make.make_programme()
    set_rules(programme)
    referrer = make.make_member(brand=programme.brand, points=1000).account
    friends = [bring(referrer) for _ in range(6)]
    orders = [buy(friend) for friend in friends[:3]]
    answers = at_once(
        *(lambda friend=friend: buy(friend) for friend in friends[3:]),
        *(lambda order=order: cancel_order(order) for order in orders),
        *(
            lambda n=n, friend=friend: transfer(referrer, friend, 1, by=None, key=f"t{n}")
            for n, friend in enumerate(friends)
        ),
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert points(referrer) == 1000 + 3 * 300 - 6
    assert [points(friend) for friend in friends] == [1, 1, 1, 101, 101, 101]


def test_who_brought_whom_is_never_changed_nor_forgotten(referrer: Account, friend: Account) -> None:
    rows = Referral.objects.all()
    other = make.make_member(brand=referrer.brand).account
    for deed in (lambda: rows.update(referrer=other), lambda: rows.delete()):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            deed()


def test_only_who_serves_customers_of_the_brand_writes_it_down(referrer: Account, agent: Agent) -> None:
    friend = enrol(make.make_customer(brand=referrer.brand))
    with pytest.raises(Refused) as refusal:
        record_referral(friend, referrer, key="k", by=make.make_agent())
    assert refusal.value.code == "not_allowed"
    assert record_referral(friend, referrer, key="k", by=agent).by == agent


def test_why_names_who_brought_whom(referrer: Account, friend: Account) -> None:
    order = buy(friend)
    entries = Entry.objects.select_related("account__programme")
    behind = {entry.account_id: explain(entry) for entry in entries}
    assert (behind[friend.pk].is_for_friend, behind[referrer.pk].is_for_friend) == (True, False)
    assert {one.referral.order for one in behind.values() if one.referral} == {order}
    cancel_order(order)
    back = entries.filter(kind="reverse", account=referrer).get()
    assert explain(back).referral == Referral.objects.get()


def test_a_version_is_run_dry_over_the_referrals_of_these_days(referrer: Account, friend: Account) -> None:
    order = buy(friend)
    buy(bring(referrer), amount_minor=900)
    rule = referrer.programme.earning_rules.get(code="bring")
    run = dry_run(draft_version(rule, bonus=500, minimum_minor=1000))
    assert run is not None
    assert (run.total.orders, run.total.given, run.total.would) == (2, 600, 500)
    assert (200, order.number, 300, 500) in run.most
    rule = referrer.programme.earning_rules.get(code="brought")
    run = dry_run(draft_version(rule, bonus=100, cap_per_customer=40))
    assert run is not None
    assert (run.total.given, run.total.would) == (200, 80)


def test_a_dry_run_counts_for_who_has_the_points_of_the_referrer_by_now(referrer: Account) -> None:
    other, heir, last = (make.make_member(brand=referrer.brand).account for _ in range(3))
    for account in (referrer, other):
        buy(bring(account))
    merge_accounts(referrer, heir, by=None, key="m1")
    merge_accounts(other, heir, by=None, key="m2")
    merge_accounts(Account.objects.get(pk=heir.pk), last, by=None, key="m3")
    rule = referrer.programme.earning_rules.get(code="bring")
    run = dry_run(draft_version(rule, bonus=500, cap_per_customer=700))
    assert run is not None
    assert (run.total.given, run.total.would) == (600, 700)


@pytest.mark.race
def test_without_locks_two_first_orders_do_not_both_come_through(own_db: str) -> None:
    """The control of the race above: only the unique keys stand in the way then."""
    programme = make.make_programme()
    set_rules(programme)
    friend = bring(make.make_member(brand=programme.brand).account)
    answers = at_once(*(lambda: buy(friend) for _ in range(2)), unlocked=True)
    assert [answer for answer in answers if isinstance(answer, Exception)]
