"""What a wait on us has cost the customer is made good: points and tiers that ran out in it are kept for as long."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

import loyalty.services
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty.models import Account, Lot, LotExtension, TierChange, TierFloor
from tickets.models import Clock, ClockFact, Ticket, TicketEvent
from tickets.services.steps import record
from tickets.sla import AROUND_THE_CLOCK, Fact
from tickets.waiting import Wait, waits

AT_ONCE = 50  # tickets among which one that nobody works on is looked for
Event = TicketEvent.Kind


@transaction.atomic
def make_good_next(*, at: datetime | None = None) -> bool:
    """Look at the waits of one ticket that ended by `at`, of a ticket nobody works on; False: none is left.

    Once a lot and ticket, whoever runs at the same time; what ran out before or after the wait stays as it is.
    """
    at = at or clock.now()
    due = Clock.objects.to_make_good(at).values("ticket")
    free = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).select_related("brand")
    ticket = free.filter(pk__in=due[:AT_ONCE]).order_by("pk").first()
    if ticket is None:
        return False
    clocks = list(Clock.objects.filter(ticket=ticket, wait_ended_at__lte=at))
    account = Account.objects.select_related("programme").filter(customer=ticket.customer_id).first()
    if account and account.programme.delay_days:
        for wait in _waits(clocks):
            _make_good(ticket, account, wait, at)
    Clock.objects.filter(pk__in=[one.pk for one in clocks]).update(wait_ended_at=None)
    return True


def _waits(clocks: list[Clock]) -> list[Wait]:
    found: list[Wait] = []
    for one in clocks:
        lines = ClockFact.objects.filter(clock=one).order_by("seq")
        found += waits([Fact(line.kind, line.at, line.target, AROUND_THE_CLOCK) for line in lines])
    return found


def _make_good(ticket: Ticket, account: Account, wait: Wait, at: datetime) -> None:
    """Keep what ran out in one wait; the account is locked by the deeds of the ledger, after the ticket."""
    ended = Lot.objects.filter(account=account, expires_at__gt=wait.start, expires_at__lte=wait.end)
    for lot in ended.order_by("expires_at", "pk"):
        if extension := _extended(ticket, lot, wait, at):
            record(
                ticket, Event.KEPT, by=None, at=at, before=extension.was_until.isoformat(),
                after=extension.until.isoformat(), extension=extension.pk, points=extension.points,
            )  # fmt: skip
    for lost_at in _tiers_lost(account, wait):
        _keep_tier(ticket, account, lost_at, wait, at)


def _tiers_lost(account: Account, wait: Wait) -> list[datetime]:
    """When in the wait a tier was lost, or was over and has not been reviewed yet."""
    lost = account.tier_changes.filter(
        cause=TierChange.Cause.LAPSED, effective_at__gt=wait.start, effective_at__lte=wait.end
    )
    found = list(lost.order_by("pk").values_list("effective_at", flat=True))
    over = account.tier_valid_until
    return [*found, over] if over and wait.holds(over) and over not in found else found


def _extended(ticket: Ticket, lot: Lot, wait: Wait, at: datetime) -> LotExtension | None:
    """The extension of a lot that is new; None where there was one for this ticket, or none is to be had."""
    source = f"ticket:{ticket.reference}"
    if LotExtension.objects.filter(lot=lot, source=source).exists():
        return None
    key = f"delay:{ticket.pk}:{lot.pk}"
    try:
        return loyalty.services.extend(lot, waited=wait.length, source=source, key=key, at=at)
    except Refused:
        return None


def _keep_tier(ticket: Ticket, account: Account, lost_at: datetime, wait: Wait, at: datetime) -> None:
    key = f"delay:{ticket.pk}:tier:{int(lost_at.timestamp())}"
    if TierFloor.objects.filter(key=key).exists():
        return
    floor = loyalty.services.keep_tier(account, lost_at, waited=wait.length, key=key, at=at)
    if floor and floor.ends_at:
        before, after = lost_at.isoformat(), floor.ends_at.isoformat()
        record(ticket, Event.KEPT, by=None, at=at, before=before, after=after, floor=floor.pk)
