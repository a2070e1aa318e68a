"""The tester of policies: what it says is what asking and giving then do, and it writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint
from goodwill.models import Policy, Reason, Request
from goodwill.services import approve, ask, grant
from goodwill.tester import PEOPLE, Answer, foretell
from loyalty.models import Account
from tests import make
from tests.goodwill.tried import CASES, Case, frozen_and_over, nothing, two_have_to_agree
from tickets.models import Ticket


@pytest.fixture
def case(ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason) -> Case:
    return Case(ticket, agent, supervisor, generous)


def told(case: Case) -> Answer:
    return foretell(case.by, case.ticket, case.points, at=clock.now(), **_without_by(case.about))


def _without_by(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if name != "by"}


def done(deed: Callable[..., Request], case: Case) -> tuple[str, str, str]:
    """What a deed does: the state it ends in, or its refusal."""
    try:
        request = deed(case.ticket, case.points, key=make.unique(), **case.about)
    except Refused as refusal:
        return "refused", refusal.code, refusal.sentence
    return ("given" if request.state == "posted" else "waits"), "", ""


def expect_it_comes_so(case: Case, answer: Answer) -> None:
    """What was foretold is what granting, and then asking, do."""
    gives = done(grant, case) if answer.outcome != "given" else None
    asks = done(ask, case)
    assert asks[0] == answer.outcome
    if answer.outcome == "refused":
        assert asks == gives == ("refused", answer.code, answer.sentence)
    elif answer.outcome == "waits":
        assert gives == ("refused", answer.code, answer.sentence)
        assert Request.objects.get(state="waiting").takes_two == answer.needs_two


@pytest.mark.parametrize(("change", "outcome", "code"), CASES, ids=[change.__name__ for change, *_ in CASES])
def test_what_is_foretold_is_what_asking_and_giving_do(
    case: Case, change: Callable[[Case], None], outcome: str, code: str
) -> None:
    change(case)
    answer = told(case)
    assert (answer.outcome, answer.code) == (outcome, code)
    expect_it_comes_so(case, answer)


CHANGES = [change for change, *_ in CASES if change is not nothing]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.sampled_from(CHANGES), min_size=2, max_size=4, unique=True),
    points=st.one_of(st.none(), st.integers(1, 3000)),
)
def test_however_cases_come_together_what_is_foretold_is_what_is_done(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, changes: list[Any], points: int | None
) -> None:
    with transaction.atomic():
        reason = Reason.objects.get(pk=generous.pk)
        known = Ticket.objects.select_related("brand", "customer__brand").get(pk=ticket.pk)
        case = Case(known, agent, supervisor, reason)
        for change in changes:
            case.change(change)
        if points and case.gift is None:
            case.points = points
        expect_it_comes_so(case, told(case))
        transaction.set_rollback(True)


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


def test_what_keeps_even_what_is_agreed_to_from_being_given_is_told(case: Case, brand: Brand) -> None:
    frozen_and_over(case)
    answer = told(case)
    assert not answer.can_be_agreed
    request = ask(case.ticket, case.points, by=case.by, reason=case.reason, key="k")
    with pytest.raises(Refused) as refusal:
        approve(request, by=case.supervisor)
    assert refusal.value.sentence == answer.stands_against


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
