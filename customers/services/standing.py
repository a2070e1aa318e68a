"""Whose a deed is when the customer is merged into another, or just being so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.utils.translation import gettext as _

from contactcenter.errors import Refused
from customers.models import Customer

# These customers and all into whom they were merged, at one look: their locks are taken in the order of ids.
PEOPLE = """
SELECT id, merged_into_id FROM customers_customer WHERE id = ANY (%(asked)s::bigint[] || ARRAY(
    WITH RECURSIVE heir AS (
        SELECT merged_into_id AS id FROM customers_customer
        WHERE id = ANY (%(asked)s::bigint[]) AND merged_into_id IS NOT NULL
        UNION
        SELECT customer.merged_into_id FROM heir JOIN customers_customer customer ON customer.id = heir.id
        WHERE customer.merged_into_id IS NOT NULL
    ) SELECT id FROM heir
)) ORDER BY id
"""
# Shared: deeds of one customer do not wait for each other, a merge waits for them and they for it.
SHARE = f"{PEOPLE} FOR SHARE"


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
    """For each of these customers (ids) who stays, themselves where nobody merged them; all are locked against it.

    Where a merge that we waited for leads to somebody whom we have not locked, the locks are let go and taken again.
    """
    asked = set(customers)
    while True:
        place = transaction.savepoint()
        went = _went(SHARE, asked)
        if not {into for into in went.values() if into} - went.keys():
            transaction.savepoint_commit(place)
            return _ends(asked, went)
        transaction.savepoint_rollback(place)


def those_who_stay_now(customers: Iterable[int]) -> dict[int, int]:
    """The same as it is at this moment, for who writes nothing: no lock is taken, and a merge may follow."""
    asked = set(customers)
    return _ends(asked, _went(PEOPLE, asked))


def _went(statement: str, asked: set[int]) -> dict[int, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"asked": sorted(asked)})
        return dict(cursor.fetchall())


def _ends(asked: set[int], went: Mapping[int, int | None]) -> dict[int, int]:
    """Where the merges of each of these lead to."""
    ends = {}
    for pk in asked:
        stays = pk
        while into := went.get(stays):
            stays = into
        ends[pk] = stays
    return ends
