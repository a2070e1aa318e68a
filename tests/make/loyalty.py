"""Programmes, members, and what they hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

import loyalty.services
from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from loyalty.models import (
    Account,
    AccountEvent,
    Adjustment,
    Benefit,
    Campaign,
    EarningRule,
    LotExtension,
    PendingGrant,
    Programme,
    Referral,
    Reward,
    StatementRun,
)
from tests.make.customers import make_customer
from tests.make.names import unique
from tests.make.people import make_brand

TIERS = {"bronze": 0, "silver": 500, "gold": 2000, "platinum": 5000}  # qualifying points of a calendar year


def make_programme(
    *, brand: Brand | None = None, tiers: dict[str, int] | None = None, **fields: Any
) -> Programme:
    """The programme of `brand`, with `tiers` by the qualifying points they take (left out: TIERS).

    Orders give `points_per_unit` (left out: 5) for every whole unit of currency.
    """
    rate = fields.pop("points_per_unit", 5)
    brand = brand or make_brand()
    fields.setdefault("code", brand.code.lower())
    fields.setdefault("name", f"{brand.name} Circle")
    programme = Programme.objects.create(brand=brand, **fields)
    loyalty.services.first_rule(programme, rate)
    steps = (TIERS if tiers is None else tiers).items()
    loyalty.services.set_up_tiers(programme, [(code, code.title(), points) for code, points in steps])
    return programme


def make_campaign(*, rule: EarningRule | None = None, **fields: Any) -> Campaign:
    """A draft of twice the points in the week that begins tomorrow."""
    rule = rule or make_programme().earning_rules.get()
    start = clock.now() + timedelta(days=1)
    sound = {"code": unique("c"), "name": "Double", "starts_at": start, "ends_at": start + timedelta(days=7)}
    return Campaign.objects.create(**({"rule": rule, "percent": 200} | sound | fields))


def make_pending(account: Account, points: int = 50, **fields: Any) -> PendingGrant:
    """Points of an order that are pending until tomorrow."""
    now, key = clock.now(), unique("pending")
    sound = {"occurred_at": now, "matures_at": now + timedelta(days=1), "key": key, "source": f"order:{key}"}
    told = {"amount_minor": 1000, "currency": "EUR", "rules": []}
    Account.objects.filter(pk=account.pk).update(pending=F("pending") + points)
    return PendingGrant.objects.create(
        **({"account": account, "granted": points, "points": points, "breakdown": told} | sound | fields)
    )


def make_referral(referrer: Account, *, by: Agent | None = None, **fields: Any) -> Referral:
    """A friend whom `referrer` brought and who has bought nothing yet; `fields` are those of make_customer."""
    friend = make_customer(brand=referrer.brand, **fields)
    loyalty.services.enrol(friend, by=by, source="call", brought_by=referrer.number)
    return Referral.objects.select_related("friend__customer").get(friend__customer=friend)


def make_statement_run(programme: Programme, **fields: Any) -> StatementRun:
    """The statements of January 2026, of which none is written yet."""
    sound = {"month": date(2026, 1, 1), "begun_at": clock.now()} | fields
    return StatementRun.objects.create(programme=programme, brand_id=programme.brand_id, **sound)


def make_member(
    *,
    brand: Brand | None = None,
    customer: Customer | None = None,
    points: int = 0,
    qualifying: int = 0,
    **fields: Any,
) -> Customer:
    """A customer with an account that holds `points`, earned now; other `fields` are those of make_customer.

    The brand gets a programme if it has none. `member.account` is the account.
    """
    customer = customer or make_customer(brand=brand, **fields)
    if not Programme.objects.filter(brand=customer.brand).exists():
        make_programme(brand=customer.brand)
    account = loyalty.services.enrol(customer)
    if points:
        give(account, points, qualifying=qualifying)
    return Customer.objects.select_related("brand", "account__programme").get(pk=customer.pk)


def give(account: Account, points: int, *, at: datetime | None = None, **fields: Any) -> None:
    """Earn `points` on `account` as an order would."""
    fields = {"contra": "issue.order", "by": None, "key": unique("give")} | fields
    loyalty.services.earn(account, points, at=at, **fields)


def make_standing(account: Account, *, by: Agent, mark: str = "fraud") -> None:
    """A hold on `account`, a correction that waits for a second person, and what was done to it as a whole."""
    until = clock.now() + timedelta(hours=1)
    loyalty.services.hold(account, 10, by=None, key=unique("hold"), until=until, source=mark)
    Adjustment.objects.create(
        account=account, points=5, reason=mark[:40], requester=by, asked_at=clock.now(), key=unique("adjust")
    )
    AccountEvent.objects.create(
        brand_id=account.brand_id, account=account, kind="frozen", reason=mark[:40], actor=by, at=clock.now()
    )


def make_extension(account: Account, mark: str = "ticket:FF-1") -> LotExtension:
    """A lot of `account` that ends a day later, for it waited on us."""
    lot = account.lots.filter(is_open=True).earliest("pk")
    return loyalty.services.extend(lot, waited=timedelta(days=1), source=mark, key=unique("delay"))


def make_reward(*, brand: Brand | None = None, **fields: Any) -> Reward:
    """A voucher of 500 points in the catalogue of `brand`, which gets a programme if it has none."""
    brand = brand or make_brand()
    programme = Programme.objects.filter(brand=brand).first() or make_programme(brand=brand)
    fields.setdefault("code", unique("reward-"))
    fields.setdefault("name", "Tote bag")
    fields.setdefault("points", 500)
    fields.setdefault("sentence", "Your code is {code}, to be used until {until}.")
    return Reward.objects.create(brand=brand, programme=programme, **fields)


def make_benefit(programme: Programme, **fields: Any) -> Benefit:
    """A benefit of the highest tier that may be given for 30 days, worth 300 points."""
    return Benefit.objects.create(
        **{
            "programme": programme, "tier": programme.tiers.latest("rank"), "code": unique("first-"),
            "name": "Answered first", "kind": "priority", "gift_points": 300,
        }
        | fields
    )  # fmt: skip


def now_of(customer: Customer) -> Account:
    """The account of a customer as it is in the database."""
    return Account.objects.select_related("tier", "merged_into").get(customer=customer)


def freeze(customer: Customer, *, by: Agent) -> Account:
    """The account of a customer, frozen."""
    return loyalty.services.freeze(now_of(customer), by=by, reason="fraud")
