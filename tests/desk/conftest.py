"""The desk as it is open before somebody."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from agents.models import Agent, Brand
from callbacks.models import Callback
from tests import make
from tickets.models import Attachment, Ticket


def signed_in(agent: Agent, **kwargs: object) -> Client:
    client = Client(**kwargs)
    client.force_login(agent)
    return client


@pytest.fixture
def desk(agent: Agent) -> Client:
    """The browser of an agent of the brand."""
    return signed_in(agent)


@pytest.fixture
def stranger(other_brand: Brand) -> Client:
    """The browser of an agent who serves another brand only."""
    return signed_in(make.make_agent(brands=[other_brand], name="Otto Other"))


@pytest.fixture
def callback(ticket: Ticket, agent: Agent) -> Callback:
    """The agent promised the member a call tomorrow."""
    return make.make_callback(ticket=ticket, by=agent, window=make.next_day("Europe/Berlin", 10))


@pytest.fixture
def attachment(ticket: Ticket, settings: object, tmp_path: object) -> Attachment:
    """The member's mail brought a picture."""
    settings.MEDIA_ROOT = tmp_path
    return attach(ticket, "parcel.png", b"\x89PNG\r\n\x1a\n\x00\xff")


def attach(ticket: Ticket, name: str, content: bytes, *, digest: str = "") -> Attachment:
    """A file that came with the last message of `ticket`."""
    row = Attachment(message=ticket.messages.last(), name=name, size=len(content), sha256=digest or "ab" * 32)
    row.file.save("x", ContentFile(content), save=True)
    return row
