"""Whom an incident hit, what became of them, and who is still to be given something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from goodwill.limits import SENTENCES
from goodwill.models import IncidentGrant, IncidentLine, Request
from goodwill.models.incidents import GIVEN
from tickets.models import Ticket, TicketLink


def incident_of(grant: IncidentGrant) -> int:
    """The ticket that a deed's incident is by now: its own, or the one that it went into."""
    return grant.ticket.merged_into_id or grant.ticket.pk


def hit_by(incident: int) -> QuerySet[Ticket]:
    """For each customer hit by the incident (a ticket's id) the first of their tickets linked to it, by customer.

    What was merged counts where it goes on: two tickets that became one are one, two customers who became one are
    one. Links of tickets that went into the incident are links of the incident.
    """
    linked = TicketLink.objects.filter(other__in=_whole(incident), kind=TicketLink.Kind.INCIDENT)
    goes_on = linked.annotate(on=Coalesce("one__merged_into", "one")).values("on")
    return Ticket.objects.filter(pk__in=goes_on).order_by("customer_id", "pk").distinct("customer_id")


def given_for(incident: int) -> QuerySet[IncidentLine]:
    """Whom the incident was made good to, by whichever deed."""
    return IncidentLine.objects.filter(grant__ticket__in=_whole(incident), outcome=GIVEN)


def to_be_given(incident: int) -> QuerySet[Ticket]:
    """As `hit_by`, of those to whom it was not made good yet."""
    return hit_by(incident).exclude(customer__in=given_for(incident).values("ticket__customer"))


def to_do(grant: IncidentGrant) -> QuerySet[Ticket]:
    """As `to_be_given`, of those who have no line of this deed yet: neither given nor left out."""
    seen_to = IncidentLine.objects.filter(grant=grant.pk)
    return to_be_given(incident_of(grant)).exclude(customer__in=seen_to.values("ticket__customer"))


def given_something(ticket: Ticket, incident: int) -> bool:
    """Whether the customer of a ticket was given goodwill, or waits for it, on any ticket linked to the incident."""
    linked = TicketLink.objects.filter(kind=TicketLink.Kind.INCIDENT, other__in=_whole(incident)).values(
        "one"
    )
    theirs = Request.objects.counting().filter(ticket__customer=ticket.customer_id)
    return theirs.filter(Q(ticket__in=linked) | Q(ticket=ticket.pk)).exists()


def _whole(incident: int) -> QuerySet[Any]:
    """The ticket and all that went into it."""
    return Ticket.objects.filter(Q(pk=incident) | Q(merged_into=incident)).values("pk")


@dataclass(frozen=True)
class Progress:
    """How far one deed is, in customers: given to, left out by the word for why, still to do of `hit` by now."""

    given: int
    left_out: dict[str, int]
    to_do: int
    hit: int

    @property
    def seen_to(self) -> int:
        return self.given + sum(self.left_out.values())

    @property
    def percent(self) -> int:
        """How much of the way is gone, 0 to 100."""
        return self.seen_to * 100 // (self.seen_to + self.to_do) if self.seen_to else 0

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why how many were left out, in words, the most first."""
        counts = sorted(self.left_out.items(), key=lambda one: (-one[1], one[0]))
        return [(why(code, ""), count) for code, count in counts]


def progress_of(grant: IncidentGrant) -> Progress:
    """How far a deed is. Three questions."""
    counts = dict(grant.lines.order_by().values_list("outcome").annotate(count=Count("pk")))
    given = counts.pop(GIVEN, 0)
    return Progress(given, counts, to_do(grant).count(), hit_by(incident_of(grant)).count())


def report_of(grant: IncidentGrant) -> QuerySet[IncidentLine]:
    """What became of each customer, in the order in which they were seen to, with what a report names."""
    lines = grant.lines.select_related("ticket__customer", "ticket__brand", "request__account")
    rows: QuerySet[IncidentLine] = lines.annotate(points=F("request__points")).order_by("pk")
    return rows


def why(code: str, bound: str) -> str:
    """In words what became of somebody: given, or what stood against it, with the limit where that was one."""
    if code == "over_limit" and bound in SENTENCES:
        return _("over a limit: %s") % LIMITS.get(bound, lambda: bound)()
    return WORDS.get(code, lambda: code)()


WORDS: dict[str, Callable[[], str]] = {
    GIVEN: lambda: _("given"),
    "no_member": lambda: _("no member"),
    "over_limit": lambda: _("over a limit for one customer"),
    "own_account": lambda: _("has the address of who asked or agreed"),
    "account_not_active": lambda: _("the account is not active"),
    "budget_is_over": lambda: _("the time of the budget was over"),
    "other_brand": lambda: _("the reason was not in use any more"),
    "outside_reason": lambda: _("the reason did not allow so many points any more"),
    "not_for_tier": lambda: _("has it anyway by the tier"),
    "reason_excluded": lambda: _("was given on this ticket what excludes it"),
    "given_something": lambda: _("was given something on such a ticket"),
}
LIMITS: dict[str, Callable[[], str]] = {
    "per_grant": lambda: _("points at once"),
    "per_ticket": lambda: _("points on one ticket"),
    "customer_30": lambda: _("points to one customer in 30 days"),
    "customer_90": lambda: _("points to one customer in 90 days"),
    "customer_365": lambda: _("points to one customer in a year"),
    "grants_customer_30": lambda: _("times to one customer in 30 days"),
    "grants_customer_90": lambda: _("times to one customer in 90 days"),
    "grants_customer_365": lambda: _("times to one customer in a year"),
}
