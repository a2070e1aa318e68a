from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models

from agents.models import Agent, Brand
from agents.services import issue_token
from callbacks.services import no_answer
from customers.services import Refund, edit_profile, record_consent, refund_order, write_notice
from goodwill.models import Policy
from goodwill.services import grant
from loyalty.services import prove_ledger, redeem, redeem_reward
from tests import make
from tests.admin.rows import fill_tiers
from tests.contactcenter.rooms import our_models
from tickets.models import Attachment, InboundMail
from tickets.services import link, prove_tickets, tag

GUARDED = [model for model in our_models() if hasattr(model._default_manager, "visible_to")]
UNGUARDED = {"Skill"}  # the same for every brand


def people_a_brand(brand: Brand) -> Agent:
    """A row of every table for `brand`; gives the agent who serves it."""
    agent = make.make_agent(brands=[brand])
    make.make_team(brand=brand, agents=[agent])
    member = make.make_member(brand=brand, points=600, phone=f"+4930{brand.pk:07d}")
    record_consent(member, "calls", given=True, source="call")
    write_notice(member.contact_points.get(kind="mail"), "points_expire", key=make.unique())
    make.make_campaign(rule=member.account.programme.earning_rules.get())
    make.make_pending(member.account)
    make.make_referral(member.account)
    make.make_statement_run(member.account.programme)
    make.make_caller(member, by=agent)
    make.make_extension(member.account)
    fill_tiers(member.account, agent, make.unique())
    order = make.make_order(customer=member)
    refund_order(order, [Refund(order.lines.get(), 100)], key=make.unique())
    edit_profile(member, {"city": "Bergen"}, by=agent)
    make.make_alike(brand=brand, by=agent)
    redeem(member.account, 10, by=agent, key=make.unique())
    make.make_standing(member.account, by=agent)
    redeem_reward(member.account, make.make_reward(brand=brand), by=agent, key=make.unique())
    prove_ledger()
    make.make_sla(brand=brand).calendar.special_days.create(day="2026-12-24")
    make.make_notification(agent, brand)
    rule = make.make_rule(brand=brand)
    make.make_macro(brand=brand)
    ticket = make.make_ticket(customer=member)
    make.make_run(rule, ticket)
    make.make_state_reason(brand=brand)
    make.come(agent)
    ticket = make.make_ticket(customer=member)
    make.make_routing(queue=ticket.queue, is_active=False)
    make.make_capacity(agent=agent, brand=brand)
    make.make_decision(ticket)
    make.make_draft(ticket, by=agent)
    reason = make.make_reason(brand=brand)
    reason.sentences.create(brand=brand, language="de", sentence="{points} Punkte.")
    grant(ticket, 50, by=agent, reason=reason, key=make.unique())
    make.make_policy(agent=agent, brand=brand)
    make.make_budget(brand=brand)
    make.make_remedies(brand=brand, by=agent)
    make.make_pledge(brand=brand)
    make.make_ticket(customer=member)  # which is held against it
    make.make_finding(agent=make.make_agent(brands=[brand]), brand=brand)
    make.make_watch(brand=brand)
    no_answer(make.make_callback(ticket=ticket, by=agent), by=agent, key=make.unique())
    make.make_callback_rules(brand=brand, customer=member, by=agent)
    tag(ticket, "late", by=agent)
    make.make_view(brand=brand)
    make.make_outward(ticket, by=agent)
    make.make_sorted(ticket, by=agent)
    link(ticket, make.make_ticket(customer=member), kind="parent", by=agent)
    make.make_incident_grant(ticket, make.make_ticket(customer=member), by=agent)
    prove_tickets()
    message = ticket.messages.get()
    issue_token(agent, name="shop", scopes=["customers:read"])
    make.make_answer(agent, brand)
    Attachment.objects.create(message=message, name="a.txt", size=1, sha256="0" * 64, file="a")
    InboundMail.objects.create(sha256="0" * 64, raw=b"x", brand=brand, message=message)
    return agent


@pytest.fixture
def ours(brand: Brand) -> Agent:
    return people_a_brand(brand)


@pytest.fixture
def theirs(other_brand: Brand) -> Agent:
    return people_a_brand(other_brand)


def rows(model: type[models.Model], agent: Agent | AnonymousUser) -> set[Any]:
    return set(model._default_manager.visible_to(agent).values_list("pk", flat=True))


def of_all_brands(model: type[models.Model]) -> set[Any]:
    """What is of no brand and holds for all: the limits that come with an installation."""
    return set(Policy.objects.filter(brand=None).values_list("pk", flat=True)) if model is Policy else set()


def everything(model: type[models.Model]) -> set[Any]:
    return set(model._default_manager.values_list("pk", flat=True))


def test_an_agent_sees_the_rows_of_the_own_brand_and_of_no_other(ours: Agent, theirs: Agent) -> None:
    for model in GUARDED:
        mine, others = rows(model, ours), rows(model, theirs)
        assert mine, model
        assert others, model
        assert not mine & others, model
        assert mine | others == everything(model) - of_all_brands(model), model


def test_who_serves_two_brands_sees_the_rows_of_both_once(ours: Agent, theirs: Agent) -> None:
    apart = {model: rows(model, ours) | rows(model, theirs) for model in GUARDED}
    both = make.make_agent(brands=[*ours.brands.all(), *theirs.brands.all()])
    apart[Agent].add(both.pk)
    for model in GUARDED:
        seen = list(model._default_manager.visible_to(both).values_list("pk", flat=True))
        assert sorted(seen) == sorted(apart[model]), model


def test_the_owner_sees_every_row(ours: Agent, theirs: Agent, owner: Agent) -> None:
    InboundMail.objects.create(sha256="1" * 64, raw=b"to no brand we know", outcome="quarantined")
    for model in GUARDED:
        assert rows(model, owner) == everything(model), model


def test_who_is_not_signed_in_or_serves_nobody_sees_nothing(ours: Agent, theirs: Agent) -> None:
    nobody = make.make_agent(brands=[])
    for model in GUARDED:
        assert rows(model, AnonymousUser()) == rows(model, nobody) == set(), model


def test_every_table_is_guarded_or_is_known_not_to_be() -> None:
    assert {model.__name__ for model in our_models()} - {model.__name__ for model in GUARDED} == UNGUARDED
