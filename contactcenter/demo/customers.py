"""Who the demo's customers are, read from customers.toml, and how they came to be known."""

from __future__ import annotations

import random
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import customers.services
import loyalty.services
from contactcenter.demo import quiet
from contactcenter.demo.story import Story
from customers.contact import Kind
from customers.models import Consent

SOURCE = Path(__file__).with_name("customers.toml")
# Where people live decides their language and clock, unless their row says otherwise.
COUNTRIES = {
    "AT": ("de", "Europe/Vienna"), "AU": ("en", "Australia/Sydney"), "BE": ("fr", "Europe/Brussels"),
    "BR": ("pt", "America/Sao_Paulo"), "CA": ("en", "America/Toronto"), "CH": ("de", "Europe/Zurich"),
    "CZ": ("cs", "Europe/Prague"),
    "DE": ("de", "Europe/Berlin"), "DK": ("da", "Europe/Copenhagen"), "ES": ("es", "Europe/Madrid"),
    "FI": ("fi", "Europe/Helsinki"), "FR": ("fr", "Europe/Paris"), "GB": ("en", "Europe/London"),
    "IE": ("en", "Europe/Dublin"), "IT": ("it", "Europe/Rome"), "JP": ("ja", "Asia/Tokyo"),
    "NL": ("nl", "Europe/Amsterdam"),
    "NZ": ("en", "Pacific/Auckland"), "PL": ("pl", "Europe/Warsaw"), "PT": ("pt", "Europe/Lisbon"),
    "SE": ("sv", "Europe/Stockholm"), "US": ("en", "America/New_York"),
}  # fmt: skip
MAIL_HOSTS = ("mail.example", "inbox.example", "post.example")
WITHOUT_MARKS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "æ": "ae", "ß": "ss", "ı": "i", "'": ""})


@dataclass(frozen=True)
class Profile:
    """A customer as the data file describes them. `points` qualified in the year that counts; None: no member.

    `also`: further mail addresses and numbers. `expiring`: days until a lot ends, `lapsed`: days since one has
    ended, `spends`: redeems now and then; `calls`: wants to be called.
    """

    key: str
    brand: str
    name: str
    country: str
    city: str
    language: str
    zone: str
    mail: str
    joined: datetime
    phone: str = ""
    handle: str = ""
    also: tuple[str, ...] = ()
    points: int | None = None
    verified: bool = False
    expiring: int = 0
    lapsed: int = 0
    spends: bool = False
    calls: bool = True

    @property
    def chance(self) -> random.Random:
        """Dice of this customer's own that always fall the same way."""
        return random.Random(f"{self.brand}:{self.key}")  # noqa: S311  decoration, no secret


def read(now: datetime) -> list[Profile]:
    """All customers of both brands: those with a story, in the order of their file, then the quiet ones."""
    rows = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    people = [(brand, row) for brand, rows_of_brand in rows.items() for row in rows_of_brand]
    people += quiet.rows()
    return [_profile(brand, row, rank, now) for rank, (brand, row) in enumerate(people)]


def key_of(name: str) -> str:
    """How the data files name a customer: `piotr-zielinski`."""
    plain = unicodedata.normalize("NFKD", name.translate(WITHOUT_MARKS)).encode("ascii", "ignore").decode()
    return "-".join(plain.lower().split())


def _profile(brand: str, row: dict[str, Any], rank: int, now: datetime) -> Profile:
    key = row.get("key") or key_of(row["name"])
    language, zone = COUNTRIES[row["country"]]
    old = row.get("expiring") or row.get("lapsed")
    days = 790 + rank % 90 if old else 110 + rank * 97 % 650
    defaults: dict[str, Any] = {
        "language": language,
        "zone": zone,
        "mail": f"{key.replace('-', '.')}@{MAIL_HOSTS[rank % len(MAIL_HOSTS)]}",
        "joined": now - timedelta(days=days, hours=rank % 11),
    }
    return Profile(**(defaults | row | {"key": key, "brand": brand, "also": tuple(row.get("also", ()))}))


def plan(story: Story, profiles: list[Profile]) -> None:
    """Each customer is met, says what is allowed, and most of them become members."""
    for profile in profiles:
        story.add(profile.joined, partial(_meet, story, profile))


def _meet(story: Story, profile: Profile) -> None:
    addresses = [(Kind.MAIL, profile.mail), (Kind.PHONE, profile.phone), (Kind.HANDLE, profile.handle)]
    addresses += [(Kind.MAIL if "@" in more else Kind.PHONE, more) for more in profile.also]
    brand = story.brands[profile.brand]
    customer = customers.services.create_customer(
        brand,
        name=profile.name,
        addresses=[(kind, value) for kind, value in addresses if value],
        verified=profile.verified,
        language=profile.language,
        country=profile.country,
        city=profile.city,
        time_zone="" if profile.zone == brand.time_zone else profile.zone,
        at=profile.joined,
    )
    story.customers[profile.key] = customer
    if profile.points is not None:
        loyalty.services.enrol(customer, at=profile.joined)
        _say(story, profile, Consent.Purpose.PROGRAMME, True, "checkout")
        _say(story, profile, Consent.Purpose.MARKETING, profile.chance.random() < 0.6, "checkout")
    if profile.phone:
        _say(story, profile, Consent.Purpose.CALLS, profile.calls, "account page")


def _say(story: Story, profile: Profile, purpose: str, given: bool, source: str) -> None:
    customers.services.record_consent(
        story.customers[profile.key], purpose, given=given, source=source, at=profile.joined
    )
