"""What operators ask for, as conditions on tickets; what cannot be understood finds nothing and is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from contactcenter import clock
from loyalty.models import Tier
from tickets.models import Channel, Queue, Tag, Ticket, TicketTag
from tickets.search import fields, keys
from tickets.search.days import first_day
from tickets.search.measures import MEASURES, compared
from tickets.search.words import Filter

NOTHING = Q(pk__in=[])
ALL_HOLD = ("before", "after", "is", "tag", "field", *MEASURES)  # of other operators one of several is enough
WORDS_OF_CHANNEL = {"email": Channel.MAIL, "e-mail": Channel.MAIL, "call": Channel.PHONE}


@dataclass
class Conditions:
    """`asked` joined by AND; `told` are sentences; `few` when the conditions alone leave few tickets."""

    asked: list[Q] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    few: bool = False


@dataclass(frozen=True)
class Reader:
    """Who searches, in which brands."""

    agent: Agent
    brands: Sequence[Brand]

    @property
    def ids(self) -> list[int]:
        return [brand.pk for brand in self.brands]


def conditions(filters: Iterable[Filter], reader: Reader) -> Conditions:
    """The conditions of all `filters`; those of one name are alternatives, those with a minus all hold."""
    found = Conditions()
    alternatives: dict[str, Q] = {}
    for one in filters:
        condition, sentence = OPERATORS[one.name](one.value, reader)
        found.told += [sentence] if sentence else []
        if one.negated:
            found.asked += [] if sentence else [~condition]
        elif one.name in ALL_HOLD:
            found.asked.append(condition)
        else:
            alternatives[one.name] = (
                alternatives[one.name] | condition if one.name in alternatives else condition
            )
    found.few = "from" in alternatives
    found.asked += alternatives.values()
    return found


Answer = tuple[Q, str]


def _choice(name: str, choices: dict[str, object]) -> Callable[[str, Reader], Answer]:
    def ask(value: str, _reader: Reader) -> Answer:
        word = value.casefold().replace(" ", "_").replace("-", "_")
        if word in choices:
            return Q(**{name: choices[word]}), ""
        sentence = _("There is no %(name)s: “%(value)s”. There are: %(choices)s.")
        return NOTHING, sentence % {"name": name, "value": value, "choices": ", ".join(choices)}

    return ask


def _channel(value: str, reader: Reader) -> Answer:
    named = WORDS_OF_CHANNEL.get(value.casefold(), value)
    return _choice("channel", {one.value: one.value for one in Channel})(named, reader)


def _is(value: str, reader: Reader) -> Answer:
    meant = {
        "open": Q(is_open=True),
        "ended": Q(is_open=False),
        "mine": Q(assignee=reader.agent.pk),
        "unassigned": Q(assignee=None),
        "waiting": Q(due_at__isnull=False),
        "late": Q(due_at__lt=clock.now()),
        "snoozed": Q(snoozed_until__isnull=False),
    }
    if condition := meant.get(value.casefold()):
        return condition, ""
    sentence = _("There is no %(name)s: “%(value)s”. There are: %(choices)s.")
    return NOTHING, sentence % {"name": "is", "value": value, "choices": ", ".join(meant)}


def _assignee(value: str, reader: Reader) -> Answer:
    word = value.casefold()
    if word in ("me", "mine"):
        return Q(assignee=reader.agent.pk), ""
    if word in ("none", "nobody", "unassigned"):
        return Q(assignee=None), ""
    colleagues = Agent.objects.visible_to(reader.agent)
    asked = Q(email__iexact=value) if "@" in value else Q(name__icontains=value)
    ids = list(colleagues.filter(asked).values_list("pk", flat=True)[:100])
    return Q(assignee__in=ids), "" if ids else _("No colleague is called “%s”.") % value


def _queue(value: str, reader: Reader) -> Answer:
    rows = Queue.objects.filter(brand__in=reader.ids, name__icontains=value)
    ids = list(rows.values_list("pk", flat=True)[:100])
    return Q(queue__in=ids), "" if ids else _("No queue is called “%s”.") % value


def _tier(value: str, reader: Reader) -> Answer:
    rows = Tier.objects.filter(programme__brand__in=reader.ids)
    ids = list(rows.filter(Q(code__iexact=value) | Q(name__iexact=value)).values_list("pk", flat=True))
    return Q(customer__account__tier__in=ids), "" if ids else _("There is no tier “%s”.") % value


def _tag(value: str, reader: Reader) -> Answer:
    ids = list(Tag.objects.filter(brand__in=reader.ids).named(value).values_list("pk", flat=True))
    on = TicketTag.objects.filter(ticket=OuterRef("pk"), tag__in=ids)
    return Q(Exists(on)), "" if ids else _("There is no tag “%s”.") % value


def _language(value: str, _reader: Reader) -> Answer:
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z]{2,4})?", value.casefold()):
        return NOTHING, _("“%s” is no language; write its code, such as de.") % value
    return Q(customer__language__istartswith=value), ""


def _compared(name: str) -> Callable[[str, Reader], Answer]:
    def ask(value: str, _reader: Reader) -> Answer:
        return _or_nothing(compared(name, value))

    return ask


def _of_brand(look: Callable[[str, Sequence[int]], tuple[Q | None, str]]) -> Callable[[str, Reader], Answer]:
    def ask(value: str, reader: Reader) -> Answer:
        return _or_nothing(look(value, reader.ids))

    return ask


def _or_nothing(answer: tuple[Q | None, str]) -> Answer:
    condition, sentence = answer
    return (NOTHING if condition is None else condition), sentence


def _from(value: str, reader: Reader) -> Answer:
    countries = keys.countries_of(reader.agent, reader.brands)
    found = keys.customers(value, reader.ids, countries)
    return Q(customer__in=list(found)), "" if found else _("No customer is found for “%s”.") % value


def _before(value: str, reader: Reader) -> Answer:
    day = _day(value, reader)
    return (Q(opened_at__lt=day), "") if day else (NOTHING, _no_day(value))


def _after(value: str, reader: Reader) -> Answer:
    day = _day(value, reader)
    return (Q(opened_at__gte=day), "") if day else (NOTHING, _no_day(value))


def _day(value: str, reader: Reader) -> datetime | None:
    """The midnight at which a day, a month or a year begins where the agent lives."""
    if (day := first_day(value)) is None:
        return None
    return datetime.combine(day, time(), tzinfo=ZoneInfo(reader.agent.time_zone))


def _no_day(value: str) -> str:
    return _("“%s” is no day; write it as 2026-01-31.") % value


OPERATORS: dict[str, Callable[[str, Reader], Answer]] = {
    "status": _choice("status", {one.value: one.value for one in Ticket.Status}),
    "priority": _choice("priority", {one.name.lower(): one.value for one in Ticket.Priority}),
    "channel": _channel,
    "type": _choice("type", {one.value: one.value for one in Ticket.Type}),
    "tag": _tag,
    "reason": _of_brand(fields.reason),
    "field": _of_brand(fields.field),
    "language": _language,
    **{name: _compared(name) for name in MEASURES},
    "is": _is,
    "assignee": _assignee,
    "queue": _queue,
    "tier": _tier,
    "from": _from,
    "before": _before,
    "after": _after,
}
