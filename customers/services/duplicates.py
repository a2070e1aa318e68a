"""Proposing who may be one person, and remembering who is not."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers.duplicates import alike, pair
from customers.models import Customer, Duplicate, NotSame
from customers.services.history import SERVE

AT_ONCE = 100  # customers of one transaction
CLAIM = """
UPDATE customers_customer SET compared_at = %s WHERE id IN (
    SELECT id FROM customers_customer WHERE compared_at IS NULL AND merged_into_id IS NULL
    ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
) RETURNING id
"""


@transaction.atomic
def compare_some(*, at: datetime | None = None) -> int:
    """Look for the same person as the next customers who are new or were changed; gives how many, 0: none left.

    Who is compared is locked for it: whoever is changed meanwhile is compared again. What was proposed for them
    before and speaks for it no longer goes.
    """
    at = at or clock.now()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [at, AT_ONCE])
        asked = [pk for (pk,) in cursor.fetchall()]
    if not asked:
        return 0
    found = {(one.one, one.other): one for one in alike(asked)}
    known = NotSame.objects.filter(one__in=[one for one, _ in found]).values_list("one", "other")
    for two in known:
        found.pop(two, None)
    Duplicate.objects.touching(asked).delete()
    brands = dict(Customer.objects.filter(pk__in=[one for one, _ in found]).values_list("pk", "brand"))
    Duplicate.objects.bulk_create(
        [
            Duplicate(
                brand_id=brands[likeness.one], one_id=likeness.one, other_id=likeness.other, score=likeness.score,
                reasons=list(likeness.signs), found_at=at,
            )
            for likeness in found.values()
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    return len(asked)


@transaction.atomic
def not_the_same(one: Customer, other: Customer, *, by: Agent, at: datetime | None = None) -> NotSame:
    """Remember that these two are two people: nobody is asked again. Twice does nothing.

    Refused: `not_allowed`, `same_customer`, `other_brand`.
    """
    expect_right(by, SERVE, one.brand_id)
    if one.pk == other.pk:
        raise Refused("same_customer", _("That is the same customer."))
    if one.brand_id != other.brand_id:
        raise Refused("other_brand", _("These customers are of two brands."))
    first, second = pair(one.pk, other.pk)
    # Who is compared just now is waited for: what is proposed of them is there to be deleted, or sees this.
    both = Customer.objects.filter(pk__in=[first, second])
    list(both.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    told, _made = NotSame.objects.get_or_create(
        one_id=first, other_id=second, defaults={"brand_id": one.brand_id, "by": by, "at": at or clock.now()}
    )
    Duplicate.objects.filter(one=first, other=second).delete()
    return told
