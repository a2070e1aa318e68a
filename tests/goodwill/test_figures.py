"""What a suggestion depends on, worked out from rows made by hand; and what is kept of it with a request."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import customers.services
import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Order
from customers.services import Refund
from goodwill.figures import figures_of, in_points
from goodwill.limits import Limit
from goodwill.models import Policy, Reason, Request
from goodwill.saying import kept_parts, lines_of
from goodwill.services import ask, decline, grant, grant_gift, undo
from goodwill.suggestion import Code, Figures, Part, suggest
from loyalty.models import Account, Programme, Tier
from tests import make
from tests.goodwill.test_asking import code_of
from tickets.models import Ticket

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(db: None) -> None:
    Policy.objects.update(apart_days=None, grants_customer_90=None)


def figures(ticket: Ticket, reason: Reason, at: datetime | None = None, **more: Any) -> Figures:
    account = Account.objects.select_related("programme", "tier").get(customer=ticket.customer)
    more = {"limits": [], "budget": None, "at": at or clock.now()} | more
    return figures_of(Ticket.objects.get(pk=ticket.pk), reason, account, **more)


def order(ticket: Ticket, amount_minor: int, *, days_ago: float, **fields: Any) -> Order:
    placed = clock.now() - days_ago * DAY
    return make.make_order(customer=ticket.customer, amount_minor=amount_minor, placed_at=placed, **fields)


@pytest.mark.parametrize(
    ("minor", "worth", "points"),
    [(1200, 1, 1200), (0, 1, 0), (1249, 50, 25), (1225, 50, 25), (1224, 50, 24), (10, 3, 3), (11, 3, 4),
     (None, 1, None), (500, 0, None)],
)  # fmt: skip
def test_money_is_points_half_up_and_unknown_where_a_point_is_worth_nothing(
    ticket: Ticket, late_parcel: Reason, minor: int | None, worth: int, points: int | None
) -> None:
    Programme.objects.update(point_value_minor=worth)
    assert figures(ticket, late_parcel, loss_minor=minor).loss == points
    assert in_points(minor, Account.objects.get(customer=ticket.customer)) == points


def test_the_reason_and_the_tier_say_how_much(ticket: Ticket, brand: Brand) -> None:
    grave = make.make_reason(brand=brand, severity=4, min_points=60, default_points=300, max_points=900)
    Tier.objects.filter(code="gold").update(goodwill_percent=20)
    Account.objects.filter(customer=ticket.customer).update(tier=Tier.objects.get(code="gold"))
    found = figures(ticket, grave)
    assert (found.severity, found.min_points, found.default_points, found.max_points) == (4, 60, 300, 900)
    assert (found.tier_rank, found.tier_percent) == (Tier.objects.get(code="gold").rank, 20)
    Account.objects.filter(customer=ticket.customer).update(tier=None)
    assert (figures(ticket, grave).tier_rank, figures(ticket, grave).tier_percent) == (0, 0)


def test_the_messages_of_the_customer_count_with_those_of_what_was_merged(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    make.hear(ticket)
    tickets.services.reply(ticket, "Soon.", by=agent, key="r")
    tickets.services.note(ticket, "Hm.", by=agent, key="n")
    assert figures(ticket, late_parcel).messages == 2
    other = make.make_ticket(customer=ticket.customer)
    assert figures(ticket, late_parcel).messages == 2
    tickets.services.merge(other, ticket, by=agent)
    assert figures(ticket, late_parcel).messages == 3


@pytest.mark.parametrize(
    ("after", "days"),
    [(-1, 0), (0, 0), (DAY.total_seconds() - 1, 0), (DAY.total_seconds(), 1), (9.5 * 86400, 9)],
)
def test_whole_days_are_waited(ticket: Ticket, late_parcel: Reason, after: float, days: int) -> None:
    at = Ticket.objects.get(pk=ticket.pk).opened_at + timedelta(seconds=after)
    assert figures(ticket, late_parcel, at).days_waited == days


def test_mishaps_are_the_other_tickets_with_an_apology_in_ninety_days(
    ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason, brand: Brand
) -> None:
    delight = make.make_reason(brand=brand, kind="delight")
    same, declined, undone, delighted, waits = (make.make_ticket(customer=ticket.customer) for _ in range(5))
    at = clock.now()

    def give(on: Ticket, points: int = 50, reason: Reason = late_parcel) -> Request:
        return ask(on, points, by=agent, reason=reason, key=make.unique(), at=at)

    for on in (ticket, same, same, make.make_ticket(customer=make.make_member(brand=brand))):
        give(on)
    decline(give(declined, 700), by=supervisor)
    undo(give(undone), by=agent)
    give(delighted, reason=delight)
    give(waits, 700)
    assert figures(ticket, late_parcel, at).further_mishaps == 2  # `same` once, and what waits
    assert figures(ticket, late_parcel, at + 90 * DAY - timedelta(seconds=1)).further_mishaps == 2
    assert figures(ticket, late_parcel, at + 90 * DAY).further_mishaps == 0
    tickets.services.merge(same, ticket, by=agent)
    assert figures(ticket, late_parcel, at).further_mishaps == 1


def test_what_was_given_on_the_ticket_counts_with_what_was_merged_and_without_the_one_that_is_asked_about(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    other = make.make_ticket(customer=ticket.customer)
    first = grant(ticket, 120, by=agent, reason=late_parcel, key="1")
    grant(other, 70, by=agent, reason=late_parcel, key="2")
    undo(grant(ticket, 60, by=agent, reason=late_parcel, key="3"), by=agent)
    assert figures(ticket, late_parcel).already_given == 120
    tickets.services.merge(other, ticket, by=agent)
    assert figures(ticket, late_parcel).already_given == 190
    assert figures(ticket, late_parcel, but=first).already_given == 70


def test_an_incident_counts_the_customers_it_hit(
    ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    assert figures(ticket, late_parcel).affected == 1
    incident = make.make_ticket(brand=brand, subject="Flood")
    hit = [
        ticket,
        make.make_ticket(customer=ticket.customer),
        *(make.make_ticket(brand=brand) for _ in range(10)),
    ]
    for one in hit:
        tickets.services.link(one, incident, kind="incident", by=agent)
    tickets.services.link(ticket, make.make_ticket(brand=brand), kind="related", by=agent)
    found = figures(ticket, late_parcel)
    assert found.affected == 11  # twelve tickets, of which two are one customer's
    assert [part.percent for part in suggest(found).parts if part.code == Code.INCIDENT] == [-10]
    assert figures(make.make_ticket(customer=ticket.customer), late_parcel).affected == 1


def test_the_spend_is_what_was_paid_in_twelve_months_and_not_given_back(
    ticket: Ticket, supervisor: Agent, late_parcel: Reason
) -> None:
    assert figures(ticket, late_parcel).spend is None  # nothing is known of what they buy: it caps nothing
    order(ticket, 99_000, days_ago=365.1)
    assert figures(ticket, late_parcel).spend == 0  # they bought once, and nothing for a year
    order(ticket, 10_000, days_ago=364.9)
    bought = order(ticket, 5_000, days_ago=2)
    customers.services.refund_order(bought, [Refund(bought.lines.get(), 1500)], key="back")
    make.make_order(customer=make.make_member(brand=ticket.brand))
    found = figures(ticket, late_parcel)
    assert (found.spend, found.spend_percent) == (13_500, 10)
    Programme.objects.update(point_value_minor=4, goodwill_spend_percent=3)
    found = figures(ticket, late_parcel)
    assert (found.spend, found.spend_percent) == (3375, 3)


def test_limits_that_count_points_and_a_hard_budget_bound_it_and_none_that_counts_grants(
    ticket: Ticket, late_parcel: Reason, brand: Brand
) -> None:
    limits = [
        Limit("per_grant", 500, 0, 0), Limit("per_day", 5000, 4900, 0), Limit("grants_customer_90", 3, 3, 1),
        Limit("apart_days", 1, 1, 1, days=30), Limit("customer_90", 100, 300, 0),
    ]  # fmt: skip
    budget = make.make_budget(brand=brand, points=1000, spent=600, reserved=150)
    assert figures(ticket, late_parcel, limits=limits, budget=budget).limits == [
        ("per_grant", 500), ("per_day", 100), ("customer_90", 0), ("budget", 250),
    ]  # fmt: skip
    budget.is_hard = False
    assert figures(ticket, late_parcel, limits=limits[:1], budget=budget).limits == [("per_grant", 500)]
    assert suggest(figures(ticket, late_parcel, limits=limits[:2])).bound_by == "per_day"


def test_delight_knows_nothing_of_trouble_and_loss(
    ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    delight = make.make_reason(brand=brand, kind="delight", severity=4, default_points=100)
    other = make.make_ticket(customer=ticket.customer)
    grant(other, 50, by=agent, reason=late_parcel, key="1")
    for _ in range(5):
        make.hear(ticket)
    late = clock.now() + 20 * DAY
    found = figures(ticket, delight, late, loss_minor=90_000)
    assert (found.severity, found.loss, found.further_mishaps, found.messages, found.days_waited, found.affected) == (
        2, None, 0, 0, 0, 1,
    )  # fmt: skip
    assert suggest(found).points == 100
    trouble = figures(ticket, late_parcel, late, loss_minor=90_000)
    assert (trouble.loss, trouble.further_mishaps, trouble.messages, trouble.days_waited) == (
        90_000,
        1,
        6,
        20,
    )


def test_the_figures_are_one_question_however_much_there_is(
    ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    account = Account.objects.select_related("programme", "tier").get(customer=ticket.customer)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            figures_of(ticket, late_parcel, account, limits=[], budget=None, at=clock.now(), loss_minor=100)
        return len(asked)

    assert questions() == 1
    incident = make.make_ticket(brand=brand)
    for number in range(4):
        other = make.make_ticket(customer=ticket.customer)
        grant(other, 50, by=agent, reason=late_parcel, key=f"k{number}")
        order(ticket, 100, days_ago=number)
        make.hear(ticket)
        tickets.services.link(other, incident, kind="incident", by=agent)
    assert questions() == 1


def test_what_was_suggested_is_kept_with_the_request_and_its_parts(
    ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    for number, deed in enumerate((grant, ask)):
        expected = suggest(
            figures(ticket, late_parcel, loss_minor=300, limits=[Limit("per_grant", 500, 0, 0)])
        )
        request = deed(ticket, 100 + number, by=agent, reason=late_parcel, key=f"k{number}", loss_minor=300)
        request.refresh_from_db()
        assert (request.points, request.loss_minor, request.suggested) == (100 + number, 300, expected.points)
        assert kept_parts(request.parts) == list(expected.parts)
        assert request.parts[0] == asdict(Part(Code.LOSS, 300, number=300))
    assert [one.text for one in lines_of(kept_parts(request.parts), reason="Late", tier="")] == [
        "What was lost", "Given or asked for on this ticket",
    ]  # fmt: skip


def test_it_is_kept_for_vouchers_and_not_for_who_is_no_member(
    ticket: Ticket, agent: Agent, late_parcel: Reason, customer: Any, brand: Brand
) -> None:
    shipping = make.make_reward(brand=brand, points=200)
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="1")
    stranger = grant_gift(
        make.make_ticket(customer=customer), shipping, by=agent, reason=late_parcel, key="2"
    )
    assert (given.suggested, stranger.suggested, stranger.parts) == (200, None, [])


def test_who_is_no_member_has_nowhere_to_put_points(customer: Any, agent: Agent, late_parcel: Reason) -> None:
    ticket = make.make_ticket(customer=customer)
    assert code_of(grant, ticket, 100, by=agent, reason=late_parcel, key="k") == "no_member"
