"""Why a window cannot be promised, in words: the one home of these sentences."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callbacks.windows import Quiet

SENTENCES = {
    "past": gettext_lazy("That time is over. Choose a later one."),
    "backwards": gettext_lazy("The window ends before it begins."),
    "too_long": gettext_lazy("A promise may span twelve hours at most."),
    "too_far": gettext_lazy("A promise may lie 90 days ahead at most."),
    "do_not_call": gettext_lazy("The customer does not want to be called."),
    "contact_hours": gettext_lazy("The customer does not want to be called then. Choose another window."),
    "closed": gettext_lazy("Nobody of ours works then. Choose another window."),
    "full": gettext_lazy("All who could call then have promised their time. Choose another window."),
    "no_window": gettext_lazy("No window can be promised in the next 90 days."),
}

# Beside a window on the page.
IN_SHORT = {
    "past": gettext_lazy("over"),
    "too_far": gettext_lazy("too far ahead"),
    "do_not_call": gettext_lazy("no calls wanted"),
    "quiet_hours": gettext_lazy("quiet hours"),
    "contact_hours": gettext_lazy("not wanted then"),
    "closed": gettext_lazy("closed"),
    "full": gettext_lazy("full"),
}


def sentence(code: str, *, start: datetime, zone: ZoneInfo, quiet: Quiet) -> str:
    """Why a window from `start` on cannot be promised, to somebody in `zone` where it is `quiet`."""
    if code != "quiet_hours":
        return str(SENTENCES[code])
    weekday = start.astimezone(zone).weekday()
    if weekday in quiet.weekdays:
        return _("Nobody is called there on a %(day)s. Choose another window.") % {"day": WEEKDAYS[weekday]}
    return _("The customer's quiet hours are %(starts)s to %(ends)s local time. Choose another window.") % {
        "starts": _clock(quiet.starts),
        "ends": _clock(quiet.ends),
    }


def _clock(hour: time) -> str:
    return time_format(hour, "G:i")
