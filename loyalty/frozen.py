"""Why nothing moves on an account: the reasons by their codes, and what is told of a frozen one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.models import Agent
from loyalty.models import Account, AccountEvent

FREEZE = {
    "suspicion": _("its points moved in a strange way"),
    "takeover": _("somebody else may be using it"),
    "dispute": _("an order is in dispute"),
    "asked": _("the member asked for it"),
}
UNFREEZE = {
    "cleared": _("it was looked into, all is well"),
    "settled": _("the dispute is settled"),
    "asked": _("the member asked for it"),
    "mistake": _("it was frozen by mistake"),
}


@dataclass(frozen=True)
class Frozen:
    """Since when an account is frozen, why in words, and by whom (None: by the house itself).

    All of them are unknown (None, "") of one that was frozen before there was a history.
    """

    since: datetime | None
    because: str
    by: Agent | None


def last_frozen() -> QuerySet[AccountEvent]:
    """When accounts were frozen, the last time first."""
    return AccountEvent.objects.filter(kind=AccountEvent.Kind.FROZEN).order_by("-id")


def frozen(account: Account, events: Sequence[AccountEvent] | None = None) -> Frozen | None:
    """What is told of a frozen account; None, without a query, for any other.

    `events` if the caller has just asked when it was frozen, the last time first.
    """
    if account.status != Account.Status.FROZEN:
        return None
    if events is None:
        events = list(last_frozen().filter(account=account).select_related("actor")[:1])
    if not events:
        return Frozen(None, "", None)
    last = events[0]
    return Frozen(last.at, str(FREEZE.get(last.reason, last.reason)), last.actor)
