"""Operators over what a brand wants to know besides: reason:late, field:"warranty until<2026-05", field:colour=blue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from tickets.models import ContactReason, FieldValue, TicketField
from tickets.models.fields import number_in
from tickets.models.reasons import DEEPEST
from tickets.search.days import first_day

WRITTEN = re.compile(r"(?P<label>[^<>=]+)(?:(?P<sign>[<>]=?|=)(?P<value>.+))?", re.DOTALL)
LOOKUPS = {">": "__gt", ">=": "__gte", "<": "__lt", "<=": "__lte", "=": ""}
Kind = TicketField.Kind


def reason(value: str, brands: Sequence[int]) -> tuple[Q | None, str]:
    """Tickets whose reason is called so, or lies under one that is; None and a sentence when there is none."""
    steps = ["__".join(["parent"] * up + ["label", "iexact"]) for up in range(DEEPEST)]
    called = reduce(or_, [Q(**{step: value}) for step in steps])
    ids = list(ContactReason.objects.filter(called, brand__in=brands).values_list("pk", flat=True))
    return (Q(reason__in=ids), "") if ids else (None, _("There is no contact reason “%s”.") % value)


def field(value: str, brands: Sequence[int]) -> tuple[Q | None, str]:
    """Tickets with something in a field, or with what it is compared to; None and a sentence for what is no such."""
    parts = WRITTEN.fullmatch(value)
    label = parts["label"].strip() if parts else value
    rows = list(TicketField.objects.filter(brand__in=brands, label__iexact=label))
    if not rows or parts is None:
        return None, _("There is no field “%s”.") % label
    holding = Q(field__in=rows)
    if parts["sign"]:
        arms = list(_arms(rows, parts["sign"], parts["value"].strip()))
        if not arms:
            return None, _not_comparable(rows[0], value)
        holding = reduce(or_, arms)
    filled = FieldValue.objects.filter(holding, ticket=OuterRef("pk")).current()
    return Q(Exists(filled)), ""


def _arms(rows: Sequence[TicketField], sign: str, typed: str) -> Iterator[Q]:
    """What each of the fields must hold; brands may have fields of one name and several kinds."""
    for row in rows:
        if (condition := READERS[Kind(row.kind)](sign, typed)) is not None:
            yield Q(condition, field=row)


def _text(sign: str, typed: str) -> Q | None:
    return Q(text__icontains=typed) if sign == "=" else None


def _number(sign: str, typed: str) -> Q | None:
    number = number_in(typed)
    return None if number is None else _by("number", sign, number)


def _date(sign: str, typed: str) -> Q | None:
    day = first_day(typed)
    return None if day is None else _by("date", sign, day)


def _choice(sign: str, typed: str) -> Q | None:
    return Q(choice__label__iexact=typed) if sign == "=" else None


def _by(column: str, sign: str, figure: Any) -> Q:
    return Q(**{f"{column}{LOOKUPS[sign]}": figure})


READERS: dict[TicketField.Kind, Callable[[str, str], Q | None]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
}
EXAMPLES = {Kind.TEXT: "=words", Kind.NUMBER: ">5", Kind.DATE: "<2026-01-31", Kind.CHOICE: "=blue"}


def _not_comparable(row: TicketField, value: str) -> str:
    sentence = _('“%(value)s” cannot be compared with; write it as field:"%(example)s".')
    return sentence % {"value": value, "example": f"{row.label}{EXAMPLES[Kind(row.kind)]}"}
