"""The one normal form of an address. Needs no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers
from babel.core import get_global
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.errors import Refused

LONGEST = 254  # characters of an address
E164 = re.compile(r"\+[1-9][0-9]{4,14}")  # as the database wants it
NETWORKS = (
    "chat",
    "facebook",
    "instagram",
    "linkedin",
    "mastodon",
    "telegram",
    "tiktok",
    "whatsapp",
    "x",
    "youtube",
)
# Where most people of a country with several time zones live, as far as one of them is plainly that.
MOST_LIVE_IN = {
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
LONG_ENOUGH = 9  # signs of a number with + and country, to be taken for one by its figures alone
DIGITS = 4  # the last so many digits of a number may stand for it
WRITTEN = re.compile(r"[\d\s()/.\-+]+")  # what people write a phone number with
NOT_IN_MAIL = set(' <>(),;:"\\')  # with one of these a header names nobody, or somebody else besides


class Kind(models.TextChoices):
    MAIL = "mail", gettext_lazy("E-mail")
    PHONE = "phone", gettext_lazy("Phone")
    HANDLE = "handle", gettext_lazy("Handle")


def plain(value: str) -> str:
    """A mail address as it is stored, without asking whether it can reach anybody."""
    return unicodedata.normalize("NFC", value).strip().lower()


def mailbox(value: str) -> str:
    """Where mail to an address (in its normal form) ends up: without a +tag, and at Google without dots."""
    local, _at, domain = value.rpartition("@")
    local = local.partition("+")[0]
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def normalise(kind: str, value: str, *, country: str = "") -> str:
    """`value` in the form it is stored and looked up in; refused when it can reach nobody.

    Mail: lower case, NFC. Phone: E.164; a national number needs the `country` (ISO 3166) it is dialled in.
    Handle: lower case, without a leading @.
    """
    value = unicodedata.normalize("NFC", value.strip())
    if kind == Kind.PHONE:
        return _phone(value, country)
    value = unicodedata.normalize("NFC", value.lower())
    if kind == Kind.MAIL:
        return _mail(value)
    value = value.lstrip("@ ")
    if not value or not value.isprintable() or len(value) > LONGEST:
        raise Refused("bad_address", _("A handle needs a name."))
    return value


def _mail(value: str) -> str:
    local, at, domain = value.rpartition("@")
    plain = value.isprintable() and not set(value) & NOT_IN_MAIL and "@" not in local
    if not (local and at and domain and plain) or len(value) > LONGEST:
        raise Refused("bad_address", _("“%s” is not an e-mail address.") % value)
    return value


def _phone(value: str, country: str) -> str:
    try:
        number = phonenumbers.parse(value, country or None)
    except phonenumbers.NumberParseException:
        number = None
    dialled = ""
    if number is not None and phonenumbers.is_possible_number(number):
        dialled = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not E164.fullmatch(dialled):  # what is possible in a country may be shorter or longer than a number is
        raise Refused(
            "bad_address", _("“%s” is not a phone number; write it with + and the country.") % value
        )
    return dialled


def country_of(zone: str) -> str:
    """The country (ISO 3166) in which a time zone lies, "" for one that is of no country."""
    country = get_global("zone_territories").get(zone, "")
    return country if country in phonenumbers.SUPPORTED_REGIONS else ""


def zone_of(country: str) -> str:
    """The time zone of nearly all who live in `country` (ISO 3166); "" where there are several, or none is known."""
    zones = [zone for zone, lies_in in get_global("zone_territories").items() if lies_in == country]
    return zones[0] if len(zones) == 1 else MOST_LIVE_IN.get(country, "")


def home_of(
    addresses: Iterable[tuple[str, str]], *, country: str = "", time_zone: str = ""
) -> tuple[str, str]:
    """Country and time zone as they were said, and where nothing was said those of the first number with +."""
    dialled = [normalise(kind, value) for kind, value in addresses if kind == Kind.PHONE and value[:1] == "+"]
    called = [phonenumbers.region_code_for_number(phonenumbers.parse(number)) for number in dialled]
    known = [code for code in called if code in phonenumbers.SUPPORTED_REGIONS]
    country = country or next(iter(known), "")
    return country, time_zone or zone_of(country)


def numbers_meant(written: str, countries: Iterable[str]) -> list[str]:
    """The phone numbers (E.164) that `written` can mean, dialled in one of `countries`; none for other words."""
    if not WRITTEN.fullmatch(written):
        return []
    meant = []
    for country in countries:
        try:
            meant.append(normalise(Kind.PHONE, written, country=country))
        except Refused:
            continue
    return list(dict.fromkeys(meant))


def is_a_number(dialled: str) -> bool:
    """Whether a number (E.164) is one that its country gives out, and longer than that of an order."""
    return len(dialled) > LONG_ENOUGH and phonenumbers.is_valid_number(phonenumbers.parse(dialled))


def last_digits(written: str) -> list[str]:
    """The digits that may end a number, as typed on a handset: as they are, and without the zeros one dials first.

    Fewer than four say nothing.
    """
    if not WRITTEN.fullmatch(written):
        return []
    digits = "".join(sign for sign in written if sign.isascii() and sign.isdecimal())
    return [ending for ending in dict.fromkeys([digits, digits.lstrip("0")]) if len(ending) >= DIGITS]
