"""When a customer wants to be called: what they say counts for every promise from now on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

import customers.services
from agents.models import Agent
from callbacks.hours import Span, written
from callbacks.models import ContactHours
from contactcenter import clock
from customers.models import Customer

Week = Mapping[int, Sequence[Span]]  # by weekday, Monday 0


def contact_hours_of(customer: Customer) -> dict[int, list[Span]]:
    """The spans of each weekday that has any; nothing at all means whenever calls are allowed. One query."""
    week: dict[int, list[Span]] = defaultdict(list)
    rows = ContactHours.objects.filter(customer=customer.pk).order_by("weekday", "opens")
    for weekday, opens, closes in rows.values_list("weekday", "opens", "closes"):
        week[weekday].append((opens, closes))
    return dict(week)


@transaction.atomic
def set_contact_hours(customer: Customer, week: Week, *, by: Agent, at: datetime | None = None) -> None:
    """Keep the hours of a week in which the customer wants to be called; an empty week: whenever calls are allowed.

    Calls that were promised already stay as they are. The same again changes nothing. Refused: `not_allowed`,
    `customer_merged`.
    """
    customer = customers.services.lock_to_edit(customer, by=by)
    before, after = contact_hours_of(customer), {day: list(spans) for day, spans in week.items() if spans}
    if before == after:
        return
    ContactHours.objects.filter(customer=customer).delete()
    ContactHours.objects.bulk_create(
        ContactHours(brand_id=customer.brand_id, customer=customer, weekday=day, opens=opens, closes=closes)
        for day, spans in sorted(after.items())
        for opens, closes in spans
    )
    was, now = _words(before), _words(after)
    customers.services.record_field(customer, "contact_hours", was, now, by=by, at=at or clock.now())


def _words(week: Week) -> str:
    days = dict(ContactHours.Weekday.choices)
    return "; ".join(f"{days[day]} {written(spans)}" for day, spans in sorted(week.items()))
