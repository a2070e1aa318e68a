"""Two customers of a brand become one, and two again: the steps of all rooms, under all their locks, as one deed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Invalid, Refused
from customers.models import Customer, Merge
from customers.services.duplicates import not_the_same
from customers.services.history import Change, record
from customers.services.merge_steps import BACK, KEPT, MERGE_STEPS, Item, Lock, Place, Undoing
from customers.services.requiring import require
from customers.verification import Deed

MERGE = "customers.merge_customers"
TRIES = 5  # a ticket may be opened while we stand in line for the locks


@transaction.atomic
def merge(
    kept: Customer, merged: Customer, *, by: Agent, reason: str, key: str, at: datetime | None = None
) -> Merge:
    """Make two customers of a brand one: all that `merged` has goes to `kept`, whose name and profile stay.

    Each room does its part, each row that moves is written down. The same `key` with the same content gives the
    merge that is there. Refused: `not_allowed`, `same_customer`, `other_brand`, `bad_reason`, `key_conflict`,
    `already_merged` when one of them was merged meanwhile, `verification_needed` of both, and what a room refuses.
    """
    expect_right(by, MERGE, kept.brand_id)
    _expect_two(kept, merged, reason)
    at = at or clock.now()
    _lock_all([kept.pk, merged.pk])
    keys.claim(Merge, key)
    request = keys.digest("merge", kept.pk, merged.pk, reason)
    if earlier := Merge.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    kept, merged = (Customer.objects.select_related("brand").get(pk=one.pk) for one in (kept, merged))
    for one in (kept, merged):
        if one.merged_into_id:
            raise Refused(
                "already_merged",
                _("%(name)s was merged with %(other)s meanwhile; look again.")
                % {"name": one, "other": one.who_stays()},
                details={"customer": one.who_stays().pk},
            )
        require(one, Deed.MERGE, by=by, at=at)
    made = Merge.objects.create(
        brand_id=kept.brand_id,
        kept=kept,
        merged=merged,
        reason=reason,
        by=by,
        at=at,
        key=key,
        request_hash=request,
    )
    _wait_with_keys(deferred=True)
    made.facts = {step.name: facts for step in MERGE_STEPS if (facts := step.merge(made))}
    made.save(update_fields=["facts"])
    merged.merged_into = kept
    merged.save(update_fields=["merged_into"])
    _wait_with_keys(deferred=False)
    record(kept, Change.MERGED, by=by, at=at, merge=made.pk, other=merged.pk)
    record(merged, Change.MERGED, by=by, at=at, merge=made.pk, into=kept.pk)
    return made


@transaction.atomic
def unmerge(
    merge: Merge,
    *,
    by: Agent,
    key: str,
    choices: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Merge:
    """Make two of one again: exactly what came along goes back, and what came since as `choices` say.

    `choices` has `kept` or `back` for the key of each item of `since(merge)`. The same `key` with the same content
    gives what is there. Refused: `not_allowed`, `key_conflict`, `undone_before`, `not_the_last` while a later
    merge stands on this one, `to_be_decided` with the items that have no choice, and what a room refuses.
    """
    expect_right(by, MERGE, merge.brand_id)
    at, choices = at or clock.now(), dict(choices or {})
    _lock_all([merge.kept_id, merge.merged_id])
    keys.claim(Merge, f"undo:{key}")
    request = keys.digest("unmerge", merge.pk, sorted(choices.items()))
    merge = (
        Merge.objects.select_for_update(of=("self",)).select_related("kept__brand", "merged").get(pk=merge.pk)
    )
    if merge.undo_key == key:
        if merge.undo_hash != request:
            raise keys.conflict()
        return merge
    if Merge.objects.filter(undo_key=key).exists():
        raise keys.conflict()
    _expect_last(merge)
    _expect_decided(merge, choices)
    _wait_with_keys(deferred=True)
    Customer.objects.filter(pk=merge.merged_id).update(merged_into=None)
    undoing = Undoing(merge, by, at, choices)
    for step in MERGE_STEPS:
        step.unmerge(undoing)
    _wait_with_keys(deferred=False)
    merge.undone_at, merge.undone_by, merge.undo_key, merge.undo_hash = at, by, key, request
    merge.save(update_fields=["undone_at", "undone_by", "undo_key", "undo_hash"])
    record(merge.kept, Change.UNMERGED, by=by, at=at, merge=merge.pk, other=merge.merged_id)
    record(merge.merged, Change.UNMERGED, by=by, at=at, merge=merge.pk, other=merge.kept_id)
    not_the_same(merge.kept, merge.merged, by=by, at=at)
    return merge


def since(merge: Merge) -> list[Item]:
    """What happened since with what came along, and what came new: to be asked about, the newest first."""
    found = [item for step in MERGE_STEPS for item in step.since(merge)]
    return sorted(found, key=lambda item: (item.at, item.key), reverse=True)


def _expect_two(kept: Customer, merged: Customer, reason: str) -> None:
    if kept.pk == merged.pk:
        raise Refused("same_customer", _("That is the same customer."))
    if kept.brand_id != merged.brand_id:
        raise Refused("other_brand", _("These customers are of two brands."))
    if reason not in Merge.Reason.values:
        raise Invalid("bad_reason", _("Choose why they are merged."))


def _expect_last(merge: Merge) -> None:
    """Merges are undone the last one first: only then is what came along where the merge has put it."""
    if merge.undone_at:
        raise Refused("undone_before", _("This merge was undone already."))
    standing = Merge.objects.standing().select_related("kept", "merged")
    onward = standing.filter(merged=merge.kept_id).first()
    later = onward or standing.filter(kept=merge.kept_id, pk__gt=merge.pk).order_by("-pk").first()
    if later:
        raise Refused(
            "not_the_last",
            _("%(other)s was merged with %(name)s later. Undo that first.")
            % {"other": later.merged, "name": later.kept},
            details={"merge": later.pk},
        )


def _expect_decided(merge: Merge, choices: Mapping[str, str]) -> None:
    items = since(merge)
    known = {item.key for item in items}
    if strange := [key for key, choice in choices.items() if key not in known or choice not in (KEPT, BACK)]:
        raise Invalid(
            "unknown_choice", _("“%s” is nothing to be decided here; look again.") % strange[0][:60]
        )
    if left := [item for item in items if item.key not in choices]:
        sentence = ngettext(
            "%(count)d thing came since and is to be decided: %(first)s.",
            "%(count)d things came since and are to be decided, the first: %(first)s.",
            len(left),
        )
        raise Refused(
            "to_be_decided",
            sentence % {"count": len(left), "first": f"{left[0].what}, {left[0].words}"},
            details={"items": [item.key for item in left]},
        )


def _lock_all(people: Sequence[int]) -> None:
    """Take the locks of all steps in the order of the house. Where a ticket came in meanwhile we begin again."""
    locks: list[Lock] = [(Place.CUSTOMERS, lambda people: Customer.objects.filter(pk__in=people))]
    locks += [lock for step in MERGE_STEPS for lock in step.locks]
    locks.sort(key=lambda lock: lock[0])
    for _try in range(TRIES):
        place = transaction.savepoint()
        locked: dict[int, set[int]] = {}
        for number, (where, rows) in enumerate(locks):
            # The customers as an edit locks them: who writes a letter under the lock of an account may go on.
            free = rows(people).select_for_update(of=("self",), no_key=where == Place.CUSTOMERS)
            locked[number] = {pk for (pk,) in free.order_by("pk").values_list("pk")}
        if all(
            {pk for (pk,) in rows(people).values_list("pk")} <= locked[n] for n, (_, rows) in enumerate(locks)
        ):
            transaction.savepoint_commit(place)
            return
        transaction.savepoint_rollback(place)  # lets the locks go
    raise Refused(
        "busy", _("Something new comes in for these customers all the time. Try again in a moment.")
    )


def _wait_with_keys(*, deferred: bool) -> None:
    """Keys over two columns are looked at when all rows have moved, yet before the deed ends."""
    names = [sql.Identifier(name) for step in MERGE_STEPS for name in step.keys]
    if not names:
        return
    mode = sql.SQL("DEFERRED" if deferred else "IMMEDIATE")
    query = sql.SQL("SET CONSTRAINTS {} {}").format(sql.SQL(", ").join(names), mode)
    with connection.cursor() as cursor:
        cursor.execute(query.as_string())
