"""Placeholders in the texts of macros and rules: {balance} and its like. Needs no database.

A text is filled in one pass: what stands in a value is never looked at again, so that a name with braces stays a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

NAMES = {
    "customer first name": gettext_lazy("the customer’s first name"),
    "ticket number": gettext_lazy("the ticket’s number, like FF-4812"),
    "agent name": gettext_lazy("the name of who answers"),
    "tier": gettext_lazy("the name of the customer’s tier"),
    "balance": gettext_lazy("the customer’s points"),
    "expiring points": gettext_lazy("points that expire next"),
    "expires on": gettext_lazy("the last day of those points"),
}
IN_BRACES = re.compile(r"\{([^{}\n]*)\}")
MISSING = re.compile(r"\[\?(" + "|".join(NAMES) + r")\]")


def unknown_in(text: str) -> str:
    """The first thing in braces that is no placeholder; "" when all of them are."""
    return next((name for name in IN_BRACES.findall(text) if name not in NAMES), "")


def used_in(text: str) -> set[str]:
    """The placeholders of a text."""
    return set(IN_BRACES.findall(text)) & NAMES.keys()


def filled(text: str, values: Mapping[str, str]) -> tuple[str, list[str]]:
    """The text with the values in place, and the names of those that are not known: they are marked as [?balance]."""
    missing: list[str] = []

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name not in NAMES:
            return match[0]
        if values.get(name, "") == "":
            missing.append(name)
            return f"[?{name}]"
        return values[name]

    return IN_BRACES.sub(value_of, text), missing


def refusal(text: str) -> str:
    """What is wrong with a text that is to be saved; "" when nothing is."""
    if unknown := unknown_in(text):
        known = ", ".join(f"{{{name}}}" for name in NAMES)
        return _("There is no placeholder {%(name)s}. There are: %(known)s.") % {
            "name": unknown,
            "known": known,
        }
    return ""
