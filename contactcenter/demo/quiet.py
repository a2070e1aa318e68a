"""The many who buy without fuss: named in quiet.toml, the rest falls by dice that always fall the same way."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("quiet.toml")
# Ranges that regulators keep for fiction, else numbers that no telephone has; countries without: no number.
NUMBERS = {
    "AT": "+43999556{:02d}", "BE": "+32105551{:03d}", "CA": "+14165550{:d}", "CH": "+41105551{:03d}",
    "CZ": "+420105551{:03d}", "DE": "+4930231257{:02d}", "DK": "+45105520{:02d}", "ES": "+34555012{:03d}",
    "FR": "+33639985{:03d}", "GB": "+4477009006{:02d}", "IE": "+353995551{:03d}", "IT": "+392005552{:03d}",
    "NL": "+31999551{:03d}", "NZ": "+64105550{:03d}", "PL": "+48105551{:03d}", "PT": "+351555011{:03d}",
    "SE": "+467017406{:02d}", "US": "+16175550{:d}",
}  # fmt: skip
FIRST_NUMBER = 110
# How many of a hundred qualified for so many points in the year that counts: most are Bronze, a few Platinum.
POINTS = [(54, (90, 1450)), (26, (1500, 3600)), (14, (4000, 6500)), (6, (8000, 9800))]
NO_MEMBER, NO_PHONE, SECOND_ADDRESS, SPENDS, CONFIRMED, NO_CALLS = 0.07, 0.3, 0.06, 0.12, 0.4, 0.1


def rows() -> list[tuple[str, dict[str, Any]]]:
    """Each with their brand, as a row of customers.toml would have it."""
    source = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    found: list[tuple[str, dict[str, Any]]] = []
    for brand, countries in source.items():
        for country, towns in countries.items():
            here = [(town, name) for town, names in towns.items() for name in names]
            found += [(brand, _row(brand, country, *who, rank)) for rank, who in enumerate(here)]
    return found


def _row(brand: str, country: str, town: str, name: str, rank: int) -> dict[str, Any]:
    chance = random.Random(f"{brand}:{name}")  # noqa: S311  decoration, no secret
    row: dict[str, Any] = {
        "name": name,
        "country": country,
        "city": town,
        "verified": chance.random() < CONFIRMED,
        "calls": random.Random(f"{brand}:{name}:calls").random() > NO_CALLS,  # noqa: S311
    }
    if country in NUMBERS and chance.random() > NO_PHONE:
        row["phone"] = _number(country, rank)
    if chance.random() < SECOND_ADDRESS:
        row["also"] = [
            f"{name.split()[-1].lower().encode('ascii', 'ignore').decode()}{rank + 61}@work.example"
        ]
    if chance.random() < NO_MEMBER:
        return row
    bands = [band for share, band in POINTS for _ in range(share)]
    row["points"] = chance.randint(*chance.choice(bands)) // 5 * 5
    row["spends"] = chance.random() < SPENDS
    fate = chance.random()  # points of one in fifteen end soon, of one in twenty-five have ended
    if fate < 1 / 15:
        row["expiring"] = chance.randint(3, 29)
    elif fate < 1 / 15 + 1 / 25:
        row["lapsed"] = chance.randint(8, 40)
    return row


def _number(country: str, rank: int) -> str:
    form = NUMBERS[country]
    first = 10 if ":02d" in form else FIRST_NUMBER
    if country in ("CA", "US"):  # 555-0100 to 555-0199 are kept for fiction
        first = 150
    return form.format(first + rank)
