"""What was done on a ticket, in words: the template of an event only prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import first_name_of
from callbacks.models import Callback
from customers.models import Verification
from desk import filled_in
from desk.giving import words_of_request
from desk.incidents import words_of_incident
from desk.linked import words_of
from desk.pledged import words_of_pledge
from desk.reasons_told import routed
from desk.templatetags.desk import money, signed, window
from loyalty.models import Account
from tickets.models import FieldValue, Survey, Ticket, TicketEvent
from tickets.models.feedback import BAD

Kind, Actor = TicketEvent.Kind, TicketEvent.Actor
PROMISES: dict[str, Callable[[], str]] = {
    "promised": lambda: _("Callback promised"),
    "kept": lambda: _("Promise kept"),
    "no_answer": lambda: _("No answer, next try"),
    "busy": lambda: _("Busy, next try"),
    "voicemail": lambda: _("Voicemail, next try"),
    "wrong_number": lambda: _("Wrong number, next try"),
    "not_tried": lambda: _("Nobody made the next try; it is planned anew"),
    "moved": lambda: _("Callback moved"),
    "missed": lambda: _("Promise missed"),
    "given_up": lambda: _("Not reached, given up"),
}


# Who did what no agent did.
OTHERS: dict[str, Any] = {
    Actor.CUSTOMER: gettext_lazy("the customer wrote"),
    Actor.RULE: gettext_lazy("a rule"),
    Actor.SYSTEM: gettext_lazy("the system"),
}


class Told(TypedDict):
    """An icon, what stands out, what follows it, and the ledger entry that says why (None: none)."""

    icon: str
    bold: str
    words: str
    entry: int | None


@dataclass(frozen=True)
class Known:
    """What an event is told with: the name of what it speaks of and of what stood there before (see `desk/naming.py`),
    what stood and stands in a field, and the customer's account for money."""

    named: str = ""
    was: str = ""
    values: Sequence[FieldValue] = ()
    account: Account | None = None


def told(event: TicketEvent, known: Known) -> Told:
    """How an event reads; of a kind that nobody has put into words yet, its name."""
    name = event.by.first_name if event.by else str(OTHERS.get(event.actor, ""))
    if event.kind == Kind.GOODWILL:
        return _goodwill(event, name, known)
    if event.kind == Kind.CALLBACK:
        return _callback(event, name)
    if event.kind == Kind.ASSIGNED:
        return _line("user-round", _assigned(event, name, known.named))
    if event.kind == Kind.RESOLVED:
        return _line("check", f" · {name}", bold=_("Resolved"))
    if event.kind == Kind.REOPENED:
        return _line("circle-dot", f" · {name}", bold=_("Open again"))
    if event.kind == Kind.RATED:
        return _rated(event)
    icon, words = WORDS.get(event.kind, ("circle-dot", _kind))
    return _line(icon, f"{words(event.data, event, known)} · {name}")


def mark(event: TicketEvent) -> Told:
    """Where a message stood that is a ticket of its own now."""
    return _line("arrow-up-right", _("Here stood what became %s") % event.data["ticket"])


def _line(icon: str, words: str, *, bold: str = "") -> Told:
    return {"icon": icon, "bold": bold, "words": words, "entry": None}


