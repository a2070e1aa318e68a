"""How urgent a due time is, for the eye: words, colour and the share of time left. Needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from desk.days import in_words

HOT, WARM = timedelta(minutes=15), timedelta(hours=1)


@dataclass(frozen=True)
class Due:
    """`state` over, hot, warm, ok or paused; `span` how long it still is, or is too late, like
    0:42 or 3 d; `left` the percentage of time left.

    `kind` is the clock that is nearest: a first answer, the next one, or the solution.
    """

    state: str
    span: str
    left: int
    at: datetime | None = None
    kind: str = ""

    @property
    def words(self) -> str:
        """0:42, 0:12 late, or Paused."""
        if self.state == "paused":
            return _("Paused")
        return _("%(span)s late") % {"span": self.span} if self.state == "over" else self.span

    @property
    def iso(self) -> str:
        """The instant for machines, on the reader's clock; `""` when none runs."""
        return timezone.localtime(self.at).isoformat() if self.at else ""

    @property
    def title(self) -> str:
        """The instant for people, on the reader's clock; `""` when none runs."""
        if self.at is None:
            return ""
        local = timezone.localtime(self.at)
        return self._sentence % {"at": f"{in_words(local.date(), 'DAY')} {local:%H:%M}"}

    @property
    def _sentence(self) -> str:
        if self.kind == "resolution":
            return _("Solution due %(at)s")
        return _("First reply due %(at)s") if self.kind == "first" else _("Next reply due %(at)s")


def due(at: datetime | None, *, now: datetime, since: datetime | None = None, kind: str = "") -> Due:
    """How a promise to act until `at`, which was given at `since`, stands at `now`; `kind` is its clock's."""
    if at is None:
        return Due("paused", "", 0)
    remaining = at - now
    if remaining < timedelta(0):
        return Due("over", span(-remaining), 100, at, kind)
    state = "hot" if remaining < HOT else "warm" if remaining < WARM else "ok"
    share = min(100, max(1, round(100 * remaining / (at - since)))) if since and since < at else 100
    return Due(state, span(remaining), share, at, kind)


def span(time: timedelta) -> str:
    """A length of time as 0:42 (hours and minutes), from two days on as 3 d."""
    minutes = int(time.total_seconds()) // 60
    if minutes >= 48 * 60:
        return f"{minutes // 1440} d"
    return f"{minutes // 60}:{minutes % 60:02d}"
