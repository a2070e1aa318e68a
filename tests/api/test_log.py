"""What an error of the API writes into the log."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.api.client import Machine, expect_problem


def test_an_error_of_the_database_is_logged_with_its_constraint_and_without_the_row(
    shop: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE customers_customer ADD CONSTRAINT unforeseen CHECK (city <> 'Quixtown')")
    answer = shop.post("customers/", {"brand": "FF", "name": "Ana Quixmark", "city": "Quixtown"})
    said = expect_problem(answer, 500, "error")
    assert "IntegrityError 23514 unforeseen" in caplog.text
    assert "create_customer" in caplog.text  # where it happened
    assert "Quix" not in caplog.text + str(said)
