"""How figures, times and money read on the desk."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.numbers import format_currency
from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.defaultfilters import urlize
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contactcenter import clock
from desk.days import in_words
from loyalty.models import Account, Entry
from tickets.services.mentioning import NAME

register = template.Library()
# What Django's urlize makes links of holds one of these.
LINKABLE = re.compile(r"https?://|www\.|\.(com|edu|gov|int|mil|net|org)|@", re.IGNORECASE)


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
        return f"{local:%H:%M}"
    return in_words(local.date(), "DAY" if local.year == today.year else "DATE_FORMAT")


@register.simple_tag
def stamp(at: datetime, look: str = "", words: str = "") -> SafeString:
    """When something was: the hour (or `words`) to read, the whole instant to point at."""
    local = timezone.localtime(at)
    hour, day = f"{local:%H:%M}", in_words(local.date(), "LONG_DATE")
    look = f' class="{escape(look)}"' if look else ""
    return SafeString(
        f'<time{look} datetime="{local.isoformat()}" title="{escape(day)} {hour}">{escape(words or hour)}</time>'
    )


@register.filter
def linked(text: str) -> SafeString:
    """`text` for a page, its addresses as links: as Django's urlize, which looks long at every word, but only at
    the lines that can hold an address."""
    lines = (
        urlize(line, autoescape=True) if LINKABLE.search(line) else escape(line) for line in text.split("\n")
    )
    return SafeString("\n".join(lines))


@register.filter
def naming(text: str, names: list[str]) -> SafeString:
    """`text` of a note as `linked`, with the names after an @ that mean somebody marked."""
    if not names:
        return linked(text)
    parts, rest = [], 0
    for found in NAME.finditer(text):
        if (name := found[1].rstrip(".-+")) in names:
            parts += [linked(text[rest : found.start()]), f"<mark>@{escape(name)}</mark>"]
            rest = found.start() + 1 + len(name)
    return SafeString("".join([*parts, linked(text[rest:])]))


@register.filter
def appointment(at: datetime) -> str:
    """When something will be: 13:00 today, Mon 13:00 within six days, else 3 Dec 13:00."""
    local, today = timezone.localtime(at), timezone.localdate(clock.now())
    away = abs((local.date() - today).days)
    return date_format(local, "H:i" if away == 0 else "D H:i" if away < 7 else "DAY_TIME")


@register.simple_tag
def hours(start: datetime, end: datetime, zone: str = "") -> str:
    """A window as 14:00–15:00 in `zone`, default the reader's own."""
    local = ZoneInfo(zone) if zone else timezone.get_current_timezone()
    return f"{start.astimezone(local):%H:%M}–{end.astimezone(local):%H:%M}"


@register.simple_tag
def hours_beside(start: datetime, end: datetime, zone: str) -> str:
    """A window of `zone` on the reader's own clock, with the day where it begins on another: Tue 05:00–06:00."""
    here = timezone.localtime(start)
    told = hours(start, end)
    return (
        told if here.date() == start.astimezone(ZoneInfo(zone)).date() else f"{date_format(here, 'D')} {told}"
    )


@register.simple_tag
def window(start: datetime | str, end: datetime | str, zone: str) -> str:
    """A window with its day, in the customer's zone and named so: Wed 25 Nov, 14:00–15:00 in Rome."""
    start, end = (datetime.fromisoformat(at) if isinstance(at, str) else at for at in (start, end))
    day = date_format(start.astimezone(ZoneInfo(zone)), "WEEKDAY")
    return _("%(day)s, %(hours)s in %(place)s") % {
        "day": day, "hours": hours(start, end, zone), "place": place(zone)
    }  # fmt: skip


@register.simple_tag
def clock_in(zone: str) -> str:
    """What the clock shows in `zone` now."""
    return f"{clock.now().astimezone(ZoneInfo(zone)):%H:%M}"


@register.filter
def place(zone: str) -> str:
    """The city of a time zone: Europe/Rome → Rome."""
    return zone.rpartition("/")[2].replace("_", " ")


@register.filter
def in_days(day: date) -> str:
    """How far off a day is, in words."""
    days = (day - timezone.localdate(clock.now())).days
    if days <= 0:
        return _("today")
    return _("tomorrow") if days == 1 else _("in %d days") % days


@register.filter
def lasted(time: timedelta) -> str:
    """How long something took, in its largest whole unit: 3 d, 5 h, 20 min."""
    for seconds, words in ((86_400, _("%d d")), (3_600, _("%d h"))):
        if time.total_seconds() >= seconds:
            return words % (time.total_seconds() // seconds)
    return _("%d min") % (time.total_seconds() // 60)


@register.filter
def phone(number: str) -> str:
    """An E.164 number as it is read aloud: +39 347 555 0142."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@register.filter
def code(signs: str) -> str:
    """A code as it is read aloud, in two halves: K7QM4-XRT2P."""
    half = len(signs) // 2
    return f"{signs[:half]}-{signs[half:]}"


@register.filter
def country(code: str) -> str:
    """The name of a country in the reader's language, the code itself where it is none."""
    return _locale().territories.get(code, code)


@register.filter
def language(code: str) -> str:
    """The name of a language in the reader's language, the code itself where it is none."""
    return _locale().languages.get(code.replace("-", "_"), code)


def _locale() -> Locale:
    return Locale.parse((get_language() or "en").replace("-", "_"))


@register.filter
def worth_of(entry: Entry, currency: str) -> str:
    """What the points of an entry are worth, without a sign."""
    return money(abs(entry.account.worth(entry.points)), currency)


@register.simple_tag
def worth(account: Account, points: int) -> str:
    """What `points` of an account are worth as money."""
    return money(account.worth(points), account.programme.brand.currency)


@register.filter
def after_colon(source: str) -> str:
    """The name in a source like order:A-20931."""
    return source.partition(":")[2]
