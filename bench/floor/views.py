"""Two plain pages with the facts of the desk's: signed in through the same door, rendered by one template each."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from bench.floor import rows as rows_
from bench.floor.reply import reply
from bench.floor.rows import Row
from desk.access import AgentRequest, desk_view


@desk_view
def queue(request: AgentRequest) -> HttpResponse:
    """What `/?view=all` shows."""
    due, _, pk = request.GET.get("after", "").partition(",")
    rows = rows_.of_queue(request.user, (datetime.fromisoformat(due), int(pk)) if due else None)
    shown = [*rows["tickets"], *rows["due"]]
    agents = {row["assignee_id"] for row in rows["tickets"]} - {None}
    rows_.people(rows, customers=[row["customer_id"] for row in shown], agents=agents)
    return render(request, "floor/queue.html", _pane(rows))


@desk_view
def ticket(request: AgentRequest, reference: str) -> HttpResponse:
    """What `/tickets/FF-4812/` shows."""
    rows = rows_.of_ticket(rows_.of_queue(request.user), reference)
    return render(request, "floor/ticket.html", _pane(rows) | _ticket(rows))


@desk_view
@require_POST
def say(request: AgentRequest, reference: str) -> HttpResponse:
    """What `/tickets/FF-4812/say/` writes, and the empty form it answers with."""
    brands = rows_.of_house(request.user)["brands"]
    seen, to = reply(request.user, brands, reference, text=request.POST["text"], key=request.POST["key"])
    return render(
        request, "floor/said.html", {"reference": reference, "seen": seen, "to": to, "key": uuid4().hex}
    )


def _pane(rows: Row) -> Row:
    for row in [*rows["tickets"], *rows["due"]]:
        customer = rows["customers"][row["customer_id"]]
        account = rows["accounts"].get(row["customer_id"])
        row |= {
            "customer": customer["name"],
            "tier": rows["tiers"][account["tier_id"]]["name"] if account else "",
        }
    for row in rows["tickets"]:
        row["reference"] = f"{rows['brands'][row['brand_id']]['code']}-{row['number']}"
        row["assignee"] = _name(rows, row["assignee_id"])
    for row in rows["queues"].values():
        row["brand"] = rows["brands"][row["brand_id"]]["name"]
    return {
        "queues": rows["queues"].values(),
        **{key: rows[key] for key in ("tickets", "after", "due", "counts")},
    }


def _ticket(rows: Row) -> Row:
    ticket, account = rows["ticket"], rows["accounts"].get(rows["ticket"]["customer_id"])
    customer = rows["customers"][ticket["customer_id"]]
    ticket["reference"] = f"{rows['brands'][ticket['brand_id']]['code']}-{ticket['number']}"
    ticket |= {
        "queue": rows["queues"][ticket["queue_id"]]["name"],
        "assignee": _name(rows, ticket["assignee_id"]),
    }
    for row in rows["theirs"]:
        row["number"] = f"{rows['brands'][row['brand_id']]['code']}-{row['number']}"
    lines = {row["order_id"]: row["name"] for row in reversed(rows["lines"])}
    return {
        "ticket": ticket,
        "customer": customer,
        "account": account,
        "brand": rows["brands"][ticket["brand_id"]],
        "tier": rows["tiers"].get(account["tier_id"]) if account else None,
        "ladder": rows["tiers"].values(),
        "thread": _thread(rows),
        "points": rows["points"].values(),
        "orders": [row | {"line": lines.get(row["id"], "")} for row in rows["orders"][:3]],
        "moments": _moments(rows),
        "open_promises": [row for row in rows["promises"] if row["state"] in ("promised", "due")][:3],
        "elsewhere": [row for row in rows["theirs"] if row["is_open"] and row["id"] != ticket["id"]][:3],
        **{key: rows.get(key) for key in ("sums", "given", "reasons", "qualifying", "expiring", "programme")},
    }


def _thread(rows: Row) -> list[Row]:
    """Messages and events in one order, with the names of who spoke."""
    items = []
    for row in rows["messages"]:
        files = [file for file in rows["files"] if file["message_id"] == row["id"]]
        to = rows["points"].get(row["recipient_id"])
        items.append(
            row | {"at": row["created_at"], "by": _name(rows, row["author_id"]), "files": files, "to": to}
        )
    items += [row | {"by": _name(rows, row["by_id"]), "event": True} for row in rows["events"]]
    return sorted(items, key=itemgetter("at"))


def _moments(rows: Row) -> list[Row]:
    """The timeline, newest first."""
    moments = [row | {"at": row["occurred_at"], "what": "entry"} for row in rows.get("entries", [])]
    moments += [row | {"at": row["placed_at"], "what": "order"} for row in rows["orders"]]
    moments += [row | {"at": row["opened_at"], "what": "ticket"} for row in rows["theirs"]]
    ended = [row for row in rows["promises"] if row["ended_at"]]
    moments += [
        row | {"at": row["ended_at"], "what": "callback", "by": _name(rows, row["owner_id"])} for row in ended
    ]
    return sorted(moments, key=itemgetter("at"), reverse=True)[: rows_.TIMELINE]


def _name(rows: Row, agent: Any) -> str:
    return rows["agents"][agent]["name"] if agent else ""
