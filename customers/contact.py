"""The one normal form of an address. Needs no database."""

from __future__ import annotations

import unicodedata

import phonenumbers
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contactcenter.errors import Refused


class Kind(models.TextChoices):
    MAIL = "mail", gettext_lazy("E-mail")
    PHONE = "phone", gettext_lazy("Phone")
    HANDLE = "handle", gettext_lazy("Handle")


def normalise(kind: str, value: str, *, country: str = "") -> str:
    """`value` in the form it is stored and looked up in; refused when it can reach nobody.

    Mail: lower case, NFC. Phone: E.164; a national number needs the `country` (ISO 3166) it is dialled in.
    Handle: lower case, without a leading @.
    """
    value = unicodedata.normalize("NFC", value).strip()
    if kind == Kind.PHONE:
        return _phone(value, country)
    value = value.lower()
    if kind == Kind.MAIL:
        local, at, domain = value.rpartition("@")
        if not (local and at and domain) or any(c.isspace() for c in value) or len(value) > 254:
            raise Refused("bad_address", _("“%s” is not an e-mail address.") % value)
        return value
    value = value.removeprefix("@")
    if not value:
        raise Refused("bad_address", _("A handle needs a name."))
    return value


def _phone(value: str, country: str) -> str:
    try:
        number = phonenumbers.parse(value, country or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Refused(
            "bad_address", _("“%s” is not a phone number; write it with + and the country.") % value
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
