from __future__ import annotations

import pytest
from django.db import transaction

import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from goodwill.models import Policy, Reason, Request
from goodwill.models.policies import policy_of
from goodwill.services import grant
from loyalty.models import Account, Entry
from tests import make
from tickets.models import Ticket, TicketEvent


def balance(ticket: Ticket) -> int:
    return Account.objects.get(customer=ticket.customer).balance


def refusal_of(*args: object, **fields: object) -> Refused:
    with pytest.raises(Refused) as refusal:
        grant(*args, **fields)
    return refusal.value


def test_goodwill_is_in_the_ledger_in_the_conversation_and_in_the_books(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    request = grant(ticket, 200, by=agent, reason=late_parcel, key="g1")
    entry = Entry.objects.get(key="gw:g1")
    assert balance(ticket) == 1200
    assert (entry.points, entry.contra, entry.qualifying, entry.actor) == (200, "issue.goodwill", 0, agent)
    assert (entry.source, entry.reason) == ("ticket:FF-1", "late-parcel")
    assert (request.entry, request.points, request.by, request.state) == (entry, 200, agent, "posted")
    event = ticket.events.get(kind=TicketEvent.Kind.GOODWILL)
    assert event.by == agent
    assert event.data == {
        "points": 200,
        "reason": "late-parcel",
        "request": request.pk,
        "entry": entry.pk,
        "before": 1000,
        "after": 1200,
    }


def test_goodwill_lives_as_long_as_the_programme_says(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    account = ticket.customer.account
    type(account.programme).objects.update(goodwill_months=1)
    lot = grant(ticket, 200, by=agent, reason=late_parcel, key="g1").entry.lot
    assert lot.expires_at < account.lots.exclude(pk=lot.pk).get().expires_at


def test_goodwill_granted_twice_with_one_key_counts_once(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    requests = {grant(ticket, 50, by=agent, reason=late_parcel, key="g1").pk for _ in range(3)}
    assert len(requests) == 1
    assert balance(ticket) == 1050
    assert ticket.events.filter(kind="goodwill").count() == 1


def test_the_same_key_with_other_points_reason_or_ticket_is_refused(
    ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    grant(ticket, 50, by=agent, reason=late_parcel, key="g1")
    other_ticket = make.make_ticket(customer=ticket.customer)
    other_reason = make.make_reason(brand=brand)
    for on, points, why in (
        (ticket, 51, late_parcel),
        (ticket, 50, other_reason),
        (other_ticket, 50, late_parcel),
    ):
        assert refusal_of(on, points, by=agent, reason=why, key="g1").code == "key_conflict"
    assert balance(ticket) == 1050


@pytest.mark.parametrize(("role", "limit"), [("agent", 500), ("supervisor", 2500), ("administrator", 10000)])
def test_a_role_gives_up_to_its_limit_and_no_point_more(
    ticket: Ticket, brand: Brand, role: str, limit: int
) -> None:
    generous = make.make_reason(brand=brand, max_points=20000)
    by = make.make_agent(role=role, brands=[brand])
    refusal = refusal_of(ticket, limit + 1, by=by, reason=generous, key="g1")
    assert (refusal.code, refusal.details["limit"], refusal.details["bound"]) == (
        "over_limit",
        limit,
        "per_grant",
    )
    assert grant(ticket, limit, by=by, reason=generous, key="g1").points == limit


def test_who_has_two_roles_acts_with_the_higher_one(ticket: Ticket, agent: Agent, supervisor: Agent) -> None:
    agent.groups.add(supervisor.groups.get())
    both = Agent.objects.get(pk=agent.pk)
    assert policy_of(both, ticket.brand_id, clock.now()).per_grant == 2500


def test_without_a_policy_nobody_gives_anything(ticket: Ticket, agent: Agent, late_parcel: Reason) -> None:
    Policy.objects.all().delete()
    assert refusal_of(ticket, 50, by=agent, reason=late_parcel, key="g1").code == "over_limit"


@pytest.mark.parametrize(("role", "code"), [("integration", "over_limit"), (None, "not_allowed")])
def test_a_machine_without_a_policy_or_somebody_without_a_role_grants_nothing(
    ticket: Ticket, brand: Brand, late_parcel: Reason, role: str | None, code: str
) -> None:
    by = make.make_agent(role=role, brands=[brand])
    assert refusal_of(ticket, 50, by=by, reason=late_parcel, key="g1").code == code
    assert balance(ticket) == 1000


@pytest.mark.parametrize("points", [-50, 0, 49, 1001])
def test_points_outside_the_range_of_the_reason_are_refused(
    ticket: Ticket, supervisor: Agent, late_parcel: Reason, points: int
) -> None:
    refusal = refusal_of(ticket, points, by=supervisor, reason=late_parcel, key="g1")
    assert (refusal.code, refusal.details) == ("outside_reason", {"min": 50, "max": 1000})


@pytest.mark.parametrize("points", [50, 1000])
def test_the_ends_of_the_range_are_inside(
    ticket: Ticket, supervisor: Agent, late_parcel: Reason, points: int
) -> None:
    assert grant(ticket, points, by=supervisor, reason=late_parcel, key="g1").points == points


def test_a_reason_of_another_brand_or_out_of_use_is_refused(
    ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    for reason in (make.make_reason(brand=other_brand), make.make_reason(brand=brand, is_active=False)):
        assert refusal_of(ticket, 50, by=agent, reason=reason, key="g1").code == "other_brand"


def test_who_is_no_member_gets_no_points(customer: Customer, agent: Agent, late_parcel: Reason) -> None:
    refusal = refusal_of(make.make_ticket(customer=customer), 50, by=agent, reason=late_parcel, key="g1")
    assert refusal.code == "no_member"
    assert "Nora Nilsen" in refusal.sentence


def test_a_frozen_account_gets_no_goodwill_and_no_trace_of_it_stays(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    Account.objects.update(status="frozen")
    assert refusal_of(ticket, 50, by=agent, reason=late_parcel, key="g1").code == "account_not_active"
    assert not Request.objects.exists()


@pytest.mark.parametrize("step", ["request", "record"])
def test_ledger_books_and_conversation_are_written_together_or_not_at_all(
    ticket: Ticket, agent: Agent, late_parcel: Reason, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def power_cut(*_: object, **__: object) -> None:
        raise RuntimeError("power cut")

    if step == "request":
        monkeypatch.setattr(Request, "save", power_cut)
    else:
        monkeypatch.setattr(tickets.services, "record", power_cut)
    with pytest.raises(RuntimeError, match="power cut"), transaction.atomic():
        grant(ticket, 50, by=agent, reason=late_parcel, key="g1")
    monkeypatch.undo()
    assert balance(ticket) == 1000
    assert not Entry.objects.filter(key="gw:g1").exists()
    assert not Request.objects.exists()
    assert not ticket.events.filter(kind="goodwill").exists()
    assert grant(ticket, 50, by=agent, reason=late_parcel, key="g1").points == 50