def _kind(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return str(event.get_kind_display())


def _status(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return str(Ticket.Status(data["after"]).label)


def _priority(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Priority: %s") % Ticket.Priority(data["after"]).label


def _type(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Type: %s") % Ticket.Type(data["after"]).label


def _tagged(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Tagged %s") % (known.named or "–")


def _untagged(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Tag %s taken off") % (known.named or "–")


def _linked(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    there = known.named or _("another ticket")
    return words_of(data["link"], data["end"], there)


def _unlinked(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    there = known.named or _("another ticket")
    return _("No longer: %s") % words_of(data["link"], data["end"], there)


def _moved(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Moved to another queue")


def _asked_for(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    if "incident_grant" in data:
        return words_of_incident(data, known.named)
    return words_of_pledge(data) if "pledge" in data else words_of_request(data, known.named)


def _late(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    clocks = {"first": _("First reply late"), "next": _("Reply late"), "resolution": _("Solution late")}
    return clocks[data["clock"]]


def _tier(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("The customer’s tier changed, and with it what is promised")


def _snoozed(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    until = timezone.localtime(datetime.fromisoformat(data["after"]))
    return _("Put off until %s") % date_format(until, "DAY_TIME")


def _woken(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Back in the queue")


def _closed(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Closed for good")


def _acknowledged(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    if not data["due"]:
        return _("Automatic first answer")
    due = timezone.localtime(datetime.fromisoformat(data["due"]))
    return _("Automatic first answer: we reply by %s") % date_format(due, "l H:i")


def _surveyed(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("The customer is asked how it was")


def _consult(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    told = {
        "asked": _("An expert is asked"),
        "answered": _("The expert has answered"),
        "withdrawn": _("Question to the expert withdrawn"),
        "expired": _("The expert has not answered in time"),
    }
    return told[data["after"]]


def _verified(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    return _("Customer verified by %s") % Verification.Method(data["method"]).label


def _kept(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    last = datetime.fromisoformat(data["after"]) - datetime.resolution  # it ends with the day before
    zone = known.account.programme.zone if known.account else None
    until = date_format(last.astimezone(zone), "DAY")
    if "floor" in data:
        return _("They waited on us: the tier is kept until %s") % until
    return _("They waited on us: points that ran out are kept until %s") % until


def _merged(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    there = data["ticket"]
    return _("Went into %s") % there if data["end"] == "one" else _("%s came in") % there


def _unmerged(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    there = data["ticket"]
    return _("Taken out of %s") % there if data["end"] == "one" else _("%s was taken out") % there


def _split(data: dict[str, Any], event: TicketEvent, known: Known) -> str:
    there = data["ticket"]
    return _("A message became %s") % there if data["end"] == "one" else _("Was a message of %s") % there


# The icon of what one change made of a ticket, and its words.
WORDS: dict[str, tuple[str, Callable[[dict[str, Any], TicketEvent, Known], str]]] = {
    Kind.STATUS: ("circle-dot", _status),
    Kind.MOVED: ("inbox", _moved),
    Kind.LATE: ("hourglass", _late),
    Kind.SNOOZED: ("octagon-pause", _snoozed),
    Kind.WOKEN: ("circle-dot", _woken),
    Kind.CLOSED: ("lock", _closed),
    Kind.PRIORITY: ("signal-high", _priority),
    Kind.TYPE: ("ticket", _type),
    Kind.TIER: ("award", _tier),
    Kind.TAGGED: ("plus", _tagged),
    Kind.UNTAGGED: ("x", _untagged),
    Kind.LINKED: ("arrow-up-right", _linked),
    Kind.UNLINKED: ("x", _unlinked),
    Kind.VERIFIED: ("badge-check", _verified),
    Kind.KEPT: ("hourglass", _kept),
    Kind.ACKNOWLEDGED: ("mail", _acknowledged),
    Kind.SURVEYED: ("message-circle", _surveyed),
    Kind.CONSULT: ("user-round", _consult),
    Kind.REASON: ("message-circle", lambda data, event, known: filled_in.reason(known.named, known.was)),
    Kind.CHECKED: ("check", lambda data, event, known: filled_in.checked(known.named)),
    Kind.UNCHECKED: ("x", lambda data, event, known: filled_in.unchecked(known.named)),
    Kind.FIELD: ("circle-dot", lambda data, event, known: filled_in.filled(data, known.values)),
    Kind.SHOP: ("store", lambda data, event, known: filled_in.shop(data, known.named)),
    Kind.MERGED: ("corner-down-left", _merged),
    Kind.UNMERGED: ("x", _unmerged),
    Kind.SPLIT: ("arrow-up-right", _split),
    Kind.GOODWILL_REQUEST: ("scale", _asked_for),
}


def _goodwill(event: TicketEvent, name: str, known: Known) -> Told:
    account = known.account
    points, gift = event.data["points"], event.data.get("gift")
    if gift:
        words = _("worth %s points") % points
        return _line(
            "gift", f" {words}, {_('goodwill')} · {known.named or event.data['reason']} · {name}", bold=gift
        )
    worth = money(account.worth(points), account.programme.brand.currency) if account else ""
    return {
        "icon": "hand-heart",
        "bold": f"{signed(points)} {_('points')}",
        "words": f" {worth} {_('goodwill')} · {known.named or event.data['reason']} · {name} ",
        "entry": event.data["entry"],
    }


def _callback(event: TicketEvent, name: str) -> Told:
    data: dict[str, Any] = event.data
    if data["what"] == "declined":
        return _line("phone-call", f" · {name}", bold=_("No follow-up call needed"))
    is_task, what = data["kind"] == "task", data["what"]
    bold = PROMISES.get(what, lambda: _("Callback cancelled"))()
    if what == "promised" and is_task:
        bold = _("Task written down")
    ended = what in Callback.ENDED
    when = "" if ended else f" {window(data['after']['from'], data['after']['to'], data['zone'])}"
    icon = "calendar-check" if is_task else "phone-call"
    return {"icon": icon, "bold": bold, "words": f"{when} · {name}", "entry": None}


def _rated(event: TicketEvent) -> Told:
    score = Survey.Score(event.data["after"])
    icon = "circle-alert" if score <= BAD else "message-circle"
    words = _(" (was: %s)") % Survey.Score(event.data["before"]).label if event.data["before"] else ""
    return _line(icon, words, bold=_("The customer says: %s") % score.label)


def _assigned(event: TicketEvent, name: str, named: str) -> str:
    to = event.data["after"]
    if why := event.data.get("routed"):
        return routed(first_name_of(named), why)
    if to is None:
        return _("%(by)s gave the ticket back to the queue") % {"by": name}
    if to == event.by_id:
        return _("%(by)s took the ticket") % {"by": name}
    if named:
        return _("%(by)s assigned the ticket to %(name)s") % {"by": name, "name": named}
    return _("%(by)s assigned the ticket") % {"by": name}
