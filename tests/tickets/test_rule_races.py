"""Rules and macros at once: one run of each occasion, and locks in the order of the house."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError

from agents import roles
from agents.models import Agent
from goodwill.models import Policy
from goodwill.services import grant
from loyalty.models import Account
from tests import make
from tests.together import at_once
from tickets import actions
from tickets.models import Occasion, RuleRun, Ticket
from tickets.services import run_next, send_macro

pytestmark = pytest.mark.race


def an_occasion() -> Ticket:
    """A ticket on which a rule that leaves a note waits to be run."""
    brand = make.make_brand()
    boss = make.make_agent(brands=[brand], role=roles.SUPERVISOR)
    make.make_rule(brand=brand, by=boss, event="heard", actions=[{"do": "note", "text": "Heard."}])
    return make.make_ticket(brand=brand)


def notes(ticket: Ticket) -> int:
    return ticket.messages.filter(kind="note").count()


def test_workers_that_find_the_same_occasion_run_its_rule_once(own_db: str) -> None:
    for _ in range(10):
        ticket = an_occasion()
        answers = at_once(*[run_next] * 3)
        assert set(answers) <= {0, 1}, answers
        assert (notes(ticket), RuleRun.objects.filter(ticket=ticket).count()) == (1, 1)
        assert not Occasion.objects.exists()


def test_control_without_the_locks_only_the_database_stops_the_second_run(own_db: str) -> None:
    an_occasion()
    answers = at_once(*[run_next] * 2, unlocked=True, meet_after='FROM "tickets_occasion"')
    assert [answer for answer in answers if isinstance(answer, Exception)]
    assert RuleRun.objects.count() == 1


def givers() -> tuple[Account, list[Any]]:
    """A macro that gives points and tags, and a grant by hand, on two tickets of one customer, each of 500 points."""
    Policy.objects.update(apart_days=None, grants_customer_90=None)
    member = make.make_member()
    reason = make.make_reason(brand=member.brand)
    macro = make.make_macro(
        brand=member.brand, actions=[{"do": "grant_points", "reason": reason.pk, "points": 100}]
    )
    one, other = (make.make_ticket(customer=member) for _ in range(2))
    ann, bob = (make.make_agent(brands=[member.brand]) for _ in range(2))
    deeds = [
        partial(send_macro, one, macro, "Sorry!", by=ann, key=make.unique()),
        partial(grant, one, 100, by=bob, reason=reason, key=make.unique()),
        partial(send_macro, other, macro, "Sorry!", by=bob, key=make.unique()),
    ]
    return member.account, deeds


def test_macros_and_grants_at_once_are_all_counted(own_db: str) -> None:
    for _ in range(5):
        account, deeds = givers()
        answers = at_once(*deeds)
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers
        account.refresh_from_db()
        assert account.balance == 300
        assert list(account.entries.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]


class Fixed:
    """Locks of two accounts in an order of their own, for the control."""

    def __init__(self, *accounts: Account) -> None:
        self.accounts = accounts

    def lock(self, which: int, _ticket: Ticket, _by: Agent) -> None:
        Account.objects.select_for_update().get(pk=self.accounts[which].pk)


def two_macros(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two macros whose actions, in opposite orders, need the locks of the same two rows."""
    brand = make.make_brand()
    fixed = Fixed(*(make.make_member(brand=brand).account for _ in range(2)))
    note = actions.ACTIONS["hand_back"]
    for code, name, which in (("one", "account", 0), ("two", "lots", 1)):
        action = replace(note, code=code, locks={name: partial(fixed.lock, which)})
        monkeypatch.setitem(actions.ACTIONS, code, action)
    macros = [
        make.make_macro(brand=brand, actions=[{"do": code} for code in codes])
        for codes in (("one", "two"), ("two", "one"))
    ]
    by = make.make_agent(brands=[brand])
    return [
        partial(send_macro, make.make_ticket(brand=brand), macro, "Hi", by=by, key=make.unique())
        for macro in macros
    ]


def test_two_macros_take_their_locks_in_the_order_of_the_house_however_their_actions_stand(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        answers = at_once(*two_macros(monkeypatch))
        assert not [answer for answer in answers if isinstance(answer, Exception)], answers


def test_control_locks_taken_as_the_actions_stand_run_into_each_other(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_they_stand(ticket: Ticket, written: tuple[list[Any], Agent]) -> None:
        for one in written[0]:
            for lock in actions.ACTIONS[one["do"]].locks.values():
                lock(ticket, written[1])

    monkeypatch.setattr("tickets.services.macros.take_locks", as_they_stand)
    deeds = two_macros(monkeypatch)
    answers = at_once(*deeds, meet_after='FROM "loyalty_account"')
    assert [type(answer) for answer in answers].count(OperationalError) == 1
