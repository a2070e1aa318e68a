"""Points that a member still has because they waited on us."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from loyalty.models import LotExtension


def extensions(at: datetime) -> QuerySet[LotExtension]:
    """The newest extension of each open lot that would have ended by `at` without it, the first to end first."""
    rows = LotExtension.objects.filter(lot__is_open=True, was_until__lte=at, until__gt=at)
    return rows.order_by("until", "pk")
