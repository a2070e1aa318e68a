"""Points for becoming a member, for a first contact on a channel, and for a birthday: each once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import set_birthday
from loyalty.models import Account, Entry, Programme
from loyalty.services import enrol, give_birthday_points, record_contact
from tests import make
from tests.loyalty.test_ledger_property import expect_sound
from tests.loyalty.test_rules import set_rule
from tests.together import at_once

LONG_AGO = make.instant("2020-01-01T12:00+01:00")
BIRTHDAY = make.instant("2026-05-17T09:00+02:00")


def born(programme: Programme, month: int, day: int, *, joined: datetime = LONG_AGO) -> Customer:
    customer = set_birthday(make.make_member(brand=programme.brand), month, day)
    Account.objects.filter(customer=customer).update(joined_at=joined)
    return customer


def wish(at: datetime) -> int:
    with clock.standing_at(at):
        return give_birthday_points(at=at)


def balance(customer: Customer) -> int:
    account = Account.objects.get(customer=customer)
    expect_sound(account)
    return account.balance


def test_who_becomes_a_member_is_given_points_once_that_count_nothing_towards_tiers(
    programme: Programme,
) -> None:
    set_rule(programme, code="welcome", event="signup", bonus=100)
    customer = make.make_customer(brand=programme.brand)
    assert [enrol(customer).balance for _ in range(2)] == [100, 100]
    entry = Entry.objects.get()
    assert (entry.contra, entry.qualifying, entry.source) == ("issue.event", 0, "signup")
    assert entry.breakdown["rules"][0]["rule"] == "welcome"


def test_an_event_counts_towards_tiers_where_its_rule_says_so(programme: Programme) -> None:
    set_rule(programme, code="welcome", event="signup", bonus=600, counts="all")
    account = enrol(make.make_customer(brand=programme.brand))
    assert account.tier is not None
    assert account.tier.code == "silver"


def test_the_first_message_on_a_channel_of_the_rule_gives_points_once(
    programme: Programme, member: Customer
) -> None:
    set_rule(programme, code="digital", event="contact", bonus=30, channels=["chat", "mail"])
    ticket = make.make_ticket(customer=member)
    make.hear(ticket, "Hello again")
    assert balance(member) == 1030
    for key in ("m1", "m2"):
        record_contact(member, "chat", clock.now(), key)
    assert record_contact(member, "phone", clock.now(), "m3") is None
    assert balance(member) == 1060


def test_who_is_no_member_is_given_nothing_for_writing(programme: Programme, customer: Customer) -> None:
    set_rule(programme, code="digital", event="contact", bonus=30)
    assert record_contact(customer, "chat", clock.now(), "m1") is None


@pytest.mark.race
def test_two_messages_at_once_are_one_first_contact(own_db: str) -> None:
    member = make.make_member()
    set_rule(member.account.programme, code="digital", event="contact", bonus=30)
    answers = at_once(*(lambda: record_contact(member, "chat", clock.now(), make.unique()) for _ in range(4)))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert balance(member) == 30


def test_a_birthday_gives_points_on_its_local_day_once_a_year(programme: Programme) -> None:
    set_rule(programme, code="birthday", event="birthday", bonus=200)
    customer = born(programme, 5, 17)
    assert wish(make.instant("2026-05-16T23:59+02:00")) == 0
    assert [wish(make.instant("2026-05-17T00:00+02:00")), wish(BIRTHDAY)] == [1, 0]
    set_birthday(customer, 5, 18)
    assert wish(make.instant("2026-05-18T09:00+02:00")) == 0
    assert wish(make.instant("2027-05-18T09:00+02:00")) == 1
    entry = Entry.objects.earliest("id")
    assert entry.key == f"birthday:{entry.account_id}:2026"
    assert (entry.qualifying, entry.occurred_at) == (0, make.instant("2026-05-17T00:00+02:00"))


@pytest.mark.parametrize(
    ("day", "got"), [("2027-02-28", 1), ("2027-03-01", 1), ("2028-02-28", 0), ("2028-02-29", 1)]
)
def test_who_was_born_on_29_february_has_it_on_the_28th_of_other_years(
    programme: Programme, day: str, got: int
) -> None:
    set_rule(programme, code="birthday", event="birthday", bonus=200)
    born(programme, 2, 29)
    assert wish(make.instant(f"{day}T12:00+01:00")) == got  # 1 March makes up for the day before


def test_a_birthday_missed_is_made_up_for_some_days_and_not_for_days_before_joining(
    programme: Programme,
) -> None:
    set_rule(programme, code="birthday", event="birthday", bonus=200)
    born(programme, 5, 12)
    born(programme, 5, 3)
    born(programme, 5, 14, joined=make.instant("2026-05-15T00:00+02:00"))
    assert wish(BIRTHDAY) == 1


def test_frozen_accounts_and_programmes_without_the_rule_get_nothing(programme: Programme) -> None:
    born(programme, 5, 17)
    assert wish(BIRTHDAY) == 0
    set_rule(programme, code="birthday", event="birthday", bonus=200)
    Account.objects.update(status="frozen")
    assert wish(BIRTHDAY) == 0


@pytest.mark.parametrize(("month", "day"), [(2, 30), (4, 31), (13, 1), (None, 3)])
def test_a_day_that_is_in_no_year_is_no_birthday(customer: Customer, month: Any, day: Any) -> None:
    with pytest.raises(Refused) as refusal:
        set_birthday(customer, month, day)
    assert refusal.value.code == "bad_birthday"


def test_who_writes_down_a_birthday_needs_the_right_and_it_stands_in_the_history(
    customer: Customer, agent: Agent
) -> None:
    with pytest.raises(Refused):
        set_birthday(customer, 5, 17, by=make.make_agent())
    set_birthday(customer, 5, 17, by=agent)
    set_birthday(customer, 5, 17, by=agent)
    change = customer.changes.get()
    assert (change.by, change.words.after) == (agent, {"birthday": "05-17"})
    assert set_birthday(customer, None, None).birth_day is None
