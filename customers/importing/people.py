"""Customers from a file: one record, one customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from agents.models import Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.contact import Kind, normalise
from customers.importing import values
from customers.importing.batches import Item, Outcome
from customers.importing.reading import Record
from customers.importing.values import Wrong
from customers.models import Consent
from customers.services import Newcomer, create_customers, owners_of

REQUIRED = ["name"]
COLUMNS = [
    "name", "mail", "phone", "handle", "language", "country", "city", "time_zone", "member", "joined",
    "opening_points", "consent_calls", "consent_marketing", "consent_statement", "birthday", "referred_by",
]  # fmt: skip
ADDRESSES = {"mail": Kind.MAIL, "phone": Kind.PHONE, "handle": Kind.HANDLE}
SEVERAL = "|"  # between two addresses of one kind


class People:
    """Customers of one brand. Nothing of a customer who is known is changed."""

    columns, required = COLUMNS, REQUIRED

    def __init__(self, brand: Brand, *, now: datetime | None = None) -> None:
        self.brand = brand
        self.now = now or clock.now()
        self._first: dict[tuple[str, str], int] = {}  # where each address of this file stood first

    def look_over(self, records: Iterable[Record]) -> None:
        """Every record stands for itself."""

    def items(self, records: Iterable[Record]) -> Iterator[Item]:
        """Each record as a newcomer, or why it is none."""
        for record in records:
            try:
                newcomer = self._newcomer(record)
                yield Item([record], newcomer, whose=newcomer.addresses[0][1])
            except Wrong as wrong:
                yield Item([record], refused=str(wrong))
            except Refused as refusal:
                yield Item([record], refused=refusal.sentence)

    def store(self, items: Sequence[Item]) -> list[Outcome]:
        """Write the newcomers whom nobody of the brand is yet."""
        newcomers: list[Newcomer] = [item.what for item in items]
        owners = owners_of(self.brand, [address for one in newcomers for address in one.addresses])
        outcomes: list[Outcome] = []
        for one in newcomers:
            outcomes.append(_outcome(one.addresses, owners))
        fresh = [one for one, outcome in zip(newcomers, outcomes, strict=True) if outcome == "taken"]
        create_customers(self.brand, fresh, source="import", at=self.now)
        return outcomes

    def _newcomer(self, record: Record) -> Newcomer:
        if record.problem:
            raise Wrong(record.problem)
        said = {name: record.values.get(name, "") for name in COLUMNS}
        country = values.country(said["country"])
        addresses = _addresses(said, country)
        if not addresses:
            raise Wrong(
                "It names no mail, phone or handle, so nobody could tell whether we know this customer."
            )
        member = values.yes(said["member"], "member")
        opening = values.whole(
            said["opening_points"], "opening_points", least=0, most=values.MOST_POINTS, default=0
        )
        if opening and not member:
            raise Wrong("opening_points are for members: write yes under member.")
        if said["referred_by"] and not member:
            raise Wrong("referred_by is for members: write yes under member.")
        joined = said["joined"] and values.instant(said["joined"], "joined", self.brand.time_zone, self.now)
        newcomer = Newcomer(
            name=values.text(said["name"], "name", 120),
            addresses=addresses,
            language=values.language(said["language"]),
            country=country,
            city=values.text(said["city"], "city", 80),
            time_zone=values.time_zone(said["time_zone"]),
            birthday=values.birthday(said["birthday"]),
            consents=_consents(said, member),
            member=bool(member),
            joined_at=joined or None,
            opening_points=opening,
            brought_by=said["referred_by"],
        )
        self._expect_first(record, addresses)
        return newcomer

    def _expect_first(self, record: Record, addresses: Sequence[tuple[str, str]]) -> None:
        """Refuse an address that stood on an earlier line of this file; else remember where it stands."""
        for address in addresses:
            if line := self._first.get(address):
                raise Wrong(f"{address[1]} is on line {line} already.")
        self._first |= dict.fromkeys(addresses, record.line)


def _addresses(said: dict[str, str], country: str) -> list[tuple[str, str]]:
    found = {
        (kind.value, normalise(kind, value, country=country)): None
        for column, kind in ADDRESSES.items()
        for value in said[column].split(SEVERAL)
        if value.strip()
    }
    return list(found)


def _consents(said: dict[str, str], member: bool | None) -> list[tuple[str, bool]]:
    asked = [
        (Consent.Purpose.PROGRAMME.value, member or None),
        (Consent.Purpose.CALLS.value, values.yes(said["consent_calls"], "consent_calls")),
        (Consent.Purpose.MARKETING.value, values.yes(said["consent_marketing"], "consent_marketing")),
        (Consent.Purpose.STATEMENT.value, values.yes(said["consent_statement"], "consent_statement")),
    ]
    return [(purpose, given) for purpose, given in asked if given is not None]


def _outcome(addresses: Sequence[tuple[str, str]], owners: dict[tuple[str, str], int]) -> Outcome:
    found = {owners[address] for address in addresses if address in owners}
    new = [address for address in addresses if address not in owners]
    if not found:
        return "taken"
    if len(found) > 1:
        return Refused("two_customers", "Its addresses belong to different customers we know.")
    if not new:
        return "known"
    theirs = ", ".join(value for kind, value in addresses if (kind, value) in owners)
    others = ", ".join(value for _kind, value in new)
    return Refused(
        "partly_known", f"{theirs} belongs to a customer we know; {others} is new. Add it to them by hand."
    )
