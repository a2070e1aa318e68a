"""What becomes of goodwill when a merge is undone: what was given on a ticket since goes where the ticket goes."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

import loyalty.services
from customers.models import Merge
from customers.services import Item, MergeStep, Undoing
from goodwill.models import Request
from loyalty.models import Account


def merge_goodwill(merge: Merge) -> dict[str, Any]:
    """Grants name ticket and account, which have followed by now."""
    return {}


def goodwill_since(merge: Merge) -> list[Item]:
    """Nothing of its own: the tickets are asked about."""
    return []


def unmerge_goodwill(undoing: Undoing) -> None:
    """Points given since on a ticket that goes back go with it, and the request with them; they count for no tier."""
    merge, facts = undoing.merge, undoing.merge.facts.get("loyalty", {})
    if "account" not in facts:
        return
    _hand_gifts(undoing)
    to = Account.objects.select_related("programme").filter(customer=merge.merged_id).first()
    given = Request.objects.filter(
        ticket__customer=merge.merged_id, account__customer=merge.kept_id, entry__seq__gt=facts["seq"]
    )
    for request in given.select_related("entry__account__programme").order_by("pk"):
        if request.entry:
            months = request.entry.account.programme.goodwill_months
            if entry := loyalty.services.hand_gift(undoing, request.entry, to, months=months):
                request.entry, request.account = entry, entry.account
                request.save(update_fields=["entry", "account"])


def _hand_gifts(undoing: Undoing) -> None:
    """Vouchers and benefits given since on a ticket that goes back go with it."""
    merge = undoing.merge
    to = Account.objects.filter(customer=merge.merged_id).first()
    theirs = Request.objects.filter(ticket__customer=merge.merged_id, account__customer=merge.kept_id)
    given = theirs.filter(Q(redemption__isnull=False) | Q(given_benefit__isnull=False))
    for request in given.select_related("redemption", "given_benefit").order_by("pk"):
        loyalty.services.hand_given(request.redemption or request.given_benefit, to, at=undoing.at)
        if request.redemption or to:
            request.account = to
            request.save(update_fields=["account"])


STEP = MergeStep(name="goodwill", merge=merge_goodwill, unmerge=unmerge_goodwill, since=goodwill_since)
