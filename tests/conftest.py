"""The fixtures of the rig: databases, the running house, the browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pytest_django import DjangoDbBlocker

from tests import chromium, databases
from tests.faults import Faults, heard
from tests.house import House, open_house
from tests.rig import ALONE, stands_alone

# No deadline: how long one example takes says more about the machine than about the code.
settings.register_profile("short", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))

pytest_plugins = ["tests.fixtures"]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """This process's database: a clone of the migrated template."""
    with django_db_blocker.unblock(), databases.fresh():
        yield


@pytest.fixture
def _django_db_helper(request: pytest.FixtureRequest) -> None:
    """What `db` stands on: a transaction that is rolled back, or the fresh database of a test that stands alone."""
    request.getfixturevalue("own_db" if stands_alone(request.node) else "_django_db_helper")


@pytest.fixture
def own_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A fresh database for this test alone, committed to and seen by all threads; gives its name."""
    with django_db_blocker.unblock(), databases.fresh() as name:
        yield name


@pytest.fixture(autouse=True)
def _own_db_by_mark(request: pytest.FixtureRequest) -> None:
    if any(request.node.get_closest_marker(mark) for mark in ALONE):
        request.getfixturevalue("own_db")


@pytest.fixture
def transactional_db() -> None:
    """Refused: it empties every table after the test."""
    pytest.fail(
        "transactional_db empties every table: ask for `own_db`, or mark the test `race`.", pytrace=False
    )


@pytest.fixture
def house(own_db: str) -> Iterator[House]:
    """Web, worker and beat as the demo runs them, on a database of their own and with a Redis of their own."""
    with open_house(databases.url_of(own_db)) as opened:
        yield opened


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """The Chromium found on this machine, kept from calling home."""
    program = chromium.find()
    named = {"executable_path": program} if program else {}
    return {**browser_type_launch_args, **named, "args": list(chromium.FLAGS)}


@pytest.fixture(autouse=True)
def faults(request: pytest.FixtureRequest) -> Iterator[Faults | None]:
    """What the browser said against our pages: the test fails on it, unless it named it in `allowed`."""
    if not request.node.get_closest_marker("browser"):
        yield None
        return
    with heard() as faults:
        yield faults
    assert faults.left() == []
