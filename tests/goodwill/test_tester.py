"""The tester of policies: what it says is what asking and giving then do, and it writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, Order
from customers.verification import Deed, Level
from goodwill.models import Policy, Reason, Request
from goodwill.services import approve, ask, grant, undo
from goodwill.services.posting import Gift
from goodwill.tester import PEOPLE, Answer, foretell
from loyalty.models import Account, Benefit, Programme, Reward, Tier
from tests import make
from tickets.models import Ticket


class Case:
    """An agent, a ticket and a reason that a case may change."""

    def __init__(self, ticket: Ticket, agent: Agent, supervisor: Agent, reason: Reason) -> None:
        self.ticket, self.by, self.supervisor, self.reason = ticket, agent, supervisor, reason
        self.points = 100
        self.order: Order | None = None
        self.gift: Gift | None = None

    @property
    def about(self) -> dict[str, Any]:
        return {"by": self.by, "reason": self.reason, "order": self.order, "gift": self.gift}

    def policy(self, **fields: Any) -> Policy:
        """A policy of the agent's own with these limits, besides those of the one there is."""
        brand = self.ticket.brand
        there = Policy.objects.filter(agent=self.by, brand=brand).first()
        if there is None:
            return make.make_policy(agent=self.by, brand=brand, **({"per_grant": 5000} | fields))
        Policy.objects.filter(pk=there.pk).update(**fields)
        return there

    def change(self, change: Callable[[Case], None]) -> None:
        """Make a change; what those before it do not allow is left out, all of it."""
        before = vars(self).copy()
        try:
            with transaction.atomic():
                change(self)
        except (Refused, IntegrityError, Account.DoesNotExist):
            vars(self).update(before)
            self.reason.refresh_from_db()

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


def order_is_missing(case: Case) -> None:
    Reason.objects.filter(pk=case.reason.pk).update(needs_order=True)
    case.reason.refresh_from_db()


def order_is_named(case: Case) -> None:
    order_is_missing(case)
    case.order = make.make_order(customer=case.ticket.customer)


def order_of_somebody_else(case: Case) -> None:
    case.order = make.make_order(customer=make.make_customer(brand=case.ticket.brand))


def order_made_good_already(case: Case) -> None:
    order_is_named(case)
    case.given(50, order=case.order)


def excluded(case: Case) -> None:
    """By the other reason, which was given on this ticket."""
    other = make.make_reason(brand=case.ticket.brand, excludes=[case.reason.code])
    grant(case.ticket, 50, by=case.by, reason=other, key=make.unique())


def excluding(case: Case) -> None:
    other = make.make_reason(brand=case.ticket.brand)
    grant(case.ticket, 50, by=case.by, reason=other, key=make.unique())
    Reason.objects.filter(pk=case.reason.pk).update(excludes=[other.code])
    case.reason.refresh_from_db()


def excluded_but_taken_back(case: Case) -> None:
    other = make.make_reason(brand=case.ticket.brand, excludes=[case.reason.code])
    undo(grant(case.ticket, 50, by=case.by, reason=other, key=make.unique()), by=case.by)


def not_for_the_tier(case: Case) -> None:
    tier = Tier.objects.filter(programme__brand=case.ticket.brand).latest("rank")
    Account.objects.filter(customer=case.ticket.customer).update(tier=tier)
    Reason.objects.filter(pk=case.reason.pk).update(not_for_tiers=[tier.code])
    case.reason.refresh_from_db()


def related(case: Case) -> None:
    """The customer shares a phone with a customer who has the agent's address."""
    own = make.make_customer(brand=case.ticket.brand)
    mail = make.make_mail(customer=own)
    ContactPoint.objects.filter(pk=mail.pk).update(value=case.by.email)
    phones = [make.make_phone(customer=customer) for customer in (own, case.ticket.customer)]
    ContactPoint.ever.filter(pk=phones[0].pk).update(removed_at=clock.now())
    ContactPoint.ever.filter(pk=phones[0].pk).update(value=phones[1].value)


def a_voucher(case: Case) -> None:
    case.gift = make.make_reward(brand=case.ticket.brand, points=400, stock=1)
    case.points = 400


def a_dear_voucher(case: Case) -> None:
    case.gift = make.make_reward(brand=case.ticket.brand, points=900)
    case.points = 900


def a_voucher_for_no_member(case: Case) -> None:
    no_member(case)
    a_voucher(case)


def a_voucher_that_is_gone(case: Case) -> None:
    a_voucher(case)
    Reward.objects.update(is_active=False)


def sold_out(case: Case) -> None:
    a_voucher(case)
    Reward.objects.update(stock=0)


def sent_by_hand(case: Case) -> None:
    a_voucher(case)
    Reward.objects.update(kind="shipped")


def a_voucher_for_the_frozen(case: Case) -> None:
    frozen(case)
    a_voucher(case)


def a_benefit(case: Case) -> None:
    case.gift = make.make_benefit(Programme.objects.get(brand=case.ticket.brand))
    case.points = 300


def a_benefit_that_is_gone(case: Case) -> None:
    a_benefit(case)
    Benefit.objects.update(is_active=False)


def a_benefit_for_no_member(case: Case) -> None:
    a_benefit(case)
    no_member(case)


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
    (order_is_missing, "refused", "order_missing"),
    (order_is_named, "given", ""),
    (order_of_somebody_else, "refused", "other_order"),
    (order_made_good_already, "refused", "order_made_good"),
    (excluded, "refused", "reason_excluded"),
    (excluding, "refused", "reason_excluded"),
    (excluded_but_taken_back, "given", ""),
    (not_for_the_tier, "refused", "not_for_tier"),
    (related, "refused", "own_account"),
    (a_voucher, "given", ""),
    (a_dear_voucher, "waits", "over_limit"),
    (a_voucher_for_no_member, "given", ""),
    (a_voucher_that_is_gone, "refused", "reward_gone"),
    (sold_out, "refused", "sold_out"),
    (sent_by_hand, "refused", "not_a_voucher"),
    (a_voucher_for_the_frozen, "refused", "account_not_active"),
    (a_benefit, "given", ""),
    (a_benefit_that_is_gone, "refused", "benefit_gone"),
    (a_benefit_for_no_member, "refused", "no_member"),
]


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
