"""What a member took for points lately, and how each stands: in words, for the pane of the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from contactcenter import clock
from loyalty.models import Redemption, Reward, Voucher

State = Redemption.State


@dataclass(frozen=True)
class Taken:
    """A reward by its name, the code of its voucher (of one that is worth nothing any more its end) and its state."""

    name: str
    code: str
    words: str
    is_good: bool


def taken_of(rows: Sequence[Any]) -> tuple[list[Taken], list[Voucher]]:
    """What was taken or begun in words, and the vouchers of it that can be used (`is_usable`)."""
    at = clock.now()
    return [_told(row, at) for row in rows], [row.voucher for row in rows if row.is_usable]


def _told(row: Redemption, at: datetime) -> Taken:
    voucher: Voucher | None = getattr(row, "voucher", None)
    if row.state == State.POSTED and voucher:
        is_valid = voucher.state_at(at) == Voucher.State.VALID
        return Taken(
            row.reward.name, voucher.code if is_valid else str(voucher), _of_voucher(voucher, at), is_valid
        )
    return Taken(row.reward.name, "", _of_redemption(row), row.shipped_at is not None)


def _of_voucher(voucher: Voucher, at: datetime) -> str:
    state = voucher.state_at(at)
    if state == Voucher.State.VALID:
        return _("until %(day)s") % {"day": _in_short(voucher.last_day)}
    if voucher.used_at:
        return _("used on %(day)s") % {"day": _day(voucher.used_at)}
    if state == Voucher.State.OVER:
        return _("over since %(day)s") % {"day": _in_short(voucher.last_day)}
    return str(state.label)


def _of_redemption(row: Redemption) -> str:
    if row.shipped_at:
        return _("sent on %(day)s") % {"day": _day(row.shipped_at)}
    if row.state == State.POSTED and row.reward.kind == Reward.Kind.SHIPPED:
        return _("to be sent")
    if row.state == State.UNDONE:
        return _("undone, points back")
    return str(row.get_state_display())


def _day(at: datetime) -> str:
    return _in_short(localtime(at).date())


def _in_short(day: date) -> str:
    """A day of the half year around now without its year: the lines are short, and the code matters more."""
    near = abs((day - localtime(clock.now()).date()).days) < 180
    return date_format(day, "DAY" if near else "DATE_FORMAT")
