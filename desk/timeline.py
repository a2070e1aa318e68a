"""One list of everything that ever happened with a customer, newest first, paged by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from contactcenter.nested import instances
from contactcenter.paging import pack, unpack
from customers.models import Customer
from desk.access import account_of
from desk.lists.moments import PAGE, newest_of, sources


@dataclass(frozen=True)
class Moment:
    """Something that happened at an instant: `kind` is that of its source in `desk.lists.moments`, `it` the row."""

    at: datetime
    kind: str
    it: Any


def timeline_of(
    customer: Customer,
    *,
    cursor: str = "",
    only: str = "",
    newest: Sequence[dict[str, Any]] | None = None,
) -> tuple[list[Moment], str]:
    """One page of moments, all or `only` of one kind, and the cursor of the next page (`""`: this is the last).

    One statement, or none where the `newest` of all kinds were asked with the customer: every source is asked for one
    page by its own index, so the cost does not grow with the history.
    """
    place = unpack("timeline", cursor)
    found = newest
    if found is None or place or only:
        account = account_of(customer)
        found = list(newest_of(customer.pk, account and account.pk, place=place, only=only))
    rows = sorted(((_place(row), row) for row in found), key=_in_order, reverse=True)
    page = [row for _at, row in rows[:PAGE]]
    following = pack("timeline", *rows[PAGE - 1][0]) if len(rows) > PAGE else ""
    return _moments(customer, page), following


def told_of(template: str) -> str:
    """What a letter of ours was about; the name of its template where nobody has put it into words."""
    words = {
        "points_expire": _("points about to expire"),
        "statement": _("statement"),
        "reward_sent": _("reward on its way"),
        "redeem_code": _("code to redeem"),
        "verify_code": _("code to confirm who they are"),
        "acknowledgement": _("we have your message"),
        "survey": _("how did we do"),
        "callback_promised": _("callback promised"),
        "callback_moved": _("callback moved"),
        "callback_reminder": _("callback soon"),
        "callback_cancelled": _("callback cancelled"),
        "callback_missed": _("callback missed"),
        "callback_given_up": _("callback given up"),
    }
    return words.get(template, template.replace("_", " "))


def _place(row: dict[str, Any]) -> tuple[datetime, int, int]:
    return datetime.fromisoformat(row["moment"]), row["rank"], row["id"]


def _in_order(found: tuple[tuple[datetime, int, int], Any]) -> tuple[datetime, int, int]:
    at, rank, pk = found[0]
    return at, -rank, pk


def _moments(customer: Customer, page: Sequence[dict[str, Any]]) -> list[Moment]:
    kinds, moments = sources(None, None), []
    for row in page:
        source, at = kinds[row["rank"]], _place(row)[0]
        (it,) = instances(source.rows.model, [{name: row[name] for name in ("id", *source.columns)}])
        if source.kind == "entry":
            it.account = account_of(customer)
        elif source.kind == "ticket":
            it.brand = customer.brand
        elif source.kind == "survey":
            it.ticket.brand = customer.brand
        elif source.kind == "notice":
            it.words = told_of(it.template)
        moments.append(Moment(at, source.kind, it))
    return moments
