"""The live stream by itself: who gets one, how many there may be, and what it costs the database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests
from django.db import connection
from django.test import Client

from agents.models import Agent
from contactcenter.processes import TABLE
from contactcenter.supervisor import Child
from tests import databases, make
from tests.infra.production import child, until

pytestmark = pytest.mark.house
SOON = 10  # seconds


@contextmanager
def open_stream(database: str, **knobs: str) -> Iterator[Child]:
    """The process `stream` of the table on this database."""
    env = {**os.environ, "DATABASE_URL": databases.url_of(database), "LIVE_HEARTBEAT_SECONDS": "0.2", **knobs}
    process = child(next(each for each in TABLE if each.name == "stream"), env)
    process.start()
    try:
        until(process.ready, "the stream was not ready")
        yield process
    finally:
        process.ask_to_stop()
        process.wait_or_kill()


@pytest.fixture
def ana(own_db: str) -> Agent:
    return make.make_agent(brands=[make.make_brand()])


def cookie_of(agent: Agent) -> dict[str, str]:
    client = Client()
    client.force_login(agent)
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def listen(stream: Child, **headers: str) -> requests.Response:
    return requests.get(f"{stream.address.url}/live/", headers=headers, stream=True, timeout=SOON)


def test_only_who_is_signed_in_is_told_anything(own_db: str, ana: Agent) -> None:
    with open_stream(own_db) as stream:
        assert listen(stream).status_code == 401
        assert listen(stream, Cookie="sessionid=made-up").status_code == 401
        with listen(stream, **cookie_of(ana)) as hers:
            assert hers.status_code == 200
        Agent.objects.update(is_active=False)
        assert listen(stream, **cookie_of(ana)).status_code == 401
        url = f"{stream.address.url}/live/"
        assert requests.post(url, timeout=SOON).status_code == 405
        assert requests.get(f"{url}more", timeout=SOON).status_code == 404


def test_a_stream_ends_soon_after_its_session(own_db: str, ana: Agent) -> None:
    with open_stream(own_db, LIVE_SESSION_SECONDS="0.5") as stream, listen(stream, **cookie_of(ana)) as hers:
        lines = hers.iter_lines(chunk_size=1, decode_unicode=True)
        first = [next(lines) for _ in range(4)]
        assert [first[0], first[1][:3], *first[2:]] == ["retry: 3000", "id:", "event: hello", "data: {}"]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_session")
        assert set(lines) <= {": still here", ""}


def test_streams_are_bounded_and_whoever_comes_after_is_asked_to_wait(own_db: str, ana: Agent) -> None:
    cookie = cookie_of(ana)
    with open_stream(own_db, LIVE_MAX_STREAMS="2") as stream:
        with ExitStack() as opened:
            for _ in range(2):
                assert opened.enter_context(listen(stream, **cookie)).status_code == 200
            third = listen(stream, **cookie)
            assert (third.status_code, third.headers["Retry-After"]) == (503, "5")
        until(lambda: listen(stream, **cookie).status_code == 200, "no place was given back")


def test_forty_streams_hold_two_connections_of_the_database_at_most(own_db: str, ana: Agent) -> None:
    cookie = cookie_of(ana)
    before = connections_of(own_db)
    with open_stream(own_db, LIVE_SESSION_SECONDS="0.3") as stream, ExitStack() as opened:
        for _ in range(40):
            hers = opened.enter_context(listen(stream, **cookie))
            lines = hers.iter_lines(chunk_size=1, decode_unicode=True)
        assert ": still here" in lines
        assert ": still here" in lines  # each session was looked at again by now
        assert connections_of(own_db) <= before + 2


def test_a_database_that_drops_its_connections_ends_no_stream(own_db: str, ana: Agent) -> None:
    with open_stream(own_db, LIVE_SESSION_SECONDS="0.3") as stream, listen(stream, **cookie_of(ana)) as hers:
        lines = hers.iter_lines(chunk_size=1, decode_unicode=True)
        assert ": still here" in lines
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                [own_db],
            )
        for _ in range(6):  # several looks at the session later
            assert ": still here" in lines


def connections_of(database: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database])
        return cursor.fetchone()[0]
