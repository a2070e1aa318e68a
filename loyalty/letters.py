"""What letters about points say beyond their row."""

from __future__ import annotations

from datetime import date
from typing import Any

from customers.letters import KINDS, Kind
from customers.models import Consent, Notice
from loyalty.models import Redemption
from loyalty.services.confirming import code_of


def of_expiry(notice: Notice) -> dict[str, Any]:
    """The last day as a date, so that it reads in the language of the letter."""
    return {"last_day": date.fromisoformat(notice.context["last_day"])}


def of_code(notice: Notice) -> dict[str, Any]:
    """The code, made anew each time it is read: it stands in no row."""
    return {"code": code_of(Redemption.objects.get(pk=notice.context["redemption"]))}


def register() -> None:
    """Make the letters of this room known."""
    KINDS["points_expire"] = Kind(purpose=Consent.Purpose.PROGRAMME, facts=of_expiry)
    KINDS["redeem_code"] = Kind(facts=of_code)
    KINDS["reward_sent"] = Kind()  # what was chosen and paid for is told of, whatever else was declined
