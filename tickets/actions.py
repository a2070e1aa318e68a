"""What macros and rules can do: a registry to which the rooms above add theirs.

An action is written in JSON as `{"do": "tag", "name": "late"}`: its code and its parameters, which its form knows. What
it does is always a service's deed. The locks it needs are taken before the first deed of all that run together, in the
order of the house.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from contactcenter.keys import digest
from tickets.models import Ticket

MOST = 10  # actions of one rule or macro
# After the ticket, in the order of the house; `agent` and `customer` is what one gives and what the other is given.
LOCKS = ("budget", "agent", "customer", "account", "lots", "callback")


@dataclass(frozen=True)
class Deed:
    """For which ticket (locked), in whose name, when, and under which key an action is done."""

    ticket: Ticket
    by: Agent
    at: datetime
    key: str

    @property
    def short_key(self) -> str:
        """The key in 64 characters, for tables whose keys have no more."""
        return self.key if len(self.key) <= 60 else digest(self.key)


class Parameters(forms.Form):
    """The parameters of an action, for the rows of one brand. `objects` of the fields are narrowed to it."""

    def __init__(self, *args: Any, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brand = brand
        for one in self.fields.values():
            if isinstance(one, forms.ModelChoiceField) and one.queryset is not None:
                one.queryset = self.of_brand(one.queryset)

    def of_brand(self, rows: Any) -> Any:
        """Which rows may be chosen: people who serve the brand, else rows of the brand itself."""
        return rows.serving(self.brand) if rows.model is Agent else rows.filter(brand=self.brand)


@dataclass(frozen=True)
class Action:
    """Something that can be done on a ticket: its parameters, what it says of itself, its locks, and the deed."""

    code: str
    label: str | Promise
    do: Callable[[Deed, dict[str, Any]], Any]
    form: type[Parameters] = Parameters
    says: Callable[[dict[str, Any]], str] | None = None
    locks: Mapping[str, Callable[[Ticket, Agent], Any]] = field(default_factory=dict)
    within: Callable[[Mapping[str, Any]], list[Any]] | None = (
        None  # the actions that it does in its turn, as written
    )
    only_rules: bool = False

    def sentence(self, parameters: dict[str, Any]) -> str:
        return self.says(parameters) if self.says else str(self.label)


ACTIONS: dict[str, Action] = {}


def register(*actions: Action) -> None:
    """Add what a room can do; called in its `apps.ready()`."""
    for action in actions:
        if unknown := set(action.locks) - set(LOCKS):
            raise ValueError(f"{action.code} asks for locks nobody knows: {unknown}")
        ACTIONS[action.code] = action


@dataclass(frozen=True)
class Step:
    """An action with its parameters read: what is to be done next."""

    action: Action
    parameters: dict[str, Any]

    @property
    def sentence(self) -> str:
        return self.action.sentence(self.parameters)


def read(written: Any, brand: Brand, *, macro: bool = False) -> list[Step]:
    """The steps that are written; refused with what does not make sense (`action_invalid`)."""
    if not isinstance(written, list) or len(written) > MOST:
        raise Refused("action_invalid", _("Give a list of %d actions at most.") % MOST)
    return [_step(number, one, brand, macro) for number, one in enumerate(written, 1)]


def _step(number: int, one: Any, brand: Brand, macro: bool) -> Step:
    action = ACTIONS.get(str(one.get("do"))) if isinstance(one, dict) else None
    if action is None or (macro and action.only_rules):
        known = ", ".join(code for code, each in ACTIONS.items() if not (macro and each.only_rules))
        words = {"number": number, "known": known}
        raise Refused("action_invalid", _("Action %(number)d does nothing that is known: %(known)s.") % words)
    given = {name: value for name, value in one.items() if name != "do"}
    form = action.form(given, brand=brand)
    if more := set(given) - form.fields.keys():
        words = {"number": number, "label": action.label, "more": sorted(more)[0]}
        raise Refused("action_invalid", _("Action %(number)d, %(label)s, has no “%(more)s”.") % words)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        words = {"number": number, "label": action.label, "field": name, "error": errors[0]}
        raise Refused("action_invalid", _("Action %(number)d, %(label)s: %(field)s: %(error)s") % words)
    return Step(action, form.cleaned_data)


def take_locks(ticket: Ticket, *written: tuple[list[Any], Agent]) -> None:
    """Lock all that these lists of actions may, each in somebody's name, in the order of the house; the ticket is
    locked already.

    Rules that run one after the other in a transaction name all their lists at once.
    """
    wanted = [(by, action.locks) for actions, by in written for action in _named(actions)]
    wanted.sort(key=lambda one: one[0].pk)
    for name in LOCKS:
        for by, locks in wanted:
            if name in locks:
                locks[name](ticket, by)


def _named(written: list[Any]) -> Iterable[Action]:
    """The actions of a list and of those within them; what is not known is refused when it is read."""
    for one in written:
        if action := ACTIONS.get(one["do"]):
            yield action
            if action.within:
                yield from _named(action.within(one))


def do_all(steps: Sequence[Step], deed: Deed) -> None:
    """Do the steps one after the other, in the caller's transaction; a refusal says which of them it was."""
    for number, step in enumerate(steps, 1):
        each = Deed(deed.ticket, deed.by, deed.at, f"{deed.key}:{number}")
        try:
            step.action.do(each, step.parameters)
        except Refused as refusal:
            words = {"label": step.action.label, "sentence": refusal.sentence}
            sentence = _("%(label)s: %(sentence)s") % words
            raise Refused(refusal.code, sentence, details=refusal.details) from refusal
