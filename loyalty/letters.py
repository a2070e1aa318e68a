"""What letters about points say beyond their row."""

from __future__ import annotations

from datetime import date
from typing import Any

from customers.letters import KINDS, Kind
from customers.models import Consent, Notice


def of_expiry(notice: Notice) -> dict[str, Any]:
    """The last day as a date, so that it reads in the language of the letter."""
    return {"last_day": date.fromisoformat(notice.context["last_day"])}


def register() -> None:
    """Make the letters of this room known."""
    KINDS["points_expire"] = Kind(purpose=Consent.Purpose.PROGRAMME, facts=of_expiry)
