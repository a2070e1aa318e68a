"""What has to hold after every merge and un-merge."""

from __future__ import annotations

from django.db import connection

from loyalty.proof import CHECKS, broken


def expect_sound() -> None:
    """Every invariant of the ledger holds, and no key of the database is left to be looked at."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # as a transaction that is still at work has them
    assert [finding for check in CHECKS for finding in broken(check).findings] == []
