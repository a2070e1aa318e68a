"""The ledger's functions in the database: one versioned file each, the newest is what the database must hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

SQL = Path(__file__).parent / "sql"


def newest() -> dict[str, str]:
    """The body of each function by its name, as the file of its highest version has it."""
    versions: dict[str, int] = {}
    bodies: dict[str, str] = {}
    for path in SQL.glob("*.sql"):
        name, _, version = path.stem.rpartition("_")
        if int(version) > versions.get(name, 0):
            versions[name] = int(version)
            bodies[f"loyalty_{name}"] = re.findall(r"\$\$(.*)\$\$", path.read_text(), re.DOTALL)[0]
    return bodies


def installed(alias: str = "default") -> dict[str, str]:
    """The body of each function of the ledger by its name, as the database holds it."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'loyalty\\_%%'"
            " AND pronamespace = current_schema()::regnamespace"
        )
        return dict(cursor.fetchall())


@register(Tags.database)
def functions_are_those_of_the_files(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Asked by `migrate` and by `check --database default`: a function changed by hand, or left old, is an error.

    While migrations of the ledger wait nothing is said: `migrate` asks before it runs them.
    """
    wanted = newest()
    return [
        Error(
            f"The function {name} of the database is not that of loyalty/sql.",
            hint="A new version is a new file, loaded by a migration.",
            id="loyalty.E001",
        )
        for alias in databases or []
        if not _is_behind(alias)
        for name, body in installed(alias).items()
        if body != wanted.get(name)
    ]


def _is_behind(alias: str) -> bool:
    """Whether migrations of the ledger wait to be run."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes("loyalty")))
