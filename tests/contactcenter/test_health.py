from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from redis import Redis

from contactcenter import clock
from contactcenter.health import REDIS_WAIT
from contactcenter.models import Pulse
from contactcenter.tasks import show_life
from tests import databases


@pytest.fixture
def no_database(own_db: str) -> Iterator[None]:
    """The database is gone."""
    databases.point_at("nowhere")
    yield
    databases.point_at(own_db)


def test_a_living_house_says_so_without_asking_the_database(client: Client) -> None:
    response = client.get("/healthz")  # the fixture db is not asked for: a query would be an error
    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert "no-store" in response["Cache-Control"]


@pytest.fixture
def alive(db: None) -> datetime:
    """The clock has just reached a worker; gives when."""
    now = clock.now()
    Pulse.objects.create(name="clock", at=now)
    return now


def test_a_house_that_can_serve_says_so(client: Client, alive: datetime) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    checks = {"database": "ok", "redis": "ok", "clock": "ok", "ledger": "ok", "audit": "ok"}
    assert response.json() == {
        "status": "ready",
        "checks": checks,
        "ages": {"clock": 0, "ledger": None, "audit": None},
    }


def test_a_probe_needs_neither_a_name_nor_tls(client: Client, alive: datetime, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["desk.example"], True
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 200
    assert client.get("/accounts/sign-in/", headers={"host": "desk.example"}).status_code == 301


def test_a_clock_that_stands_still_shows_with_its_age_and_the_house_serves_on(
    client: Client, alive: datetime
) -> None:
    Pulse.objects.update(at=alive - timedelta(minutes=5))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"]["clock"] == "late: clock or worker has stopped"
    assert 300 <= response.json()["ages"]["clock"] < 400


def test_a_clock_that_never_ran_shows(client: Client, db: None) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["clock"]) == (200, "has not run yet")


def test_the_job_of_the_clock_shows_its_life_and_what_is_run_by_hand_does_not(db: None) -> None:
    assert show_life(at=clock.now()) == 0
    assert not Pulse.objects.exists()
    assert [show_life(), show_life()] == [1, 1]
    assert Pulse.objects.count() == 1


DEGRADED = {"database": "ok", "redis": "unreachable", "clock": "ok", "ledger": "ok", "audit": "ok"}


def test_without_redis_the_house_serves_on_and_says_what_is_missing(
    client: Client, alive: datetime, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"] == DEGRADED


def test_a_redis_that_takes_calls_and_never_answers_keeps_nobody_waiting(
    client: Client, alive: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Redis] = []
    ping = Redis.ping

    def seen(redis: Redis) -> Any:
        asked.append(redis)
        return ping(redis)

    monkeypatch.setattr(Redis, "ping", seen)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        response = client.get("/readyz")
    (one,) = asked
    told = one.connection_pool.connection_kwargs
    assert (told["socket_connect_timeout"], told["socket_timeout"]) == (REDIS_WAIT, REDIS_WAIT)
    assert REDIS_WAIT <= 0.2
    assert (response.status_code, response.json()["status"]) == (200, "degraded")
    assert response.json()["checks"] == DEGRADED


def test_with_a_migration_to_run_the_house_cannot_serve(client: Client, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'contactcenter' AND name ="
            " (SELECT max(name) FROM django_migrations WHERE app = 'contactcenter')"
        )
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "not ready"
    assert response.json()["checks"]["database"] == "1 migrations to run"


def test_without_its_database_the_house_lives_and_cannot_serve(client: Client, no_database: None) -> None:
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "unreachable"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
