"""How calls read: how long they took, and what follows one that reaches nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django import template
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callbacks.models import Attempt
from callbacks.services import Left
from desk.calls import length_of

register = template.Library()


register.filter(length_of)


@register.simple_tag
def what_follows(left: Mapping[str, Left]) -> str:
    """What follows each outcome that reaches nobody: when it is tried again and how often, or that it is given up."""
    labels = dict(Attempt.Outcome.choices)
    return " ".join(_sentence(capfirst(str(labels[outcome])), one) for outcome, one in left.items())


def _sentence(outcome: str, left: Left) -> str:
    if not left.tries:
        return _("%(outcome)s: given up.") % {"outcome": outcome}
    where = _(", in another hour of the day") if left.other_hour else ""
    words = ngettext(
        "%(outcome)s: again after %(after)s%(where)s, once more.",
        "%(outcome)s: again after %(after)s%(where)s, %(tries)d times at most.",
        left.tries,
    )
    return words % {"outcome": outcome, "after": _span(left.after), "where": where, "tries": left.tries}


def _span(time: timedelta) -> str:
    minutes = int(time.total_seconds()) // 60
    if minutes < 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    hours = minutes // 60
    return ngettext("%d hour", "%d hours", hours) % hours
