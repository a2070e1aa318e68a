"""The mark that a loaded demo leaves in its database: a table of one row that no other database has.

Made by the loader and not by a migration, so that a database in use for real holds no trace of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True)
class Mark:
    """The demo stands as of the instant `as_of`; `alone` when nobody else's customers were here before it."""

    as_of: datetime
    alone: bool


def read() -> Mark | None:
    """The mark of this database, None where no demo was loaded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('demo_mark') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute("SELECT as_of, alone FROM demo_mark")
        row = cursor.fetchone()
    return Mark(*row) if row else None


def write(mark: Mark) -> None:
    """Leave `mark` instead of the one that is here, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS demo_mark ("
            "only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), "
            "as_of timestamptz NOT NULL, alone boolean NOT NULL)"
        )
        cursor.execute(
            "INSERT INTO demo_mark (as_of, alone) VALUES (%s, %s) "
            "ON CONFLICT (only_row) DO UPDATE SET as_of = excluded.as_of, alone = excluded.alone",
            [mark.as_of, mark.alone],
        )
