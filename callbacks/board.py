"""The day's promises of a brand by how far they are: what is to come, at work, waiting for a retry, missed and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from agents.models import Agent, Brand, Team
from callbacks.models import Callback
from callbacks.windows import LONGEST
from contactcenter.paging import COUNT_AT_MOST, CountUpTo

SHOWN = 50  # of each column, what ends first; the list has all

State = Callback.State
# Each column with its states; the list is narrowed by the same names.
COLUMNS: Mapping[str, tuple[Any, Sequence[str]]] = {
    "to_come": (_("To come"), [State.PROMISED, State.MOVED]),
    "due": (_("Due"), [State.DUE]),
    "offered": (_("Offered"), [State.OFFERED]),
    "taken": (_("Accepted, in call"), [State.ACCEPTED, State.IN_CALL]),
    "retry": (_("Waiting for a retry"), [State.NO_ANSWER]),
    "lost": (_("Missed, given up"), [State.MISSED, State.GIVEN_UP]),
    "kept": (_("Kept"), [State.KEPT]),
}


@dataclass(frozen=True)
class Asked:
    """Which promises: of a brand, of a day as instants from `start` to before `end`, of a team, of an owner.

    The day that runs shows what earlier days have left open as well.
    """

    brand: Brand
    start: datetime
    end: datetime
    at: datetime
    team: Team | None = None
    owner: Agent | None = None

    @property
    def is_today(self) -> bool:
        return self.start <= self.at < self.end


@dataclass(frozen=True)
class Column:
    """A column: its first promises, each with whether it is late, and how many there are (counted to 1,000)."""

    code: str
    title: str
    cards: list[tuple[Callback, bool]]
    count: int

    @property
    def is_open(self) -> bool:
        return _is_open(self.code)

    @property
    def late(self) -> int:
        """How many of those shown are late."""
        return sum(is_late for _row, is_late in self.cards)

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.cards)

    @property
    def is_counted_out(self) -> bool:
        return self.count >= COUNT_AT_MOST


def columns_of(asked: Asked) -> list[Column]:
    """The seven columns of a day. Eight questions, however many promises there are."""
    counts = {code: CountUpTo(_counted(asked, code)) for code in COLUMNS}
    counted = Brand.objects.filter(pk=asked.brand.pk).annotate(**counts).values(*COLUMNS).get()
    return [_column(asked, code, counted[code]) for code in COLUMNS]


def is_late(callback: Callback, at: datetime) -> bool:
    """Still to be kept although its window is over at `at`; or first tried after it, or missed."""
    if callback.is_open:
        return callback.window_to < at
    begun_late = bool(callback.called_at and callback.called_at > callback.promised_to)
    return callback.state == State.MISSED or (callback.state == State.KEPT and begun_late)


def _column(asked: Asked, code: str, count: int) -> Column:
    rows = _of(asked, code).select_related(
        "customer__account__tier", "owner", "team", "offered_to", "ticket__brand"
    )
    order = ["window_to", "id"] if _is_open(code) else ["-window_from", "-id"]
    cards = [(row, is_late(row, asked.at)) for row in rows.order_by(*order)[:SHOWN]]
    return Column(code, str(COLUMNS[code][0]), cards, count)


def _counted(asked: Asked, code: str) -> QuerySet[Any]:
    by = "window_to" if _is_open(code) else "window_from"
    rows = _of(asked, code).filter(brand=OuterRef("pk")).order_by(by)
    return rows.values("pk")[:COUNT_AT_MOST]


def _of(asked: Asked, code: str) -> QuerySet[Any]:
    rows = Callback.objects.filter(_when(asked, code), brand=asked.brand, state__in=COLUMNS[code][1])
    if asked.team:
        rows = rows.filter(team=asked.team)
    return rows.filter(Q(owner=asked.owner) | Q(offered_to=asked.owner)) if asked.owner else rows


def _when(asked: Asked, code: str) -> Q:
    """Open promises are walked along the end of their windows, those that are over along the beginning."""
    if not _is_open(code):
        return Q(window_from__gte=asked.start, window_from__lt=asked.end)
    begins = Q(window_from__lt=asked.end, window_to__lt=asked.end + LONGEST)
    return begins if asked.is_today else begins & Q(window_from__gte=asked.start, window_to__gt=asked.start)


def _is_open(code: str) -> bool:
    return COLUMNS[code][1][0] in Callback.OPEN
