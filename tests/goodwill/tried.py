"""What the tester of policies is tried with: agent, ticket and reason, and changes that stand against a grant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

import tickets.services
from agents import roles
from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, Order
from customers.verification import Deed, Level
from goodwill.models import Policy, Reason, Request
from goodwill.services import grant, undo
from goodwill.services.posting import Gift
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
