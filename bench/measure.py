"""Processor time of a page: what the application and its database backend used, not how long it took.

Wall clock says as much about the machine's other work as about us; processor time of two pages taken in turns
says how much more one of them is.
"""

from __future__ import annotations

import gc
import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core.wsgi import get_wsgi_application
from django.db import connection

ROUNDS = 5
WARM_UP = 15


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor time for one request."""

    application: float
    database: float

    @property
    def both(self) -> float:
        return self.application + self.database


@dataclass(frozen=True)
class Comparison:
    """The medians of all rounds, and the ratio of every round."""

    product: Cost
    floor: Cost
    ratios: list[float]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        return min(self.ratios), max(self.ratios)


class Browser:
    """Somebody who is signed in and asks the WSGI application for pages, as a server would on their behalf."""

    def __init__(self, session: str) -> None:
        self._application: Any = get_wsgi_application()
        self._session = session

    def get(self, address: str) -> str:
        """The body of the answer; anything but 200 is an error of the benchmark."""
        path, _, query = address.partition("?")
        return self._asked(address, self._environment(path, query))

    def post(self, address: str, **fields: object) -> str:
        """The body of the answer to a form that htmx sends; anything but 200 is an error of the benchmark."""
        body = urlencode(fields).encode()
        sent = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_CSRFTOKEN": "c" * 32,
            "HTTP_HX_REQUEST": "true",
            "wsgi.input": io.BytesIO(body),
        }
        return self._asked(address, self._environment(address, "") | sent)

    def _asked(self, address: str, environment: dict[str, Any]) -> str:
        said: list[str] = []
        answer = self._application(environment, lambda status, _headers: said.append(status))
        try:
            body = b"".join(answer)
        finally:
            answer.close()
        if said != ["200 OK"]:
            raise RuntimeError(f"{address} answered {said}")
        return body.decode()

    def _environment(self, path: str, query: str) -> dict[str, Any]:
        return {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SCRIPT_NAME": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost:8000",
            "HTTP_COOKIE": f"sessionid={self._session}; csrftoken={'c' * 32}",
            "HTTP_ACCEPT_LANGUAGE": "en",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }


def compare(product: Callable[[], object], floor: Callable[[], object], *, requests: int) -> Comparison:
    """Both in turns, `requests` of each a round; which goes first changes from round to round."""
    for _ in range(WARM_UP):
        product()
        floor()
    costs: dict[str, list[Cost]] = {"product": [], "floor": []}
    for number in range(ROUNDS):
        turns = [("product", product), ("floor", floor)]
        for name, page in turns if number % 2 else reversed(turns):
            costs[name].append(_cost(page, requests))
    ratios = [one.both / other.both for one, other in zip(costs["product"], costs["floor"], strict=True)]
    return Comparison(_median(costs["product"]), _median(costs["floor"]), ratios)


def _cost(page: Callable[[], object], requests: int) -> Cost:
    gc.collect()
    database, application = _database_ns(), time.process_time_ns()
    for _ in range(requests):
        page()
    application, database = time.process_time_ns() - application, _database_ns() - database
    return Cost(application / requests / 1e6, database / requests / 1e6)


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.application for cost in costs),
        statistics.median(cost.database for cost in costs),
    )


def _database_ns() -> int:
    """Nanoseconds that the backend of this thread's connection has spent on a processor."""
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    return int(Path(f"/proc/{backend}/schedstat").read_text().split()[0])
