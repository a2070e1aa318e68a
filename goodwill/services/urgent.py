"""A customer on the line cannot wait: the request is put to one approver on duty after the other."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

import tickets.services
from agents.models import Agent
from agents.presence.models import Kind
from agents.telling import notify
from contactcenter import clock
from contactcenter.sweeping import each
from goodwill.limits import OF_APPROVER, first_over, limits_of
from goodwill.models import Request
from goodwill.services import locking
from goodwill.services.checking import approvers_of
from goodwill.services.posting import note
from goodwill.services.related import is_somebody_else
from tickets.models import Ticket

ANSWERS_WITHIN = timedelta(minutes=2)  # then the next one is asked
AT_ONCE = 50  # requests that one run of the sweep passes on


def put_to_next(request: Request, at: datetime, *, on: Ticket | None = None) -> Agent | None:
    """Put a waiting request to the next supervisor who is at their desk and may agree to it alone; who that is.

    Who was asked before is not asked again; with nobody left it waits for whoever answers. The ticket is locked.
    """
    ticket, nobody = on or request.ticket, None
    following = next((agent for agent in on_duty(request) if _may(agent, request, ticket, at)), nobody)
    if request.asked_of_id:
        request.passed = [*request.passed, request.asked_of_id]
    request.asked_of = following
    request.passes_at = at + ANSWERS_WITHIN if following else None
    request.save(update_fields=["asked_of", "passed", "passes_at"])
    if following is None:
        note(request, "nobody_there", by=None, at=at, on=on)
        return None
    note(request, "put_to", by=None, at=at, on=on)
    notify(
        [following], brand_id=request.brand_id, kind="goodwill_urgent", subject=request.ticket.reference,
        key=f"goodwill:{request.pk}:urgent", at=at, points=request.points, request=request.pk,
    )  # fmt: skip
    return following


def on_duty(request: Request) -> list[Agent]:
    """Those who may agree, are at their desk and neither asked nor agreed yet: who is in a team of the asker's
    first."""
    teams = request.asker.teams
    colleagues = teams.through.objects.filter(team__in=teams.all(), agent=OuterRef("pk"))
    people = [request.by_id, request.approver_id, request.asked_of_id, *request.passed]
    here = Agent.objects.filter(
        pk__in=approvers_of(request.ticket.brand).order_by().values("pk"),
        presence__kind__in=[Kind.AVAILABLE, Kind.BUSY],
    ).exclude(pk__in=[one for one in people if one])
    return list(here.annotate(near=Exists(colleagues)).order_by("-near", "presence__kind", "pk"))


def pass_on_due(*, at: datetime | None = None) -> int:
    """Put urgent requests that were not answered in time to the next; how many. Beat runs it every 15 seconds."""
    at = at or clock.now()
    due = Request.objects.to_pass_on(at).values_list("pk", "ticket_id")[:AT_ONCE]
    return each(_pass_on, ((pk, ticket, at) for pk, ticket in due))


@transaction.atomic
def _pass_on(pk: int, ticket: int, at: datetime) -> int:
    if not locking.claimed(ticket):
        return 0  # somebody answers it now, or another worker is at it
    request = Request.objects.select_related("ticket").get(pk=pk)
    on = tickets.services.lock_where_it_goes_on(request.ticket)
    asked = locking.as_it_is(request)
    if asked.passes_at is None or asked.passes_at > at:
        return 0
    put_to_next(asked, at, on=on)
    return 1


def _may(agent: Agent, request: Request, ticket: Ticket, at: datetime) -> bool:
    limits = limits_of(agent, ticket, request.points, at=at, but=request)
    over = first_over(one for one in limits if one.code in OF_APPROVER)
    return over is None and is_somebody_else(agent, ticket)
