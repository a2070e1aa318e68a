"""The stream with a real server: what it tells to whom, and that nothing is lost when a line or the server ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from contactcenter.live import announce
from tests import make
from tests.infra.production import until
from tests.infra.test_stream import SOON, ana, cookie_of, listen, open_stream  # noqa: F401  a fixture

pytestmark = pytest.mark.house


class Ear:
    """Reads one open stream: event by event, the signs of life left out."""

    def __init__(self, answer: requests.Response) -> None:
        assert answer.status_code == 200
        self._lines = answer.iter_lines(chunk_size=1, decode_unicode=True)
        self.last = ""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        name = "message"
        for line in self._lines:
            field, _colon, value = line.partition(": ")
            if field == "id":
                self.last = value
            elif field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)
                name = "message"

    def next(self) -> tuple[str, Any]:
        return next(iter(self))

    def refs(self, count: int) -> list[int]:
        """What the next so many events are about."""
        return [self.next()[1]["ref"] for _ in range(count)]


def brand_of(agent: Agent) -> str:
    return f"brand:{agent.brands.get().pk}"


def test_what_is_announced_comes_at_once_and_nothing_of_another_brand_does(own_db: str, ana: Agent) -> None:  # noqa: F811
    other = make.make_brand()
    both = make.make_agent(brands=[ana.brands.get(), other])
    with (
        open_stream(own_db, LIVE_LOOK_SECONDS="60") as stream,
        listen(stream, **cookie_of(ana)) as hers,
        listen(stream, **cookie_of(both)) as theirs,
    ):
        ear, control = Ear(hers), Ear(theirs)
        assert (ear.next(), control.next()) == (("hello", {}), ("hello", {}))
        began = time.monotonic()
        announce(f"brand:{other.pk}", "ticket", 1)
        announce(brand_of(ana), "ticket", 2)
        assert ear.next() == ("message", {"kind": "ticket", "ref": 2})
        assert time.monotonic() - began < 3  # the wire said so: without it the stream would look in a minute
        assert control.refs(2) == [1, 2]


def test_without_redis_the_stream_looks_by_itself(own_db: str, ana: Agent) -> None:  # noqa: F811
    knobs = {"LIVE_LOOK_SECONDS": "0.2", "REDIS_URL": "redis://127.0.0.1:1/0"}
    with open_stream(own_db, **knobs) as stream, listen(stream, **cookie_of(ana)) as hers:
        ear = Ear(hers)
        ear.next()
        announce(brand_of(ana), "ticket", 7)
        assert ear.refs(1) == [7]


def test_a_line_that_broke_and_a_server_that_starts_again_lose_nothing(own_db: str, ana: Agent) -> None:  # noqa: F811
    cookie, brand = cookie_of(ana), brand_of(ana)
    with open_stream(own_db) as stream:
        with listen(stream, **cookie) as hers:
            ear = Ear(hers)
            ear.next()
            announce(brand, "ticket", 1)
            assert ear.refs(1) == [1]
        announce(brand, "ticket", 2)  # nobody listens
        with listen(stream, **cookie, **{"Last-Event-ID": ear.last}) as hers:
            ear = Ear(hers)
            assert ear.next()[0] == "hello"
            assert ear.refs(1) == [2]
            stream.kill()
            announce(brand, "ticket", 3)
            stream.start()
            until(stream.ready, "the stream did not start again")
            announce(brand, "ticket", 4)
        with listen(stream, **cookie, **{"Last-Event-ID": ear.last}) as hers:
            again = Ear(hers)
            assert again.next()[0] == "hello"
            assert again.refs(2) == [3, 4]
        with requests.get(
            f"{stream.address.url}/live/?last={ear.last}", headers=cookie, stream=True, timeout=SOON
        ) as hers:
            another_tab = Ear(hers)
            assert another_tab.next()[0] == "hello"
            assert another_tab.refs(2) == [3, 4]


def test_whoever_was_away_too_long_is_told_to_read_everything_anew(own_db: str, ana: Agent) -> None:  # noqa: F811
    for ref in (1, 2):
        announce(brand_of(ana), "ticket", ref)
    with open_stream(own_db) as stream, listen(stream, **cookie_of(ana), **{"Last-Event-ID": "1.1"}) as hers:
        ear = Ear(hers)
        assert [ear.next()[0], ear.next()[0]] == ["hello", "reset"]


def test_rights_that_are_taken_away_or_given_take_effect(own_db: str, ana: Agent) -> None:  # noqa: F811
    first, second = ana.brands.get(), make.make_brand()
    with (
        open_stream(own_db, LIVE_SESSION_SECONDS="0.3") as stream,
        listen(stream, **cookie_of(ana)) as hers,
    ):
        ear = Ear(hers)
        ear.next()
        ana.brands.set([second])
        assert ear.next() == ("reset", {})
        announce(f"brand:{first.pk}", "ticket", 1)
        announce(f"brand:{second.pk}", "ticket", 2)
        assert ear.refs(1) == [2]


def test_signing_out_ends_every_stream_of_the_session_at_once(own_db: str, ana: Agent) -> None:  # noqa: F811
    browser = Client()
    browser.force_login(ana)
    cookie = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    colleague = make.make_agent(brands=[ana.brands.get()])
    with (
        open_stream(own_db, LIVE_SESSION_SECONDS="600") as stream,
        listen(stream, **cookie) as hers,
        listen(stream, **cookie_of(colleague)) as theirs,
    ):
        ear, stays = Ear(hers), Ear(theirs)
        ear.next(), stays.next()
        assert browser.post(reverse("account_logout")).status_code == 302
        assert list(ear) == []  # it has ended
        announce(brand_of(colleague), "ticket", 1)
        assert stays.refs(1) == [1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone()[0] == 1
