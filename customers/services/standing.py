"""Whose a deed is when the customer is merged into another, or just being so."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.utils.translation import gettext as _

from contactcenter.errors import Refused
from customers.models import Customer

# Shared: deeds of one customer do not wait for each other, a merge waits for them and they for it.
SHARE = "SELECT id, merged_into_id FROM customers_customer WHERE id = ANY (%s) ORDER BY id FOR SHARE"


def who_stays(customer: Customer) -> Customer:
    """The customer to whom what comes in for `customer` belongs; no merge gets in between until the transaction ends.

    For mails, orders and tickets, which nobody looks at while they come: they go on to the one who stays. Call it
    after the lock of a ticket and before the one of an order or an account.
    """
    stays = those_who_stay([customer.pk])[customer.pk]
    return customer if stays == customer.pk else Customer.objects.select_related("brand").get(pk=stays)


def expect_in_use(customer: Customer) -> None:
    """Refused (`customer_merged`) for somebody who was merged into another; nobody is until the transaction ends."""
    stays = those_who_stay([customer.pk])[customer.pk]
    if stays != customer.pk:
        raise merged_meanwhile(customer, Customer.objects.get(pk=stays))


def merged_meanwhile(customer: Customer, stays: Customer) -> Refused:
    """The refusal of a deed on somebody who is one with another by now, with that one's id."""
    sentence = _("%(name)s was merged with %(other)s meanwhile. Please go on there.")
    return Refused(
        "customer_merged", sentence % {"name": customer, "other": stays}, details={"customer": stays.pk}
    )


def those_who_stay(customers: Iterable[int]) -> dict[int, int]:
    """For each of these customers (ids) who stays, themselves where nobody merged them; all are locked against it."""
    stays = {pk: pk for pk in customers}
    asked = set(stays)
    while asked:
        with connection.cursor() as cursor:
            cursor.execute(SHARE, [sorted(asked)])
            went = {pk: into for pk, into in cursor.fetchall() if into}
        stays = {pk: went.get(there, there) for pk, there in stays.items()}
        asked = set(went.values())
    return stays
