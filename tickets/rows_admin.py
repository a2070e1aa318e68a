"""Conditions and actions as rows of choices, on the supervisors' pages. What is sent stays the JSON of the text field;
static/desk/rows.js draws the rows from what stands in it and writes them back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from unfold.widgets import UnfoldAdminTextareaWidget

from agents.models import Brand
from tickets import conditions
from tickets.actions import ACTIONS, Action
from tickets.facts import words_of

MOST_BRANDS = 10  # of which the choices go along with a page on which the brand is still to be chosen
KINDS = ((forms.IntegerField, "number"), (forms.BooleanField, "flag"), (forms.ChoiceField, "choice"))


class RowsInput(UnfoldAdminTextareaWidget):
    """A text field of JSON that shows itself as rows, once `offer` has told it what there is to choose."""

    class Media:
        js = [Script("desk/rows.js", defer=True)]

    def offer(self, rows: str, by_brand: dict[int, Any]) -> None:
        """`rows` is "conditions" or "actions"; `by_brand` the facts or actions of each brand that may be chosen."""
        self.attrs |= {"data-rows": rows, "data-offers": json.dumps({"brands": by_brand, "words": words()})}


def offered(rows: str, brands: Iterable[Brand], *, macro: bool = False) -> dict[int, Any]:
    """What can be chosen for rules or macros of each brand; nothing when there are more than ten."""
    some = list(brands)[: MOST_BRANDS + 1]
    if len(some) > MOST_BRANDS:
        return {}
    return {brand.pk: facts(brand) if rows == "conditions" else deeds(brand, macro=macro) for brand in some}


def facts(brand: Brand) -> list[dict[str, Any]]:
    """The facts of tickets of a brand, each with the comparisons and the values there are. Three queries."""
    known = words_of(brand)
    return [
        {
            "code": name,
            "label": str(fact.label),
            "kind": fact.kind,
            "unit": str(fact.unit),
            "operators": [[op, comparison(op)] for op in conditions.OPERATORS[fact.kind]],
            "choices": [[key, str(label)] for key, label in fact.values(known).items()],
        }
        for name, fact in conditions.FACTS.items()
    ]


def deeds(brand: Brand, *, macro: bool = False) -> list[dict[str, Any]]:
    """What can be done on tickets of a brand, each with its parameters. One query for each list to choose from."""
    return [
        {"code": one.code, "label": str(one.label), "fields": _parameters(one, brand)}
        for one in ACTIONS.values()
        if not (macro and one.only_rules)
    ]


def _parameters(action: Action, brand: Brand) -> list[dict[str, Any]]:
    form = action.form(brand=brand)
    return [
        {
            "name": name,
            "label": str(one.label or name),
            "kind": _kind(one),
            "help": str(one.help_text),
            "required": one.required,
            "choices": [[str(key), str(label)] for key, label in getattr(one, "choices", []) if key != ""],
        }
        for name, one in form.fields.items()
    ]


def _kind(one: forms.Field) -> str:
    if isinstance(one.widget, forms.Textarea):
        return "long"
    return next((kind for known, kind in KINDS if isinstance(one, known)), "text")


def comparison(op: str) -> str:
    """How a comparison is called between a fact and its value."""
    return {
        "is": pgettext("comparison", "is"),
        "is_not": pgettext("comparison", "is not"),
        "one_of": pgettext("comparison", "is one of"),
        "at_least": pgettext("comparison", "is at least"),
        "at_most": pgettext("comparison", "is at most"),
        "has": pgettext("comparison", "bears the tag"),
        "lacks": pgettext("comparison", "does not have"),
        "contains": pgettext("comparison", "contains"),
    }[op]


def words() -> dict[str, str]:
    """What stands on the buttons and beside the rows."""
    return {
        "all": _("all of these hold"),
        "any": _("one of these holds"),
        "none": _("none of these holds"),
        "not_all": _("not all of these hold"),
        "group": _("When"),
        "always": _("Always: there is no condition."),
        "nothing": _("Nothing is done yet."),
        "fact": _("What is looked at"),
        "comparison": _("How it is compared"),
        "value": _("With what"),
        "days": _("within days"),
        "yes": _("yes"),
        "no": _("no"),
        "choose": _("Choose…"),
        "add_condition": _("Add a condition"),
        "add_group": _("Add a group"),
        "add_action": _("Add an action"),
        "action": _("What is done"),
        "remove": _("Remove"),
        "up": _("Move up"),
        "as_text": _("As text (JSON)"),
        "no_brand": _("Choose the brand first: it says which queues, tags and tiers there are."),
        "unreadable": _("This cannot be shown as rows; mend it as text."),
    }
