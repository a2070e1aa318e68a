"""The small language in which a rule says when it fits a ticket: checked, explained, answered. Needs no database.

A condition is JSON: `{"all": […]}`, `{"any": […]}`, `{"not": …}` around comparisons
`{"fact": "priority", "op": "is", "value": 4}`; `{}` always holds. `points_expiring` also takes `"days"`. What is not
known (the balance of who is no member) fits no comparison, and so the opposite of `is` and `has` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

DEEPEST, MOST = 4, 40  # groups within groups, comparisons of one rule
Facts = Mapping[str, Any]


class Wrong(Exception):  # noqa: N818  it is said to a person
    """A condition that makes no sense, with a sentence that says what to mend."""


@dataclass(frozen=True)
class Words:
    """The names of a brand that conditions may speak of: queues and tags by id, tiers by code with their ranks."""

    queues: Mapping[Any, str] = field(default_factory=dict)
    tags: Mapping[Any, str] = field(default_factory=dict)
    tiers: Mapping[Any, str] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """Something known of a ticket: its name for people, of which kind its values are, and which there are to choose."""

    label: str | Promise
    kind: str
    choices: Mapping[Any, str | Promise] | Callable[[Words], Mapping[Any, str]] | None = None
    unit: str | Promise = ""

    def values(self, words: Words) -> Mapping[Any, str | Promise]:
        if callable(self.choices):
            return self.choices(words)
        return self.choices or {}


CHOICE, LADDER, MANY, NUMBER, FLAG, TEXT = "choice", "ladder", "many", "number", "flag", "text"
_SIDES = {"customer": gettext_lazy("the customer"), "us": gettext_lazy("us")}
_WAITING = _SIDES | {"others": gettext_lazy("somebody else"), "nobody": gettext_lazy("nobody")}
_STATUSES = {
    "new": gettext_lazy("new"), "open": gettext_lazy("open"), "pending": gettext_lazy("pending"),
    "on_hold": gettext_lazy("on hold"), "resolved": gettext_lazy("resolved"), "closed": gettext_lazy("closed"),
}  # fmt: skip
_PRIORITIES = {
    1: gettext_lazy("low"), 2: gettext_lazy("normal"), 3: gettext_lazy("high"), 4: gettext_lazy("urgent"),
}  # fmt: skip
_TYPES = {
    "question": gettext_lazy("question"), "incident": gettext_lazy("incident"), "problem": gettext_lazy("problem"),
    "task": gettext_lazy("task"),
}  # fmt: skip
_CHANNELS = {
    "mail": gettext_lazy("e-mail"), "chat": gettext_lazy("web chat"), "sms": gettext_lazy("SMS"),
    "phone": gettext_lazy("phone"), "social": gettext_lazy("social"), "shop": gettext_lazy("in the shop"),
}  # fmt: skip
_CAME = {
    "promised": gettext_lazy("promised"), "moved": gettext_lazy("moved"), "kept": gettext_lazy("kept"),
    "no_answer": gettext_lazy("no answer"), "busy": gettext_lazy("busy"), "voicemail": gettext_lazy("voicemail"),
    "wrong_number": gettext_lazy("wrong number"), "not_tried": gettext_lazy("not tried again"),
    "missed": gettext_lazy("missed"), "given_up": gettext_lazy("given up"), "cancelled": gettext_lazy("cancelled"),
    "declined": gettext_lazy("found needless"),
}  # fmt: skip
HOURS, POINTS = gettext_lazy("hours"), gettext_lazy("points")

FACTS: dict[str, Fact] = {
    "status": Fact(gettext_lazy("the status"), CHOICE, _STATUSES),
    "priority": Fact(gettext_lazy("the priority"), LADDER, _PRIORITIES),
    "type": Fact(gettext_lazy("the type"), CHOICE, _TYPES),
    "channel": Fact(gettext_lazy("the channel"), CHOICE, _CHANNELS),
    "queue": Fact(gettext_lazy("the queue"), CHOICE, lambda words: words.queues),
    "tags": Fact(gettext_lazy("the ticket"), MANY, lambda words: words.tags),
    "assigned": Fact(gettext_lazy("an agent has the ticket"), FLAG),
    "subject": Fact(gettext_lazy("the subject"), TEXT),
    "words": Fact(gettext_lazy("what the customer wrote last"), TEXT),
    "language": Fact(gettext_lazy("the customer’s language"), TEXT),
    "sender": Fact(gettext_lazy("the sender’s address"), TEXT),
    "sender_domain": Fact(gettext_lazy("the sender’s domain"), TEXT),
    "hours_since_opened": Fact(gettext_lazy("the time since the ticket was opened"), NUMBER, unit=HOURS),
    "hours_since_last_word": Fact(gettext_lazy("the time since the last word"), NUMBER, unit=HOURS),
    "last_word_by": Fact(gettext_lazy("who spoke last"), CHOICE, _SIDES),
    "waiting_on": Fact(gettext_lazy("who the ticket waits for"), CHOICE, _WAITING),
    "due_in_minutes": Fact(gettext_lazy("the time left to answer"), NUMBER, unit=gettext_lazy("minutes")),
    "late": Fact(gettext_lazy("the promise of time is broken"), FLAG),
    "reopened": Fact(gettext_lazy("the number of times it was reopened"), NUMBER),
    "callback": Fact(gettext_lazy("what came of the callback"), CHOICE, _CAME),
    "tier": Fact(gettext_lazy("the customer’s tier"), LADDER, lambda words: words.tiers),
    "member": Fact(gettext_lazy("the customer is a member"), FLAG),
    "vip": Fact(gettext_lazy("the customer has the best tier"), FLAG),
    "balance": Fact(gettext_lazy("the customer’s balance"), NUMBER, unit=POINTS),
    "points_expiring": Fact(gettext_lazy("the number of points that expire"), NUMBER, unit=POINTS),
    "spend_12_months": Fact(
        gettext_lazy("what the customer spent in twelve months"), NUMBER, unit=gettext_lazy("of the brand’s currency")
    ),
    "tickets_30_days": Fact(gettext_lazy("the number of the customer’s tickets in 30 days"), NUMBER),
    "office_open": Fact(gettext_lazy("the office is open"), FLAG),
}  # fmt: skip

OPERATORS: dict[str, tuple[str, ...]] = {
    CHOICE: ("is", "is_not", "one_of"),
    LADDER: ("is", "is_not", "one_of", "at_least", "at_most"),
    MANY: ("has", "lacks"),
    NUMBER: ("at_least", "at_most", "is"),
    FLAG: ("is",),
    TEXT: ("contains", "lacks", "is", "is_not"),
}


def checked(condition: Any, words: Words) -> dict[str, Any]:
    """The condition in its one form, with ids for names that were written; `Wrong` says what does not make sense."""
    if condition in ({}, None, ""):
        return {}
    if sum(1 for _one in comparisons(condition)) > MOST:
        raise Wrong(_("A rule has %d comparisons at most.") % MOST)
    return _checked(condition, words, 0)


def _checked(condition: Any, words: Words, depth: int) -> dict[str, Any]:
    if not isinstance(condition, dict):
        raise Wrong(_("A condition stands in braces: “%s” does not.") % str(condition)[:60])
    if depth > DEEPEST:
        raise Wrong(_("Groups stand within groups %d times at most.") % DEEPEST)
    if "fact" in condition:
        return _comparison(condition, words)
    if set(condition) == {"not"}:
        return {"not": _checked(condition["not"], words, depth + 1)}
    group = next(iter(condition), "")
    if set(condition) - {"all", "any"} or len(condition) != 1 or not isinstance(condition[group], list):
        raise Wrong(_("Use one of: fact, all, any, not. “%s” is none.") % ", ".join(map(str, condition))[:60])
    if not condition[group]:
        raise Wrong(_("There is nothing in the group “%s”.") % group)
    return {group: [_checked(one, words, depth + 1) for one in condition[group]]}


def _comparison(one: dict[str, Any], words: Words) -> dict[str, Any]:
    name, op = one.get("fact"), one.get("op")
    fact = FACTS.get(name) if isinstance(name, str) else None
    if fact is None:
        raise Wrong(_("There is no fact “%s”.") % str(name)[:60])
    if op not in OPERATORS[fact.kind]:
        known = {"fact": name, "op": str(op)[:30], "known": ", ".join(OPERATORS[fact.kind])}
        raise Wrong(_("“%(fact)s” cannot be compared by “%(op)s”, but by: %(known)s.") % known)
    if more := set(one) - {"fact", "op", "value"} - ({"days"} if name == "points_expiring" else set()):
        raise Wrong(_("“%(more)s” means nothing for “%(fact)s”.") % {"more": more.pop(), "fact": name})
    found = {"fact": name, "op": op, "value": _value(str(name), fact, str(op), one.get("value"), words)}
    if name == "points_expiring":
        days = one.get("days", 30)
        if type(days) is not int or not 1 <= days <= 365:
            raise Wrong(_("“days” is a whole number from 1 to 365."))
        found["days"] = days
    return found


def _value(name: str, fact: Fact, op: str, value: Any, words: Words) -> Any:
    if fact.kind in (CHOICE, LADDER, MANY):
        if op == "one_of":
            if not isinstance(value, list) or not value:
                raise Wrong(_("“%s” is compared with a list.") % name)
            return [_choice(name, fact, one, words) for one in value]
        return _choice(name, fact, value, words)
    if fact.kind == NUMBER and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise Wrong(_("“%s” is compared with a number.") % name)
    if fact.kind == FLAG and not isinstance(value, bool):
        raise Wrong(_("“%s” is compared with true or false.") % name)
    if fact.kind == TEXT and (not isinstance(value, str) or not value.strip() or len(value) > 200):
        raise Wrong(_("“%s” is compared with words, 200 letters at most.") % name)
    return value


def _choice(name: str, fact: Fact, value: Any, words: Words) -> Any:
    """The key of a choice, given by itself or by its name."""
    choices = fact.values(words)
    if isinstance(value, str | int) and not isinstance(value, bool):
        for key, label in choices.items():
            if value == key or str(value).casefold() == str(label).casefold():
                return key
    known = ", ".join(str(label) for label in list(choices.values())[:20]) or "–"
    raise Wrong(
        _("“%(value)s” is no value of “%(fact)s”. There are: %(known)s.")
        % {"value": str(value)[:60], "fact": name, "known": known}
    )


def comparisons(condition: Any) -> Iterator[dict[str, Any]]:
    """Every comparison in a condition, however deep."""
    if isinstance(condition, dict):
        if "fact" in condition:
            yield condition
        for inner in condition.values():
            yield from comparisons(inner)
    elif isinstance(condition, list):
        for inner in condition:
            yield from comparisons(inner)


def used(condition: Any) -> set[str]:
    """The names of the facts that a condition asks for."""
    return {one["fact"] for one in comparisons(condition)}


def holds(condition: Mapping[str, Any], facts: Facts, words: Words) -> bool:
    """Whether a checked condition holds for a ticket of these facts."""
    if not condition:
        return True
    if "all" in condition:
        return all(holds(one, facts, words) for one in condition["all"])
    if "any" in condition:
        return any(holds(one, facts, words) for one in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], facts, words)
    return _compared(condition, facts, words)


def _compared(one: Mapping[str, Any], facts: Facts, words: Words) -> bool:
    name, op, wanted = one["fact"], one["op"], one["value"]
    known = facts.get(name)
    if name == "points_expiring":
        known = None if known is None else sum(points for days, points in known if days <= one["days"])
    if op in ("is_not", "lacks"):
        return not _compared({**one, "op": "is" if op == "is_not" else _opposite(name)}, facts, words)
    if known is None:
        return False
    return _answer(name, op, known, wanted, words)


def _opposite(name: str) -> str:
    return "has" if FACTS[name].kind == MANY else "contains"


def _answer(name: str, op: str, known: Any, wanted: Any, words: Words) -> bool:
    kind = FACTS[name].kind
    if op == "one_of":
        return known in wanted
    if op == "has":
        return wanted in known
    if op == "contains":
        return str(wanted).casefold() in str(known).casefold()
    if kind == TEXT:
        return str(wanted).strip().casefold() == str(known).strip().casefold()
    if kind == LADDER and op != "is":
        known, wanted = (words.ranks.get(step, 0) if name == "tier" else step for step in (known, wanted))
    if op == "at_least":
        return bool(known >= wanted)
    return bool(known <= wanted) if op == "at_most" else bool(known == wanted)


def explained(condition: Mapping[str, Any], words: Words) -> str:
    """The condition as a sentence without its full stop: “the priority is urgent and the ticket bears refund”."""
    if not condition:
        return _("always")
    if "fact" in condition:
        return _said(condition, words)
    if "not" in condition:
        return _("it is not so that %s") % _inner(condition["not"], words)
    glue = f" {_('and')} " if "all" in condition else f" {_('or')} "
    return glue.join(_inner(one, words) for one in next(iter(condition.values())))


def _inner(condition: Mapping[str, Any], words: Words) -> str:
    said = explained(condition, words)
    is_group = len(next(iter(condition.values()), ())) > 1 if {"all", "any"} & set(condition) else False
    return f"({said})" if is_group else said


_SAID: dict[str, Callable[[], str]] = {
    "is": lambda: pgettext("condition", "%(fact)s is %(value)s"),
    "is_not": lambda: pgettext("condition", "%(fact)s is not %(value)s"),
    "one_of": lambda: pgettext("condition", "%(fact)s is %(value)s"),
    "at_least": lambda: pgettext("condition", "%(fact)s is at least %(value)s"),
    "at_most": lambda: pgettext("condition", "%(fact)s is at most %(value)s"),
    "contains": lambda: pgettext("condition", "%(fact)s contains “%(value)s”"),
    "lacks": lambda: pgettext("condition", "%(fact)s does not contain “%(value)s”"),
    "has": lambda: pgettext("condition", "%(fact)s bears the tag %(value)s"),
}


def _said(one: Mapping[str, Any], words: Words) -> str:
    fact, op, value = FACTS[one["fact"]], one["op"], one["value"]
    label = str(fact.label)
    if fact.kind == FLAG:
        return label if value else _("it is not so that %s") % label
    if one["fact"] == "points_expiring":
        label = _("%(fact)s within %(days)d days") % {"fact": label, "days": one["days"]}
    if fact.kind == MANY and op == "lacks":
        return _("%(fact)s does not bear the tag %(value)s") % {
            "fact": label,
            "value": _named(fact, value, words),
        }
    shown = f" {_('or')} ".join(_named(fact, step, words) for step in (value if op == "one_of" else [value]))
    said = _SAID[op]() % {"fact": label, "value": shown}
    return f"{said} {fact.unit}" if fact.unit else said


def _named(fact: Fact, value: Any, words: Words) -> str:
    if fact.kind in (CHOICE, LADDER, MANY):
        return str(fact.values(words).get(value, _("something that is gone")))
    return str(value)
