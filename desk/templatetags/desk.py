"""How figures, times and money read on the desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.numbers import format_currency
from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contactcenter import clock

register = template.Library()


@register.filter
def money(minor: int, currency: str) -> str:
    """Minor units of `currency` as people write them: 4210 → €42.10."""
    return format_currency(Decimal(minor) / 100, currency, locale=(get_language() or "en").replace("-", "_"))


@register.filter
def signed(points: int) -> str:
    """+300 or −500, with a true minus."""
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{intcomma(abs(points))}"


@register.filter
def moment(at: datetime) -> str:
    """An instant as short as it can be told: the hour today, the day this year, else the date."""
    local, today = timezone.localtime(at), timezone.localdate(clock.now())
    if local.date() == today:
        return date_format(local, "H:i")
    return date_format(local, "j M" if local.year == today.year else "j M Y")


@register.filter
def in_zone(at: datetime, zone: str) -> datetime:
    """The instant on a clock in `zone`; for formatting with |date use it inside {% localtime off %}."""
    return at.astimezone(ZoneInfo(zone))


@register.filter
def place(zone: str) -> str:
    """The city of a time zone: Europe/Rome → Rome."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.filter
def in_days(at: datetime) -> str:
    """How far off a day is, in words."""
    days = (timezone.localdate(at) - timezone.localdate(clock.now())).days
    if days <= 0:
        return _("today")
    return _("tomorrow") if days == 1 else _("in %d days") % days


@register.filter
def last_moment_before(at: datetime) -> datetime:
    """The last instant before `at`: what ends at midnight ends on the day before."""
    return at - timedelta(microseconds=1)
