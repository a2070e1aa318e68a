"""How a call stands, for the page that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from callbacks.models import Attempt
from callbacks.services import link_of, proposed_outcome
from contactcenter import clock


@dataclass(frozen=True)
class Call:
    """The newest try of a promise while nobody has said what came of it.

    `words` say how it stands, `link` is the number to open where no dialler rings, `proposed` the outcome that the
    dialler thinks of, `runs` that there is more to come, `since` how long they have been talking ("": they are not).
    """

    words: str
    link: str
    proposed: str
    runs: bool
    since: str


def call_of(attempt: Attempt | None) -> Call | None:
    """How the newest `attempt` stands; None where there is none that waits for its outcome."""
    if attempt is None or attempt.outcome != Attempt.Outcome.RUNNING:
        return None
    link = link_of(attempt)
    runs = not link and attempt.hung_up_at is None and attempt.ask_at is not None
    talks = runs and attempt.answered_at is not None
    since = length_of(clock.now() - attempt.answered_at) if talks and attempt.answered_at else ""
    return Call(_words(attempt, link), link, proposed_outcome(attempt), runs, since)


def _words(attempt: Attempt, link: str) -> str:
    if attempt.dialler == Attempt.Dialler.NONE:
        return _("Meet the customer by the link, then say what came of it.")
    if attempt.fell_back:
        return attempt.fell_back
    if link:
        return _("Dialled by your own phone: say what came of it.")
    if attempt.hung_up_at:
        spoken = attempt.duration
        return _("Hung up after %s.") % length_of(spoken) if spoken else _("Ended without an answer.")
    if attempt.ask_at is None:
        return _("The telephone system knows nothing more of this call. Say what came of it.")
    if attempt.answered_at:
        return _("Answered.")
    return _("It rings at the customer.") if attempt.ringing_at else _("Your line rings first.")


def length_of(time: timedelta) -> str:
    """A length of time as 4:07, minutes and seconds."""
    seconds = int(time.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02d}"
