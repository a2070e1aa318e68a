"""Goodwill for everybody an incident hit: one deed, one answer, one grant for each customer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

import customers.services
import loyalty.services
import tickets.services
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, Customer
from goodwill import services
from goodwill.incidents import progress_of, report_of, why
from goodwill.models import Budget, IncidentGrant, IncidentLine, Policy, Reason, Request
from goodwill.services import give_out, giving_out, incidents
from loyalty.models import Account, Entry
from tests import make
from tests.goodwill.hit import an_incident, hit, points_of
from tickets.models import Ticket
from tickets.services import acting


@pytest.fixture
def members(brand: Brand) -> list[Customer]:
    return [make.make_member(brand=brand) for _ in range(3)]


@pytest.fixture
def incident(brand: Brand, members: list[Customer], agent: Agent) -> Ticket:
    return an_incident(brand, *members, by=agent)


def asked(incident: Ticket, agent: Agent, reason: Reason, points: int = 100, **more: Any) -> IncidentGrant:
    return incidents.ask(incident, points, by=agent, reason=reason, **({"key": make.unique()} | more))


def code_of(deed: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*arguments, **more)
    assert refusal.value.sentence
    return refusal.value.code


def outcomes(grant: IncidentGrant) -> dict[int, str]:
    return dict(grant.lines.values_list("ticket__customer", "outcome"))


def now(grant: IncidentGrant) -> tuple[str, int]:
    grant.refresh_from_db()
    return grant.state, grant.reserved


def test_one_answer_gives_to_each_customer_once_and_every_grant_is_one_like_any_other(
    incident: Ticket, members: list[Customer], agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    hit(incident, members[0], by=agent)  # a second ticket of the same customer
    grant = asked(incident, agent, late_parcel, words="The warehouse")
    assert (now(grant), grant.customers, points_of(*members)) == (("asked", 300), 3, [0, 0, 0])
    assert give_out() == 0
    assert Notification.objects.get(agent=supervisor).kind == "goodwill_waits"
    incidents.approve(grant, by=supervisor)
    assert give_out() == 3
    assert (now(grant), points_of(*members)) == (("done", 0), [100, 100, 100])
    request = Request.objects.get(ticket__customer=members[0])
    assert (request.state, request.by, request.approver) == ("posted", agent, supervisor)
    assert request.key == f"incident:{incident.pk}:ticket:{request.ticket_id}"
    assert (request.entry.contra, request.entry.actor) == ("issue.goodwill", agent)
    assert request.ticket.events.filter(kind="goodwill").count() == 1
    steps = incident.events.filter(kind="goodwill_request").values_list("data__what", flat=True)
    assert list(steps.order_by("pk")) == ["incident_asked", "incident_agreed", "incident_done"]
    assert Notification.objects.get(agent=agent).kind == "incident_done"
    assert (give_out(), incidents.approve(grant, by=supervisor).state) == (0, "done")
    services.undo(request, by=agent)
    assert points_of(*members) == [0, 100, 100]
    assert give_out() == 0


def test_who_asked_never_agrees_nor_does_the_wrong_role_or_the_wrong_brand(
    incident: Ticket, agent: Agent, supervisor: Agent, second: Agent, late_parcel: Reason, other_brand: Brand
) -> None:
    grant = asked(incident, supervisor, late_parcel)
    foreign = make.make_agent(role="supervisor", brands=[other_brand])
    for deed in (incidents.approve, incidents.decline):
        assert code_of(deed, grant, by=supervisor) == "same_person"
        assert code_of(deed, grant, by=agent) == "not_allowed"
        assert code_of(deed, grant, by=foreign) == "not_allowed"
    assert code_of(incidents.stop, grant, by=agent) == "not_allowed"
    assert code_of(asked, incident, foreign, late_parcel) == "not_allowed"
    assert code_of(asked, incident, second, make.make_reason(brand=other_brand)) == "other_brand"
    with pytest.raises(IntegrityError, match="goodwill_incidentgrant_takes_another"), transaction.atomic():
        IncidentGrant.objects.filter(pk=grant.pk).update(approver=supervisor, state="running", lapses_at=None)


def test_nobody_agrees_to_more_at_once_than_their_own_limit_nor_gives_what_takes_two(
    incident: Ticket, agent: Agent, supervisor: Agent, generous: Reason, brand: Brand, own: Policy
) -> None:
    grant = asked(incident, agent, generous, 2501)
    assert code_of(incidents.approve, grant, by=supervisor) == "over_limit"
    administrator = make.make_agent(role="administrator", brands=[brand])
    assert incidents.approve(grant, by=administrator).state == "running"
    Policy.objects.filter(pk=own.pk).update(second_above=700)
    other = an_incident(brand, make.make_member(brand=brand), by=agent)
    assert code_of(asked, other, agent, generous, 701) == "over_limit"
    assert code_of(asked, other, agent, make.make_reason(brand=brand), 1001) == "outside_reason"


def test_a_rule_gives_nothing_to_many(
    incident: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    version = make.make_rule(brand=brand).versions.get()
    with acting.acting(version):
        assert code_of(asked, incident, agent, late_parcel) == "a_person_decides"


def test_the_budget_holds_the_whole_from_asking_on_and_has_back_what_was_not_given(
    incident: Ticket,
    members: list[Customer],
    agent: Agent,
    supervisor: Agent,
    late_parcel: Reason,
    brand: Brand,
) -> None:
    make.make_budget(brand=brand, points=50)
    budget = make.make_budget(brand=brand, points=299, incident=incident)
    assert code_of(asked, incident, agent, late_parcel) == "budget_used_up"
    type(budget).objects.filter(pk=budget.pk).update(points=300)
    grant = asked(incident, agent, late_parcel)
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved, grant.budget) == (0, 300, budget)
    ticket = Ticket.objects.filter(customer=members[2]).get()
    assert code_of(services.grant, ticket, 50, by=agent, reason=late_parcel, key="g") == "budget_used_up"
    make.freeze(members[1], by=supervisor)
    incidents.approve(grant, by=supervisor)
    give_out()
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved, points_of(*members)) == (200, 0, [100, 0, 100])


@pytest.mark.parametrize("end", ["decline", "withdraw", "lapse", "stop"])
def test_what_is_not_given_is_reserved_no_longer(
    end: str, incident: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason, brand: Brand
) -> None:
    budget = make.make_budget(brand=brand, points=300)
    grant = asked(incident, agent, late_parcel)
    if end == "decline":
        incidents.decline(grant, by=supervisor)
        assert incidents.decline(grant, by=supervisor).state == "declined"
    elif end == "withdraw":
        assert code_of(incidents.withdraw, grant, by=supervisor) == "not_yours"
        incidents.withdraw(grant, by=agent)
    elif end == "lapse":
        assert incidents.lapse_due(at=clock.now() + timedelta(hours=47)) == 0
        assert incidents.lapse_due(at=clock.now() + timedelta(hours=49)) == 1
    else:
        incidents.approve(grant, by=supervisor)
        incidents.stop(grant, by=supervisor)
    budget.refresh_from_db()
    assert (budget.reserved, budget.spent, give_out()) == (0, 0, 0)
    assert now(grant)[1] == 0
    assert (
        code_of(incidents.approve, grant, by=make.make_agent(role="supervisor", brands=[brand]))
        == "not_waiting"
    )
    assert asked(incident, agent, late_parcel).state == "asked"


def test_asking_twice_is_answered_with_what_is_there_or_refused(
    incident: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason, brand: Brand
) -> None:
    grant = asked(incident, agent, late_parcel, key="k")
    assert asked(incident, agent, late_parcel, key="k") == grant
    assert code_of(asked, incident, agent, late_parcel, 200, key="k") == "key_conflict"
    assert code_of(asked, incident, agent, late_parcel) == "asked_already"
    incidents.approve(grant, by=supervisor)
    give_out()
    assert code_of(asked, incident, agent, late_parcel) == "nobody_affected"
    assert code_of(asked, make.make_ticket(brand=brand), agent, late_parcel) == "nobody_affected"


def test_whoever_cannot_be_given_it_is_left_out_and_named_with_why(
    brand: Brand, agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    guest = make.make_customer(brand=brand)
    frozen, mine, full, fine = (make.make_member(brand=brand) for _ in range(4))
    make.freeze(frozen, by=supervisor)
    ContactPoint.objects.filter(pk=make.make_mail(customer=mine).pk).update(value=agent.email)
    for number in range(3):
        services.grant(
            make.make_ticket(customer=full), 50, by=supervisor, reason=late_parcel, key=f"g{number}"
        )
    grant = asked(an_incident(brand, guest, frozen, mine, full, fine, by=agent), agent, late_parcel)
    incidents.approve(grant, by=supervisor)
    give_out()
    assert outcomes(grant) == {
        guest.pk: "no_member", frozen.pk: "account_not_active", mine.pk: "own_account", full.pk: "over_limit",
        fine.pk: "given",
    }  # fmt: skip
    progress = progress_of(grant)
    assert (progress.given, sum(progress.left_out.values()), progress.to_do, progress.percent) == (
        1,
        4,
        0,
        100,
    )
    assert IncidentLine.objects.get(outcome="over_limit").bound == "grants_customer_90"
    with CaptureQueriesContext(connection) as asked_for:
        rows = [(line.ticket.reference, str(line.ticket.customer), line.points) for line in report_of(grant)]
    assert (len(rows), len(asked_for), [row[2] for row in rows].count(100)) == (5, 1, 1)


def test_who_was_given_something_on_such_a_ticket_is_spared_where_it_is_wished(
    incident: Ticket, members: list[Customer], agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    ticket = Ticket.objects.get(customer=members[0])
    services.grant(ticket, 50, by=agent, reason=late_parcel, key="before")
    hit(incident, members[0], by=agent)
    services.grant(make.make_ticket(customer=members[1]), 50, by=agent, reason=late_parcel, key="elsewhere")
    grant = asked(incident, agent, late_parcel, spares=True)
    incidents.approve(grant, by=supervisor)
    give_out()
    assert list(outcomes(grant).values()) == ["given_something", "given", "given"]
    assert points_of(*members) == [50, 150, 100]


def test_customers_who_were_merged_count_once_before_and_after(
    incident: Ticket,
    members: list[Customer],
    agent: Agent,
    supervisor: Agent,
    late_parcel: Reason,
    brand: Brand,
) -> None:
    customers.services.merge(members[0], members[1], by=supervisor, reason="twice", key="m")
    grant = asked(incident, agent, late_parcel)
    assert grant.customers == 2
    incidents.approve(grant, by=supervisor)
    late = make.make_member(brand=brand)
    hit(incident, late, by=agent)
    assert give_out() == 2  # one was linked since; no more is given than was agreed to
    customers.services.merge(late, members[0], by=supervisor, reason="twice", key="m2")
    assert incidents.go_on(grant, by=agent).state == "done"
    assert points_of(late, members[2]) == [100, 100]
    assert Entry.objects.filter(contra="issue.goodwill", points__gt=0, kind="earn").count() == 2


def test_customers_who_were_parted_are_given_it_once_each_and_the_deed_ends(
    brand: Brand, agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    """Given on the ticket of one who is parted again, it goes along with them; the other one is given it too."""

    def parted(*, frozen: bool) -> tuple[IncidentGrant, Ticket, list[Customer]]:
        others = [make.make_member(brand=brand) for _ in range(2)]
        merged, kept = (make.make_member(brand=brand) for _ in range(2))
        incident = an_incident(brand, merged, kept, *others, by=agent)
        if frozen:
            make.freeze(others[1], by=supervisor)
        merge = customers.services.merge(kept, merged, by=supervisor, reason="twice", key=make.unique())
        grant = asked(incident, agent, late_parcel)
        incidents.approve(grant, by=supervisor)
        assert (grant.customers, give_out()) == (3, 3)
        back = {item.key: "back" for item in customers.services.since(merge)}
        customers.services.unmerge(merge, by=supervisor, key=make.unique(), choices=back)
        assert points_of(kept, merged) == [0, 100]
        return grant, incident, [kept, merged]

    grant, _incident, people = parted(frozen=True)
    incidents.go_on(grant, by=agent)  # one of the three that were agreed to was given nothing
    assert (give_out(), give_out(), now(grant)) == (1, 0, ("done", 0))
    assert points_of(*people) == [100, 100]
    _grant, incident, people = parted(frozen=False)
    grant = asked(incident, agent, late_parcel)
    incidents.approve(grant, by=supervisor)
    assert (grant.customers, give_out(), give_out(), now(grant)) == (1, 1, 0, ("done", 0))
    assert points_of(*people) == [100, 100]
    assert [proof.broken for proof in loyalty.services.prove_ledger()] == [0]


def test_tickets_that_became_one_and_incidents_that_became_one_are_followed(
    incident: Ticket,
    members: list[Customer],
    agent: Agent,
    supervisor: Agent,
    late_parcel: Reason,
    brand: Brand,
) -> None:
    kept = make.make_ticket(customer=members[0])
    tickets.services.merge(Ticket.objects.get(customer=members[0], links__isnull=False), kept, by=agent)
    grant = asked(incident, agent, late_parcel)
    whole = make.make_ticket(customer=incident.customer)
    tickets.services.merge(incident, whole, by=agent)
    incidents.approve(grant, by=supervisor)
    give_out()
    assert points_of(*members) == [100, 100, 100]
    assert Request.objects.get(ticket__customer=members[0]).ticket == kept
    assert code_of(asked, incident, agent, late_parcel) == "ticket_merged"
    assert code_of(asked, whole, agent, late_parcel) == "nobody_affected"


def test_who_was_linked_later_is_given_it_too_within_what_was_agreed_to(
    incident: Ticket,
    members: list[Customer],
    agent: Agent,
    supervisor: Agent,
    late_parcel: Reason,
    brand: Brand,
) -> None:
    budget = make.make_budget(brand=brand, points=1000, incident=incident)
    make.freeze(members[2], by=supervisor)
    grant = asked(incident, agent, late_parcel)
    assert code_of(incidents.go_on, grant, by=agent) == "not_done"
    incidents.approve(grant, by=supervisor)
    give_out()
    assert incidents.go_on(grant, by=agent).state == "done"  # nobody came
    late, later = (make.make_member(brand=brand) for _ in range(2))
    hit(incident, late, by=agent)
    assert incidents.go_on(grant, by=agent).reserved == 100
    give_out()
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved, points_of(late)) == (300, 0, [100])
    hit(incident, later, by=agent)
    assert code_of(incidents.go_on, grant, by=agent) == "beyond_approval"
    again = asked(incident, agent, late_parcel)
    assert again.customers == 2  # the new one, and who could not be given it before
    assert code_of(incidents.go_on, grant, by=agent) == "asked_already"
    incidents.approve(again, by=supervisor)
    give_out()
    assert outcomes(again) == {members[2].pk: "account_not_active", later.pk: "given"}
    assert points_of(*members, late, later) == [100, 100, 0, 100, 100]


@pytest.fixture
def gone_on(brand: Brand, incident: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason) -> Any:
    """Goes on with what was given to two of three customers, after one was linked, so many days after the answer."""
    budget = make.make_budget(brand=brand, points=1000, incident=incident)
    make.freeze(Customer.objects.filter(tickets__links__other=incident).latest("pk"), by=supervisor)
    grant = asked(incident, agent, late_parcel)
    incidents.approve(grant, by=supervisor)
    give_out()
    late = make.make_member(brand=brand)
    hit(incident, late, by=agent)

    def go_on(days: float = 1) -> tuple[str, list[int], int]:
        grant.refresh_from_db()
        at = (grant.decided_at or clock.now()) + timedelta(days=days)
        try:
            incidents.go_on(grant, by=agent, at=at)
        except Refused as refusal:
            code = refusal.code
        else:
            code = "goes on"
            give_out(at=at)
        budget.refresh_from_db()
        assert budget.reserved == 0
        return code, points_of(late), budget.spent

    return go_on


def test_what_was_agreed_to_is_gone_on_with_for_thirty_days(gone_on: Any, brand: Brand) -> None:
    Budget.objects.filter(brand=brand).update(ends_at=clock.now() + timedelta(days=99))
    assert gone_on(30) == ("too_late", [0], 200)
    assert gone_on(29.9) == ("goes on", [100], 300)


def test_what_was_agreed_to_is_not_gone_on_with_from_a_budget_that_is_over(gone_on: Any) -> None:
    Budget.objects.update(ends_at=clock.now() + timedelta(hours=12))
    assert gone_on(1) == ("budget_is_over", [0], 200)
    Budget.objects.update(ends_at=clock.now() + timedelta(days=2))
    assert gone_on(1) == ("goes on", [100], 300)


@pytest.mark.parametrize(
    ("change", "code"), [({"is_active": False}, "other_brand"), ({"min_points": 101}, "outside_reason")]
)
def test_what_was_agreed_to_is_not_gone_on_with_for_a_reason_that_is_not_what_it_was(
    gone_on: Any, late_parcel: Reason, change: dict[str, Any], code: str
) -> None:
    Reason.objects.filter(pk=late_parcel.pk).update(**change)
    assert gone_on() == (code, [0], 200)


@pytest.mark.parametrize("what", ["budget_is_over", "other_brand"])
def test_what_is_over_when_it_is_given_is_not_given_and_the_deed_ends_and_says_why(
    what: str,
    brand: Brand,
    incident: Ticket,
    members: list[Customer],
    agent: Agent,
    supervisor: Agent,
    late_parcel: Reason,
) -> None:
    budget = make.make_budget(brand=brand, points=1000)
    grant = asked(incident, agent, late_parcel)
    incidents.approve(grant, by=supervisor)
    if what == "budget_is_over":
        Budget.objects.update(ends_at=clock.now())
    else:
        Reason.objects.filter(pk=late_parcel.pk).update(is_active=False)
    give_out()
    budget.refresh_from_db()
    assert (now(grant), budget.spent, budget.reserved, points_of(*members)) == (("done", 0), 0, 0, [0] * 3)
    assert set(outcomes(grant).values()) == {what}
    assert why(what, "") != what


def two_hundred(brand: Brand, agent: Agent) -> tuple[Ticket, list[Customer]]:
    """An incident with 200 tickets of 180 customers."""
    members = [make.make_member(brand=brand) for _ in range(180)]
    incident = an_incident(brand, *members, by=agent)
    for member in members[:20]:
        hit(incident, member, by=agent)
    return incident, members


class Killed(BaseException):
    """A worker is gone."""


def test_a_run_that_is_killed_is_gone_on_with_and_nobody_is_given_it_twice(
    brand: Brand, agent: Agent, supervisor: Agent, late_parcel: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident, members = two_hundred(brand, agent)
    budget = make.make_budget(brand=brand, points=18_000, incident=incident)
    grant = asked(incident, agent, late_parcel)
    assert (grant.customers, incident.linked.count()) == (180, 200)
    incidents.approve(grant, by=supervisor)
    post, calls = giving_out.post, []

    def dies(request: Request, **more: Any) -> Request:
        given = post(request, **more)
        calls.append(request)
        if len(calls) == 64:
            raise Killed
        return given

    monkeypatch.setattr(giving_out, "post", dies)
    with pytest.raises(Killed):
        give_out()
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved, now(grant)) == (6300, 11_700, ("running", 11_700))
    half = progress_of(grant)
    assert (half.given, half.to_do, half.hit, half.percent) == (63, 117, 180, 35)
    assert give_out() == 117
    budget.refresh_from_db()
    assert (budget.spent, budget.reserved, now(grant)) == (18_000, 0, ("done", 0))
    assert points_of(*members) == [100] * 180
    assert Request.objects.filter(budget=budget, state="posted").count() == 180
    assert [proof.broken for proof in loyalty.services.prove_ledger()] == [0]


def test_an_error_of_ours_stands_before_one_customer_and_before_no_other(
    incident: Ticket, members: list[Customer], agent: Agent, supervisor: Agent, late_parcel: Reason,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    grant = asked(incident, agent, late_parcel)
    incidents.approve(grant, by=supervisor)
    with monkeypatch.context() as broken:
        account = members[0].account.pk
        broken.setattr(
            giving_out,
            "account_of",
            lambda ticket: Account.objects.exclude(pk=account).get(customer=ticket.customer_id),
        )
        assert give_out() == 2
    assert (now(grant), progress_of(grant).to_do) == (("running", 100), 1)
    assert give_out() == 1
    assert (now(grant), points_of(*members)) == (("done", 0), [100] * 3)


def test_those_in_front_who_cannot_be_helped_now_stand_before_nobody_behind_them(
    brand: Brand, agent: Agent, supervisor: Agent, late_parcel: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(giving_out, "CHUNK", 2)
    members = [make.make_member(brand=brand) for _ in range(7)]
    broken = {member.pk for member in members[:4]}
    grant = asked(an_incident(brand, *members, by=agent), agent, late_parcel)
    incidents.approve(grant, by=supervisor)
    account_of = giving_out.account_of

    def fails(ticket: Ticket) -> Account:
        if ticket.customer_id in broken:
            raise RuntimeError("an error of ours")
        return account_of(ticket)

    monkeypatch.setattr(giving_out, "account_of", fails)
    assert (give_out(), give_out()) == (3, 0)
    assert (now(grant), points_of(*members)) == (("running", 400), [0] * 4 + [100] * 3)
    broken.clear()
    monkeypatch.setattr(giving_out, "PAGES", 1)
    assert (give_out(), now(grant)) == (2, ("running", 200))  # a run has its bounds
    assert (give_out(), now(grant)) == (2, ("done", 0))


def test_each_customer_costs_as_many_questions_as_any_other(
    brand: Brand, agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    def cost(count: int) -> int:
        grant = asked(
            an_incident(brand, *(make.make_member(brand=brand) for _ in range(count)), by=agent),
            agent,
            late_parcel,
        )
        incidents.approve(grant, by=supervisor)
        with CaptureQueriesContext(connection) as questions:
            assert give_out() == count
        return len(questions)

    cost(1)
    few, more, many = cost(2), cost(4), cost(8)
    assert (more - few) * 2 == many - more
    assert (more - few) // 2 <= 40
