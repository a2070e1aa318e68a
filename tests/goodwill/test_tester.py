"""The tester of policies: what it says is what asking and giving then do, and it writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint
from customers.verification import Deed, Level
from goodwill.models import Policy, Reason, Request
from goodwill.services import approve, ask, grant
from goodwill.tester import PEOPLE, foretell
from loyalty.models import Account
from tests import make
from tickets.models import Ticket


class Case:
    """An agent, a ticket and a reason that a case may change."""

    def __init__(self, ticket: Ticket, agent: Agent, supervisor: Agent, reason: Reason) -> None:
        self.ticket, self.by, self.supervisor, self.reason, self.points = (
            ticket,
            agent,
            supervisor,
            reason,
            100,
        )

    def policy(self, **fields: Any) -> Policy:
        return make.make_policy(agent=self.by, brand=self.ticket.brand, **({"per_grant": 5000} | fields))

    def given(self, points: int, by: Agent | None = None, **more: Any) -> Request:
        return grant(
            more.pop("ticket", self.ticket),
            points,
            by=by or self.by,
            reason=self.reason,
            key=make.unique(),
            **more,
        )


def nothing(case: Case) -> None:
    """As it is shipped."""


def over_the_grant(case: Case) -> None:
    case.points = 501


def at_the_grant(case: Case) -> None:
    case.points = 500


def further_within_a_month(case: Case) -> None:
    case.given(50)


def on_the_ticket(case: Case) -> None:
    case.policy(per_ticket=300)
    case.given(250)


def in_a_day(case: Case) -> None:
    case.policy(grants_per_day=1)
    case.given(50, ticket=make.make_ticket(customer=make.make_member(brand=case.ticket.brand)))


def to_the_customer(case: Case) -> None:
    case.policy(customer_90=500)
    other = make.make_ticket(customer=case.ticket.customer)
    case.given(450, case.supervisor, ticket=other)


def two_have_to_agree(case: Case) -> None:
    case.policy(second_above=99)


def two_and_over(case: Case) -> None:
    case.policy(per_grant=90, second_above=99)


def own_address(case: Case) -> None:
    point = make.make_mail(customer=case.ticket.customer)
    ContactPoint.objects.filter(pk=point.pk).update(value=case.by.email)


def no_member(case: Case) -> None:
    case.ticket = make.make_ticket(customer=make.make_customer(brand=case.ticket.brand))


def frozen(case: Case) -> None:
    make.freeze(case.ticket.customer, by=case.supervisor)


def frozen_and_over(case: Case) -> None:
    frozen(case)
    case.points = 900


def too_little_for_the_reason(case: Case) -> None:
    Reason.objects.filter(pk=case.reason.pk).update(min_points=200, default_points=200)
    case.reason.refresh_from_db()


def reason_not_in_use(case: Case) -> None:
    case.reason.is_active = False
    case.reason.save()


def reason_of_another_brand(case: Case) -> None:
    case.reason = make.make_reason()


def no_room_in_the_budget(case: Case) -> None:
    make.make_budget(brand=case.ticket.brand, points=99)


def a_soft_budget(case: Case) -> None:
    make.make_budget(brand=case.ticket.brand, points=99, is_hard=False)


def a_budget_of_the_team_first(case: Case) -> None:
    team = make.make_team(brand=case.ticket.brand, agents=[case.by])
    make.make_budget(brand=case.ticket.brand, points=99, team=team)
    make.make_budget(brand=case.ticket.brand, points=9999)


def nobody_named(case: Case) -> None:
    Policy.objects.filter(role=roles.AGENT).delete()


def without_the_right(case: Case) -> None:
    case.by = make.make_agent(role=None, brands=[case.ticket.brand])


def of_another_brand(case: Case) -> None:
    case.by = make.make_agent()


def not_verified(case: Case) -> None:
    make.make_wary(case.ticket.brand, **{Deed.ADJUST.value: Level.CODE})


def merged(case: Case) -> None:
    into = make.make_ticket(customer=case.ticket.customer)
    tickets.services.merge(case.ticket, into, by=case.by)
    case.ticket = Ticket.objects.select_related("brand", "customer__brand").get(pk=case.ticket.pk)


CASES: list[tuple[Callable[[Case], None], str, str]] = [
    (nothing, "given", ""),
    (at_the_grant, "given", ""),
    (over_the_grant, "waits", "over_limit"),
    (further_within_a_month, "waits", "over_limit"),
    (on_the_ticket, "waits", "over_limit"),
    (in_a_day, "waits", "over_limit"),
    (to_the_customer, "waits", "over_limit"),
    (two_have_to_agree, "waits", "over_limit"),
    (two_and_over, "waits", "over_limit"),
    (nobody_named, "waits", "over_limit"),
    (own_address, "refused", "own_account"),
    (no_member, "refused", "no_member"),
    (frozen, "refused", "account_not_active"),
    (frozen_and_over, "waits", "over_limit"),
    (too_little_for_the_reason, "refused", "outside_reason"),
    (reason_not_in_use, "refused", "other_brand"),
    (reason_of_another_brand, "refused", "other_brand"),
    (no_room_in_the_budget, "refused", "budget_used_up"),
    (a_soft_budget, "given", ""),
    (a_budget_of_the_team_first, "refused", "budget_used_up"),
    (without_the_right, "refused", "not_allowed"),
    (of_another_brand, "refused", "not_allowed"),
    (not_verified, "refused", "verification_needed"),
    (merged, "refused", "ticket_merged"),
]


@pytest.fixture
def case(ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason) -> Case:
    return Case(ticket, agent, supervisor, generous)


def told(case: Case) -> Any:
    return foretell(case.by, case.ticket, case.points, reason=case.reason, at=clock.now())


def done(deed: Callable[..., Request], case: Case) -> tuple[str, str, str]:
    """What a deed does: the state it ends in, or its refusal."""
    try:
        request = deed(case.ticket, case.points, by=case.by, reason=case.reason, key=make.unique())
    except Refused as refusal:
        return "refused", refusal.code, refusal.sentence
    return ("given" if request.state == "posted" else "waits"), "", ""


@pytest.mark.parametrize(("change", "outcome", "code"), CASES, ids=[change.__name__ for change, *_ in CASES])
def test_what_is_foretold_is_what_asking_and_giving_do(
    case: Case, change: Callable[[Case], None], outcome: str, code: str
) -> None:
    change(case)
    answer = told(case)
    assert (answer.outcome, answer.code) == (outcome, code)
    gives = done(grant, case) if outcome != "given" else None
    asks = done(ask, case)
    assert asks[0] == outcome
    if outcome == "refused":
        assert asks == gives == (outcome, code, answer.sentence)
    elif outcome == "waits":
        assert gives == ("refused", code, answer.sentence)
        assert Request.objects.get(state="waiting").takes_two == answer.needs_two


def test_whoever_could_agree_alone_is_whoever_then_can(
    case: Case, ticket: Ticket, brand: Brand, second: Agent
) -> None:
    make.make_policy(agent=second, brand=brand, per_grant=600)
    near = make.make_agent(role=roles.SUPERVISOR, brands=[brand], name="Near")
    point = make.make_mail(customer=ticket.customer)
    ContactPoint.objects.filter(pk=point.pk).update(value=near.email)
    boss = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand], name="Boss")
    make.make_agent(role=roles.SUPERVISOR, name="Of another brand")
    case.points = 700
    answer = told(case)
    assert (answer.outcome, answer.needs_two, answer.can_be_agreed) == ("waits", False, True)
    could = {one.agent: one.why_not for one in answer.approvers}
    assert set(could) == {case.supervisor, second, near, boss}
    for agent, why_not in could.items():
        with transaction.atomic():
            request = ask(ticket, 700, by=case.by, reason=case.reason, key=make.unique())
            try:
                state, sentence = approve(request, by=agent).state, ""
            except Refused as refusal:
                state, sentence = "waiting", refusal.sentence
            assert (state, sentence) == ("waiting" if why_not else "posted", why_not)
            transaction.set_rollback(True)


def test_where_two_have_to_agree_one_is_not_enough(case: Case, brand: Brand) -> None:
    two_have_to_agree(case)
    answer = told(case)
    assert (answer.needs_two, answer.can_be_agreed, len(answer.approvers)) == (True, False, 1)
    make.make_agent(role=roles.SUPERVISOR, brands=[brand])
    assert told(case).can_be_agreed


def test_nobody_agrees_to_what_they_ask_for_themselves(case: Case) -> None:
    case.by, case.points = case.supervisor, 2600
    answer = told(case)
    assert (answer.outcome, answer.can_be_agreed) == ("waits", False)
    assert [one.why_not for one in answer.approvers] == ["Somebody else has to decide what you asked for."]


def test_the_policies_that_lost_are_told_with_why(case: Case, brand: Brand, agent: Agent) -> None:
    since = {"starts_at": clock.now() - timedelta(days=9)}
    teams = [make.make_team(brand=brand, agents=[agent]) for _ in range(2)]
    own = case.policy()
    rows = [Policy.objects.create(brand=brand, team=team, per_grant=700, **since) for team in teams]
    role = Policy.objects.create(brand=brand, role=roles.AGENT, per_grant=300, **since)
    (holds, nothing_lost), *lost = told(case).policies
    assert (holds, nothing_lost) == (own, "")
    assert [policy for policy, _why in lost[:3]] == [*rows, role]
    assert "names a team of theirs; the one that holds names the agent" in lost[0][1]
    own.delete()
    assert "set up first" in told(case).policies[1][1]
    for row in rows:
        row.delete()
    assert "all brands" in told(case).policies[-1][1]
    newer = Policy.objects.create(
        brand=brand, role=roles.AGENT, per_grant=1, starts_at=clock.now() - timedelta(days=1)
    )
    assert told(case).policies[0][0] == newer
    assert "older" in told(case).policies[1][1]


def test_asking_what_would_be_writes_nothing_and_locks_nothing(case: Case) -> None:
    case.points = 900
    with CaptureQueriesContext(connection) as queries:
        told(case)
    said = " ".join(query["sql"] for query in queries)
    assert not any(word in said for word in ("INSERT", "UPDATE", "DELETE", "pg_advisory", "SAVEPOINT"))
    assert Request.objects.count() == 0
    assert Account.objects.get(customer=case.ticket.customer).balance == 1000


def test_however_many_answer_for_a_brand_so_many_are_asked(case: Case, brand: Brand) -> None:
    case.points = 900
    for _ in range(PEOPLE + 1):
        make.make_agent(role=roles.SUPERVISOR, brands=[brand])
    assert len(told(case).approvers) == PEOPLE
