"""Where a customer is, as far as we know: the zones in which it must not be night when we call. Needs no database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_location

from contactcenter import clock
from customers.contact import Kind, country_of, home_of, zone_of
from customers.models import Customer

# Whose time is shown for a country of several zones, while nothing closer is known: most people live by it.
SHOWN = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MX": "America/Mexico_City",
    "RU": "Europe/Moscow",
    "US": "America/New_York",
}


@dataclass(frozen=True)
class Place:
    """`zone` is the one whose time is shown; `zones` are all in which the customer may be, that one first."""

    zones: tuple[ZoneInfo, ...]
    country: str  # ISO 3166, "" for none

    @property
    def zone(self) -> ZoneInfo:
        return self.zones[0]


def place_of(customer: Customer, number: str = "") -> Place:
    """Where `customer` is when called at `number` (E.164; "" for none); the customer's brand must be at hand.

    What the profile says of the time zone; else the country of the number, else that of the profile, with all of its
    zones where it has several; else the brand's zone.
    """
    ours = clock.zone(customer.brand.time_zone)
    if customer.time_zone:
        zone = clock.zone(customer.zone)
        return Place((zone,), customer.country or country_of(zone.key))
    dialled = home_of([(Kind.PHONE, number)])[0]
    for country in (dialled, customer.country):
        if zones := zones_of(country):
            shown = _shown(country, zones, ours.key)
            rest = [zone for zone in zones if zone != shown]
            return Place(tuple(ZoneInfo(name) for name in [shown, *rest]), country)
    return Place((ours,), dialled or customer.country or country_of(ours.key))


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country (ISO 3166): the one in which nearly all live, where there is such a one, else all."""
    if not country:
        return ()
    if zone := zone_of(country):
        return (zone,)
    return tuple(
        sorted(zone for zone, lies_in in get_global("zone_territories").items() if lies_in == country)
    )


def _shown(country: str, zones: Collection[str], ours: str) -> str:
    """Our own zone where it is one of the country's, else that of most people there."""
    named = (ours, SHOWN.get(country, ""))
    return next((zone for zone in named if zone in zones), next(iter(zones)))


def town_of(zone: ZoneInfo, language: str) -> str:
    """The place a zone is named after, as a customer reads it in "en" or "de": Tokyo, Tokio (Unicode CLDR)."""
    spoken = "de" if language.startswith("de") else "en"
    return get_timezone_location(zone, locale=spoken, return_city=True).rpartition("/")[2]
