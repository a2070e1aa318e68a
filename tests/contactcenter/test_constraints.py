"""What can never be true, and that the database itself refuses it: one case for every named constraint."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace as World
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from agents.models import Agent, Brand
from agents.services import issue_token
from callbacks.models import Callback
from customers.models import Customer, Duplicate, NotSame, Order, OrderLine
from customers.services import Refund, refund_order, write_notice
from goodwill.models import Reason, Request
from goodwill.services import grant
from loyalty.models import Account, Adjustment, Hold, Lot, Programme, Tier, TierSet
from loyalty.services import draft_version, redeem, redeem_reward
from tests import make
from tests.contactcenter import (
    callback_constraints,
    caller_constraints,
    clock_constraints,
    goodwill_constraints,
    loyalty_constraints,
    outward_constraints,
    people_constraints,
    routing_constraints,
    rule_constraints,
    sorting_constraints,
    ticket_constraints,
)
from tests.contactcenter.rooms import our_models
from tickets.models import Queue, Tag, Ticket

CASES: dict[str, Callable[[World], Any]] = {}
JOINS: dict[str, Callable[[World], Any]] = {}  # no row joins two brands, customers, programmes or accounts
ROOMS = (
    people_constraints,
    loyalty_constraints,
    ticket_constraints,
    clock_constraints,
    goodwill_constraints,
    rule_constraints,
    caller_constraints,
    outward_constraints,
    sorting_constraints,
    routing_constraints,
    callback_constraints,
)
for room in ROOMS:
    CASES |= room.CASES
    JOINS |= room.JOINS


@pytest.fixture
def world(ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand, late_parcel: Reason) -> World:
    """A row of every table at brand FF, and strangers at brand KL."""
    member: Customer = ticket.customer
    their_programme: Programme = make.make_programme(brand=other_brand)
    their_ticket = make.make_ticket(brand=other_brand)
    somebody: Customer = make.make_member(brand=brand, points=5)
    reward = make.make_reward(brand=brand, stock=2)
    order: Order = make.make_order(customer=member)
    lot: Lot = member.account.lots.earliest("id")
    request: Request = grant(ticket, 50, by=agent, reason=late_parcel, key="g1")
    callback: Callback = make.make_callback(ticket=ticket, by=agent)
    make.make_standing(member.account, by=agent)
    rule = Programme.objects.get(brand=brand).earning_rules.get()
    for code in ("spring", "summer"):
        make.make_campaign(rule=rule, code=code)
    merged = make.make_alike(brand=brand, by=agent)
    return World(
        merge=merged,
        not_same=NotSame.objects.get(),
        duplicate=Duplicate.objects.get(),
        other_brand=other_brand,
        stranger_after=make.make_customer(brand=other_brand),
        rule=rule,
        pending=make.make_pending(member.account),
        draft=draft_version(rule),
        campaign=rule.campaigns.get(code="spring"),
        brand=brand,
        agent=agent,
        token=issue_token(agent, name="x", scopes=["customers:read"])[0],
        colleague=make.make_agent(brands=[brand]),
        team=make.make_team(brand=brand, name="Night shift"),
        mail=member.contact_points.get(kind="mail"),
        phone=member.contact_points.get(kind="phone"),
        notice=write_notice(make.make_mail(customer=member), "points_expire", key="n1"),
        somebody=somebody,
        somebodys_phone=make.make_phone(customer=somebody),
        order=order,
        refund=refund_order(order, [Refund(order.lines.get(), 100)], key="back"),
        second_order=make.make_order(customer=member),
        account=Account.objects.get(customer=member),
        hold=Hold.objects.get(),
        adjustment=Adjustment.objects.get(),
        tier_draft=TierSet.objects.create(programme=member.account.programme, version=9),
        gold=Tier.objects.get(programme__brand=brand, code="gold"),
        lot=lot,
        spend=redeem(member.account, 10, by=agent, key="r1"),
        reward=reward,
        redemption=redeem_reward(member.account, reward, by=agent, key="r2"),
        their_reward=make.make_reward(brand=other_brand),
        ticket=ticket,
        second_ticket=make.make_ticket(brand=brand),
        third_ticket=make.make_ticket(brand=brand),
        tag=Tag.objects.create(brand=brand, name="late"),
        their_tag=Tag.objects.create(brand=other_brand, name="late"),
        second_queue=make.make_queue(brand=brand),
        reason=late_parcel,
        second_reason=make.make_reason(brand=brand),
        request=request,
        callback=callback,
        second_callback=make.make_callback(customer=member, by=agent),
        stranger=their_ticket.customer,
        their_ticket=their_ticket,
        their_queue=Queue.objects.get(brand=other_brand),
        their_programme=their_programme,
        their_tier=their_programme.tiers.first(),
        their_account=make.make_member(brand=other_brand).account,
        their_team=make.make_team(brand=other_brand),
        their_reason=make.make_reason(brand=other_brand),
        **clock_constraints.rows_for_clocks(ticket, brand, other_brand),
        **rule_constraints.rows_for_rules(brand, other_brand),
        **goodwill_constraints.rows_for_goodwill(brand, other_brand),
        **caller_constraints.rows_for_callers(member, agent),
        **outward_constraints.rows_for_outward(ticket, agent, brand),
        **sorting_constraints.rows_for_sorting(ticket, brand, other_brand),
        **routing_constraints.rows_for_routing(ticket, brand, agent),
        **callback_constraints.rows_for_callbacks(member, agent, brand, other_brand),
    )


def expect_refused(name: str, break_it: Callable[[World], Any], world: World) -> None:
    try:
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            break_it(world)
    except pytest.fail.Exception:
        pytest.fail(f"{name} refuses nothing")
    assert refusal.value.__cause__.diag.constraint_name == name


def test_the_database_refuses_what_each_constraint_names(world: World) -> None:
    for name, break_it in CASES.items():
        expect_refused(name, break_it, world)


def test_the_database_refuses_to_join_two_brands_customers_programmes_or_accounts(world: World) -> None:
    for name, join in JOINS.items():
        expect_refused(name, join, world)


def named_constraints() -> set[str]:
    return {constraint.name for model in our_models() for constraint in model._meta.constraints}


def test_every_named_constraint_has_its_case() -> None:
    assert named_constraints() - pairs() == set(CASES)


def pairs() -> set[str]:
    """The constraints that are there for a key over two columns, and refuse nothing themselves."""
    return {name for name in named_constraints() if "_of_its_" in name}


def database_constraints(like: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conname LIKE %s", [like])
        return {name for (name,) in cursor.fetchall()}


def test_every_key_over_two_columns_has_its_case(db: None) -> None:
    assert database_constraints("%of\\_one\\_%") == set(JOINS)


def test_every_pair_is_there_for_a_key_that_needs_it(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pair.conname FROM pg_constraint pair JOIN pg_constraint key"
            " ON key.contype = 'f' AND key.confrelid = pair.conrelid AND key.confkey = pair.conkey"
            " WHERE pair.contype = 'u'"
        )
        assert {name for (name,) in cursor.fetchall()} == pairs()


def test_every_key_over_two_columns_can_wait_for_the_end_of_a_deed(db: None) -> None:
    """Joining two customers moves their tickets and promises one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE contype = 'f' AND cardinality(conkey) = 2 AND condeferrable AND NOT condeferred"
        )
        assert {name for (name,) in cursor.fetchall()} == set(JOINS)


