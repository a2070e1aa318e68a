"""Reasons, limits and gifts of goodwill."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import goodwill.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from goodwill.models import Budget, Finding, IncidentGrant, Offer, Pledge, Policy, Reason, Watch
from tests.make.loyalty import make_benefit, make_member
from tests.make.names import instant, unique
from tests.make.people import make_agent, make_brand
from tests.make.tickets import make_queue, make_ticket
from tickets.models import Queue, Ticket


def make_reason(*, brand: Brand | None = None, **fields: Any) -> Reason:
    """A reason for goodwill that allows 50 to 1,000 points."""
    fields.setdefault("code", unique("late-parcel-"))
    fields.setdefault("label", "Late parcel")
    fields.setdefault("sentence", "We have added {points} points (worth {worth}) for the long wait.")
    return Reason.objects.create(brand=brand or make_brand(), **fields)


def make_policy(*, agent: Agent, brand: Brand, **fields: Any) -> Policy:
    """What one agent may give in this brand, for as long as anybody remembers."""
    since = instant("2020-01-01T00:00:00+00:00")
    return Policy.objects.create(
        **({"agent": agent, "brand": brand, "per_grant": 500, "starts_at": since} | fields)
    )


def make_budget(*, brand: Brand, **fields: Any) -> Budget:
    """10,000 points to give until thirty days from now."""
    at = clock.now()
    when = {"starts_at": at - timedelta(days=1), "ends_at": at + timedelta(days=30)}
    return Budget.objects.create(
        **({"brand": brand, "name": unique("Budget "), "points": 10_000} | when | fields)
    )


def make_incident_grant(incident: Ticket, *hit: Ticket, by: Agent) -> IncidentGrant:
    """Goodwill asked for each customer whose ticket the incident caused; the first of them was left out already."""
    for ticket in hit:
        tickets.services.link(ticket, incident, kind="incident", by=by)
    reason = Reason.objects.filter(brand=incident.brand_id).earliest("pk")
    grant = goodwill.services.incidents.ask(incident, 100, by=by, reason=reason, key=unique())
    grant.lines.create(brand_id=incident.brand_id, ticket=hit[0], outcome="no_member")
    return grant


def make_remedies(*, brand: Brand, by: Agent, mark: str = "") -> Offer:
    """A member who was given a benefit, and one who may choose between 50 points and a call; both called `mark`."""
    mark = mark or unique("Remedy ")
    queue = Queue.objects.filter(brand=brand).first() or make_queue(brand=brand)
    reason = make_reason(brand=brand, label=mark)
    given, asked = (
        make_ticket(customer=make_member(brand=brand, name=mark), queue=queue, subject=mark, text=mark)
        for _ in range(2)
    )
    benefit = make_benefit(given.customer.account.programme, name=mark)
    goodwill.services.grant_gift(given, benefit, by=by, reason=reason, key=unique("gift"))
    options = [goodwill.services.Option(50), goodwill.services.Option()]
    return goodwill.services.offer(asked, options, by=by, reason=reason, key=unique("offer"), text=mark)


def make_pledge(*, brand: Brand, by: Agent | None = None, published: bool = True, **fields: Any) -> Pledge:
    """The first answer within an hour, or 100 points, from a budget of its own; from yesterday on."""
    by = by or make_agent(role=roles.SUPERVISOR, brands=[brand])
    since = clock.now() - timedelta(days=1)
    fields = {"name": unique("Pledge "), "minutes": 60, "points": 100, "starts_at": since} | fields
    fields["reason"] = fields.get("reason") or make_reason(brand=brand)
    fields["budget"] = fields.get("budget") or make_budget(brand=brand, pays_pledges=True)
    pledge = Pledge.objects.create(brand=brand, **fields)
    return goodwill.services.publish(pledge, by=by) if published else pledge


def make_finding(*, agent: Agent, brand: Brand, **fields: Any) -> Finding:
    """That an agent gave something to a customer of the same name."""
    told = {"kind": "related", "evidence": {"via": "name", "hits": 1, "points": 50, "requests": []}}
    return Finding.objects.create(brand=brand, agent=agent, key=unique("finding"), **(told | fields))


def make_watch(*, brand: Brand, night: str = "2026-01-01") -> Watch:
    """A night in which nothing was found."""
    return Watch.objects.create(brand=brand, night=night)
