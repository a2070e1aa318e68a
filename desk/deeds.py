"""What was done on a ticket, in words: the template of an event only prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from agents.models import Agent
from desk.templatetags.desk import money, signed, window
from loyalty.models import Account
from tickets.models import Ticket, TicketEvent

Kind = TicketEvent.Kind
PROMISES: dict[str, Callable[[], str]] = {
    "promised": lambda: _("Callback promised"),
    "kept": lambda: _("Promise kept"),
    "no_answer": lambda: _("No answer, next try"),
    "moved": lambda: _("Callback moved"),
}


class Told(TypedDict):
    """An icon, what stands out, what follows it, and the ledger entry that says why (None: none)."""

    icon: str
    bold: str
    words: str
    entry: int | None


def told(
    event: TicketEvent, *, reasons: dict[str, str], colleagues: list[Agent], account: Account | None
) -> Told:
    """How an event reads: `reasons` by code, `colleagues` who may be named, the customer's `account` for money."""
    name = event.by.first_name if event.by else _("the customer wrote")
    if event.kind == Kind.GOODWILL:
        return _goodwill(event, name, reasons, account)
    if event.kind == Kind.CALLBACK:
        return _callback(event, name)
    if event.kind == Kind.ASSIGNED:
        return {"icon": "user-round", "bold": "", "words": _assigned(event, name, colleagues), "entry": None}
    if event.kind == Kind.RESOLVED:
        return {"icon": "check", "bold": _("Resolved"), "words": f" · {name}", "entry": None}
    if event.kind == Kind.REOPENED:
        return {"icon": "circle-dot", "bold": _("Open again"), "words": f" · {name}", "entry": None}
    if event.kind == Kind.LATE:
        return {"icon": "hourglass", "bold": _("Late"), "words": f" · {_late(event)}", "entry": None}
    if event.kind in (Kind.PRIORITY, Kind.MOVED):
        return {"icon": "circle-dot", "bold": "", "words": _changed(event), "entry": None}
    status = Ticket.Status(event.data["after"]).label
    return {"icon": "circle-dot", "bold": "", "words": f"{status} · {name}", "entry": None}


def _late(event: TicketEvent) -> str:
    clocks = {"first": _("first reply"), "next": _("reply"), "resolution": _("solution")}
    return clocks[event.data["clock"]]


def _changed(event: TicketEvent) -> str:
    """A change of queue or priority; by nobody where a promise that was not kept brought it."""
    by = event.by.first_name if event.by else _("the promise was not kept")
    if event.kind == Kind.MOVED:
        return f"{_('Moved to another queue')} · {by}"
    return f"{_('Priority')} {Ticket.Priority(event.data['after']).label} · {by}"


def _goodwill(event: TicketEvent, name: str, reasons: dict[str, str], account: Account | None) -> Told:
    points, code = event.data["points"], event.data["reason"]
    worth = money(account.worth(points), account.programme.brand.currency) if account else ""
    return {
        "icon": "hand-heart",
        "bold": f"{signed(points)} {_('points')}",
        "words": f" {worth} {_('goodwill')} · {reasons.get(code, code)} · {name} ",
        "entry": event.data["entry"],
    }


def _callback(event: TicketEvent, name: str) -> Told:
    data: dict[str, Any] = event.data
    is_task, what = data["kind"] == "task", data["what"]
    bold = PROMISES.get(what, lambda: _("Callback cancelled"))()
    if what == "promised" and is_task:
        bold = _("Task written down")
    ended = what in ("kept", "cancelled")
    when = "" if ended else f" {window(data['from'], data['to'], data['zone'])}"
    icon = "calendar-check" if is_task else "phone-call"
    return {"icon": icon, "bold": bold, "words": f"{when} · {name}", "entry": None}


def _assigned(event: TicketEvent, name: str, colleagues: list[Agent]) -> str:
    to = event.data["to"]
    if to is None:
        return _("%(by)s gave the ticket back to the queue") % {"by": name}
    if to == event.by_id:
        return _("%(by)s took the ticket") % {"by": name}
    words = _("%(by)s assigned the ticket") % {"by": name}
    named = next((colleague.name for colleague in colleagues if colleague.pk == to), "")
    return f"{words} {_('to %(name)s') % {'name': named}}" if named else words
