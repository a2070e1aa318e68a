"""What a caller may be asked so that the system can compare the answer: the right one is never shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Order
from customers.verification import birthday_forms, plain


@dataclass(frozen=True)
class Question:
    """What is asked, and the plain answers that are right of a customer; none where we do not know ourselves."""

    words: str | Promise
    answers: Callable[[Customer], set[str]]


def _last_order(customer: Customer) -> Order | None:
    return customer.orders.order_by("-placed_at", "-id").first()


def _order_number(customer: Customer) -> set[str]:
    order = _last_order(customer)
    return {plain(order.number)} if order else set()


def _order_total(customer: Customer) -> set[str]:
    order = _last_order(customer)
    if order is None:
        return set()
    units, cents = divmod(order.total_minor, 100)
    figures = {f"{units}{cents:02d}"} | ({str(units)} if cents == 0 else set())
    currency = plain(order.currency)
    return {form for figure in figures for form in (figure, figure + currency, currency + figure)}


# By a code that the policy of a brand names; upper rooms add theirs in `apps.ready()`.
QUESTIONS: dict[str, Question] = {
    "order_number": Question(_("Number of the last order"), _order_number),
    "order_total": Question(_("What the last order came to"), _order_total),
    "birthday": Question(_("Day and month of the birthday"), lambda one: birthday_forms(one.birthday)),
}


def asked(codes: list[str]) -> dict[str, Question]:
    """The questions of these codes; of no codes all there are."""
    return {code: question for code, question in QUESTIONS.items() if not codes or code in codes}
