"""What the database refuses of goodwill: policies, budgets and requests that can never be true."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace as World
from typing import Any

from agents.models import Brand
from contactcenter import clock
from goodwill.models import (
    Budget,
    IncidentGrant,
    IncidentLine,
    PledgeRun,
    Policy,
    ReasonSentence,
    Remedy,
    Request,
)
from goodwill.services import grant_gift, keep_next_pledge
from loyalty.models import GivenBenefit
from loyalty.services import redeem_reward
from tests import make
from tests.contactcenter.behind import change


def rows_for_goodwill(brand: Brand, other_brand: Brand) -> dict[str, Any]:
    """A policy and two budgets of a brand, and a budget of another."""
    at, team = clock.now(), make.make_team(brand=brand)
    when = {"starts_at": at, "ends_at": at + timedelta(days=30)}
    return {
        "policy": Policy.objects.create(brand=brand, team=team, per_grant=500),
        "budget": Budget.objects.create(brand=brand, name="One", points=1000, **when),
        "second_budget": Budget.objects.create(brand=brand, name="Other", points=1000, **when),
        **rows_for_pledges(brand, other_brand),
        "their_budget": Budget.objects.create(brand=other_brand, name="One", points=1000, **when),
        "offer_sent": make.make_remedies(brand=brand, by=make.make_agent(brands=[brand])),
        "their_offer_sent": make.make_remedies(brand=other_brand, by=make.make_agent(brands=[other_brand])),
        "gift": GivenBenefit.objects.get(account__brand=brand),
        "their_gift": GivenBenefit.objects.get(account__brand=other_brand),
        "voucher_given": voucher_given(brand),
        "their_redemption": redeem_reward(
            make.make_member(brand=other_brand, points=900).account,
            make.make_reward(brand=other_brand),
            by=None,
            key=make.unique(),
        ),
        "their_goodwill_team": make.make_team(brand=other_brand),
        "their_goodwill_reason": make.make_reason(brand=other_brand),
        "german": ReasonSentence.objects.create(
            brand=brand, reason=make.make_reason(brand=brand), language="de", sentence="{points} Punkte"
        ),
        "finding": make.make_finding(agent=make.make_agent(brands=[brand]), brand=brand),
        "watch": make.make_watch(brand=brand),
        "second_watch": make.make_watch(brand=brand, night="2026-01-02"),
    }


def incident(w: World, **fields: Any) -> IncidentGrant:
    """Goodwill asked for all whom the world's ticket hit, with these `fields`."""
    own = {
        "brand": w.request.brand,
        "ticket": w.request.ticket,
        "reason": w.request.reason,
        "by": w.request.by,
    }
    rest = {"points": 100, "customers": 2, "key": make.unique(), "lapses_at": clock.now()}
    return IncidentGrant.objects.create(**(own | rest | fields))


def line(w: World, **fields: Any) -> IncidentLine:
    """Somebody who was left out of it."""
    grant = fields.pop("grant", None) or incident(w)
    own = {"brand": w.request.brand, "ticket": w.request.ticket, "outcome": "no_member"}
    return IncidentLine.objects.create(grant=grant, **(own | fields))


def twice(w: World) -> None:
    for _ in range(2):
        incident(w)


def two_lines(w: World) -> None:
    grant = incident(w)
    for _ in range(2):
        line(w, grant=grant)


def voucher_given(brand: Brand) -> Request:
    """A voucher that was given as goodwill."""
    ticket, by = make.make_ticket(customer=make.make_member(brand=brand)), make.make_agent(brands=[brand])
    reason = make.make_reason(brand=brand)
    return grant_gift(ticket, make.make_reward(brand=brand), by=by, reason=reason, key=make.unique())


def rows_for_pledges(brand: Brand, other_brand: Brand) -> dict[str, Any]:
    """A pledge of each brand, another of the first, and a clock that is held against it."""
    pledge = make.make_pledge(brand=brand)
    for _ in range(2):
        make.make_ticket(customer=make.make_member(brand=brand))
    while keep_next_pledge():
        pass
    runs = list(PledgeRun.objects.filter(brand=brand).order_by("pk"))
    return {
        "pledge": pledge, "second_pledge": make.make_pledge(brand=brand), "run": runs[0], "second_run": runs[1],
        "their_pledge": make.make_pledge(brand=other_brand),
    }  # fmt: skip


def same_policy(w: World) -> Policy:
    row = w.policy
    return Policy.objects.create(brand=row.brand, team=row.team, per_grant=1, starts_at=row.starts_at)


def sentence(w: World, **fields: Any) -> ReasonSentence:
    """What customers read about points for the reason of the world, beside the German one it has."""
    own = {"brand": w.german.brand, "reason": w.german.reason, "sentence": "{points}"}
    return ReasonSentence.objects.create(**(own | fields))


def same_order(w: World) -> None:
    for one in (w.request, w.voucher_given):
        change(one, order=w.order, reason=w.request.reason)


