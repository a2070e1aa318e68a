"""Taking given points back: by who gave them, within 15 minutes and while they are unspent; later by a supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

import loyalty.services
import tickets.services
from agents.models import Agent
from agents.rights import expect_right
from agents.telling import notify
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.models import Request
from goodwill.services import locking
from goodwill.services.checking import APPROVE
from goodwill.services.gifts import take_back_gift
from goodwill.services.posting import note
from goodwill.services.telling import was_told
from loyalty.models import Lot
from tickets.models import Ticket

UNDO_WITHIN = timedelta(minutes=15)
State = Request.State


@transaction.atomic
def undo(request: Request, *, by: Agent, at: datetime | None = None) -> Request:
    """Take back what one gave within 15 minutes, while all of it is unspent. Safe to repeat.

    Where the customer was told already, the conversation says so, and a correction waits there to be read and sent.

    Refused: `not_yours`, `not_given`, `customer_chose`, `too_late`, `already_spent`, `already_used`.
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
    _expect_given(given)
    if hasattr(given, "offer"):
        raise Refused(
            "customer_chose", _("The customer has chosen this themselves. A supervisor can take it back.")
        )
    if at > _given_at(given) + UNDO_WITHIN:
        raise Refused(
            "too_late", _("This can be undone for 15 minutes. A supervisor can take the points back.")
        )
    locking.lock_account(ticket, by)
    if given.entry and Lot.objects.get(entry=given.entry).remaining < given.points:
        raise Refused(
            "already_spent", _("Some of these points are spent, so this cannot be undone any more.")
        )
    return _take_back(given, State.UNDONE, by=by, at=at, on=ticket)


@transaction.atomic
def reverse(request: Request, *, by: Agent, reason: str, at: datetime | None = None) -> Request:
    """Take given points back as a supervisor, whether spent or not, for a `reason` (a code). Safe to repeat.

    What is spent is owed or forgiven, as the programme says; a voucher is worth nothing from then on. Refused:
    `not_allowed`, `reason_missing`, `not_given`, `already_used`.
    """
    at = at or clock.now()
    expect_right(by, APPROVE, request.brand_id)
    if not reason:
        raise Refused("reason_missing", _("Taking points back needs a reason."))
    ticket = tickets.services.lock_where_it_goes_on(request.ticket)
    given = locking.as_it_is(request)
    if given.state == State.REVERSED:
        return given
    _expect_given(given)
    return _take_back(given, State.REVERSED, by=by, at=at, on=ticket, reason=reason)


def _expect_given(given: Request) -> None:
    if given.state != State.POSTED:
        raise Refused("not_given", _("There is nothing to take back: %s.") % given.get_state_display())


def _given_at(given: Request) -> datetime:
    """When it was given. The database holds what is posted to one of the three."""
    if given.entry is not None:
        return given.entry.posted_at
    return given.redemption.asked_at if given.redemption else given.given_benefit.starts_at  # type: ignore[union-attr]


def _take_back(
    given: Request, state: State, *, by: Agent, at: datetime, on: Ticket, reason: str = ""
) -> Request:
    if (entry := given.entry) is None:
        take_back_gift(given, at=at)
        tickets.services.follow_benefits(on, at)
    else:
        given.returned = loyalty.services.reverse(
            entry.account, entry, given.points, by=by, key=f"gw:{given.key}:back", at=at,
            source=f"ticket:{on.reference}", reason=reason or state,
        )  # fmt: skip
    given.state = state
    given.save(update_fields=["state", "returned"])
    locking.book(given.budget, spent=-given.points)
    told = was_told(given, on)
    note(given, state, by=by, at=at, on=on, told=told)
    if told and given.by is not None and given.by != by:
        notify(
            [given.by], brand_id=given.brand_id, kind="goodwill_taken_back", subject=on.reference,
            key=f"goodwill:{given.pk}:back", at=at, points=given.points, request=given.pk,
        )  # fmt: skip
    return given
