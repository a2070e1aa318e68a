"""More than one may give alone: asked for, agreed to by others, declined, withdrawn, lapsed, undone, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

import customers.services
import loyalty.services
import tickets.services
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint
from goodwill import services
from goodwill.models import Budget, Policy, Reason, Request
from goodwill.services import approve, ask, decline, lapse_due, reverse, undo, withdraw
from loyalty.models import Account, Entry
from tests import make
from tickets.models import Ticket


def asked(ticket: Ticket, agent: Agent, reason: Reason, points: int = 800, **more: Any) -> Request:
    return ask(ticket, points, by=agent, reason=reason, key=make.unique(), **more)


def balance(ticket: Ticket) -> int:
    return Account.objects.get(customer=ticket.customer).balance


def code_of(deed: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*arguments, **more)
    assert refusal.value.sentence
    return refusal.value.code


def told(ticket: Ticket) -> list[tuple[str, Any]]:
    return [
        (event.kind, event.data.get("what")) for event in ticket.events.filter(kind__startswith="goodwill")
    ]


def test_what_is_over_the_limit_waits_and_is_given_when_a_supervisor_agrees(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = asked(ticket, agent, generous, words="Third lost parcel")
    assert (request.state, request.bound, balance(ticket)) == ("waiting", "per_grant", 1000)
    waits = Notification.objects.get(agent=supervisor)
    assert (waits.kind, waits.subject) == ("goodwill_waits", ticket.reference)
    approve(request, by=supervisor)
    request.refresh_from_db()
    assert (request.state, request.approver, balance(ticket)) == ("posted", supervisor, 1800)
    assert (request.entry.actor, request.entry.points, request.entry.contra) == (agent, 800, "issue.goodwill")
    assert told(ticket) == [("goodwill_request", "asked"), ("goodwill_request", "agreed"), ("goodwill", None)]
    assert Notification.objects.get(agent=agent).kind == "goodwill_agreed"
    assert approve(request, by=supervisor).pk == request.pk
    assert balance(ticket) == 1800


def test_what_is_within_the_limits_is_given_at_once_by_asking_too(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    assert asked(ticket, agent, generous, 500).state == "posted"


def test_nobody_decides_what_they_asked_for_nor_without_the_right_or_the_brand(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, other_brand: Brand
) -> None:
    colleague = make.make_agent(brands=[ticket.brand])
    foreign = make.make_agent(role="supervisor", brands=[other_brand])
    request, own = asked(ticket, agent, generous), asked(ticket, supervisor, generous, 2600)
    for deed in (approve, decline):
        assert code_of(deed, request, by=agent) == "not_allowed"
        assert code_of(deed, request, by=colleague) == "not_allowed"
        assert code_of(deed, request, by=foreign) == "not_allowed"
        assert code_of(deed, own, by=supervisor) == "same_person"
    assert balance(ticket) == 1000


def test_nobody_gives_to_themselves_nor_agrees_to_it(
    ticket: Ticket, agent: Agent, supervisor: Agent, second: Agent, generous: Reason
) -> None:
    request = asked(ticket, agent, generous)
    for one in (agent, supervisor):
        point = make.make_mail(customer=ticket.customer)
        ContactPoint.objects.filter(pk=point.pk).update(value=one.email.upper())
        assert (
            code_of(services.grant, ticket, 50, by=one, reason=generous, key=make.unique()) == "own_account"
        )
        assert code_of(ask, ticket, 50, by=one, reason=generous, key=make.unique()) == "own_account"
    assert code_of(approve, request, by=supervisor) == "own_account"
    assert code_of(approve, request, by=second) == "own_account"  # of who asked, by now
    assert decline(request, by=second).state == "declined"


def test_what_was_asked_for_before_a_merge_goes_to_the_account_that_stays(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    kept = make.make_member(brand=ticket.brand, points=10)
    request = asked(ticket, agent, generous)
    customers.services.merge(kept, ticket.customer, by=supervisor, reason="twice", key="m")
    assert approve(request, by=supervisor).entry.account == kept.account
    assert Account.objects.get(pk=kept.account.pk).balance == 10 + 1000 + 800


def test_the_database_lets_nobody_agree_to_their_own_nor_twice(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = asked(ticket, agent, generous)
    for people in (
        {"approver": agent}, {"approver": supervisor, "second": supervisor}, {"approver": supervisor, "second": agent},
        {"second": supervisor},
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="goodwill_request_takes_others"), transaction.atomic():
            Request.objects.filter(pk=request.pk).update(**people)


def test_whoever_agrees_is_held_to_their_own_limits(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    administrator = make.make_agent(role="administrator", brands=[ticket.brand])
    request = asked(ticket, agent, generous, 2501)
    assert code_of(approve, request, by=supervisor) == "over_limit"
    assert approve(request, by=administrator).state == "posted"


def test_above_a_further_limit_two_people_agree(
    ticket: Ticket, agent: Agent, supervisor: Agent, second: Agent, generous: Reason, own: Policy
) -> None:
    Policy.objects.filter(pk=own.pk).update(second_above=700)
    assert code_of(services.grant, ticket, 800, by=agent, reason=generous, key="g") == "over_limit"
    request = asked(ticket, agent, generous)
    assert (request.state, request.takes_two, request.bound) == ("waiting", True, "second_above")
    for _ in range(2):
        assert approve(request, by=supervisor).state == "waiting"
    assert told(ticket) == [("goodwill_request", "asked"), ("goodwill_request", "agreed")]
    assert balance(ticket) == 1000
    assert approve(request, by=second).state == "posted"
    request.refresh_from_db()
    assert (request.approver, request.second, balance(ticket)) == (supervisor, second, 1800)


def test_what_is_declined_withdrawn_or_lapsed_gives_nothing_and_is_over(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    declined, withdrawn, lapsed = (asked(ticket, agent, generous) for _ in range(3))
    assert decline(declined, by=supervisor).state == "declined"
    assert code_of(withdraw, withdrawn, by=supervisor) == "not_yours"
    assert withdraw(withdrawn, by=agent).state == "withdrawn"
    late = clock.now() + timedelta(hours=48)
    assert lapse_due(at=late - timedelta(minutes=1)) == 0
    assert (lapse_due(at=late), lapse_due(at=late)) == (1, 0)
    lapsed.refresh_from_db()
    assert lapsed.state == "lapsed"
    for request in (declined, withdrawn, lapsed):
        assert code_of(approve, request, by=supervisor) == "not_waiting"
    assert balance(ticket) == 1000
    assert set(Notification.objects.filter(agent=agent).values_list("kind", flat=True)) == {
        "goodwill_declined", "goodwill_lapsed",
    }  # fmt: skip


def test_what_has_waited_too_long_is_not_agreed_to_before_the_sweep_comes(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = asked(ticket, agent, generous)
    late = clock.now() + timedelta(hours=49)
    assert code_of(approve, request, by=supervisor, at=late) == "not_waiting"


def test_who_gave_undoes_it_for_a_quarter_of_an_hour_while_it_is_unspent(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = asked(ticket, agent, generous, 300)
    assert code_of(undo, request, by=supervisor) == "not_yours"
    at = request.entry.posted_at
    assert code_of(undo, request, by=agent, at=at + timedelta(minutes=15, seconds=1)) == "too_late"
    assert undo(request, by=agent, at=at + timedelta(minutes=15)).state == "undone"
    assert undo(request, by=agent).state == "undone"
    assert balance(ticket) == 1000
    assert told(ticket)[-1] == ("goodwill_request", "undone")


def test_what_is_spent_is_not_undone_and_a_supervisor_takes_it_back_with_a_reason(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    request = asked(ticket, agent, generous, 300)
    account = Account.objects.get(customer=ticket.customer)
    loyalty.services.redeem(account, 1200, by=supervisor, key="spend")
    assert code_of(undo, request, by=agent) == "already_spent"
    assert code_of(reverse, request, by=agent, reason="mistake") == "not_allowed"
    assert code_of(reverse, request, by=supervisor, reason="") == "reason_missing"
    assert reverse(request, by=supervisor, reason="mistake").state == "reversed"
    assert balance(ticket) == -200


def test_a_budget_reserves_what_waits_spends_what_is_given_and_gets_back_what_is_not(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    at = clock.now()
    budget = Budget.objects.create(
        brand=ticket.brand, name="March", points=1500, starts_at=at - timedelta(days=1),
        ends_at=at + timedelta(days=30),
    )  # fmt: skip

    def book() -> tuple[int, int]:
        budget.refresh_from_db()
        return budget.spent, budget.reserved

    first = asked(ticket, agent, generous, 800)
    assert (first.budget, book()) == (budget, (0, 800))
    assert code_of(ask, ticket, 701, by=agent, reason=generous, key="k") == "budget_used_up"
    other = asked(ticket, agent, generous, 700)
    assert book() == (0, 1500)
    approve(first, by=supervisor)
    assert book() == (800, 700)
    decline(other, by=supervisor)
    assert book() == (800, 0)
    undo(first, by=agent)
    assert book() == (0, 0)


def test_the_closest_budget_pays_and_delight_has_its_own(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    at = clock.now()
    when = {"starts_at": at - timedelta(days=1), "ends_at": at + timedelta(days=1)}
    team = make.make_team(brand=ticket.brand, agents=[agent])
    delight = Budget.objects.create(brand=ticket.brand, name="Delight", kind="delight", points=9, **when)
    whole = Budget.objects.create(brand=ticket.brand, name="All", points=5000, **when)
    theirs = Budget.objects.create(brand=ticket.brand, name="Team", team=team, points=5000, **when)
    assert asked(ticket, agent, generous).budget == theirs
    assert asked(ticket, make.make_agent(brands=[ticket.brand]), generous).budget == whole
    incident = make.make_ticket(brand=ticket.brand)
    storm = make.make_budget(brand=ticket.brand, name="Storm", incident=incident)
    hit = make.make_ticket(customer=make.make_member(brand=ticket.brand))
    tickets.services.link(hit, incident, kind="incident", by=agent)
    assert asked(hit, agent, generous).budget == storm
    extra = make.make_reason(brand=ticket.brand, kind="delight", code="extra", max_points=900)
    assert code_of(ask, ticket, 50, by=agent, reason=extra, key="d") == "budget_used_up"
    Budget.objects.filter(pk=delight.pk).update(is_hard=False)
    assert asked(ticket, agent, extra, 50).budget == delight


def test_the_database_keeps_a_hard_budget(brand: Brand) -> None:
    at = clock.now()
    budget = Budget.objects.create(
        brand=brand, name="B", points=10, starts_at=at, ends_at=at + timedelta(days=1)
    )
    with pytest.raises(IntegrityError, match="goodwill_budget_is_kept"), transaction.atomic():
        Budget.objects.filter(pk=budget.pk).update(spent=6, reserved=5)


def ways_round(ticket: Ticket, agent: Agent) -> dict[str, Any]:
    given, at = asked(ticket, agent, make.make_reason(brand=ticket.brand), 50), clock.now()
    account = Account.objects.get(customer=ticket.customer)
    borrowed = f"xx:{given.key}"  # ends as the key of a request that was given
    return {
        "a borrowed key": lambda: loyalty.services.earn(
            account, 5, contra="issue.goodwill", by=agent, key=borrowed
        ),
        "earn from a shell": lambda: loyalty.services.earn(account, 5, contra="issue.goodwill", by=agent, key="x"),
        "SQL": lambda: Entry.objects.bulk_create(
            [
                Entry(
                    account=account, seq=account.version + 1, kind="earn", contra="issue.goodwill", points=5,
                    balance_after=account.balance + 5, key="y", occurred_at=at, counts_at=at, posted_at=at,
                )
            ]
        ),
    }  # fmt: skip


@pytest.mark.parametrize("way", ["earn from a shell", "SQL", "a borrowed key"])
def test_no_goodwill_is_in_the_ledger_without_its_request(ticket: Ticket, agent: Agent, way: str) -> None:
    with connection.cursor() as cursor, transaction.atomic():
        ways_round(ticket, agent)[way]()
        with pytest.raises(IntegrityError, match="nobody asked for"):
            cursor.execute("SET CONSTRAINTS goodwill_entry_has_request IMMEDIATE")
        transaction.set_rollback(True)


def test_what_was_given_by_request_stands_that_question(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    undo(asked(ticket, agent, generous, 300), by=agent)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS goodwill_entry_has_request IMMEDIATE")