def test_a_row_that_names_a_brand_and_a_row_of_a_brand_has_a_key_over_both(db: None) -> None:
    """A new table cannot forget its key: wherever both columns stand, a `…_of_one_brand` stands too."""
    names = {
        "customers.Customer", "loyalty.Programme", "loyalty.Account", "tickets.Queue", "tickets.Ticket",
        "agents.Team", "goodwill.Reason", "goodwill.Budget", "goodwill.Pledge", "loyalty.Reward", "tickets.Tag",
        "tickets.Calendar", "tickets.HoursVersion", "tickets.Rule", "goodwill.IncidentGrant", "goodwill.Request",
        "loyalty.Redemption",
        "tickets.ContactReason", "tickets.TicketField", "callbacks.Callback",
    }  # fmt: skip
    paired = {apps.get_model(name)._meta.db_table for name in names}
    wanted = set()
    for model in our_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        if "brand" not in fields:
            continue
        for field in fields.values():
            related = field.related_model
            if related is not None and related._meta.db_table in paired:
                wanted.add(f"{model._meta.db_table}_{field.column}_of_one_brand")
    assert wanted == {name for name in JOINS if name.endswith("_of_one_brand")}


def test_lines_times_and_words_go_with_their_order_calendar_or_ticket_and_nothing_else_is_deleted_along() -> (
    None
):
    cascades = {
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.remote_field and field.remote_field.on_delete is models.CASCADE
    }
    assert cascades == {
        f"{OrderLine.__name__}.order", "Opening.calendar", "SpecialDay.calendar", "TicketWords.ticket",
    }  # fmt: skip
