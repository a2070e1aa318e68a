"""The hot path: earning and spending are one call each of a function of the database (loyalty/sql).

The function locks first and looks after, as `Book` does; both write the same, entry by entry and lot by lot.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from contactcenter import clock, keys
from contactcenter.errors import Refused
from loyalty.models import Account, Entry
from loyalty.services.book import not_active, not_enough

CALLS = {
    "redeem": "SELECT * FROM loyalty_redeem(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
    "earn": "SELECT * FROM loyalty_earn(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
}


def post(entry: Entry, *, months: int | None = None) -> tuple[Entry, bool]:
    """Write an `entry` of kind earn or redeem, made but not saved; gives it, or the earlier one of its key, and
    whether it is new. `months` a lot of points given lives (None: the programme's validity).

    Refused: `no_account`, `key_conflict`, `account_not_active`, `not_enough_points`; nothing is written then.
    """
    entry.posted_at, entry.counts_at = clock.now(), entry.occurred_at
    values: list[Any] = [
        entry.account_id, abs(entry.points), entry.contra, entry.key, entry.request_hash, entry.occurred_at,
        entry.posted_at, entry.actor_id, entry.source, entry.reason,
    ]  # fmt: skip
    if entry.kind == Entry.Kind.EARN:
        values += [entry.qualifying, months, json.dumps(entry.breakdown)]
    with connection.cursor() as cursor:
        cursor.execute(CALLS[entry.kind], values)
        code, pk, seq, balance_after, available, status = cursor.fetchone()
    if code == "repeat":
        return Entry.objects.get(pk=pk), False
    if code:
        raise _refusal(code, available, status)
    entry.pk, entry.seq, entry.balance_after = pk, seq, balance_after
    entry._state.adding, entry._state.db = False, connection.alias
    return entry, True


def _refusal(code: str, available: int, status: str) -> Refused:
    if code == "key_conflict":
        return keys.conflict()
    if code == "account_not_active":
        return not_active(str(Account.Status(status).label))
    if code == "not_enough_points":
        return not_enough(available)
    return Refused(code, _("There is no such account."))
