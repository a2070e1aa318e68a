"""Why a ticket went to whom, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets import routing

# What stands after "because"; the codes that say nothing to whoever reads the ticket are left out.
BECAUSE: dict[str, Any] = {
    routing.STICKY: gettext_lazy("they had this customer last"),
    routing.SKILLS: gettext_lazy("they have the skills for it"),
    routing.LANGUAGE: gettext_lazy("they speak the customer’s language"),
    "no_language": gettext_lazy("nobody who speaks the language came free"),
    "no_skills": gettext_lazy("nobody with the skills came free"),
    "no_team": gettext_lazy("nobody of the team came free"),
    routing.LEAST_LOADED: gettext_lazy("they had the least to do"),
    routing.LONGEST_IDLE: gettext_lazy("they were free the longest"),
    routing.ONLY_ONE: gettext_lazy("nobody else was free for it"),
}


def routed(name: str, codes: Sequence[str]) -> str:
    """The line of an audit event that routing wrote; `name` is whose it is now."""
    if "offline" in codes:
        return _("Back in the queue, because its agent is offline")
    because = get_text_list([str(BECAUSE[code]) for code in codes if code in BECAUSE], _("and"))
    if not because:
        return _("Given to %s") % (name or _("somebody"))
    return _("Given to %(name)s because %(why)s") % {"name": name or _("somebody"), "why": because}
