"""What the page of one customer shows beside the pane that every ticket shows, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agents.models import Agent
from customers.models import Consent, ContactPoint, Customer, CustomerChange
from customers.services.profile import field_name
from customers.verification import masked
from desk import panes
from desk.person_forms import ASKED_HERE, SOURCES
from desk.twins import open_merge_of
from loyalty.models import Programme
from tickets.models import Ticket

OPEN_SHOWN = 10
ENDED_SHOWN = 5
HISTORY_SHOWN = 30


@dataclass(frozen=True)
class Line:
    """One line of a customer's history: what was done (`words`), its `icon`, by whom and when."""

    at: datetime
    icon: str
    words: str
    by: str


@dataclass(frozen=True)
class Preference:
    """What the customer last said about one purpose; `consent` is None while nothing was said."""

    purpose: str
    label: str
    consent: Consent | None
    is_asked_here: bool

    @property
    def source(self) -> str:
        return _where_said(self.consent.source) if self.consent else ""


def person_of(customer: Customer, *, by: Agent | None = None) -> dict[str, Any]:
    """Both panes of the customer's page; the number of queries does not depend on what there is."""
    consents = list(customer.consents.select_related("by").order_by("-recorded_at", "-id")[:HISTORY_SHOWN])
    tickets: Any = customer.tickets.select_related("brand", "queue", "assignee").order_by("-opened_at")
    unsolved = list(tickets.unsolved()[:OPEN_SHOWN])
    pane = panes.customer_pane(customer, by=by)
    return {
        **pane,
        "tickets": [*unsolved, *tickets.filter(status__in=Ticket.ENDED)[:ENDED_SHOWN]],
        "preferences": preferences(customer),
        "changes": _history(customer, consents, is_masked=pane["is_masked"]),
        "last_merge": open_merge_of(customer),
        "has_programme": Programme.objects.filter(brand=customer.brand_id).exists(),
        "kinds": ContactPoint.Kind.choices,
        "sources": SOURCES,
    }


def preferences(customer: Customer) -> list[Preference]:
    """The newest word on every purpose, one query for all."""
    newest = customer.consents.order_by("purpose", "-recorded_at", "-id").distinct("purpose")
    said = {consent.purpose: consent for consent in newest.select_related("by")}
    return [
        Preference(purpose.value, str(purpose.label), said.get(purpose), purpose in ASKED_HERE)
        for purpose in (*ASKED_HERE, Consent.Purpose.PROGRAMME)
    ]


def _history(customer: Customer, consents: list[Consent], *, is_masked: bool) -> list[Line]:
    """Who changed what, when, the newest first: addresses, profile and what was allowed."""
    changes = list(customer.changes.select_related("by", "words").order_by("-at", "-id")[:HISTORY_SHOWN])
    named = {change.data.get(name) for change in changes for name in ("point", "to")} - {None}
    rows = ContactPoint.ever.filter(customer=customer, pk__in=named)
    points = {point.pk: masked(point.kind, point.value) if is_masked else point.value for point in rows}
    lines = [Line(change.at, *_told(change, points), str(change.by or "")) for change in changes]
    lines += [Line(said.recorded_at, "scale", _consent_words(said), str(said.by or "")) for said in consents]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:HISTORY_SHOWN]


def _where_said(source: str) -> str:
    """Where a consent was given, in words where it is one of those the desk offers: call, on the phone."""
    return str(dict(SOURCES).get(source, source))


def _consent_words(said: Consent) -> str:
    figures = {"purpose": said.get_purpose_display(), "source": _where_said(said.source)}
    if said.given:
        return _("%(purpose)s: allowed, %(source)s") % figures
    return _("%(purpose)s: refused, %(source)s") % figures


def _told(change: CustomerChange, points: dict[int, str]) -> tuple[str, str]:
    """The icon and the words of a change; words that were erased leave a dash."""
    kinds, data = CustomerChange.Kind, change.data
    point, to = (points.get(data.get(name), "–") for name in ("point", "to"))
    if change.kind == kinds.PROFILE:
        return "pencil", "; ".join(_field_words(field, change) for field in data.get("fields", []))
    if change.kind == kinds.CORRECTED:
        return "pencil", _("%(before)s corrected to %(after)s") % {"before": point, "after": to}
    return {
        kinds.CREATED: ("user-plus", _("made by hand")),
        kinds.ADDED: ("plus", _("%s added") % point),
        kinds.REMOVED: ("x", _("%s removed") % point),
        kinds.VERIFIED: ("badge-check", _("%s confirmed") % point),
        kinds.MERGED: ("user-plus", _("merged with another customer")),
        kinds.UNMERGED: ("user-round", _("a merge undone, two customers again")),
    }[kinds(change.kind)]


def _field_words(field: str, change: CustomerChange) -> str:
    words = getattr(change, "words", None)
    before, after = (
        table.get(field) or "–" for table in ((words.before, words.after) if words else ({}, {}))
    )
    return _("%(field)s: %(before)s → %(after)s") % {
        "field": field_name(field),
        "before": before,
        "after": after,
    }
