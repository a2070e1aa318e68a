"""Becoming a member."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

import customers.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Consent, Customer
from customers.services.history import SERVE
from loyalty.models import Account, Programme


@transaction.atomic
def enrol(
    customer: Customer, *, by: Agent | None = None, source: str = "", at: datetime | None = None
) -> Account:
    """Make `customer` a member of the brand's programme; a member already is answered with the account.

    An agent (`by`) says at which `source` the customer agreed: that consent is recorded with it.
    Refused: `not_allowed`, `source_missing`, `no_programme` where the brand has none.
    """
    if by is not None:
        expect_right(by, SERVE, customer.brand_id)
    programme = Programme.objects.filter(brand=customer.brand_id).first()
    if programme is None:
        raise Refused("no_programme", _("This brand has no loyalty programme."))
    at = at or clock.now()
    account, made = Account.objects.get_or_create(
        customer=customer,
        defaults={
            "brand_id": customer.brand_id,
            "programme": programme,
            "number": f"{programme.code.upper()}-{customer.pk:07d}",
            "tier": programme.tiers.filter(qualifying_points=0).first(),
            "joined_at": at,
        },
    )
    if made and by is not None:  # of two at once only the one who made the account records the consent
        _record_agreement(customer, by=by, source=source, at=at)
    return account


def _record_agreement(customer: Customer, *, by: Agent, source: str, at: datetime) -> None:
    if not source.strip():
        raise Refused("source_missing", _("Say where the customer agreed to the programme."))
    customers.services.record_consent(
        customer, Consent.Purpose.PROGRAMME, given=True, source=source.strip()[:80], by=by, at=at
    )
