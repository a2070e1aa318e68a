from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from contactcenter.celery import app
from tests import make
from tickets.models import Message, Ticket
from tickets.services import reply


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker that is gone: nobody listens on the port."""
    before = app.conf.broker_url
    forget_connections()
    app.conf.broker_url = app.conf.broker_write_url = "redis://127.0.0.1:1/0"
    yield
    forget_connections()
    app.conf.broker_url = app.conf.broker_write_url = before


def forget_connections() -> None:
    app.set_current()
    app.pool.force_close_all()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.mark.race
def test_a_reply_is_kept_and_quick_though_the_broker_is_gone(
    own_db: str, no_broker: None, caplog: Any
) -> None:
    ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand])
    began = time.monotonic()
    message = reply(ticket, "Hello", by=agent, key="r1")
    took = time.monotonic() - began
    assert took < 0.5
    assert Message.objects.get(pk=message.pk).state == "queued"
    assert Ticket.objects.get(pk=ticket.pk).status == "pending"
    assert "no nudge for tickets.tasks.send_due" in caplog.text
