"""Becoming a member."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from contactcenter import clock
from customers.models import Customer
from loyalty.models import Account, Programme


@transaction.atomic
def enrol(customer: Customer, *, at: datetime | None = None) -> Account:
    """Make `customer` a member of the brand's programme; a member already is answered with the account."""
    programme = Programme.objects.get(brand=customer.brand_id)
    account, _made = Account.objects.get_or_create(
        customer=customer,
        defaults={
            "brand_id": customer.brand_id,
            "programme": programme,
            "number": f"{programme.code.upper()}-{customer.pk:07d}",
            "tier": programme.tiers.filter(qualifying_points=0).first(),
            "joined_at": at or clock.now(),
        },
    )
    return account
