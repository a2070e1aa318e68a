"""What of an order the shop is asked to do: the articles as the panel shows them, and as they come in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

import loyalty.services
import tickets.services
from contactcenter.errors import Invalid, Refused
from customers.models import Order, OrderLine
from customers.services import Refund
from tickets.models import ShopTask
from tickets.services import Piece

Kind = ShopTask.Kind
MINOR = 100  # to the unit of every currency of the house
MOST = 10**12  # minor units: what is more is a slip


@dataclass(frozen=True)
class Row:
    """An article in the panel: whether it is chosen, what is typed beside it, and what is left to ask for."""

    line: OrderLine
    is_chosen: bool
    quantity: str
    amount: str
    left: Piece


def kind_in(data: QueryDict) -> str:
    """What the shop is to do; a refund unless it says otherwise."""
    kind = data.get("kind", Kind.REFUND)
    return kind if kind in Kind.values else Kind.REFUND


def rows_of(order: Order, data: QueryDict) -> list[Row]:
    """The articles of an order: the one of an order of one article is chosen from the start."""
    kind = kind_in(data)
    left = tickets.services.left_for_shop(order, kind)
    chosen = set(data.getlist("line")) if "kind" in data else {str(pk) for pk in left if len(left) == 1}
    rows = []
    for pk, piece in left.items():
        same = data.get("shown") == kind  # what is left to give back is not what is left to send again
        quantity = data.get(f"quantity-{pk}") if same else None
        amount = data.get(f"amount-{pk}") if same else None
        rows.append(
            Row(
                piece.line,
                str(pk) in chosen,
                str(piece.quantity) if quantity is None else quantity,
                f"{Decimal(piece.amount_minor) / MINOR:.2f}" if amount is None else amount,
                piece,
            )
        )
    return rows


def pieces_in(rows: list[Row], kind: str) -> list[Piece]:
    """What was chosen, as the shop is to be asked. Refused: `no_number`, `no_amount`."""
    is_money = kind == Kind.REFUND
    return [
        Piece(row.line, _quantity(row.quantity), _minor(row.amount) if is_money else 0)
        for row in rows
        if row.is_chosen
    ]


def effect_of(order: Order, data: QueryDict) -> dict[str, Any]:
    """The part of the panel that follows what is chosen; of a refund what it takes from the points."""
    kind, rows = kind_in(data), rows_of(order, data)
    context: dict[str, Any] = {"order": order, "kind": kind, "rows": rows, "is_money": kind == Kind.REFUND}
    if kind != Kind.REFUND or not any(row.is_chosen for row in rows):
        return context
    try:
        refunds = [Refund(one.line, one.amount_minor, one.quantity) for one in pieces_in(rows, kind)]
        return context | {"preview": loyalty.services.refund_preview(order, refunds)}
    except Refused as refused:  # the answer to what is typed, not a fault
        return context | {"refusal": refused}


def _quantity(typed: str) -> int:
    typed = typed.strip() or "0"
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 7):
        raise Invalid("no_number", _("Say how many of each article in whole numbers."))
    return int(typed)


def _minor(typed: str) -> int:
    """Minor units of an amount as it is typed: 12.50 or 12,50."""
    sentence = _("Type amounts like 12.50.")
    try:
        minor = Decimal(typed.strip().replace(",", ".", 1)) * MINOR
    except InvalidOperation:
        raise Invalid("no_amount", sentence) from None
    if not minor.is_finite() or abs(minor) > MOST or minor != minor.to_integral_value():
        raise Invalid("no_amount", sentence)
    return int(minor)
