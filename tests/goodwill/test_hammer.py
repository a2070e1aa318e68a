"""The lock order of the whole house under the hammer: no two wait for each other, no limit is exceeded, books agree.

The control takes the account before the budget in one deed, and must deadlock.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from django.db.models import Sum

import goodwill.services.granting
from goodwill.models import Request
from goodwill.services import locking
from loyalty.models import Account
from loyalty.proof import CHECKS, broken
from tests.goodwill.hammering import PER_DAY, House, Told, hammer, small_house
from tickets import proof as tickets_proof

pytestmark = pytest.mark.race
SECONDS = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 10
# What may be refused; whatever else comes up is a finding.
MAY_BE_REFUSED = {
    "account_not_active", "already_merged", "already_promised", "already_spent", "budget_used_up", "callback_over",
    "mail_waits", "merged_meanwhile", "merged_ring", "not_given", "not_the_last", "not_waiting", "other_customer",
    "over_limit", "ticket_ended", "ticket_merged", "to_be_decided", "too_late", "torn_apart", "undone_before",
    "conversation_moved", "not_enough_points", "busy", "sold_out", "window_too_long", "ticket_closed",
}  # fmt: skip
# What has to have gone through among the others, else the hammer has hit nothing.
MUST_GO_THROUGH = {
    "grant", "ask", "approve", "reverse", "macro", "reply", "hear", "join", "part", "marry", "redeem", "earn", "expire",
    "promise", "keep",
}  # fmt: skip


def total(name: str, told: list[Told]) -> Counter[str]:
    return sum((getattr(each, name) for each in told), Counter[str]())


def points(**where: Any) -> int:
    return int(Request.objects.filter(**where).aggregate(sum=Sum("points"))["sum"] or 0)


def wrong(house: House) -> list[str]:
    """Everything in the books that does not agree, in words."""
    found = [str(finding) for check in CHECKS for finding in broken(check).findings]
    found += [
        f"audit of brand {pk}: {answer.findings}"
        for pk, answer in tickets_proof.prove().items()
        if answer.findings
    ]
    for budget in (house.budget, house.pledged):
        budget.refresh_from_db()
        spent, reserved = points(budget=budget, state="posted"), points(budget=budget, state="waiting")
        if (budget.spent, budget.reserved) != (spent, reserved):
            found.append(f"{budget}: {budget.spent} and {budget.reserved}, but {spent} and {reserved}")
        if spent + reserved > budget.points:
            found.append(f"{budget}: {spent} + {reserved} of {budget.points}")
    for agent in house.agents:
        if (alone := points(by=agent, approver=None, state="posted")) > PER_DAY:
            found.append(f"{agent} gave {alone} alone in a day")
    return found


def test_everything_at_once_waits_for_nobody_for_ever_and_all_books_agree(own_db: str) -> None:
    house = small_house()
    told = hammer(house, threads=8, seconds=SECONDS)
    done, refused = total("done", told), total("refused", told)
    assert total("deadlocks", told) == {}
    assert [error for each in told for error in each.errors] == []
    assert wrong(house) == []
    assert set(refused) - MAY_BE_REFUSED == set()
    assert set(done) >= MUST_GO_THROUGH


def test_control_with_the_account_before_the_budget_in_one_deed_they_wait_for_each_other(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_of = goodwill.services.granting.account_of

    def account_first(ticket: Any) -> Account:
        locking.lock_account(ticket, None)
        return account_of(ticket)

    monkeypatch.setattr(goodwill.services.granting, "account_of", account_first)
    told = hammer(small_house(), threads=8, seconds=SECONDS * 3, until_deadlock=True)
    assert total("deadlocks", told).total() > 0
