"""What the page of a merge shows: two customers side by side, and what they would be together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contactcenter.paging import capped_count
from customers.models import Customer
from desk.access import account_of
from desk.person import Preference, preferences
from desk.templatetags.desk import country, language, money


@dataclass(frozen=True)
class Row:
    """What each of the `pair` has, line by line, and what the one who stays would have, the same whoever that is."""

    label: str
    pair: tuple[list[str], list[str]]
    together: str = ""


def compared(one: Customer, other: Customer) -> list[Row]:
    """What each has, and what they would have together."""
    both = (one, other)
    currency = one.brand.currency
    counts = [
        [capped_count(rows) for rows in (who.tickets.all(), who.orders.all(), who.callbacks.open())]
        for who in both
    ]
    spend = [who.spend_of_twelve_months() for who in both]
    tickets, orders, promises = zip(*counts, strict=True)
    return [
        _row(_("Addresses"), map(_addresses, both), _("all of them")),
        _row(_("Lives in"), (", ".join(filter(None, [who.city, country(who.country)])) for who in both)),
        _row(_("Birthday"), map(_birthday, both)),
        _row(_("Language"), (language(who.language) for who in both)),
        _row(_("Known since"), (date_format(who.created_at, "LONG_DATE") for who in both)),
        _row(_("Member"), map(_number, both), _number(one) if account_of(one) else _number(other)),
        _row(_("Points"), map(_points, both), _points_of(*both)),
        _row(_("Tier"), map(_tier, both), _tier(max(both, key=_rank))),
        _row(
            _("Spent in 12 months"), (money(minor, currency) for minor in spend), money(sum(spend), currency)
        ),
        _row(_("Tickets"), map(intcomma, tickets), _sum(tickets)),
        _row(_("Orders"), map(intcomma, orders), _sum(orders)),
        _row(_("Open promises"), map(intcomma, promises), _sum(promises)),
        *_allowed(one, other),
    ]


def _row(label: str, pair: Iterable[str | list[str]], together: str = "") -> Row:
    one, other = (said if isinstance(said, list) else [said] if said else [] for said in pair)
    return Row(label, (one, other), together)


def _allowed(one: Customer, other: Customer) -> list[Row]:
    """What each allows, and what counts then: a no of either stands."""
    rows = []
    for mine, theirs in zip(preferences(one), preferences(other), strict=True):
        said = [preference.consent.given for preference in (mine, theirs) if preference.consent]
        together = _word(all(said) if said else None)
        rows.append(_row(mine.label, [_said(mine), _said(theirs)], together))
    return rows


def _said(preference: Preference) -> str:
    return _word(preference.consent.given if preference.consent else None)


def _word(given: bool | None) -> str:
    if given is None:
        return _("never asked")
    return _("allowed") if given else _("refused")


def _addresses(customer: Customer) -> list[str]:
    return [point.value for point in customer.contact_points.all()]


def _birthday(customer: Customer) -> str:
    return f"{customer.birth_day:02d}.{customer.birth_month:02d}." if customer.birth_day else ""


def _number(customer: Customer) -> str:
    account = account_of(customer)
    return account.number if account else _("no member yet")


def _points(customer: Customer) -> str:
    account = account_of(customer)
    return intcomma(account.balance) if account else "–"


def _points_of(*customers: Customer) -> str:
    return intcomma(sum(account.balance for who in customers if (account := account_of(who))))


def _tier(customer: Customer) -> str:
    account = account_of(customer)
    return account.tier.name if account and account.tier else "–"


def _rank(customer: Customer) -> int:
    account = account_of(customer)
    return account.tier.rank if account and account.tier else 0


def _sum(pair: Iterable[int]) -> str:
    return intcomma(sum(pair))
