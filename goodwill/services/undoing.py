"""Taking given points back: by who gave them, within 15 minutes and while they are unspent; later by a supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

import loyalty.services
import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.models import Request
from goodwill.services import locking
from goodwill.services.checking import APPROVE
from goodwill.services.posting import note
from loyalty.models import Entry, Lot
from tickets.models import Ticket

UNDO_WITHIN = timedelta(minutes=15)
State = Request.State


@transaction.atomic
def undo(request: Request, *, by: Agent, at: datetime | None = None) -> Request:
    """Take back what one gave within 15 minutes, while all of it is unspent. Safe to repeat.

    Refused: `not_yours`, `not_given`, `too_late`, `already_spent`.
    """
    at = at or clock.now()
    ticket = tickets.services.lock_where_it_goes_on(request.ticket)
    given = locking.as_it_is(request)
    if given.by_id != by.pk:
        raise Refused(
            "not_yours", _("Only who gave the points can undo it; a supervisor can take them back.")
        )
    if given.state == State.UNDONE:
        return given
    entry = _expect_given(given)
    if at > entry.posted_at + UNDO_WITHIN:
        raise Refused(
            "too_late", _("This can be undone for 15 minutes. A supervisor can take the points back.")
        )
    locking.lock_account(ticket, by)
    if Lot.objects.get(entry=entry).remaining < given.points:
        raise Refused(
            "already_spent", _("Some of these points are spent, so this cannot be undone any more.")
        )
    return _take_back(given, entry, State.UNDONE, by=by, at=at, on=ticket)


@transaction.atomic
def reverse(request: Request, *, by: Agent, reason: str, at: datetime | None = None) -> Request:
    """Take given points back as a supervisor, whether spent or not, for a `reason` (a code). Safe to repeat.

    What is spent is owed or forgiven, as the programme says. Refused: `not_allowed`, `reason_missing`, `not_given`.
    """
    at = at or clock.now()
    expect_right(by, APPROVE, request.brand_id)
    if not reason:
        raise Refused("reason_missing", _("Taking points back needs a reason."))
    ticket = tickets.services.lock_where_it_goes_on(request.ticket)
    given = locking.as_it_is(request)
    if given.state == State.REVERSED:
        return given
    return _take_back(given, _expect_given(given), State.REVERSED, by=by, at=at, on=ticket, reason=reason)


def _expect_given(given: Request) -> Entry:
    if given.state != State.POSTED or given.entry is None:
        raise Refused("not_given", _("There are no points to take back: %s.") % given.get_state_display())
    return given.entry


def _take_back(
    given: Request, entry: Entry, state: State, *, by: Agent, at: datetime, on: Ticket, reason: str = ""
) -> Request:
    given.returned = loyalty.services.reverse(
        entry.account, entry, given.points, by=by, key=f"gw:{given.key}:back", at=at,
        source=f"ticket:{on.reference}", reason=reason or state,
    )  # fmt: skip
    given.state = state
    given.save(update_fields=["state", "returned"])
    locking.book(given.budget, spent=-given.points)
    note(given, state, by=by, at=at, on=on)
    return given
