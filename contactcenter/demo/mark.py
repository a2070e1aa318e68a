"""The mark that a loaded demo leaves in its database: a table of one row that no other database has.

Made by the loader and not by a migration, so that a database in use for real holds no trace of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection


@dataclass(frozen=True)
class Mark:
    """The demo stands as of the instant `as_of`; `alone` when nobody else's customers were here before it.

    `held` is how many rows each table held when it was told: none in a mark that an older version left.
    """

    as_of: datetime
    alone: bool
    held: dict[str, int] = field(default_factory=dict)


def read() -> Mark | None:
    """The mark of this database, None where no demo was loaded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('demo_mark') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return None
        # Asked for by way of JSON, since a mark that an older version left has no such column.
        cursor.execute("SELECT as_of, alone, to_jsonb(demo_mark) ->> 'held' FROM demo_mark")
        row = cursor.fetchone()
    return Mark(row[0], row[1], json.loads(row[2] or "{}")) if row else None


def write(mark: Mark) -> None:
    """Leave `mark` instead of the one that is here, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS demo_mark ("
            "only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), "
            "as_of timestamptz NOT NULL, alone boolean NOT NULL)"
        )
        cursor.execute("ALTER TABLE demo_mark ADD COLUMN IF NOT EXISTS held jsonb NOT NULL DEFAULT '{}'")
        cursor.execute(
            "INSERT INTO demo_mark (as_of, alone, held) VALUES (%s, %s, %s) ON CONFLICT (only_row) "
            "DO UPDATE SET as_of = excluded.as_of, alone = excluded.alone, held = excluded.held",
            [mark.as_of, mark.alone, json.dumps(mark.held)],
        )
