"""What becomes of promises when two customers become one, and when they become two again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callbacks.models import Callback, ContactHours
from contactcenter.errors import Refused
from customers.models import ContactPoint, Merge
from customers.services import (
    BACK,
    KEPT,
    Item,
    MergeStep,
    Place,
    Undoing,
    bring_back,
    came_along,
    chosen,
    had_as_well,
    hand_over,
    last_of,
    take_along,
)

NAME = "callbacks"


def merge_promises(merge: Merge) -> dict[str, Any]:
    """All promises follow, open ones and those that are over. So do the hours in which they want to be called, unless
    the one who stays has said hours of their own: then those hold, and both had better not be mixed."""
    facts = {"callback": last_of(Callback)}
    take_along(merge, Callback)
    if not ContactHours.objects.filter(customer=merge.kept_id).exists():
        take_along(merge, ContactHours)
    return facts


def promises_since(merge: Merge) -> Iterator[Item]:
    """New promises on no ticket; those on a ticket go where it goes, what makes up for a missed one goes with it."""
    rows = Callback.objects.filter(customer=merge.kept_id, ticket=None, pk__gt=merge.facts[NAME]["callback"])
    came = set(came_along(merge, Callback).values_list("row", flat=True))
    for callback in rows.exclude(pk__in=came).order_by("pk"):
        words = f"{callback.reason}, {date_format(callback.window_from, 'j F')}"
        if callback.follows_id in came:  # and what follows that, in its turn
            came.add(callback.pk)
        advice = BACK if callback.pk in came else KEPT
        yield Item(f"promise:{callback.pk}", _("New promise"), words, callback.promised_at, advice)


def unmerge_promises(undoing: Undoing) -> None:
    """Promises go back with their tickets. Refused (`torn_apart`): an open call whose number would be the other's."""
    merge = undoing.merge
    bring_back(merge, Callback)
    bring_back(merge, ContactHours)
    hand_over(merge, Callback, chosen(undoing, "promise"))
    people = [merge.kept_id, merge.merged_id]
    for person in people:
        astray = Callback.objects.filter(customer__in=people, ticket__customer=person).exclude(
            customer=person
        )
        astray.update(customer=person)
    calls = Callback.objects.filter(customer__in=people).exclude(contact_point=None).order_by("pk")
    for call in calls.exclude(contact_point__customer=F("customer")).select_related("contact_point"):
        _part(call, call.contact_point, undoing)


def _part(call: Callback, number: ContactPoint, undoing: Undoing) -> None:
    """A call and its number are of two people now: of one that is over, the number is one which both have had."""
    if call.state in Callback.OPEN:
        sentence = _(
            "“%(call)s” is a call to %(number)s, the other's number. Keep or cancel this call first."
        )
        words = {"call": call, "number": number}
        raise Refused("torn_apart", sentence % words, details={"what": f"promise:{call.pk}"})
    call.contact_point = had_as_well(call.customer_id, number, at=undoing.at)
    call.save(update_fields=["contact_point"])


def promises_of(people: Any) -> Any:
    return Callback.objects.filter(customer__in=people)


STEP = MergeStep(
    name=NAME,
    merge=merge_promises,
    unmerge=unmerge_promises,
    since=promises_since,
    locks=[(Place.CALLBACKS, promises_of)],
    keys=[
        "callbacks_callback_ticket_id_of_one_customer",
        "callbacks_callback_contact_point_id_of_one_customer",
    ],
)