CASES: dict[str, Callable[[World], Any]] = {
    "goodwill_reason_code_once_a_brand": lambda w: change(w.second_reason, code=w.reason.code),
    "goodwill_reason_points_in_order": lambda w: change(w.reason, default_points=w.reason.max_points + 1),
    "goodwill_policy_names_one": lambda w: change(w.policy, role="agent"),
    "goodwill_policy_of_team_has_brand": lambda w: change(w.policy, brand=None),
    "goodwill_policy_ends_after_it_starts": lambda w: change(w.policy, ends_at=w.policy.starts_at),
    "goodwill_policy_once": same_policy,
    "goodwill_budget_ends_after_it_starts": lambda w: change(w.budget, ends_at=w.budget.starts_at),
    "goodwill_budget_is_kept": lambda w: change(w.budget, spent=600, reserved=401),
    "goodwill_budget_is_of_one": lambda w: change(w.budget, team=w.policy.team, incident=w.ticket),
    "goodwill_budget_name_once": lambda w: change(
        w.second_budget, name=w.budget.name, starts_at=w.budget.starts_at
    ),
    "goodwill_budget_of_pledges_is_hard": lambda w: change(w.pledge.budget, is_hard=False),
    "goodwill_pledge_name_once": lambda w: change(w.second_pledge, name=w.pledge.name),
    "goodwill_pledge_gives_something": lambda w: change(w.pledge, minutes=0),
    "goodwill_pledge_ends_after_it_starts": lambda w: change(w.pledge, ends_at=w.pledge.starts_at),
    "goodwill_pledge_clock_known": lambda w: change(w.pledge, kind="last"),
    "goodwill_pledge_published_by": lambda w: change(w.pledge, published_by=None),
    "goodwill_pledgerun_once_a_turn": lambda w: change(w.second_run, clock=w.run.clock, turn=w.run.turn),
    "goodwill_pledgerun_ends_once": lambda w: change(w.run, state="kept"),
    "goodwill_pledgerun_ends_with_pledge": lambda w: change(
        w.run, state="kept", ended_at=clock.now(), pledge=None
    ),
    "goodwill_pledgerun_unpaid_says_why": lambda w: change(w.run, state="unpaid", ended_at=clock.now()),
    "goodwill_request_by_somebody_or_a_pledge": lambda w: change(w.request, by=None),
    "goodwill_request_gives_something": lambda w: change(w.request, points=0),
    "goodwill_request_posted_has_entry": lambda w: change(w.request, entry=None),
    "goodwill_request_taken_back_has_entry": lambda w: change(w.request, state="undone"),
    "goodwill_request_waits_for_a_time": lambda w: change(w.request, state="waiting", entry=None),
    "goodwill_request_takes_others": lambda w: change(w.request, approver=w.request.by),
    "goodwill_request_passes_while_it_waits": lambda w: change(w.request, passes_at=clock.now()),
    "goodwill_request_is_put_to_others": lambda w: change(w.request, asked_of=w.request.by),
    "goodwill_request_said_when_given": lambda w: change(
        w.request, state="withdrawn", entry=None, said=w.ticket.messages.first()
    ),
    "goodwill_request_once_an_order": same_order,
    "goodwill_reason_severity_known": lambda w: change(w.request.reason, severity=5),
    "goodwill_reason_points_live": lambda w: change(w.request.reason, months=0),
    "goodwill_reasonsentence_once_a_language": lambda w: sentence(w, language="de"),
    "goodwill_reasonsentence_language_is_code": lambda w: sentence(w, language="German"),
    "goodwill_finding_decided_by_somebody": lambda w: change(
        w.finding, state="dismissed", owner=w.request.by
    ),
    "goodwill_finding_has_owner": lambda w: change(w.finding, state="looked_into"),
    "goodwill_finding_takes_others": lambda w: change(w.finding, owner=w.finding.agent),
    "goodwill_finding_of_two": lambda w: change(w.finding, approver=w.finding.agent),
    "goodwill_watch_once_a_night": lambda w: change(w.second_watch, night=w.watch.night),
    "goodwill_request_declined_by": lambda w: change(w.request, state="declined", entry=None),
    "goodwill_incidentgrant_gives_something": lambda w: incident(w, points=0),
    "goodwill_incidentgrant_takes_another": lambda w: incident(
        w, state="running", approver=w.request.by, lapses_at=None
    ),
    "goodwill_incidentgrant_answered_by": lambda w: incident(w, state="running", lapses_at=None),
    "goodwill_incidentgrant_waits_for_a_time": lambda w: incident(w, lapses_at=None),
    "goodwill_incidentgrant_reserves_what_it_gives": lambda w: incident(w, reserved=201),
    "goodwill_incidentgrant_one_at_a_time": twice,
    "goodwill_incidentline_once": two_lines,
    "goodwill_incidentline_given_has_request": lambda w: line(w, outcome="given"),
    "goodwill_request_gives_one_thing": lambda w: change(
        w.offer_sent.request, reward=w.redemption.reward, benefit=w.gift.benefit
    ),
    "goodwill_request_points_need_account": lambda w: change(w.request, account=None),
    "goodwill_offer_is_sent_for_a_time": lambda w: change(w.offer_sent, default_at=w.offer_sent.sent_at),
    "goodwill_offer_chosen_has_remedy": lambda w: change(w.offer_sent, state="chosen"),
    "goodwill_remedy_fits_its_kind": lambda w: change(w.offer_sent.remedies.first(), points=0),
    "goodwill_remedy_position_once": lambda w: change(w.offer_sent.remedies.last(), position=0),
    "goodwill_remedy_one_default": lambda w: Remedy.objects.create(
        offer=w.offer_sent, position=9, kind="points", points=5, is_default=True
    ),
    "loyalty_givenbenefit_is_worth_points": lambda w: change(w.gift, points=0),
    "loyalty_givenbenefit_ends_after_it_starts": lambda w: change(
        w.gift, ends_at=w.gift.starts_at - timedelta(days=1)
    ),
    "loyalty_givenbenefit_ends_when_taken_back": lambda w: change(w.gift, taken_back_at=w.gift.starts_at),
    "loyalty_benefit_is_given_for_a_time": lambda w: change(w.gift.benefit, gift_points=0),
    "loyalty_redemption_gift_takes_no_points": lambda w: change(w.redemption, is_gift=True),
    "loyalty_redemption_bought_by_account": lambda w: change(w.redemption, account=None),
}
JOINS: dict[str, Callable[[World], Any]] = {
    "goodwill_request_ticket_id_of_one_brand": lambda w: change(w.request, ticket=w.their_ticket),
    "goodwill_request_account_id_of_one_brand": lambda w: change(w.request, account=w.their_account),
    "goodwill_request_reason_id_of_one_brand": lambda w: change(w.request, reason=w.their_reason),
    "goodwill_reasonsentence_reason_id_of_one_brand": lambda w: change(
        w.german, reason=w.their_goodwill_reason
    ),
    "goodwill_incidentline_request_id_of_one_brand": lambda w: line(
        w, outcome="given", request=w.their_offer_sent.request
    ),
    "goodwill_finding_customer_id_of_one_brand": lambda w: change(
        w.finding, customer=w.their_ticket.customer
    ),
    "goodwill_policy_team_id_of_one_brand": lambda w: change(w.policy, team=w.their_goodwill_team),
    "goodwill_budget_team_id_of_one_brand": lambda w: change(w.budget, team=w.their_goodwill_team),
    "goodwill_budget_campaign_id_of_one_brand": lambda w: change(w.budget, campaign=w.their_tag),
    "goodwill_budget_incident_id_of_one_brand": lambda w: change(w.budget, incident=w.their_ticket),
    "goodwill_pledge_queue_id_of_one_brand": lambda w: change(w.pledge, queue=w.their_ticket.queue),
    "goodwill_pledge_reason_id_of_one_brand": lambda w: change(w.pledge, reason=w.their_pledge.reason),
    "goodwill_pledge_budget_id_of_one_brand": lambda w: change(w.pledge, budget=w.their_pledge.budget),
    "goodwill_pledgerun_ticket_id_of_one_brand": lambda w: change(w.run, ticket=w.their_ticket),
    "goodwill_pledgerun_pledge_id_of_one_brand": lambda w: change(w.run, pledge=w.their_pledge),
    "goodwill_request_pledge_id_of_one_brand": lambda w: change(
        w.request, pledge=w.their_pledge, by=None, approver=w.pledge.published_by, budget=w.budget
    ),
    "goodwill_request_budget_id_of_one_brand": lambda w: change(w.request, budget=w.their_budget),
    "goodwill_incidentgrant_ticket_id_of_one_brand": lambda w: incident(w, ticket=w.their_ticket),
    "goodwill_incidentgrant_reason_id_of_one_brand": lambda w: incident(w, reason=w.their_goodwill_reason),
    "goodwill_incidentgrant_budget_id_of_one_brand": lambda w: incident(w, budget=w.their_budget),
    "goodwill_incidentline_grant_id_of_one_brand": lambda w: line(w, brand=w.their_budget.brand),
    "goodwill_incidentline_ticket_id_of_one_brand": lambda w: line(w, ticket=w.their_ticket),
    "goodwill_request_reward_id_of_one_brand": lambda w: change(w.offer_sent.request, reward=w.their_reward),
    "goodwill_request_redemption_id_of_one_brand": lambda w: change(
        w.voucher_given, redemption=w.their_redemption
    ),
    "goodwill_offer_request_id_of_one_brand": lambda w: change(w.offer_sent, brand=w.their_offer_sent.brand),
    "goodwill_offer_chosen_id_of_one_offer": lambda w: change(
        w.offer_sent,
        state="chosen",
        chosen=w.their_offer_sent.remedies.first(),
        chosen_at=w.offer_sent.sent_at,
    ),
    "loyalty_givenbenefit_account_id_of_one_programme": lambda w: change(
        w.gift, account=w.their_gift.account
    ),
    "loyalty_givenbenefit_benefit_id_of_one_programme": lambda w: change(
        w.gift, benefit=w.their_gift.benefit
    ),
}
