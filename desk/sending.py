"""From the composer to the customer: at once, after the seconds in which it can be undone, or at a chosen hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

import tickets.services
from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Invalid
from desk.keys import TABLE
from desk.snoozing import MORNING
from tickets.models import Draft, Message, Ticket

AFTERNOON = time(15)
AFTERNOON_UNTIL = time(14, 30)  # later than that it would be no "later" any more


@dataclass(frozen=True)
class SendHour:
    """An hour to send at: its `code` for the form, its words, and the instant it means."""

    code: str
    words: str
    at: datetime


def choices(ticket: Ticket, now: datetime | None = None) -> list[SendHour]:
    """What is offered at `now`, on the customer's clock: this afternoon while that is to come, tomorrow morning."""
    zone = clock.zone(ticket.customer.time_zone, ticket.brand.time_zone)
    local = (now or clock.now()).astimezone(zone)
    found = []
    if local.time() < AFTERNOON_UNTIL:
        at = datetime.combine(local.date(), AFTERNOON, tzinfo=zone)
        found.append(SendHour("afternoon", _("This afternoon, %s") % _hour(at), at))
    at = datetime.combine(local.date() + timedelta(days=1), MORNING, tzinfo=zone)
    found.append(SendHour("tomorrow", _("Tomorrow, %s") % _hour(at), at))
    return found


def reply(ticket: Ticket, form: dict[str, Any], *, by: Agent, at: datetime | None = None) -> Message | Draft:
    """The reply that was sent, or that is held until it goes out, with what its macros do."""
    at = at or clock.now()
    how = {
        "at": at,
        "by": by,
        "key": form["key"],
        "seen": None if form["anyway"] else form["seen"],
        "then": form["then"] or Draft.Then.STAY,
        "macros": form["macro"],
        "version": form["version"] or 0,
    }
    if form["later"]:
        until = _chosen(ticket, form)
        return tickets.services.hold(
            ticket, form["text"], until=until, is_scheduled=True, whatever_comes=form["whatever"], **how
        )
    if not settings.UNDO_SEND_SECONDS:
        return tickets.services.send_now(ticket, form["text"], **how)
    until = at + timedelta(seconds=settings.UNDO_SEND_SECONDS)
    return tickets.services.hold(ticket, form["text"], until=until, **how)


def told(draft: Draft) -> dict[str, Any]:
    """What the page needs to show the reply's seconds running out, and to undo it."""
    to = draft.ticket.customer.name or draft.ticket.reference
    due_at = draft.due_at or clock.now()
    if draft.is_scheduled:
        words = _("Goes to %(name)s on %(hour)s") % {
            "name": to,
            "hour": date_format(timezone.localtime(due_at), "DAY_AND_TIME"),
        }
    else:
        words = _("Sending to %s") % to
    return {
        "id": draft.pk,
        "words": words,
        "until": due_at.isoformat(),
        "seconds": 0 if draft.is_scheduled else settings.UNDO_SEND_SECONDS,
        "undo": reverse("desk:held", args=[draft.pk, "undo"]),
        "label": _("Undo"),
        "left": _("in {n} s"),
        "key": TABLE["undo"].keys,
        "cap": TABLE["undo"].shown[0][0],
        "ticket": draft.ticket.reference,
    }


def _chosen(ticket: Ticket, form: dict[str, Any]) -> datetime:
    if form["later"] == "own":
        if not form["later_at"]:
            raise Invalid("invalid", _("Choose a day and an hour."))
        own: datetime = form["later_at"]
        return own
    for choice in choices(ticket):
        if choice.code == form["later"]:
            return choice.at
    raise Invalid("invalid", _("Choose another hour: this one is over."))


def _hour(at: datetime) -> str:
    """The hour on the customer's clock, with the agent's beside it where that is another."""
    own = timezone.localtime(at)
    words = f"{at:%H:%M}"
    return words if own.utcoffset() == at.utcoffset() else _("%(there)s there, %(here)s here") % {
        "there": words, "here": f"{own:%H:%M}",
    }  # fmt: skip
