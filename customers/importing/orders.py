"""Orders from a file: one record a line of an order, the lines of one order together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from agents.models import Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.contact import Kind, normalise
from customers.importing import values
from customers.importing.batches import Item, Outcome
from customers.importing.reading import Record
from customers.importing.values import Wrong
from customers.models import Order
from customers.services import CUSTOMER_FINDERS, Line, Purchase, owners_of, record_orders

REQUIRED = ["number", "customer", "placed_at", "amount"]
COLUMNS = [
    "number", "customer", "placed_at", "status", "currency", "sku", "name", "category", "quantity", "amount", "channel",
]  # fmt: skip
OF_THE_ORDER = (
    "customer",
    "placed_at",
    "status",
    "currency",
    "channel",
)  # the same on each line, or left out after the first
STATUSES = tuple(Order.Status.values)
NUMBERED = "number"  # beside mail and phone: a name that another room knows the customer by


class Orders:
    """Orders of one brand's customers. An order that is known is not changed."""

    columns, required = COLUMNS, REQUIRED

    def __init__(self, brand: Brand, *, now: datetime | None = None) -> None:
        self.brand = brand
        self.now = now or clock.now()
        self._broken: dict[str, str] = {}  # orders of which a part is missing or elsewhere, and why

    def look_over(self, records: Iterable[Record]) -> None:
        """Find the orders whose lines stand apart, or beside a line that cannot be read and may be theirs.

        Recorded in part they could not be mended: a number that is known is never recorded again.
        """
        began: dict[str, int] = {}
        before = ""  # the order that stood before, empty after an unreadable line
        for number, group in groupby(records, key=_number):
            first = next(iter(group))
            if not number and before:
                self._broken[before] = f"Line {first.line} after it cannot be read, and may belong to it."
            if number in began:
                self._broken[number] = f"Its lines stand apart: it began on line {began[number]}."
            elif number and not before and began:
                self._broken[number] = (
                    f"The line before line {first.line} cannot be read, and may belong to it."
                )
            began.setdefault(number, first.line)
            before = number

    def items(self, records: Iterable[Record]) -> Iterator[Item]:
        """Each order with all its lines; one wrong line refuses the order."""
        for number, group in groupby(records, key=_number):
            lines = list(group)
            if not number:
                yield from (Item([one], refused=one.problem or "It names no order number.") for one in lines)
                continue
            try:
                purchase, who = self._purchase(number, lines)
                yield Item(lines, (purchase, who), whose=who[1])
            except Wrong as wrong:
                yield Item(lines, refused=str(wrong))
            except Refused as refusal:
                yield Item(lines, refused=refusal.sentence)

    def store(self, items: Sequence[Item]) -> list[Outcome]:
        """Write the orders of customers we know."""
        owners = self._owners({who for _purchase, who in (item.what for item in items)})
        outcomes: list[Outcome | None] = []
        found: list[Purchase] = []
        for item in items:
            purchase, who = item.what
            purchase.customer = owners.get(who)
            outcomes.append(None if purchase.customer else _unknown(who[1]))
            if purchase.customer:
                found.append(purchase)
        stored = iter(record_orders(self.brand, found))
        return [outcome or next(stored) for outcome in outcomes]

    def _owners(self, named: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
        owners = owners_of(self.brand, [one for one in named if one[0] != NUMBERED])
        numbers = [value for kind, value in named if kind == NUMBERED]
        for find in CUSTOMER_FINDERS if numbers else ():
            owners |= {(NUMBERED, number): pk for number, pk in find(self.brand, numbers).items()}
        return owners

    def _purchase(self, number: str, records: list[Record]) -> tuple[Purchase, tuple[str, str]]:
        if number in self._broken:
            raise Wrong(self._broken[number])
        for record in records:
            if record.problem:
                raise Wrong(f"Line {record.line}: {record.problem}")
        said = _agreed(records)
        if said["currency"] and said["currency"].upper() != self.brand.currency:
            raise Wrong(f"currency is “{said['currency'][:10]}”; this brand sells in {self.brand.currency}.")
        status = said["status"].lower() or Order.Status.PLACED.value
        if status not in STATUSES:
            raise Wrong(f"status is “{status[:20]}”; those there are: {', '.join(STATUSES)}.")
        purchase = Purchase(
            number=number,
            customer=0,
            placed_at=values.instant(said["placed_at"], "placed_at", self.brand.time_zone, self.now),
            lines=[_line(record) for record in records],
            status=status,
            channel=values.text(said["channel"], "channel", 20),
        )
        return purchase, _named(said["customer"])


def _number(record: Record) -> str:
    """The order a record belongs to; empty where it cannot be told."""
    return record.values.get("number", "")


def _agreed(records: list[Record]) -> dict[str, str]:
    """What the lines of an order say of the order; refused where they contradict each other."""
    said = {name: records[0].values.get(name, "") for name in OF_THE_ORDER}
    for record in records[1:]:
        for name in OF_THE_ORDER:
            if record.values.get(name) not in (None, "", said[name]):
                raise Wrong(f"Line {record.line} gives this order another {name} than its first line.")
    return said


def _line(record: Record) -> Line:
    said = record.values
    try:
        sku = values.text(said.get("sku", ""), "sku", 60)
        name = values.text(said.get("name", ""), "name", 160)
        return Line(
            sku=sku,
            name=name or sku,
            amount_minor=values.money(said["amount"], "amount"),
            quantity=values.whole(said.get("quantity", ""), "quantity", least=1, most=1_000_000, default=1),
            category=values.text(said.get("category", ""), "category", 60),
        )
    except Wrong as wrong:
        raise Wrong(f"Line {record.line}: {wrong}") from None


def _named(who: str) -> tuple[str, str]:
    """By what the customer is named: mail, phone (with +), or a loyalty number."""
    if "@" in who:
        return Kind.MAIL.value, normalise(Kind.MAIL, who)
    if who.startswith("+"):
        return Kind.PHONE.value, normalise(Kind.PHONE, who)
    if not who:
        raise Wrong("It names no customer: write a mail address, a phone number with +, or a loyalty number.")
    return NUMBERED, who.upper()[:40]


def _unknown(who: str) -> Refused:
    return Refused("unknown_customer", f"No customer of this brand is {who}.")
