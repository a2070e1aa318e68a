"""Where the fixtures of every test come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from tests.make import unique

pytest_plugins = ["tests.fixtures"]


@pytest.fixture
def own_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A fresh clone of the test database, committed to for real and dropped afterwards; gives its name."""
    connection = connections["default"]
    connection.close()
    template, name = connection.settings_dict["NAME"], unique("own_db_")
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    for key in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(key, None)
    with psycopg.connect(**parameters, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        connection.settings_dict["NAME"] = name
        with django_db_blocker.unblock():
            yield name
            connection.close()
        connection.settings_dict["NAME"] = template
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
