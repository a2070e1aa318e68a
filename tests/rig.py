"""The ground under every test, loaded by pytest before Django: real servers, and databases of our own.

Without DATABASE_URL and REDIS_URL a private pair starts under var/test, apart from the demo's. A plain
`pytest` leaves it running for the next one (`VAR_DIR=var/test manage.py services stop` ends it); `make test`
stops what it started.
"""

from __future__ import annotations

import os

import pytest

from contactcenter import embedded

ALONE = ("race", "browser", "house")  # marks whose tests get a database of their own

os.environ.setdefault("UNDO_SEND_SECONDS", "0")  # what is held is held where a test asks for it
os.environ.setdefault("VAR_DIR", str(embedded.var_dir() / "test"))
try:
    embedded.up(durable=False)
except embedded.EmbeddedError as error:
    raise SystemExit(str(error)) from error
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # "gw0": each worker has a numbered Redis of its own
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{int(worker[2:]) + 1}"


def stands_alone(item: pytest.Item) -> bool:
    """Whether a test gets a fresh database instead of a transaction that is rolled back."""
    names = getattr(item, "fixturenames", ())
    return "own_db" in names or "house" in names or any(item.get_closest_marker(mark) for mark in ALONE)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse what would empty the tables after each test."""
    mark = item.get_closest_marker("django_db")
    if mark and (mark.args or mark.kwargs.get("transaction") or mark.kwargs.get("reset_sequences")):
        pytest.fail(
            "django_db(transaction=True) empties every table: ask for the fixture `own_db` instead.",
            pytrace=False,
        )


def pytest_collection_finish(session: pytest.Session) -> None:
    """Playwright runs an event loop in the thread of the test, in which Django would refuse the database."""
    if any(item.get_closest_marker("browser") or item.get_closest_marker("house") for item in session.items):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
