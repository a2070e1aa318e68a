"""Whether a reason fits: the order it is about, what it excludes, whom it leaves out, and what follows from it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Value

import customers.services
import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from goodwill.models import Policy, Reason, ReasonSentence, Request
from goodwill.services import approve, ask, decline, grant, undo
from loyalty.models import Account, Lot
from loyalty.tier_windows import months_on
from tests import make
from tests.contactcenter.behind import change
from tests.goodwill.test_asking import code_of
from tests.together import at_once
from tickets.models import Ticket


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(db: None) -> None:
    Policy.objects.update(apart_days=None, grants_customer_90=None)


def give(ticket: Ticket, agent: Agent, reason: Reason, points: int = 100, **more: Any) -> Request:
    return grant(ticket, points, by=agent, reason=reason, key=make.unique(), **more)


def refused(ticket: Ticket, agent: Agent, reason: Reason, points: int = 100, **more: Any) -> str:
    """The code with which both giving and asking are refused."""
    deed = {"by": agent, "reason": reason, **more}
    given = code_of(grant, ticket, points, key=make.unique(), **deed)
    assert code_of(ask, ticket, points, key=make.unique(), **deed) == given
    return given


def test_a_reason_of_another_brand_out_of_use_or_for_fewer_points_fits_nobody(
    ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    assert refused(ticket, agent, make.make_reason(brand=other_brand)) == "other_brand"
    assert refused(ticket, agent, make.make_reason(brand=brand, is_active=False)) == "other_brand"
    reason = make.make_reason(brand=brand)
    assert refused(ticket, agent, reason, 49) == refused(ticket, agent, reason, 1001) == "outside_reason"
    assert (give(ticket, agent, reason, 50).points, Request.objects.count()) == (50, 1)


def test_a_reason_that_needs_an_order_is_given_for_one_of_the_customers_own(
    ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    reason = make.make_reason(brand=brand, needs_order=True)
    somebodys = make.make_order(customer=make.make_member(brand=brand))
    assert refused(ticket, agent, reason) == "order_missing"
    assert refused(ticket, agent, reason, order=somebodys) == "other_order"
    order = make.make_order(customer=ticket.customer)
    assert give(ticket, agent, reason, order=order).order == order


def test_an_order_is_named_where_none_is_asked_for_and_has_to_be_the_customers_too(
    ticket: Ticket, agent: Agent, late_parcel: Reason, other_brand: Brand
) -> None:
    foreign = make.make_order(customer=make.make_customer(brand=other_brand))
    assert refused(ticket, agent, late_parcel, order=foreign) == "other_order"
    assert give(ticket, agent, late_parcel, order=make.make_order(customer=ticket.customer)).order_id


def test_the_database_holds_the_order_to_the_brand(
    ticket: Ticket, agent: Agent, late_parcel: Reason, other_brand: Brand
) -> None:
    request = give(ticket, agent, late_parcel)
    foreign = make.make_order(customer=make.make_customer(brand=other_brand))
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        change(request, order=foreign)
    assert refusal.value.__cause__.diag.constraint_name == "goodwill_request_order_is_of_its_brand"


def test_one_order_is_made_good_once_for_one_reason_until_it_is_taken_back(
    ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason, brand: Brand
) -> None:
    order = make.make_order(customer=ticket.customer)
    elsewhere, colleague = make.make_ticket(customer=ticket.customer), make.make_agent(brands=[brand])
    first = give(ticket, agent, late_parcel, order=order)
    assert refused(elsewhere, colleague, late_parcel, order=order) == "order_made_good"
    assert give(elsewhere, colleague, make.make_reason(brand=brand), order=order).order == order
    undo(first, by=agent)
    waits = ask(elsewhere, 600, by=colleague, reason=late_parcel, key="w", order=order)
    assert (waits.state, refused(ticket, agent, late_parcel, order=order)) == ("waiting", "order_made_good")
    decline(waits, by=supervisor)
    assert give(ticket, agent, late_parcel, order=order).state == "posted"


def test_the_same_key_for_another_order_is_another_deed(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    orders = [make.make_order(customer=ticket.customer) for _ in range(2)]
    one = grant(ticket, 100, by=agent, reason=late_parcel, key="k", order=orders[0])
    again: Any = partial(grant, ticket, 100, by=agent, reason=late_parcel, key="k")
    assert again(order=orders[0]) == one
    assert code_of(again, order=orders[1]) == code_of(again) == "key_conflict"


def test_an_order_that_came_with_a_merged_customer_is_theirs(
    ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason, brand: Brand
) -> None:
    twin = make.make_member(brand=brand)
    order = make.make_order(customer=twin)
    assert refused(ticket, agent, late_parcel, order=order) == "other_order"
    customers.services.merge(ticket.customer, twin, by=supervisor, reason="twice", key="m")
    assert give(ticket, agent, late_parcel, order=order).order == order


@pytest.mark.parametrize("says", ["first", "second"])
def test_reasons_exclude_each_other_whichever_says_so(
    ticket: Ticket, agent: Agent, brand: Brand, says: str
) -> None:
    first, second = (make.make_reason(brand=brand, code=code) for code in ("late", "lost"))
    one, other = (first, second) if says == "first" else (second, first)
    Reason.objects.filter(pk=one.pk).update(excludes=[other.code])
    first.refresh_from_db()
    second.refresh_from_db()
    given = give(ticket, agent, first)
    assert refused(ticket, agent, second) == "reason_excluded"
    assert give(make.make_ticket(customer=ticket.customer), agent, second).state == "posted"
    undo(given, by=agent)
    assert give(ticket, agent, second).state == "posted"


def test_reasons_exclude_each_other_after_a_merge_too(ticket: Ticket, agent: Agent, brand: Brand) -> None:
    late = make.make_reason(brand=brand, code="late", excludes=["lost"])
    lost, other = make.make_reason(brand=brand, code="lost"), make.make_ticket(customer=ticket.customer)
    give(other, agent, late)
    tickets.services.merge(other, ticket, by=agent)
    assert refused(Ticket.objects.get(pk=ticket.pk), agent, lost) == "reason_excluded"


def test_what_waits_excludes_as_what_was_given_does(ticket: Ticket, agent: Agent, brand: Brand) -> None:
    late = make.make_reason(brand=brand, code="late", excludes=["lost"])
    ask(ticket, 700, by=agent, reason=late, key="w")
    assert refused(ticket, agent, make.make_reason(brand=brand, code="lost")) == "reason_excluded"


def test_members_of_a_tier_that_has_it_anyway_are_left_out(
    ticket: Ticket, agent: Agent, brand: Brand, programme: Any
) -> None:
    reason = make.make_reason(brand=brand, not_for_tiers=["gold", "platinum"])
    gold = make.make_ticket(customer=make.make_member(brand=brand, points=10, qualifying=2500))
    with pytest.raises(Refused, match="Late parcel is not for members of Gold") as refusal:
        give(gold, agent, reason)
    assert refusal.value.code == "not_for_tier"
    assert refused(gold, agent, reason) == "not_for_tier"
    assert give(ticket, agent, reason).state == "posted"


def said(reason: Reason, language: str) -> str:
    return Reason.objects.said_in(Value(language)).get(pk=reason.pk).said


def test_the_customer_reads_the_sentence_of_the_nearest_language(late_parcel: Reason) -> None:
    for language, sentence in [
        ("de", "Deutsch {points}"),
        ("de-at", "Österreich {worth}"),
        ("pt-br", "Brasil"),
    ]:
        ReasonSentence.objects.create(
            brand=late_parcel.brand, reason=late_parcel, language=language, sentence=sentence
        )
    own = late_parcel.sentence
    assert {tag: said(late_parcel, tag) for tag in ("de-AT", "de", "de-CH", "DE", "pt-BR", "pt", "fr", "")} == {
        "de-AT": "Österreich {worth}", "de": "Deutsch {points}", "de-CH": "Deutsch {points}",
        "DE": "Deutsch {points}", "pt-BR": "Brasil", "pt": own, "fr": own, "": own,
    }  # fmt: skip


@pytest.mark.parametrize(("months", "lives"), [(None, 12), (3, 3), (36, 36)])
def test_the_points_live_as_long_as_the_reason_says_else_as_the_programme_does(
    ticket: Ticket, agent: Agent, brand: Brand, months: int | None, lives: int
) -> None:
    request = give(ticket, agent, make.make_reason(brand=brand, months=months))
    lot, programme = Lot.objects.get(entry=request.entry), ticket.customer.account.programme
    assert lot.expires_at == months_on(request.asked_at, lives, programme.zone)


@pytest.mark.parametrize("counts", [False, True])
def test_the_points_help_to_reach_a_tier_only_where_the_reason_says_so(
    ticket: Ticket, agent: Agent, brand: Brand, counts: bool
) -> None:
    reason = make.make_reason(brand=brand, counts_for_tiers=counts)
    request = give(ticket, agent, reason, 500)
    tier = Account.objects.get(customer=ticket.customer).tier
    assert request.entry.qualifying == (500 if counts else 0)
    assert (tier.code if tier else "") == ("silver" if counts else "bronze")


def test_who_agrees_gives_with_what_the_reason_says_of_months_and_tiers(
    ticket: Ticket, agent: Agent, supervisor: Agent, brand: Brand
) -> None:
    reason = make.make_reason(brand=brand, months=1, counts_for_tiers=True)
    at = clock.now()
    given = approve(ask(ticket, 600, by=agent, reason=reason, key="w"), by=supervisor, at=at)
    lot, zone = Lot.objects.get(entry=given.entry), ticket.customer.account.programme.zone
    assert (given.entry.qualifying, lot.expires_at) == (600, months_on(at, 1, zone))


def two_tickets(deed: Any = grant, points: int = 100) -> tuple[Customer, list[partial[Request]]]:
    """A customer's order, and two agents who make it good on two tickets."""
    Policy.objects.update(apart_days=None)
    member = make.make_member()
    order, reason = make.make_order(customer=member), make.make_reason(brand=member.brand)
    agents = [make.make_agent(brands=[member.brand]) for _ in range(2)]
    return member, [
        partial(
            deed,
            make.make_ticket(customer=member),
            points,
            by=by,
            reason=reason,
            key=make.unique(),
            order=order,
        )
        for by in agents
    ]


