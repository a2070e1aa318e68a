"""Operators that compare: points:>500, spend:<=1000, last:>3d, due:<2h. Pure but for the expressions they give."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.utils.translation import gettext as _

from contactcenter import clock
from customers.models import Order

MEASURE = re.compile(r"(?P<sign>[<>]=?)?(?P<figure>\d{1,9}(?:\.\d{1,2})?)(?P<unit>[mhdw]?)", re.ASCII)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LOOKUPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}
EXPRESSIONS = {">": GreaterThan, ">=": GreaterThanOrEqual, "<": LessThan, "<=": LessThanOrEqual}
LONGEST = timedelta(days=3650)


@dataclass(frozen=True)
class Measure:
    """A figure and how to compare with it; `span` is the time it means where it has a unit."""

    sign: str
    figure: Decimal
    span: timedelta | None


def read(value: str) -> Measure | None:
    """None for what is no measure. A figure alone means that or more."""
    found = MEASURE.fullmatch(value)
    if found is None:
        return None
    figure = Decimal(found["figure"])
    unit = UNITS.get(found["unit"])
    return Measure(found["sign"] or ">=", figure, min(unit * float(figure), LONGEST) if unit else None)


def points(measure: Measure) -> Q | None:
    """The balance of the customer's account, in points; who has no account has none of them."""
    return (
        None
        if measure.span
        else Q(**{f"customer__account__balance__{LOOKUPS[measure.sign]}": measure.figure})
    )


def spend(measure: Measure) -> Q | None:
    """What the customer bought and did not give back in the trailing twelve months, in units of the currency."""
    if measure.span:
        return None
    bought = Order.objects.filter(customer=OuterRef("customer")).of_twelve_months(clock.now()).spent()
    spent = Coalesce(Subquery(bought), Value(0))
    return Q(EXPRESSIONS[measure.sign](spent, Value(int(measure.figure * 100))))


def last(measure: Measure) -> Q | None:
    """How long ago the last word was said: last:>3d is more than three days ago."""
    if measure.span is None:
        return None
    earlier = {">": "lt", ">=": "lte", "<": "gt", "<=": "gte"}[measure.sign]
    return Q(**{f"last_message_at__{earlier}": clock.now() - measure.span})


def due(measure: Measure) -> Q | None:
    """In how long the next promise ends: due:<2h within two hours or late already."""
    if measure.span is None:
        return None
    return Q(**{f"due_at__{LOOKUPS[measure.sign]}": clock.now() + measure.span})


MEASURES: dict[str, Callable[[Measure], Q | None]] = {
    "points": points,
    "spend": spend,
    "last": last,
    "due": due,
}


def compared(name: str, value: str) -> tuple[Q | None, str]:
    """The condition of one operator, or None and the sentence that says how it is written."""
    measure = read(value)
    condition = MEASURES[name](measure) if measure else None
    if condition is not None:
        return condition, ""
    example = {"points": ">500", "spend": ">1000", "last": ">3d", "due": "<2h"}[name]
    words = _("“%(value)s” cannot be compared with; write it as %(name)s:%(example)s.")
    return None, words % {"value": value, "name": name, "example": example}
