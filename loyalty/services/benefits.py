"""What a member is entitled to, and the use of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty import tier_windows
from loyalty.models import Account, Benefit, BenefitUse, GivenBenefit, TierChange, with_merged

USE = "customers.serve_customer"


@dataclass(frozen=True)
class Entitlement:
    """A benefit a member has; of a counted one how often it was `used` this year and how often it may be.

    `until` is the end of a grace in which it outlives the tier, or of the time it was given for, else None.
    """

    benefit: Benefit
    used: int
    until: datetime | None

    @property
    def left(self) -> int | None:
        """How many uses are left this year; None where nothing is counted."""
        allowed = self.benefit.per_year
        return None if allowed is None else max(0, allowed - self.used)


def benefits_of(account: Account, at: datetime | None = None) -> list[Entitlement]:
    """What `account` is entitled to at the instant `at` (default: now), the best of each code. Three queries.

    Benefits of the tier that is held now, of all below it, of a tier whose grace still runs, and what was given.
    """
    at = at or clock.now()
    grace = _grace(account, at)
    held = account.tier.rank if account.tier else 0
    kept = grace.from_tier.rank if grace and grace.from_tier else 0
    rows = Benefit.objects.filter(programme=account.programme_id, is_active=True)
    rows = rows.annotate(given_until=_given_until(account, at)).select_related("tier")
    rows = rows.filter(Q(tier__rank__lte=max(held, kept)) | Q(given_until__isnull=False))
    best: dict[str, Any] = {row.code: row for row in rows.order_by("tier__rank")}
    used = _used(account, at) if any(row.kind == Benefit.Kind.COUNTED for row in best.values()) else {}
    return [Entitlement(row, used.get(code, 0), _until(row, held, kept, grace)) for code, row in best.items()]


@transaction.atomic
def use_benefit(
    account: Account,
    code: str,
    *,
    by: Agent | None,
    key: str,
    at: datetime | None = None,
    source: str = "",
) -> BenefitUse:
    """Use a counted benefit once; `source` says for what, a ticket's reference for example.

    Refused: `not_allowed`, `key_conflict`, `account_not_active`, `not_entitled`, `used_up`.
    """
    if by is not None:
        expect_right(by, USE, account.brand_id)
    at = at or clock.now()
    locked = Account.objects.select_for_update(of=("self",)).select_related("programme", "tier")
    account = locked.get(pk=account.pk)
    keys.claim(BenefitUse, key)
    request = keys.digest("use_benefit", account.pk, code, source)
    if earlier := BenefitUse.objects.filter(key=key).first():
        if earlier.request_hash != request:
            raise keys.conflict()
        return earlier
    benefit = _expect_left(account, code, at)
    return BenefitUse.objects.create(
        account=account, programme_id=account.programme_id, benefit=benefit, used_at=at, recorded_at=clock.now(),
        key=key, request_hash=request, source=source, actor=by,
    )  # fmt: skip


def _expect_left(account: Account, code: str, at: datetime) -> Benefit:
    if account.status != Account.Status.ACTIVE:
        raise Refused("account_not_active", _("This account is not active; nothing can be used on it."))
    found = next((one for one in benefits_of(account, at) if one.benefit.code == code), None)
    if found is None or found.left is None:
        raise Refused("not_entitled", _("The member’s tier has no such benefit to use."))
    if not found.left:
        raise Refused("used_up", _("All of this year are used."), details={"used": found.used})
    return found.benefit


def _given_until(account: Account, at: datetime) -> Subquery:
    """The end of what was given of a benefit and runs at `at`, on merged accounts too; NULL where nothing was."""
    given = GivenBenefit.objects.filter(account__pk__one_of=with_merged(account), benefit=OuterRef("pk"))
    running = given.filter(starts_at__lte=at, ends_at__gt=at).order_by("-ends_at")
    return Subquery(running.values("ends_at")[:1])


def _until(row: Any, held: int, kept: int, grace: TierChange | None) -> datetime | None:
    """When an entitlement ends that is not the tier's own: with its grace, or with the time it was given for."""
    if row.tier.rank <= held:
        return None
    return grace.benefits_until if grace and row.tier.rank <= kept else row.given_until


def _grace(account: Account, at: datetime) -> TierChange | None:
    """The last fall whose benefits still outlive it, the highest tier first."""
    running = account.tier_changes.filter(effective_at__lte=at, benefits_until__gt=at)
    return running.select_related("from_tier").order_by("-from_tier__rank").first()


def _used(account: Account, at: datetime) -> dict[str, int]:
    """How often each benefit (code) was used in the programme's calendar year, on merged accounts too."""
    start, end = tier_windows.calendar_year(at, account.programme.zone)
    uses = Q(used_at__gte=start, used_at__lt=end)
    rows = BenefitUse.objects.filter(uses, account__pk__one_of=with_merged(account)).values_list(
        "benefit__code"
    )
    return dict(rows.annotate(count=Count("pk")))
