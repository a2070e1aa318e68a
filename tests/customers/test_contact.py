from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.errors import Refused
from customers.contact import (
    MOST_LIVE_IN,
    Kind,
    country_of,
    home_of,
    last_digits,
    normalise,
    numbers_meant,
    zone_of,
)

MAIL, PHONE, HANDLE = Kind.MAIL, Kind.PHONE, Kind.HANDLE


@pytest.mark.parametrize(
    ("kind", "written", "country", "stored"),
    [
        (MAIL, "Nora@Mail.Example", "", "nora@mail.example"),
        (MAIL, "  nora@mail.example\n", "", "nora@mail.example"),
        (MAIL, "nora+shop@mail.example", "", "nora+shop@mail.example"),
        (MAIL, "o'neil@mail.example", "", "o'neil@mail.example"),
        (MAIL, "NO\u0308RA@MAIL.EXAMPLE", "", "nöra@mail.example"),
        (MAIL, "nora@bücher.example", "", "nora@bücher.example"),
        (MAIL, "root@localhost", "", "root@localhost"),
        (PHONE, "+49 30 1234567", "", "+49301234567"),
        (PHONE, "+49 (0)30 / 123-45-67", "", "+49301234567"),
        (PHONE, "030 1234567", "DE", "+49301234567"),
        (PHONE, "0049 30 1234567", "DE", "+49301234567"),
        (PHONE, "03-1234-5678", "JP", "+81312345678"),
        (PHONE, "(11) 91234-5678", "BR", "+5511912345678"),
        (PHONE, "+4930 1234567", "JP", "+49301234567"),
        (HANDLE, "@Nora", "", "nora"),
        (HANDLE, "Mastodon:Nora", "", "mastodon:nora"),
    ],
)
def test_an_address_has_one_form_however_it_is_written(
    kind: str, written: str, country: str, stored: str
) -> None:
    assert normalise(kind, written, country=country) == stored
    assert normalise(kind, stored) == stored


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (MAIL, ""),
        (MAIL, "nora"),
        (MAIL, "@mail.example"),
        (MAIL, "nora@"),
        (MAIL, "nora @mail.example"),
        (MAIL, "Nora <nora@mail.example>"),
        (MAIL, "<nora@mail.example>"),
        (MAIL, "nora@mail.example,eve@mail.example"),
        (MAIL, "nora@mail.example;eve"),
        (MAIL, "nora,eve@mail.example"),
        (MAIL, "nora@eve@mail.example"),
        (MAIL, "nora@mail.example\nBcc: eve@mail.example"),
        (MAIL, "no\x00ra@mail.example"),
        (MAIL, "n" * 250 + "@mail.example"),
        (PHONE, ""),
        (PHONE, "030 1234567"),
        (PHONE, "+49"),
        (PHONE, "call me"),
        (PHONE, "+999 1"),
        (PHONE, "+49 12"),
        (PHONE, "+49 123456789012345"),
        (HANDLE, ""),
        (HANDLE, " @ "),
        (HANDLE, "no\x00ra"),
        (HANDLE, "n" * 300),
    ],
)
def test_what_can_reach_nobody_is_refused(kind: str, written: str) -> None:
    with pytest.raises(Refused) as refusal:
        normalise(kind, written)
    assert refusal.value.code == "bad_address"


@given(kind=st.sampled_from(Kind.values), written=st.text(max_size=40))
def test_the_one_form_of_the_one_form_is_itself(kind: str, written: str) -> None:
    try:
        stored = normalise(kind, written)
    except Refused:
        return
    assert normalise(kind, stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert stored.isprintable()


@given(local=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))
def test_the_form_of_a_mail_address_is_itself_in_every_script(local: str) -> None:
    stored = normalise(MAIL, f"{local}@mail.example")
    assert normalise(MAIL, stored) == stored
    assert unicodedata.is_normalized("NFC", stored)


@pytest.mark.parametrize(
    ("written", "countries", "meant"),
    [
        ("030 1234567", ["DE"], ["+49301234567"]),
        ("030 1234567", ["DE", "BR"], ["+49301234567", "+55301234567"]),
        ("0049 30 1234567", ["DE"], ["+49301234567"]),
        ("+39 347 555 0142", [""], ["+393475550142"]),
        ("030 1234567", [""], []),
        ("A-20931", ["DE"], []),
        ("nora", ["DE"], []),
        ("", ["DE"], []),
    ],
)
def test_a_number_as_it_is_written_means_these_numbers(
    written: str, countries: list[str], meant: list[str]
) -> None:
    assert numbers_meant(written, countries) == meant


@pytest.mark.parametrize(
    ("written", "endings"),
    [
        ("0142", ["0142"]),
        ("550142", ["550142"]),
        ("0301234567", ["0301234567", "301234567"]),
        ("55-01 42", ["550142"]),
        ("00049", ["00049"]),
        ("501", []),
        ("A-20931", []),
    ],
)
def test_the_last_digits_are_taken_as_typed_and_without_the_zeros_one_dials_first(
    written: str, endings: list[str]
) -> None:
    assert last_digits(written) == endings


def test_a_time_zone_lies_in_a_country_or_in_none() -> None:
    assert [country_of(zone) for zone in ("Europe/Rome", "Asia/Tokyo", "UTC", "Mars/Base")] == [
        "IT",
        "JP",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("numbers", "said", "home"),
    [
        (["+39 347 5550142"], {}, ("IT", "Europe/Rome")),
        (["+81 3 1234 5678"], {}, ("JP", "Asia/Tokyo")),
        (["+49 30 1234567"], {}, ("DE", "Europe/Berlin")),  # Büsingen has a zone of its own
        (["+55 11 91234 5678"], {}, ("BR", "")),  # four zones: none is guessed
        (["+49 30 1234567", "+39 347 5550142"], {}, ("DE", "Europe/Berlin")),
        (
            ["+39 347 5550142"],
            {"country": "AT"},
            ("AT", "Europe/Vienna"),
        ),  # lives there, calls from elsewhere
        (["+39 347 5550142"], {"time_zone": "Asia/Tokyo"}, ("IT", "Asia/Tokyo")),
        ([], {"country": "JP"}, ("JP", "Asia/Tokyo")),
        (["030 1234567"], {}, ("", "")),
        (["+800 1234 5678"], {}, ("", "")),  # of no country
    ],
)
def test_a_number_tells_where_its_owner_lives_unless_they_said_so(
    numbers: list[str], said: dict[str, str], home: tuple[str, str]
) -> None:
    assert home_of([(PHONE, number) for number in numbers], **said) == home


def test_the_zone_in_which_most_live_is_one_of_that_country() -> None:
    assert {country_of(zone) for zone in MOST_LIVE_IN.values()} == set(MOST_LIVE_IN)
    assert all(zone_of(country) == zone for country, zone in MOST_LIVE_IN.items())
    assert zone_of("US") == zone_of("") == zone_of("XX") == ""
