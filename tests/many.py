"""Many rows by one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection


def write_many(statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> None:
    """Run `statement`, with whatever it sets off planned for the tables as they are.

    A worker's connection keeps the plans of checks and triggers from tests whose tables were almost empty: by these
    every new row would read all that were written before it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_custom_plan")
        cursor.execute(statement, parameters)
        cursor.execute("RESET plan_cache_mode")
