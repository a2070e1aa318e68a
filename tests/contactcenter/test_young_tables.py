"""The planner is told of tables that are filled faster than it looks."""

from __future__ import annotations

import pytest
from django.db import connection

from contactcenter import bulk

LINES = "INSERT INTO growing SELECT repeat('line', 50) FROM generate_series(1, %s)"


@pytest.mark.django_db
def test_the_planner_is_told_of_a_table_that_has_outgrown_what_it_knows() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE growing (words text)")
        cursor.execute(LINES, [100])
        cursor.execute("ANALYZE growing")
        cursor.execute(LINES, [10])
        bulk.look_again()
        assert believed() == 100
        cursor.execute(LINES, [1000])
        bulk.look_again()
        assert believed() == 1110


def believed() -> int:
    """The lines of the table as the planner knows them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'growing'")
        return int(cursor.fetchone()[0])
