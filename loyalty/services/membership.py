"""Becoming a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
from agents.models import Agent, Brand
from agents.rights import expect_right
from contactcenter import bulk, clock
from contactcenter.errors import Refused
from customers.models import Consent, Customer
from customers.services import Newcomer
from customers.services.history import SERVE
from customers.verification import plain
from loyalty.models import Account, Programme
from loyalty.services import events
from loyalty.services.giving import Gift, earn_many
from loyalty.services.referrals import (
    heirs_of,
    lock_accounts,
    new_code,
    record_referral,
    referrer_named,
)
from loyalty.services.standing import entry_tier


@transaction.atomic
def enrol(
    customer: Customer,
    *,
    by: Agent | None = None,
    source: str = "",
    brought_by: str = "",
    at: datetime | None = None,
) -> Account:
    """Make `customer` a member of the brand's programme; a member already is answered with the account.

    An agent (`by`) says at which `source` the customer agreed: that consent is recorded with it. `brought_by` is the
    loyalty number or code of the member who brought them.
    Refused: `not_allowed`, `source_missing`, `customer_merged`, `no_programme` where the brand has none, and what
    `referrer_named` and `record_referral` refuse.
    """
    if by is not None:
        expect_right(by, SERVE, customer.brand_id)
    programme = Programme.objects.filter(brand=customer.brand_id).first()
    if programme is None:
        raise Refused("no_programme", _("This brand has no loyalty programme."))
    customers.services.expect_in_use(customer)
    at = at or clock.now()
    account, made = Account.objects.get_or_create(
        customer=customer,
        defaults={
            "brand_id": customer.brand_id,
            "programme": programme,
            "number": _number(programme, customer.pk),
            "referral_code": new_code(),
            "tier": entry_tier(programme, at),
            "joined_at": at,
        },
    )
    if made and by is not None:  # of two at once only the one who made the account records the consent
        _record_agreement(customer, by=by, source=source, at=at)
    if brought_by.strip():
        referrer, way = referrer_named(customer.brand_id, brought_by)
        record_referral(account, referrer, way=way, key=f"enrol:{account.pk}", by=by, at=at)
    if made and events.welcome(account, at=at):
        account = Account.objects.get(pk=account.pk)
    return account


def _record_agreement(customer: Customer, *, by: Agent, source: str, at: datetime) -> None:
    if not source.strip():
        raise Refused("source_missing", _("Say where the customer agreed to the programme."))
    customers.services.record_consent(
        customer, Consent.Purpose.PROGRAMME, given=True, source=source.strip()[:80], by=by, at=at
    )


def enrol_newcomers(brand: Brand, newcomers: Sequence[Newcomer]) -> None:
    """Make those customers of `brand` members who were made just now and want to be, with their opening points.

    Opening points count nothing towards tiers and live as long as points of an order of today. Who joined on a day of
    a rule for joining gets what it gives. Refused: `no_programme`, and what a referral is refused for.
    """
    wanting = [newcomer for newcomer in newcomers if newcomer.member]
    if not wanting:
        return
    programme = Programme.objects.filter(brand=brand).first()
    if programme is None:
        raise Refused("no_programme", _("The brand has no loyalty programme to be a member of."))
    now = clock.now()
    first_tier = entry_tier(programme, now)
    accounts = bulk.create(
        Account,
        ["brand_id", "programme_id", "tier_id", "customer_id", "number", "referral_code", "joined_at"],
        [
            (
                brand.pk, programme.pk, first_tier and first_tier.pk,
                newcomer.customer, _number(programme, newcomer.customer), new_code(), newcomer.joined_at or now,
            )
            for newcomer in wanting
        ],
    )  # fmt: skip
    earn_many(
        [
            Gift(
                account,
                newcomer.opening_points,
                "issue.opening",
                f"opening:{account}",
                now,
                source="import",
            )
            for account, newcomer in zip(accounts, wanting, strict=True)
            if newcomer.opening_points
        ]
    )
    events.welcome_all(programme, accounts)
    _record_referrals(
        {pk: one.brought_by for pk, one in zip(accounts, wanting, strict=True) if one.brought_by}
    )


def _record_referrals(brought: Mapping[int, str]) -> None:
    """Write down who brought these accounts (ids); all of both sides are locked first, in the order of the house."""
    friends = Account.objects.filter(pk__in=list(brought)).order_by("pk")
    named = [(friend, *referrer_named(friend.brand_id, brought[friend.pk])) for friend in friends]
    if not named:
        return
    referrers = {referrer.pk: referrer for _friend, referrer, _way in named}
    lock_accounts({*brought, *(pk for referrer in referrers.values() for pk in heirs_of(referrer))})
    for friend, referrer, way in named:
        record_referral(friend, referrer, way=way, key=f"enrol:{friend.pk}", at=friend.joined_at)


def answers_by_number(customer: Customer) -> set[str]:
    """What a member says who is asked for the loyalty number, as answers are compared."""
    numbers = Account.objects.filter(customer=customer).values_list("number", flat=True)
    return {plain(number) for number in numbers}


def customers_by_number(brand: Brand, numbers: Sequence[str]) -> dict[str, int]:
    """Whose the account numbers are, as far as they are the brand's: number to customer (id).

    Of somebody who was merged, the one who stays; nothing is locked, whoever writes for them asks again.
    """
    found = Account.objects.filter(brand=brand, programme__brand=brand, number__in=numbers)
    pairs = dict(found.values_list("number", "customer"))
    stays = customers.services.those_who_stay_now(pairs.values())
    return {number: stays[customer] for number, customer in pairs.items()}


def _number(programme: Programme, customer: int) -> str:
    return f"{programme.code.upper()}-{customer:07d}"
