"""Deeds on what a customer is called, and where and in which language they live."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent
from agents.rights import expect_right
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, CustomerChange
from customers.services.history import SERVE, Change, lock, record
from customers.services.requiring import require
from customers.verification import Deed

LONGEST = {"name": 120, "language": 10, "country": 2, "city": 80, "time_zone": 40, "birthday": 5}  # signs
FIELDS = tuple(LONGEST)
IDENTITY = ("name", "birthday")  # by which a caller is known: changed for who is verified only
COLUMNS = {"birthday": ("birth_month", "birth_day")}  # where a field is not one column of its own name


@transaction.atomic
def edit_profile(
    customer: Customer,
    wanted: Mapping[str, str],
    *,
    by: Agent,
    seen: Mapping[str, str] | None = None,
    anyway: bool = False,
    at: datetime | None = None,
) -> Customer:
    """Set the fields of `wanted` (some of FIELDS); where nothing differs nothing is written.

    `seen` is what the agent had before their eyes: a field left as it was seen stays as it is now, and one
    that somebody else has set since is refused (`customer_changed`) unless the agent wants it `anyway`.
    A birthday is month and day, 02-29. Refused besides: `not_allowed`, `verification_needed` for IDENTITY,
    `bad_language`, `bad_country`, `bad_time_zone`, `bad_birthday`.
    """
    expect_right(by, SERVE, customer.brand_id)
    at = at or clock.now()
    seen = seen or {}
    meant = {field: wanted[field] for field in FIELDS if field in wanted and wanted[field] != seen.get(field)}
    clean = {field: cleaned(field, value) for field, value in meant.items()}
    customer = lock(customer)
    now = {field: getattr(customer, field) for field in FIELDS}
    words = {field: (now[field], value) for field, value in clean.items() if now[field] != value}
    moved = [field for field in words if seen.get(field, now[field]) != now[field]]
    if moved and not anyway:
        raise _changed_meanwhile(customer, moved)
    if not words:
        return customer
    if any(field in words for field in IDENTITY):
        require(customer, Deed.CHANGE, by=by, at=at)
    for field, (_before, after) in words.items():
        setattr(customer, field, after)
    customer.save(update_fields=[column for field in words for column in COLUMNS.get(field, (field,))])
    record(customer, Change.PROFILE, by=by, at=at, words=words, fields=[*words])
    return customer


@transaction.atomic
def set_birthday(
    customer: Customer,
    month: int | None,
    day: int | None,
    *,
    by: Agent | None = None,
    at: datetime | None = None,
) -> Customer:
    """Write down day and month of a birthday, None for both to forget it. Refused: `not_allowed`, `bad_birthday`."""
    if by is not None:
        expect_right(by, SERVE, customer.brand_id)
    after = "" if (month, day) == (None, None) else _expect_day(month or 0, day or 0)
    customer = lock(customer)
    before = customer.birthday
    if before != after:
        customer.birthday = after
        customer.save(update_fields=["birth_month", "birth_day"])
        words = {"birthday": (before, after)}
        record(customer, Change.PROFILE, by=by, at=at or clock.now(), words=words, fields=["birthday"])
    return customer


def _expect_day(month: int, day: int) -> str:
    """Month and day as 02-29; refused when no year has it."""
    try:
        return f"{date(2000, month, day):%m-%d}"  # a leap year: 29 February is a birthday
    except ValueError:
        raise Refused("bad_birthday", _("There is no such day in the year.")) from None


def lock_to_edit(customer: Customer, *, by: Agent) -> Customer:
    """The customer as it is now, for a deed of a room above on what they said of themselves.

    Refused: `not_allowed`, `customer_merged`.
    """
    expect_right(by, SERVE, customer.brand_id)
    return lock(customer)


def record_field(customer: Customer, field: str, was: str, now: str, *, by: Agent, at: datetime) -> None:
    """Write into the history of a locked customer what a room above keeps of them in words."""
    record(customer, Change.PROFILE, by=by, at=at, words={field: (was, now)}, fields=[field])


def cleaned(field: str, value: str) -> str:
    """`value` as `field` stores it; refused when it names no language, country or time zone there is."""
    value = " ".join(value.split())
    if field == "birthday":
        month, _dash, day = value.partition("-")
        return _expect_day(*(int(part) if part.isdecimal() else 0 for part in (month, day))) if value else ""
    if field == "country":
        value = value.upper()
    known = {
        "language": lambda: value.replace("-", "_") in languages(),
        "country": lambda: not value or value in phonenumbers.SUPPORTED_REGIONS,
        "time_zone": lambda: not value or value in available_timezones(),
    }
    if field in known and not known[field]():
        raise Refused(f"bad_{field}", _refusals()[field] % value[:40])
    return value[: LONGEST[field]]


def languages() -> set[str]:
    """The codes of the languages a customer may be written to in."""
    return set(Locale("en").languages)


def field_name(field: str) -> str:
    """What people call a field of the profile."""
    return {
        "name": _("Name"),
        "language": _("Language"),
        "country": _("Country"),
        "city": _("City"),
        "time_zone": _("Time zone"),
        "birthday": _("Birthday"),
        "contact_hours": _("Wants to be called"),
    }[field]


def _refusals() -> dict[str, str]:
    return {
        "language": _("“%s” is no language we know."),
        "country": _("“%s” is no country; choose one of the list."),
        "time_zone": _("“%s” is no time zone; write it like Europe/Rome."),
    }


def _changed_meanwhile(customer: Customer, fields: list[str]) -> Refused:
    """Who else has set these fields, and what they are now."""
    changes = CustomerChange.objects.filter(customer=customer, kind=Change.PROFILE).select_related("by")
    last = changes.filter(data__fields__contains=fields[:1]).order_by("-at", "-id").first()
    now = "; ".join(f"{field_name(field)}: {getattr(customer, field) or '–'}" for field in fields)
    return Refused(
        "customer_changed",
        _("%(who)s changed this meanwhile. It is now %(now)s.")
        % {"who": (last and last.by) or _("Somebody"), "now": now},
        details={"fields": fields},
    )
