"""What the room of customers does in a merge: addresses, letters, orders, and what was allowed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from customers.models import Consent, ContactPoint, Customer, CustomerChange, Merge, Notice, Order
from customers.services.consents import record_consent
from customers.services.merge_steps import (
    BACK,
    KEPT,
    Item,
    MergeStep,
    Place,
    Undoing,
    bring_back,
    came_along,
    hand_over,
    take_along,
)
from customers.services.verifying import carry_over, forget

BY_MERGE, BY_UNDOING = "merge", "merge undone"  # where a line says it was said


def merge_people(merge: Merge) -> dict[str, Any]:
    """Addresses, letters and orders follow; of what was allowed or found out, what counts for both of them."""
    carry_over(merge)
    facts = {"point": last_of(ContactPoint), "order": last_of(Order), "consent": last_of(Consent)}
    for table in (ContactPoint, Notice, Order):
        take_along(merge, table)
    return facts | {"allowed": _agree(merge)}


def last_of(table: type[models.Model]) -> int:
    """The id of the newest row: what has a higher one came later."""
    return table._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def _agree(merge: Merge) -> dict[str, Any]:
    """Let what both have said count for the one who stays; gives what stood there before, and the new line.

    A no of either stands: merging makes no yes of it. What only one has said counts for both.
    """
    said = {
        (consent.customer_id, consent.purpose): consent.given
        for consent in _newest(merge.kept_id, merge.merged_id)
    }
    written = {}
    for purpose in Consent.Purpose.values:
        own, other = said.get((merge.kept_id, purpose)), said.get((merge.merged_id, purpose))
        if other is None or other == own or own is False:
            continue
        line = record_consent(merge.kept, purpose, given=other, source=BY_MERGE, by=merge.by, at=merge.at)
        written[purpose] = {"before": own, "line": line.pk}
    return written


def _newest(*customers: int) -> Any:
    """The newest word of each of these customers (ids) on each purpose."""
    lines = Consent.objects.filter(customer__in=customers)
    return lines.order_by("customer", "purpose", "-recorded_at", "-id").distinct("customer", "purpose")


def people_since(merge: Merge) -> list[Item]:
    """New addresses, orders, and what was allowed or forbidden since."""
    return [*_points_since(merge), *_orders_since(merge), *_words_since(merge)]


def _points_since(merge: Merge) -> Iterator[Item]:
    rows = ContactPoint.objects.filter(customer=merge.kept_id, pk__gt=merge.facts["customers"]["point"])
    points = list(rows.exclude(pk__in=came_along(merge, ContactPoint)))
    theirs = _mended_since(merge)
    for point in points:
        advice = BACK if point.pk in theirs else KEPT
        yield Item(f"point:{point.pk}", _("New address"), point.value, point.created_at, advice)


def _mended_since(merge: Merge) -> set[int]:
    """Addresses (ids) that took the place of one that came along."""
    moved = set(came_along(merge, ContactPoint).values_list("row", flat=True))
    changes = CustomerChange.objects.filter(customer=merge.kept_id, kind=CustomerChange.Kind.CORRECTED)
    return {
        change.data["to"] for change in changes.filter(at__gte=merge.at) if change.data.get("point") in moved
    }


def _orders_since(merge: Merge) -> Iterator[Item]:
    rows = Order.objects.filter(customer=merge.kept_id, pk__gt=merge.facts["customers"]["order"])
    for order in rows.exclude(pk__in=came_along(merge, Order)).order_by("pk"):
        words = f"{order.number}, {order.total_minor / 100:.2f} {order.currency}"
        yield Item(f"order:{order.pk}", _("New order"), words, order.placed_at)


def _words_since(merge: Merge) -> Iterator[Item]:
    for consent in _said_since(merge).values():
        yield Item(f"consent:{consent.purpose}", _("Said since"), str(consent), consent.recorded_at)


def _said_since(merge: Merge) -> dict[str, Consent]:
    """The newest word on each purpose that was said since, not by the merge itself."""
    facts = merge.facts["customers"]
    own = [told["line"] for told in facts["allowed"].values()]
    lines = Consent.objects.filter(customer=merge.kept_id, pk__gt=facts["consent"]).exclude(pk__in=own)
    newest = lines.order_by("purpose", "-recorded_at", "-id").distinct("purpose")
    return {consent.purpose: consent for consent in newest}


def unmerge_people(undoing: Undoing) -> None:
    """What came along goes back; what came since as it was decided. Nobody is verified any more."""
    merge = undoing.merge
    if undoing.by:
        for one in (merge.kept, merge.merged):
            forget(one, by=undoing.by, at=undoing.at)
    bring_back(merge, ContactPoint)
    bring_back(merge, Order)
    hand_over(merge, ContactPoint, chosen(undoing, "point"))
    hand_over(merge, Order, chosen(undoing, "order"))
    for of, to in ((merge.kept_id, merge.merged_id), (merge.merged_id, merge.kept_id)):
        letters = Notice.objects.filter(customer=of, contact_point__customer=to)
        letters.update(customer=to)  # a letter is theirs whose address it went to
    _take_back_words(undoing)


def chosen(undoing: Undoing, kind: str) -> list[int]:
    """The ids of what of this kind goes to the one who comes back."""
    named = (key.partition(":") for key, choice in undoing.choices.items() if choice == BACK)
    return [int(pk) for of, _sign, pk in named if of == kind and pk.isdecimal()]


def _take_back_words(undoing: Undoing) -> None:
    """The one who stays has allowed again what they had before, unless they have said something since."""
    merge, since = undoing.merge, _said_since(undoing.merge)
    written = merge.facts["customers"]["allowed"]
    merged = Customer.objects.get(pk=merge.merged_id)
    for purpose in Consent.Purpose.values:
        later = since.get(purpose)
        if later and not undoing.goes_back(f"consent:{purpose}"):
            continue
        if later:
            _say(undoing, merged, purpose, given=later.given)
        if later or purpose in written:
            _say(undoing, merge.kept, purpose, given=bool(_before(merge, purpose)))


def _before(merge: Merge, purpose: str) -> bool | None:
    """What the one who stays had said before the merge; None for nothing, which nobody can say again."""
    facts = merge.facts["customers"]
    if purpose in facts["allowed"]:
        before: bool | None = facts["allowed"][purpose]["before"]
        return before
    lines = Consent.objects.filter(customer=merge.kept_id, purpose=purpose, pk__lte=facts["consent"])
    return lines.order_by("-recorded_at", "-id").values_list("given", flat=True).first()


def _say(undoing: Undoing, customer: Customer, purpose: str, *, given: bool) -> None:
    newest = customer.consents.filter(purpose=purpose).order_by("-recorded_at", "-id").first()
    if newest is None or newest.given != given:
        record_consent(customer, purpose, given=given, source=BY_UNDOING, by=undoing.by, at=undoing.at)


def had_as_well(customer: int, point: ContactPoint, *, at: datetime) -> ContactPoint:
    """The row of this customer (id) for an address that is the other's now: by it they were reached while merged."""
    own = ContactPoint.ever.filter(customer=customer, kind=point.kind, value=point.value)
    return own.first() or ContactPoint.ever.create(
        brand_id=point.brand_id, customer_id=customer, kind=point.kind, value=point.value,
        created_at=point.created_at, removed_at=point.removed_at or at,
    )  # fmt: skip


def orders_of(people: Any) -> Any:
    return Order.objects.filter(customer__in=people)


STEP = MergeStep(
    name="customers",
    merge=merge_people,
    unmerge=unmerge_people,
    since=people_since,
    locks=[(Place.ORDERS, orders_of)],
    keys=["customers_notice_contact_point_id_of_one_customer"],
)
