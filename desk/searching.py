"""What the search page shows of each ticket that was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Agent
from desk.queue import SHOWN
from tickets.models import Ticket
from tickets.search import Results

COLUMNS = ("pk", "number", "brand__code", "subject", "status", "is_open", "opened_at", "last_words")
ICONS = {
    "ticket": "ticket",
    "order": "shopping-bag",
    "account": "award",
    "phone": "phone",
    "mail": "mail",
    "handle": "message-circle",
    "name": "user-round",
}


@dataclass
class Hits:
    """Rows under a heading: what was named for sure, who is called so, what holds the words."""

    title: str
    rows: list[dict[str, Any]]


def groups(results: Results, agent: Agent) -> list[Hits]:
    """The hits ready to be printed; one that `agent` may not see is not there."""
    tickets: Any = Ticket.objects.visible_to(agent).filter(pk__in=[hit.ticket for hit in results.hits])
    known = {row["pk"]: row for row in tickets.annotate(**SHOWN).values(*COLUMNS, *SHOWN)}
    labels = {status.value: status.label for status in Ticket.Status}
    parts: dict[str, Hits] = {}
    for hit in results.hits:
        if row := known.get(hit.ticket):
            reference = f"{row['brand__code']}-{row['number']}"
            title = _title(hit.how)
            group = parts.setdefault(title, Hits(title, []))
            group.rows.append(
                {
                    "pk": row["pk"],
                    "reference": reference,
                    "address": reverse("desk:ticket", args=[reference]),
                    "customer": row["customer_name"] or _("Unknown"),
                    "tier": row["tier"],
                    "tier_name": row["tier_name"],
                    "status": labels[row["status"]],
                    "ended": not row["is_open"],
                    "opened_at": row["opened_at"],
                    "named": row["subject"] or _("No subject"),
                    "subject": hit.subject or row["subject"] or _("No subject"),
                    "piece": hit.piece or row["last_words"],
                    "icon": ICONS.get(hit.how, ""),
                    "what": hit.what,
                }
            )
    return list(parts.values())


def _title(how: str) -> str:
    if how in ("words", "filter"):
        return _("What was written") if how == "words" else _("Newest first")
    return _("By name") if how == "name" else _("Exactly this")
