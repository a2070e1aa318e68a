"""A broker that is gone, or takes calls and never answers, costs a deed next to nothing, and never the deed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from contactcenter import live
from contactcenter.celery import app
from tests import make
from tickets.models import Message, Ticket
from tickets.services import reply

pytestmark = pytest.mark.race


class Silent:
    """A server that takes calls and never answers, as a stopped Redis does."""

    def __init__(self) -> None:
        self.calls: list[socket.socket] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.door.getsockname()[1]}/0"
        threading.Thread(target=self._take_calls, daemon=True).start()

    def _take_calls(self) -> None:
        while True:
            try:
                self.calls.append(self.door.accept()[0])
            except OSError:
                return


@pytest.fixture
def broker_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the nudges go to another address; forgets what was learned of it."""
    before = app.conf.broker_url
    app.set_current()
    monkeypatch.setattr(live._Broker, "rests_until", 0.0)

    def point(url: str) -> None:
        app.conf.broker_url = app.conf.broker_write_url = url

    yield point
    point(before)


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.door.close()
    for call in server.calls:
        call.close()


def written(turn: int) -> None:
    """One reply is told, and stands."""
    with live.without_nudges():
        ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand])
    message = reply(ticket, "Hello", by=agent, key=f"r{turn}")
    assert Message.objects.get(pk=message.pk).state == "queued"
    assert Ticket.objects.get(pk=ticket.pk).status == "pending"


def test_a_reply_is_kept_though_the_broker_is_gone(own_db: str, broker_at: Any, caplog: Any) -> None:
    broker_at("redis://127.0.0.1:1/0")
    written(1)
    assert (
        caplog.text.count("no nudge for tickets.tasks.") == 1
    )  # the first of three; then the broker has its rest


def test_a_reply_waits_a_fifth_of_a_second_for_a_broker_that_hangs(
    own_db: str, broker_at: Any, silent: Silent, caplog: Any
) -> None:
    assert live.PATIENCE == {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
    broker_at(silent.url)
    written(1)
    assert "Timeout reading from" in caplog.text
    options = app.connection_for_write(transport_options=live.PATIENCE).transport_options
    assert (options["socket_timeout"], app.conf.broker_transport_options["socket_timeout"]) == (0.2, 5)


def test_after_a_nudge_that_failed_the_next_deeds_do_not_wait_again(
    own_db: str, broker_at: Any, silent: Silent, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker_at(silent.url)
    written(1)
    after_one = len(silent.calls)
    assert after_one > 0
    written(2)
    written(3)
    assert len(silent.calls) == after_one
    # Without the rest each of them would call, and wait.
    monkeypatch.setattr(live, "REST_SECONDS", 0.0)
    monkeypatch.setattr(live._Broker, "rests_until", 0.0)
    written(4)
    assert len(silent.calls) > after_one


def test_a_broker_that_came_back_is_nudged_again(
    own_db: str, broker_at: Any, silent: Silent, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    came_back = app.conf.broker_url
    broker_at(silent.url)
    written(1)
    assert caplog.text.count("no nudge") == 1
    broker_at(came_back)
    monkeypatch.setattr(live._Broker, "rests_until", 0.0)
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        queue.clear()
        written(2)
        tasks = {queue.get(timeout=5).headers["task"] for _ in range(3)}
        # It is sent, rules look at it, and it frees its agent.
        assert tasks == {"tickets.tasks.send_due", "tickets.tasks.run_rules", "tickets.tasks.route_waiting"}
        queue.close()
    assert caplog.text.count("no nudge") == 1
