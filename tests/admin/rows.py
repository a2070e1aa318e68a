"""Rows for the admin's tests: one of every table of a brand, all bearing the brand's name."""

from __future__ import annotations

import hashlib

from django.contrib import admin
from django.db import transaction
from django.db.models import Model

import agents.services
import callbacks.services
import customers.services
import goodwill.services
import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand, Skill
from contactcenter import clock
from customers.models import Consent
from loyalty.models import Account, Benefit, BenefitUse, TierChange, TierFloor
from tests import make
from tickets.models import Attachment, InboundMail

SHARED = {Skill}  # the tables that are of no brand
TABLES = [model for model in admin.site._registry if model._meta.app_label not in ("auth", "admin")]


def fill(brand: Brand, mark: str) -> Agent:
    """One row of every table of `brand`, with `mark` in every name; gives the agent who did it all."""
    mark = make.unique(f"{mark} ")
    word = mark.replace(" ", "-").lower()
    agent = make.make_agent(brands=[brand], name=mark, email=f"{word}@desk.example")
    agent.teams.add(make.make_team(brand=brand, name=mark))
    agents.services.issue_token(agent, name=mark, scopes=["customers:read"])
    make.make_answer(agent, brand, path=mark)
    queue = make.make_queue(brand=brand, name=mark, address=f"{word}@help.example")
    phone = f"+49302{make.unique('')[-7:]:0>7}"
    member = make.make_member(brand=brand, name=mark, mail=f"{word}@mail.example", phone=phone, points=1000)
    customers.services.write_notice(member.contact_points.get(kind="mail"), "points_expire", key=mark)
    make.make_caller(member, by=agent)
    make.make_extension(member.account, mark)
    fill_tiers(member.account, agent, mark)
    order = make.make_order(customer=member, number=mark, lines=[customers.services.Line(mark, mark, 5000)])
    customers.services.refund_order(order, [customers.services.Refund(order.lines.get(), 100)], key=mark)
    customers.services.record_consent(member, Consent.Purpose.CALLS, given=True, source=mark, by=agent)
    customers.services.edit_profile(member, {"city": mark}, by=agent)
    reward = make.make_reward(brand=brand, name=mark, code=f"reward-{word}")
    loyalty.services.redeem_reward(member.account, reward, by=agent, key=mark)
    loyalty.services.redeem(member.account, 100, by=agent, key=mark, source=mark)
    make.make_standing(member.account, by=agent, mark=mark)
    loyalty.services.prove_ledger()
    make.make_campaign(rule=member.account.programme.earning_rules.get(), name=mark)
    make.make_referral(member.account, by=agent, name=mark, mail=f"friend-{word}@mail.example")
    make.make_statement_run(member.account.programme)
    make.make_pending(member.account, source=f"order:{mark}")
    policy = make.make_sla(brand=brand, calendar=make.make_calendar(brand=brand, name=mark), name=mark)
    policy.calendar.special_days.create(day="2026-12-24", label=mark)
    make.make_notification(agent, brand)
    boss = make.make_agent(brands=[brand], role=roles.SUPERVISOR, name=mark)
    rule = make.make_rule(brand=brand, by=boss, name=mark)
    make.make_macro(brand=brand, title=mark, text=mark)
    make.make_state_reason(brand=brand, label=mark, code=word[:20])
    make.come(agent)
    make.make_routing(queue=queue, is_active=False)
    make.make_capacity(agent=agent, brand=brand)
    ticket = make.make_ticket(customer=member, queue=queue, subject=mark, text=mark)
    make.make_run(rule, ticket)
    message = ticket.messages.get()
    Attachment.objects.create(message=message, name=mark, size=1, sha256="0" * 64, file="none")
    raw = f"Subject: {mark}\r\n\r\n<script>alert(1)</script>".encode()
    InboundMail.objects.create(
        sha256=hashlib.sha256(raw).hexdigest(), raw=raw, brand=brand, reason=mark, message=message
    )
    reason = make.make_reason(brand=brand, label=mark, code=word)
    make.make_policy(agent=agent, brand=brand)
    make.make_budget(brand=brand, name=mark)
    make.make_pledge(brand=brand, by=boss, name=mark, reason=reason)
    make.make_finding(agent=agent, brand=brand, customer=member, note=mark)
    make.make_watch(brand=brand)
    goodwill.services.grant(ticket, 50, by=agent, reason=reason, key=mark)
    make.make_remedies(brand=brand, by=agent, mark=mark)
    callback = make.make_callback(ticket=ticket, by=agent, reason=mark)
    make.make_alike(brand=brand, by=agent, name=mark)
    callbacks.services.no_answer(callback, by=agent, key=mark, note=mark)
    make.make_callback_rules(brand=brand, customer=member, by=agent, mark=f"{mark} calls")
    make.make_decision(ticket)
    make.make_draft(ticket, by=agent, text=mark)
    tickets.services.tag(ticket, mark[:40], by=agent)
    make.make_view(brand=brand, name=mark[:60], query="is:waiting")
    make.make_outward(ticket, by=agent, mark=mark)
    make.make_sorted(ticket, by=agent, mark=mark)
    second = make.make_ticket(customer=member, queue=queue, subject=mark, text=mark)
    tickets.services.link(ticket, second, kind="parent", by=agent)
    make.make_incident_grant(ticket, second, by=agent)
    while goodwill.services.keep_next_pledge():
        pass
    tickets.services.prove_tickets()
    assert order.brand_id == brand.pk
    return agent


def fill_tiers(account: Account, agent: Agent, mark: str) -> None:
    """A tier set by hand for a year, and the line of history it makes."""
    gold = account.programme.tiers.get(code="gold")
    now = clock.now()
    floor = TierFloor.objects.create(
        account=account, programme=account.programme, tier=gold, cause="manual", starts_at=now, reason=mark[:40],
        key=mark, request_hash="0" * 64, set_by=agent, recorded_at=now,
    )  # fmt: skip
    lounge = Benefit.objects.create(
        programme=account.programme,
        tier=gold,
        code=f"lounge{account.pk}",
        name=mark,
        kind="counted",
        per_year=2,
    )
    BenefitUse.objects.create(
        account=account, programme=account.programme, benefit=lounge, used_at=now, recorded_at=now, key=mark,
        request_hash="0" * 64, source=mark, actor=agent,
    )  # fmt: skip
    TierChange.objects.create(
        account=account, programme=account.programme, from_tier=account.tier, to_tier=gold, cause="manual",
        effective_at=now, recorded_at=now, actor=agent, snapshot={"floor": floor.pk},
    )  # fmt: skip


def rows_of(model: type[Model], brand: Brand) -> list[Model]:
    """The rows of a table that belong to `brand`, as somebody sees them who serves it alone."""
    with transaction.atomic():
        watcher = make.make_agent(brands=[brand], role=None)
        rows = [row for row in model._default_manager.visible_to(watcher) if row != watcher]
        transaction.set_rollback(True)  # deleting the watcher would look into every table that names an agent
    return rows
