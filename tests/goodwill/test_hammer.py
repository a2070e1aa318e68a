"""The lock order of the whole house under the hammer: no two wait for each other, no limit is exceeded, books agree.

The control takes the account before the budget in one deed, and must deadlock.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest
from django.db.models import Count, Sum

import goodwill.services.granting
from goodwill.models import Budget, IncidentGrant, IncidentLine, Request
from goodwill.services import locking
from loyalty.models import Account, Entry
from loyalty.proof import CHECKS, broken
from tests.goodwill.hammering import Told, hammer
from tests.goodwill.small_house import PER_DAY, House, small_house
from tickets import proof as tickets_proof

pytestmark = pytest.mark.race
SECONDS = 60 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 8
AT_MOST = 10  # times as long, on a machine so busy that not everything has gone through yet
# What may be refused; whatever else comes up is a finding.
MAY_BE_REFUSED = {
    "account_not_active", "already_merged", "already_promised", "already_spent", "budget_used_up", "callback_over",
    "mail_waits", "merged_meanwhile", "merged_ring", "not_given", "not_the_last", "not_waiting", "other_customer",
    "over_limit", "ticket_ended", "ticket_merged", "to_be_decided", "too_late", "torn_apart", "undone_before",
    "conversation_moved", "already_chosen", "asked_already", "customer_chose", "nobody_affected", "not_running",
    "offer_withdrawn", "already_used", "not_enough_points", "busy", "sold_out", "window_too_long", "ticket_closed",
    "customer_merged", "has_it",
}  # fmt: skip
# What has to have gone through among the others, else the hammer has hit nothing.
MUST_GO_THROUGH = {
    "grant", "ask", "approve", "reverse", "macro", "reply", "hear", "join", "part", "marry", "redeem", "earn", "expire",
    "promise", "keep", "gift", "offer", "choose", "ask_for_all", "agree_for_all", "give_out", "urgent",
}  # fmt: skip


def total(name: str, told: list[Told]) -> Counter[str]:
    return sum((getattr(each, name) for each in told), Counter[str]())


def points(**where: Any) -> int:
    return int(Request.objects.filter(**where).aggregate(sum=Sum("points"))["sum"] or 0)


def for_all(budget: Budget) -> int:
    """What is reserved for those whom an incident hit."""
    held = IncidentGrant.objects.filter(budget=budget).aggregate(sum=Sum("reserved"))["sum"]
    return int(held or 0)


def given_wrongly() -> list[str]:
    """Goodwill in the ledger beyond the requests that stand, and tickets given to twice by one incident."""
    stand = points(state="posted", entry__isnull=False)
    moved = int(Entry.objects.filter(contra="issue.goodwill").aggregate(sum=Sum("points"))["sum"] or 0)
    found = [f"{moved} points moved, but {stand} stand"] if moved != stand else []
    lines = IncidentLine.objects.filter(outcome="given").values("grant__ticket", "ticket")
    twice = lines.annotate(times=Count("pk")).filter(times__gt=1)
    return found + [f"given twice: {one}" for one in twice]


def wrong(house: House) -> list[str]:
    """Everything in the books that does not agree, in words."""
    found = given_wrongly()
    found += [str(finding) for check in CHECKS for finding in broken(check).findings]
    found += [
        f"audit of brand {pk}: {answer.findings}"
        for pk, answer in tickets_proof.prove().items()
        if answer.findings
    ]
    for budget in (house.budget, house.pledged):
        budget.refresh_from_db()
        spent = points(budget=budget, state="posted")
        reserved = points(budget=budget, state__in=["waiting", "open"]) + for_all(budget)
        if (budget.spent, budget.reserved) != (spent, reserved):
            found.append(f"{budget}: {budget.spent} and {budget.reserved}, but {spent} and {reserved}")
        if spent + reserved > budget.points:
            found.append(f"{budget}: {spent} + {reserved} of {budget.points}")
    for agent in house.agents:
        if (alone := points(by=agent, approver=None, state="posted")) > PER_DAY:
            found.append(f"{agent} gave {alone} alone in a day")
    return found


def test_everything_at_once_waits_for_nobody_for_ever_and_all_books_agree(
    own_db: str, caplog: pytest.LogCaptureFixture
) -> None:
    house = small_house()
    told = hammer(house, threads=8, seconds=SECONDS, at_most=SECONDS * AT_MOST, until=MUST_GO_THROUGH)
    done, refused = total("done", told), total("refused", told)
    assert total("deadlocks", told) == {}
    assert [error for each in told for error in each.errors] == []
    assert [
        row.getMessage() for row in caplog.records if row.name.startswith("goodwill")
    ] == []  # of the sweeps
    assert wrong(house) == []
    assert set(refused) - MAY_BE_REFUSED == set()
    assert set(done) >= MUST_GO_THROUGH


def test_control_with_the_account_before_the_budget_in_one_deed_they_wait_for_each_other(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_for = goodwill.services.granting.account_for

    def account_first(ticket: Any, gift: Any) -> Account | None:
        locking.lock_account(ticket, None)
        return account_for(ticket, gift)

    monkeypatch.setattr(goodwill.services.granting, "account_for", account_first)
    told = hammer(small_house(), threads=8, seconds=SECONDS * AT_MOST, until_deadlock=True)
    assert total("deadlocks", told).total() > 0
