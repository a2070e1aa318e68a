"""Deeds on what the customers allowed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Consent, Customer
from customers.services.history import SERVE, lock
from customers.services.requiring import require
from customers.services.standing import who_stays
from customers.verification import Deed


@transaction.atomic
def record_consent(
    customer: Customer,
    purpose: str,
    *,
    given: bool,
    source: str,
    by: Agent | None = None,
    at: datetime | None = None,
) -> Consent:
    """Write down what the customer allowed (`given`) or forbade; earlier lines stay as history.

    Of somebody who was merged it is written for the one who stays.
    """
    if by is not None:
        expect_right(by, SERVE, customer.brand_id)
    customer = who_stays(customer)
    return Consent.objects.create(
        brand_id=customer.brand_id,
        customer=customer,
        purpose=purpose,
        given=given,
        source=source,
        by=by,
        recorded_at=at or clock.now(),
    )


@transaction.atomic
def change_consent(
    customer: Customer,
    purpose: str,
    *,
    given: bool,
    source: str,
    by: Agent,
    seen: int | None,
    at: datetime | None = None,
) -> Consent:
    """What the customer says now, to an agent who saw `seen` (id of the newest line, None: there was none).

    Said already: the line that is there. Refused: `not_allowed`, `source_missing`, `customer_changed` when
    somebody recorded another answer meanwhile, `verification_needed` where statements are to be sent.
    """
    expect_right(by, SERVE, customer.brand_id)
    if not source.strip():
        raise Refused("source_missing", _("Say where the customer said so."))
    customer = lock(customer)
    newest = (
        customer.consents.filter(purpose=purpose).select_related("by").order_by("-recorded_at", "-id").first()
    )
    if newest and newest.pk != seen:
        if newest.given == given:
            return newest
        who = newest.by or _("The customer")
        raise Refused(
            "customer_changed",
            _("%(who)s recorded “%(answer)s” meanwhile.") % {"who": who, "answer": newest},
        )
    if given and purpose == Consent.Purpose.STATEMENT:
        require(customer, Deed.STATEMENT, by=by, at=at)
    return record_consent(customer, purpose, given=given, source=source.strip()[:80], by=by, at=at)
