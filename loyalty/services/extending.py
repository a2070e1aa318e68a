"""Points, and a tier, that ran out while the customer waited on us are kept for as long as they waited."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty.extension import kept_until
from loyalty.models import Account, Entry, Lot, LotExtension, TierChange, TierFloor
from loyalty.services.book import Book, owed_before
from loyalty.services.tier_reviews import review_due
from loyalty.services.tiers import change, keep_changes, rank_of

REASON = "delay"


@transaction.atomic
def extend(lot: Lot, *, waited: timedelta, source: str, key: str, at: datetime | None = None) -> LotExtension:
    """Let a lot end later by the time its owner `waited` on us, within the programme's `delay_days` in all.

    What of it has expired comes back: an entry that reverses the expiry puts it into the lot again, a debt is paid with
    it first. What has not, just lives longer. `source` (`ticket:FF-4812`) says what for, once a lot. Any status of the
    account but merged will do, as for expiry.
    Refused: `key_conflict`, `account_not_active`, `never_ends`, `nothing_left`, `not_later` where it would be over
    all the same.
    """
    at = at or clock.now()
    book = Book.lock(lot.account)
    request = keys.digest("extend", lot.pk, source, waited.total_seconds())
    keys.claim(LotExtension, key)
    if earlier := LotExtension.objects.filter(Q(key=key) | Q(lot=lot, source=source)).first():
        if earlier.key == key and earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    lot = next((one for one in book.lots if one.pk == lot.pk), None) or Lot.objects.get(pk=lot.pk)
    first, was, until = _ends(book, lot, waited, at)
    gone = _expired(lot)
    if not gone and not lot.is_open:
        raise Refused("nothing_left", _("These points were all spent."))
    lot.expires_at = until
    Lot.objects.filter(pk=lot.pk).update(expires_at=until)
    book.expire_first(at)
    for number, (expiry, points) in enumerate(gone, start=1):
        entry = book.post(
            Entry.Kind.REVERSE, points, contra=Entry.Kind.EXPIRE, key=key if number == 1 else f"{key}:{number}",
            request=request, at=at, by=None, reverses=expiry, source=source, reason=REASON,
            breakdown={"asked": points, "lot": lot.pk},
        )  # fmt: skip
        if left := points - owed_before(entry):
            book.give_back(entry, lot, left)
    book.keep()
    return LotExtension.objects.create(
        lot=lot, source=source, waited=waited, first_until=first, was_until=was, until=until,
        points=sum(points for _entry, points in gone),
        seq=book.account.version, key=key, request_hash=request, made_at=at,
    )  # fmt: skip


def _ends(book: Book, lot: Lot, waited: timedelta, at: datetime) -> tuple[datetime, datetime, datetime]:
    """The end of a locked lot before any extension, the one it has, and the one it gets."""
    account = book.account
    if account.status == Account.Status.MERGED:
        raise Refused("account_not_active", _("This account was merged; its points are on another one."))
    if lot.expires_at is None:
        raise Refused("never_ends", _("These points do not end."))
    earliest = LotExtension.objects.filter(lot=lot).order_by("pk").first()
    first = earliest.first_until if earliest else lot.expires_at
    programme = account.programme
    until = kept_until(
        lot.expires_at, waited, programme.zone, first_end=first, most_days=programme.delay_days
    )
    if until is None or until <= at:
        raise Refused("not_later", _("These points are kept as long as they can be."))
    return first, lot.expires_at, until


def _expired(lot: Lot) -> list[tuple[Entry, int]]:
    """The entries that took points of a lot because it ended, with how many of them have not come back."""
    uses = lot.uses.filter(entry__kind=Entry.Kind.EXPIRE).select_related("entry").order_by("pk")
    left = [(use.entry, use.points - _came_back(use.entry, lot)) for use in uses]
    return [(entry, points) for entry, points in left if points]


def _came_back(expiry: Entry, lot: Lot) -> int:
    back = expiry.reversals.filter(breakdown__lot=lot.pk).aggregate(sum=Sum("points"))["sum"]
    return back or 0


@transaction.atomic
def keep_tier(
    account: Account,
    lost_at: datetime,
    *,
    waited: timedelta,
    key: str,
    at: datetime | None = None,
) -> TierFloor | None:
    """Hold a member on the tier that was over at `lost_at`, while they waited on us, for as long as they `waited`.

    A floor with an end; when that comes the tier is reviewed. Gives None where the tier was kept or is had again, or
    where it would be over all the same. Within the programme's `delay_days`. Safe to repeat.
    """
    at = at or clock.now()
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    account = locked.get(pk=account.pk)
    keys.claim(TierFloor, key)
    if earlier := TierFloor.objects.filter(key=key).first():
        return earlier
    if account.tier_valid_until == lost_at <= at:
        review_due(account, at)
    lost = account.tier_changes.filter(cause=TierChange.Cause.LAPSED, effective_at=lost_at)
    line = lost.select_related("from_tier").order_by("-pk").first()
    if account.status == Account.Status.MERGED or line is None or line.from_tier is None:
        return None
    programme, tier = account.programme, line.from_tier
    until = kept_until(lost_at, waited, programme.zone, first_end=lost_at, most_days=programme.delay_days)
    if until is None or until <= at or rank_of(account.tier) >= tier.rank:
        return None
    floor = TierFloor.objects.create(
        account=account, programme=programme, tier=tier, cause=TierFloor.Cause.DELAY, starts_at=at, ends_at=until,
        reason=REASON, key=key, request_hash=keys.digest("keep_tier", account.pk, key), recorded_at=clock.now(),
    )  # fmt: skip
    snapshot = {"floor": floor.pk}
    keep_changes([change(account, tier, until, cause=TierChange.Cause.DELAY, at=at, snapshot=snapshot)])
    return floor
