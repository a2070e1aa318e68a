"""Rules that are drafted, set to live, and then stay; orders earn by the rules of their day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from contactcenter.errors import Refused
from customers.models import Customer, Order
from customers.services import Line, Refund, record_order, refund_order
from loyalty.models import Account, Campaign, EarningRule, Entry, Programme, RuleVersion
from loyalty.services import draft_version, earn_for_order, go_live, start_campaign, stop_campaign
from tests import make
from tests.loyalty.test_ledger_property import expect_sound

NOON = make.instant("2026-05-01T12:00+02:00")
LATER = make.instant("2026-06-20T09:00+02:00")
LINES = [
    Line("J", "Rain jacket", 4990, category="clothes"),
    Line("G", "Gift card", 5000, category="gift cards"),
]


def set_rule(
    programme: Programme, *, at: datetime = NOON - timedelta(days=1), code: str = "orders", **terms: Any
) -> RuleVersion:
    """A version that is live from `at` on, of a rule that is made when it is not there."""
    event = terms.pop("event", "order")
    rule, _made = EarningRule.objects.get_or_create(
        programme=programme, code=code, defaults={"name": code, "event": event}
    )
    return go_live(draft_version(rule, **terms), valid_from=at, at=at)


def run_campaign(programme: Programme, **fields: Any) -> Campaign:
    """Twice the points in the month of NOON, live since the day before."""
    sound = {
        "rule": programme.earning_rules.get(code="orders"), "code": "spring", "name": "Spring",
        "starts_at": NOON - timedelta(hours=1), "ends_at": NOON + timedelta(days=30), "percent": 200,
    }  # fmt: skip
    campaign = Campaign.objects.create(**(sound | fields))
    return start_campaign(campaign, at=campaign.starts_at - timedelta(days=1))


def buy(customer: Customer, lines: list[Line] | None = None, *, at: datetime = NOON) -> Order:
    return record_order(customer, make.unique("A-"), lines=lines or LINES, placed_at=at)


def earned(order: Order) -> int:
    entry = Entry.objects.filter(key__startswith=f"order:{order.brand_id}:{order.number}:").first()
    return entry.points if entry else 0


def balance(customer: Customer) -> int:
    expect_sound(customer.account)
    return Account.objects.get(customer=customer).balance


@pytest.fixture
def customer(programme: Programme) -> Customer:
    return make.make_member(brand=programme.brand)


def test_an_order_earns_by_the_version_of_its_day(customer: Customer, programme: Programme) -> None:
    set_rule(programme, points_per_unit=10, at=LATER)
    assert [earned(buy(customer, at=at)) for at in (LATER - timedelta(seconds=1), LATER)] == [495, 990]


def test_a_version_published_later_for_an_earlier_day_takes_the_place_of_the_one_before(
    customer: Customer, programme: Programme
) -> None:
    set_rule(programme, points_per_unit=10, at=LATER)
    mended = draft_version(programme.earning_rules.get(), points_per_unit=3)
    go_live(mended, valid_from=LATER - timedelta(days=2), at=NOON)
    assert [earned(buy(customer, at=LATER + timedelta(days=days))) for days in (-3, -1, 1)] == [495, 297, 297]


@pytest.mark.parametrize("table", [RuleVersion, Campaign])
def test_what_is_live_is_never_changed_nor_deleted(programme: Programme, table: Any) -> None:
    run_campaign(programme)
    rows = table.objects.all()
    for deed in (lambda: rows.update(live_by=None, live_at=LATER), lambda: rows.delete()):
        with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
            deed()


def test_a_draft_gives_nothing_and_may_be_changed(customer: Customer, programme: Programme) -> None:
    draft = draft_version(programme.earning_rules.get(), points_per_unit=50)
    draft.points_per_unit = 60
    draft.save(update_fields=["points_per_unit"])
    assert earned(buy(customer)) == 495
    with pytest.raises(Refused) as refusal:
        draft_version(programme.earning_rules.get())
    assert refusal.value.code == "draft_there"


def test_a_version_goes_live_once_and_not_for_days_that_are_over(programme: Programme) -> None:
    draft = draft_version(programme.earning_rules.get(), points_per_unit=6)
    with pytest.raises(Refused) as refusal:
        go_live(draft, valid_from=NOON, at=LATER)
    assert refusal.value.code == "in_the_past"
    assert go_live(draft, at=LATER) == go_live(draft, at=LATER + timedelta(days=1))
    assert RuleVersion.objects.get(pk=draft.pk).valid_from == LATER


def test_only_who_may_set_rules_drafts_and_publishes(programme: Programme, agent: Any) -> None:
    rule = programme.earning_rules.get()
    chief = make.make_agent(brands=[programme.brand], role="administrator")
    stranger = make.make_agent(role="administrator")
    for by in (agent, stranger):
        with pytest.raises(Refused):
            draft_version(rule, by=by)
    draft = draft_version(rule, by=chief)
    with pytest.raises(Refused):
        go_live(draft, by=agent)
    assert go_live(draft, by=chief).live_by == chief


def test_an_excluded_line_earns_nothing_and_its_refund_takes_nothing(
    customer: Customer, programme: Programme
) -> None:
    set_rule(programme, excluded_categories=["gift cards"])
    order = buy(customer)
    assert balance(customer) == 245
    card, jacket = order.lines.get(sku="G"), order.lines.get(sku="J")
    refund_order(order, [Refund(card, 5000)], key="r1", at=LATER)
    assert balance(customer) == 245
    refund_order(order, [Refund(jacket, 990)], key="r2", at=LATER)
    assert balance(customer) == 200
    refund_order(order, [Refund(jacket, 4000)], key="r3", at=LATER)
    assert balance(customer) == 0


def test_a_rule_for_a_category_gives_besides_and_its_line_gives_both_back(
    customer: Customer, programme: Programme
) -> None:
    set_rule(programme, code="clothes", points_per_unit=2, categories=["clothes"], counts="base")
    order = buy(customer)
    entry = Entry.objects.get(kind="earn")
    assert (entry.points, entry.qualifying) == (495 + 98, 495 + 98)
    assert [part["rule"] for part in entry.breakdown["rules"]] == ["clothes", "orders"]
    refund_order(order, [Refund(order.lines.get(sku="J"), 4990)], key="r1", at=LATER)
    assert balance(customer) == 250


def test_an_order_given_back_goes_whole_also_where_rounding_tiers_campaigns_and_caps_bore_on_it(
    customer: Customer, programme: Programme
) -> None:
    Account.objects.filter(customer=customer).update(tier=programme.tiers.get(code="gold"))
    set_rule(
        programme, points_per_unit=5, tier_percents={"gold": 133}, rounding="nearest", counts="base",
        cap_per_day=700, bonus=11,
    )  # fmt: skip
    run_campaign(programme, bonus=13)
    order = buy(customer)
    assert balance(customer) == 700
    for number, (sku, amount) in enumerate([("J", 1), ("G", 2999), ("J", 4989), ("G", 2001)]):
        refund_order(order, [Refund(order.lines.get(sku=sku), amount)], key=f"r{number}", at=LATER)
        assert balance(customer) >= 0
    assert balance(customer) == 0
    account = Account.objects.get(customer=customer)
    assert sum(account.entries.values_list("qualifying", flat=True)) == 0


def test_a_campaign_gives_more_in_its_window_to_its_tiers_and_can_be_ended(
    customer: Customer, programme: Programme
) -> None:
    campaign = run_campaign(programme, tiers=["silver"])
    assert earned(buy(customer)) == 495
    Account.objects.filter(customer=customer).update(tier=programme.tiers.get(code="silver"))
    assert earned(buy(customer)) == 990
    assert earned(buy(customer, at=campaign.ends_at)) == 495
    stop_campaign(campaign, at=NOON + timedelta(days=2))
    assert earned(buy(customer, at=NOON + timedelta(days=1))) == 990
    assert earned(buy(customer, at=NOON + timedelta(days=2))) == 495
    part = Entry.objects.filter(points=990).first().breakdown["rules"][0]  # type: ignore[union-attr]
    assert (part["campaign"], part["campaign_percent"]) == ("spring", 200)


def test_a_campaign_begins_in_the_future_and_ends_after_it_began(programme: Programme) -> None:
    draft = Campaign.objects.create(
        rule=programme.earning_rules.get(), code="c", name="C", starts_at=NOON, ends_at=LATER, percent=150
    )
    for deed, code in ((start_campaign, "in_the_past"), (stop_campaign, "not_begun")):
        with pytest.raises(Refused) as refusal:
            deed(draft, at=NOON + timedelta(days=1))
        assert refusal.value.code == code


def test_a_cap_a_day_is_open_again_at_local_midnight(customer: Customer, programme: Programme) -> None:
    set_rule(programme, cap_per_day=600)
    late = make.instant("2026-05-02T23:59+02:00")
    assert [earned(buy(customer, at=late)) for _ in range(3)] == [495, 105, 0]
    assert earned(buy(customer, at=late + timedelta(minutes=1))) == 495


def test_a_cap_for_ever_counts_what_was_given_though_it_was_taken_back(
    customer: Customer, programme: Programme
) -> None:
    set_rule(programme, cap_per_customer=600)
    order = buy(customer)
    refund_order(order, [Refund(line, line.amount_minor) for line in order.lines.all()], key="r", at=NOON)
    assert [earned(buy(customer, at=LATER)) for _ in range(2)] == [105, 0]


def test_other_members_and_other_rules_do_not_fill_a_cap(customer: Customer, programme: Programme) -> None:
    set_rule(programme, cap_per_day=600)
    set_rule(programme, code="welcome", bonus=20)
    buy(make.make_member(brand=programme.brand))
    assert [earned(buy(customer)) for _ in range(3)] == [515, 125, 20]


def test_an_order_earned_twice_under_a_cap_is_answered_with_what_is_there(
    customer: Customer, programme: Programme
) -> None:
    set_rule(programme, cap_per_day=600)
    order = buy(customer)
    entry = earn_for_order(order)
    assert entry is not None
    assert (entry.points, balance(customer)) == (495, 495)


def test_a_programme_without_a_rule_gives_nothing(customer: Customer, programme: Programme) -> None:
    set_rule(programme, points_per_unit=0)
    assert earned(buy(customer)) == 0


def test_a_rule_for_a_channel_counts_for_orders_that_came_by_it(
    customer: Customer, programme: Programme
) -> None:
    set_rule(programme, code="app", bonus=25, channels=["app"])
    orders = [
        record_order(customer, f"C-{channel}", lines=LINES, placed_at=NOON, channel=channel)
        for channel in ("app", "web", "")
    ]
    assert [earned(order) for order in orders] == [520, 495, 495]
    refund_order(
        orders[0], [Refund(line, line.amount_minor) for line in orders[0].lines.all()], key="r", at=LATER
    )
    assert balance(customer) == 990