def outcome(answers: list[Any]) -> list[str]:
    return sorted(getattr(one, "code", "") or getattr(one, "state", "") or str(one) for one in answers)


@pytest.mark.race
def test_two_agents_on_two_tickets_at_once_make_one_order_good_once(own_db: str) -> None:
    for _ in range(5):
        member, deeds = two_tickets()
        assert outcome(at_once(*deeds)) == ["order_made_good", "posted"]
        assert Request.objects.filter(ticket__customer=member).count() == 1


@pytest.mark.race
def test_control_without_the_locks_only_the_database_keeps_an_order_from_being_made_good_twice(
    own_db: str,
) -> None:
    _, deeds = two_tickets(ask, 600)
    refusal, asked = outcome(at_once(*deeds, unlocked=True))
    assert ("goodwill_request_once_an_order" in refusal, asked) == (True, "waiting")


@pytest.mark.race
def test_control_without_locks_and_constraint_an_order_is_made_good_twice(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX goodwill_request_once_an_order")
    monkeypatch.setattr("goodwill.services.locking.lock_customer", lambda *_: None)
    member, deeds = two_tickets()
    at_once(*deeds, meet_after='FROM "goodwill_request" WHERE ("goodwill_request"."state" IN')
    assert Request.objects.filter(ticket__customer=member).count() == 2
