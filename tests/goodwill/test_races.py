from __future__ import annotations

from functools import partial

import pytest

from goodwill.models import Policy, Request
from goodwill.services import grant
from loyalty.models import Account
from tests import make
from tests.together import at_once

pytestmark = pytest.mark.race


def grants(*keys: str) -> tuple[Account, list[partial[Request]]]:
    """A member's account, and one grant of 100 points for every key, each by an agent of their own.

    A second grant to one customer needs nobody's word here.
    """
    Policy.objects.update(apart_days=None)
    member = make.make_member()
    ticket, reason = make.make_ticket(customer=member), make.make_reason(brand=member.brand)
    agents = [make.make_agent(brands=[member.brand]) for _ in keys]
    deeds = [
        partial(grant, ticket, 100, by=by, reason=reason, key=key)
        for by, key in zip(agents, keys, strict=True)
    ]
    return member.account, deeds


def test_one_grant_asked_for_twice_at_once_counts_once(own_db: str) -> None:
    for number in range(10):
        account, deeds = grants(f"same{number}", f"same{number}")
        first, second = at_once(*deeds)
        assert first == second
        account.refresh_from_db()
        assert (account.balance, account.version) == (100, 1)


def test_control_without_the_locks_only_the_database_stops_the_second_grant(own_db: str) -> None:
    _, deeds = grants("same", "same")
    answers = at_once(*deeds, unlocked=True)
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert "violates unique constraint" in str(refused)


def test_two_agents_who_grant_on_one_ticket_at_once_are_both_counted(own_db: str) -> None:
    for number in range(10):
        account, deeds = grants(f"a{number}", f"b{number}")
        answers = at_once(*deeds)
        assert [answer.points for answer in answers] == [100, 100]
        account.refresh_from_db()
        assert account.balance == 200
        assert list(account.entries.order_by("seq").values_list("seq", "balance_after")) == [
            (1, 100),
            (2, 200),
        ]
        assert answers[0].ticket.events.filter(kind="goodwill").count() == 2


def test_control_without_the_locks_one_of_two_agents_is_lost(own_db: str) -> None:
    _, deeds = grants("a", "b")
    answers = at_once(*deeds, unlocked=True)
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert "loyalty_entry_seq_once" in str(refused)
