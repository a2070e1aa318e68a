from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

import pytest
from babel.core import get_global

from agents.models import Brand
from callbacks.zones import SHOWN, place_of, town_of, zones_of
from customers.models import Customer


@pytest.mark.parametrize(
    ("time_zone", "country", "number", "zone", "where"),
    [
        ("Asia/Tokyo", "", "+493012345678", "Asia/Tokyo", "JP"),  # the profile, whatever the number says
        ("Asia/Tokyo", "FR", "+493012345678", "Asia/Tokyo", "FR"),
        ("", "", "+97714123456", "Asia/Kathmandu", "NP"),  # the number
        ("", "FR", "+97714123456", "Asia/Kathmandu", "NP"),
        ("", "FR", "", "Europe/Paris", "FR"),  # the country
        ("", "", "", "Europe/Berlin", "DE"),  # ours
        ("", "", "+80012345678", "Europe/Berlin", "DE"),  # a number of no country
    ],
)
def test_a_customer_is_where_the_profile_says_else_the_number_else_the_country_else_with_us(
    time_zone: str, country: str, number: str, zone: str, where: str
) -> None:
    brand = Brand(time_zone="Europe/Berlin")
    customer = Customer(brand=brand, time_zone=time_zone, country=country)
    place = place_of(customer, number)
    assert ([one.key for one in place.zones], place.country) == ([zone], where)


def test_a_number_of_several_zones_may_be_in_any_of_them_and_is_shown_most_peoples() -> None:
    place = place_of(Customer(brand=Brand(time_zone="UTC")), "+12125550123")
    assert place.zone.key == "America/New_York"
    assert {"America/Los_Angeles", "Pacific/Honolulu", "America/Chicago"} < {one.key for one in place.zones}
    assert len(place.zones) == len(set(place.zones)) == len(zones_of("US"))


def test_where_our_own_zone_is_one_of_them_it_is_shown() -> None:
    place = place_of(Customer(brand=Brand(time_zone="America/Chicago"), country="US"))
    assert place.zone.key == "America/Chicago"


def test_every_zone_that_may_be_shown_is_one_there_is() -> None:
    countries = set(get_global("zone_territories").values()) - {"001", "ZZ"}
    assert {zone for country in countries for zone in zones_of(country)} <= available_timezones()
    assert all(zone in zones_of(country) for country, zone in SHOWN.items())
    assert zones_of("") == ()


@pytest.mark.parametrize(
    ("zone", "language", "expected"),
    [
        ("Europe/Berlin", "en", "Berlin"), ("Asia/Tokyo", "de-AT", "Tokio"), ("Asia/Tokyo", "", "Tokyo"),
        ("America/Argentina/Buenos_Aires", "es", "Buenos Aires"), ("UTC", "de", "UTC"),
    ],
)  # fmt: skip
def test_a_customer_reads_the_town_of_their_zone(zone: str, language: str, expected: str) -> None:
    assert town_of(ZoneInfo(zone), language) == expected
