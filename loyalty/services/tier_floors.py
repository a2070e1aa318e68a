"""Tiers that do not come from what was earned: set by hand, or brought along by a merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty import tier_windows
from loyalty.models import Account, Tier, TierChange, TierFloor, TierSet
from loyalty.services.standing import ladder_of, ladder_of_version, measure, standings_at
from loyalty.services.tier_reviews import review_now
from loyalty.services.tiers import change, keep_changes, rank_of
from loyalty.tier_rules import Measures

SET = "loyalty.set_tier"


@transaction.atomic
def set_tier(
    account: Account,
    tier: Tier,
    *,
    by: Agent,
    until: date,
    reason: str,
    key: str,
    at: datetime | None = None,
) -> TierFloor:
    """Hold a member on `tier` at least, through the local day `until`; `reason` is a code.

    A lower tier is raised at once, a higher one stays; what is earned meanwhile may go beyond. When it ends the
    tier is reviewed. Refused: `not_allowed`, `key_conflict`, `account_not_active`, `other_programme`,
    `reason_missing`, `day_is_over`.
    """
    expect_right(by, SET, account.brand_id)
    at = at or clock.now()
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    account = locked.get(pk=account.pk)
    keys.claim(TierFloor, key)
    request = keys.digest("set_tier", account.pk, tier.pk, until.isoformat(), reason)
    if earlier := TierFloor.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    _expect_sound(account, tier, until, reason, at)
    ends_at = tier_windows.midnight(until + timedelta(days=1), account.programme.zone)
    floor = _floor(account, tier, at, ends_at, cause="manual", reason=reason, key=key, request=request, by=by)
    if tier.rank > rank_of(account.tier):
        snapshot = {"floor": floor.pk, "reason": reason}
        keep_changes(
            [change(account, tier, ends_at, cause="manual", at=at, now=at, by=by, snapshot=snapshot)]
        )
    return floor


@transaction.atomic
def end_floor(floor: TierFloor, *, by: Agent, at: datetime | None = None) -> TierFloor:
    """Let a tier that was set by hand hold no longer, as if its last day were over; a repeat changes nothing.

    Who holds the tier by it alone is reviewed now: what was earned stays, and what the version's review leaves.
    Refused: `not_allowed`, `not_by_hand` for one that a merge or a late answer of ours brought along,
    `not_begun` before it holds.
    """
    account = Account.objects.only("brand_id").get(tier_floors=floor)
    expect_right(by, SET, account.brand_id)
    at = at or clock.now()
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    account = locked.get(pk=account.pk)
    floor = TierFloor.objects.get(pk=floor.pk)
    if floor.cause != TierFloor.Cause.MANUAL:
        raise Refused("not_by_hand", _("This tier was not set by hand; it is kept until its review."))
    if floor.ends_at is not None and floor.ends_at <= at:
        return floor
    if at <= floor.starts_at:
        raise Refused("not_begun", _("This tier was set this very moment; please try again."))
    floor.ends_at, floor.ended_by = at, by
    floor.save(update_fields=["ends_at", "ended_by"])
    gave = account.tier_changes.order_by("-id").first()
    stays = account.status != Account.Status.MERGED
    if stays and gave and gave.snapshot.get("floor") == floor.pk:
        review_now(account, at, by=by)
    return floor


def _expect_sound(account: Account, tier: Tier, until: date, reason: str, at: datetime) -> None:
    if account.status != Account.Status.ACTIVE:
        raise Refused("account_not_active", _("This account is not active; its tier stays."))
    if tier.programme_id != account.programme_id:
        raise Refused("other_programme", _("This tier is not of the member’s programme."))
    if not reason.strip():
        raise Refused("reason_missing", _("Say why the tier is set by hand."))
    if until < at.astimezone(account.programme.zone).date():
        raise Refused("day_is_over", _("That day is over: choose today or a later day."))


def floor_from_merge(winner: Account, loser: Account, at: datetime) -> TierFloor | None:
    """The higher tier of two accounts that become one is kept until its next review; both are locked by the merge.

    Gives the floor that was set, None where the winner's own tier is the higher or lasts longer.
    """
    brought, held = rank_of(loser.tier), rank_of(winner.tier)
    if loser.tier is None or brought < held or (brought == held and not _lasts_longer(loser, winner)):
        return None
    key = f"merge:{loser.pk}:{winner.pk}:{at.isoformat()}"
    floor = _floor(
        winner, loser.tier, at, loser.tier_valid_until, cause="merge", reason="merge", key=key,
        request=keys.digest(key), by=None,
    )  # fmt: skip
    cause = "merge" if brought > held else "kept"
    snapshot = {"floor": floor.pk, "account": loser.pk}
    line = change(
        winner, loser.tier, loser.tier_valid_until, cause=cause, at=at, now=clock.now(), snapshot=snapshot
    )
    keep_changes([line])
    return floor


def lift_floors(
    winner: Account, facts: Mapping[str, Any], *, by: Agent | None, at: datetime
) -> TierChange | None:
    """Undo what a merge did to the tier of a locked `winner`; gives the change, None where the tier stays.

    The floors that came with the merge (`facts["floors"]`) end. A tier that rests on neither of them nor on what the
    one who comes back has counted is kept until its time is over. Else what holds then is the best of what was
    earned, of other floors, and of the tier from before the merge (`tier`, `tier_until`) while its time is not over
    and nothing has lowered it since.
    """
    now = max(at, clock.now())
    for floor in TierFloor.objects.filter(pk__in=facts["floors"]).holding(now):
        floor.ends_at = max(at, floor.starts_at + timedelta(microseconds=1))
        floor.save(update_fields=["ends_at"])
    lines = list(winner.tier_changes.filter(pk__gt=facts["change"]).select_related("from_tier", "to_tier"))
    lines.sort(key=lambda line: -line.pk)
    if not _rests_on_merge(lines, facts):
        return None
    tier, until, by_floor = _best_without(winner, facts, lines, now)
    if tier == winner.tier and until == winner.tier_valid_until:
        return None
    cause = "kept" if tier == winner.tier else "unmerge"
    snapshot = {"before": facts["tier"]} | ({"floor": by_floor.pk} if by_floor else {})
    line = change(winner, tier, until, cause=cause, at=at, now=clock.now(), by=by, snapshot=snapshot)
    keep_changes([line])
    return line


def _rests_on_merge(lines: Sequence[TierChange], facts: Mapping[str, Any]) -> bool:
    """Whether the tier that is held comes from the merge; `lines` are all since, the newest first."""
    for line in lines:
        if line.cause in (TierChange.Cause.MERGE, TierChange.Cause.UNMERGE):
            return True  # of this merge, or of one that was undone
        if line.snapshot.get("floor") in facts["floors"]:
            return True
        if line.cause == TierChange.Cause.MANUAL:
            return False
        told, own = _reached_then(line, facts["loser"])
        if told >= rank_of(line.to_tier):
            return own < rank_of(line.to_tier)
        # It was left by the rule for reviews: of what was held before.
    return False


def _reached_then(line: TierChange, loser: int) -> tuple[int, int]:
    """The rank that was reached by what a line has counted, and without what this account (id) has of it now."""
    told = line.snapshot
    version = TierSet.objects.filter(programme=line.programme_id, version=told.get("version", 0)).first()
    ladder = ladder_of_version(version) if version else None
    if ladder is None:
        return 0, 0
    span = datetime.fromisoformat(told["from"]), datetime.fromisoformat(told["to"])
    (theirs,) = measure(ladder, [(loser, span)])
    points, spend, orders = told["points"], told["spend_minor"], told["orders"]
    all_of_it = Measures(points, spend, orders)
    own = Measures(points - theirs.points, spend - theirs.spend_minor, orders - theirs.orders)
    return ladder.reached(all_of_it), ladder.reached(own)


def _best_without(
    winner: Account, facts: Mapping[str, Any], lines: Sequence[TierChange], now: datetime
) -> tuple[Tier | None, datetime | None, TierFloor | None]:
    """The highest tier that is earned, held by hand, or was held before the merge and not lost since; when it ends, and
    its floor.

    A tier from before the merge that a floor holds as long is the floor's: whoever ends it ends the tier.
    """
    found: list[tuple[Tier | None, datetime | None, TierFloor | None]] = []
    if ladder := ladder_of(winner.programme, now):
        (earned,) = standings_at(ladder, [winner], now)
        found.append((ladder.tiers.get(earned.rank), earned.valid_until, None))
    holding = TierFloor.objects.filter(account=winner).holding(now).select_related("tier")
    found += [(floor.tier, floor.ends_at, floor) for floor in holding]
    if before := _still_from_before(winner, facts, lines, now):
        found.append((*before, None))
    endless = datetime.max.replace(tzinfo=UTC)
    return max(found, key=lambda one: (rank_of(one[0]), one[1] or endless), default=(None, None, None))


def _still_from_before(
    winner: Account, facts: Mapping[str, Any], lines: Sequence[TierChange], now: datetime
) -> tuple[Tier, datetime | None] | None:
    """The tier from before the merge with its end; None where it is over, or lost since, or was that of a floor."""
    tier = Tier.objects.filter(pk=facts["tier"]).first()
    until = datetime.fromisoformat(facts["tier_until"]) if facts["tier_until"] else None
    gave = winner.tier_changes.filter(pk__lte=facts["change"]).order_by("-pk").first()
    if tier is None or (until and until <= now) or (gave and "floor" in gave.snapshot):
        return None  # a floor that holds still is looked at by itself
    for line in lines:
        if line.cause != TierChange.Cause.UNMERGE and rank_of(line.to_tier) < tier.rank:
            return None
    return tier, until


def _lasts_longer(one: Account, other: Account) -> bool:
    if other.tier_valid_until is None:
        return False
    return one.tier_valid_until is None or one.tier_valid_until > other.tier_valid_until


def _floor(
    account: Account,
    tier: Tier,
    at: datetime,
    ends_at: datetime | None,
    *,
    cause: str,
    reason: str,
    key: str,
    request: str,
    by: Agent | None,
) -> TierFloor:
    return TierFloor.objects.create(
        account=account, programme_id=account.programme_id, tier=tier, cause=cause, starts_at=at, ends_at=ends_at,
        reason=reason.strip()[:40], key=key, request_hash=request, set_by=by, recorded_at=clock.now(),
    )  # fmt: skip
