"""One deed on many tickets, asked for by other systems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework import serializers

from agents.api.fields import Id, Incoming, Instant, Whole, Words
from agents.models import Agent
from contactcenter.errors import Invalid
from tickets.models import Queue, Ticket
from tickets.services import bulk

REFERENCE = "[A-Za-z0-9]{1,8}-[0-9]{1,9}"
# What each deed is asked with besides the tickets.
ASKS: dict[str, str | None] = {
    "mine": None,
    "back": None,
    "queue": "queue",
    "priority": "priority",
    "tag": "tag",
    "snooze": "until",
    "resolve": None,
    "merge": None,
}


class BulkIn(Incoming):
    """The tickets, of one brand, what to do with each, and what that asks for."""

    tickets = serializers.ListField(
        child=serializers.RegexField(f"^{REFERENCE}$"), min_length=1, max_length=bulk.AT_MOST
    )
    deed = serializers.ChoiceField(
        choices=list(ASKS),
        help_text="`mine`, `back` to the queue, into a `queue`, `priority`, `tag`, `snooze` (put off), `resolve` "
        "without a reply, `merge` into the one that was opened first.",
    )
    queue = Id(required=False)
    priority = Whole(min_value=1, max_value=4, required=False)
    tag = Words(max_length=40, required=False)
    until = Instant(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wanted = ASKS[attrs["deed"]]
        for name in ("queue", "priority", "tag", "until"):
            if (name in attrs) != (name == wanted):
                asks = (
                    _("This deed asks for “%s”.") if name == wanted else _("This deed does not ask for “%s”.")
                )
                raise Invalid("asks_otherwise", asks % name)
        return attrs


class RefusedOut(serializers.Serializer[Any]):
    ticket = serializers.CharField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class BulkOut(serializers.Serializer[Any]):
    """On which tickets it was done, and each that refused."""

    done = serializers.ListField(child=serializers.CharField())
    refused = RefusedOut(many=True)


def named(references: Iterable[str]) -> Q:
    """The tickets with these references."""
    parts = (reference.upper().rpartition("-") for reference in references)
    return reduce(or_, [Q(brand__code=code, number=int(number)) for code, _dash, number in parts])


def do(brought: dict[str, Any], tickets: Sequence[Ticket], *, by: Agent) -> dict[str, Any]:
    """What was `brought`, done on `tickets`; the others it names are refused as unknown. Refused: `one_brand`."""
    if len({ticket.brand_id for ticket in tickets}) > 1:
        raise Invalid("one_brand", _("Name tickets of one brand."))
    todo, deed = _asked(brought, tickets, by)
    report = bulk.do_on_each(todo, deed)
    known = {ticket.reference for ticket in tickets}
    unknown = [name for name in dict.fromkeys(map(str.upper, brought["tickets"])) if name not in known]
    missing = [
        {"ticket": name, "code": "no_ticket", "sentence": _("There is no ticket %s.") % name}
        for name in unknown
    ]
    refused = [
        {"ticket": ticket.reference, "code": refusal.code, "sentence": refusal.sentence}
        for ticket, refusal in report.refused
    ]
    return {"done": [ticket.reference for ticket in report.done], "refused": [*refused, *missing]}


def _asked(
    brought: dict[str, Any], tickets: Sequence[Ticket], by: Agent
) -> tuple[Sequence[Ticket], bulk.Deed]:
    match brought["deed"]:
        case "mine":
            return tickets, bulk.assigning(by, by=by)
        case "back":
            return tickets, bulk.assigning(None, by=by)
        case "queue":
            queue = Queue.objects.visible_to(by).filter(pk=brought["queue"]).first()
            if queue is None:
                raise Invalid("unknown_queue", _("There is no such queue."))
            return tickets, bulk.moving(queue, by=by)
        case "priority":
            return tickets, bulk.prioritising(brought["priority"], by=by)
        case "tag":
            return tickets, bulk.tagging(brought["tag"], by=by)
        case "snooze":
            return tickets, bulk.putting_off(brought["until"], by=by)
        case "resolve":
            return tickets, bulk.resolving(by=by)
        case _:
            return bulk.merging(tickets, by=by)
