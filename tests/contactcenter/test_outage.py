from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client

from contactcenter import outage
from tests import databases, make


@pytest.fixture
def client() -> Client:
    """A browser, which sees what is answered and no exception."""
    return Client(raise_request_exception=False)


@pytest.fixture
def no_database(own_db: str) -> Iterator[None]:
    """The database is gone."""
    databases.point_at("nowhere")
    yield
    databases.point_at(own_db)


def test_without_its_database_a_page_says_so_and_tries_again(client: Client, no_database: None) -> None:
    client.cookies["sessionid"] = "somebody"
    response = client.get("/")
    assert response.status_code == 503
    assert (response["Retry-After"], response["Cache-Control"]) == ("5", "no-store")
    page = response.content.decode()
    assert "reach the database just now. This page tries again by itself." in page
    assert '<meta http-equiv="refresh" content="5">' in page


def test_a_form_that_was_sent_is_not_taken_away_by_trying_again(client: Client, no_database: None) -> None:
    response = client.post("/accounts/sign-in/", {"login": "a@b.example", "password": "x"})
    assert response.status_code == 503
    page = response.content.decode()
    assert "http-equiv" not in page
    assert "so nothing was saved" in page


def test_the_api_answers_a_problem_that_says_the_request_may_be_repeated(no_database: None) -> None:
    try:
        connection.ensure_connection()
    except OperationalError:
        request = Client().get("/healthz").wsgi_request
        request.path_info = "/api/v1/tickets/"
        response = outage.answer_error(request)
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert b'"code": "unavailable"' in response.content


def test_what_the_database_refuses_is_still_an_error(db: None) -> None:
    """A deadlock, say, comes as the same kind of exception."""
    with pytest.raises(OperationalError) as found, connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$")
    assert not outage.is_away(found.value)
    assert not outage.is_away(ValueError())


def test_a_server_that_shuts_down_is_away(own_db: str) -> None:
    make.make_brand()
    with pytest.raises(OperationalError) as found, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert outage.is_away(found.value)
    connection.close()


def test_an_outage_fills_no_log_with_tracebacks_and_an_error_still_does(
    client: Client, no_database: None, caplog: pytest.LogCaptureFixture
) -> None:
    client.cookies["sessionid"] = "somebody"
    client.get("/")
    told = [record for record in caplog.records if record.name == "django.request"]
    assert [logging.Formatter().format(record) for record in told] == [
        "Service Unavailable: /: the database cannot be reached"
    ]
    try:
        raise ValueError
    except ValueError:
        record = logging.LogRecord("django.request", logging.ERROR, "", 0, "An error", (), sys.exc_info())
    assert outage.OneLine().filter(record)
    assert "Traceback" in logging.Formatter().format(record)
