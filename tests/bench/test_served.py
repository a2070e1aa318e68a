"""The bench of the pages as the production server hands them out."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from agents.models import Agent
from bench import served
from tests import databases

pytestmark = pytest.mark.house


def test_pages_and_a_bare_hello_are_asked_of_the_same_production_server(
    own_db: str, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:  # undone before the database is dropped
        patch.setenv("DATABASE_URL", databases.url_of(own_db))
        patch.setenv("SECRET_KEY", settings.SECRET_KEY)
        patch.setattr(served, "SECONDS", 0.3)
        patch.setattr(served, "CONNECTIONS", (1, 2))
        client = Client()
        client.force_login(agent)
        found = served.figures(client.cookies["sessionid"].value, {"queue page": "/?view=all"})
        assert [figure.name for figure in found] == ["queue page, 1 open", "queue page, 2 open"]
        assert all(0 < figure.value < figure.reference for figure in found)
        with pytest.raises(RuntimeError, match="answered 302"):
            served.figures("nobody", {"queue page": "/?view=all"})
