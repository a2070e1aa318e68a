"""Another system that talks to the API, as its own program would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from agents import roles, services
from agents.models import Agent, Brand
from agents.scopes import SCOPES
from tests import make

V1 = "/api/v1/"


class Machine:
    """Sends JSON with a token of `agent` (None: without any), and a new Idempotency-Key with every POST."""

    def __init__(self, agent: Agent | None, scopes: Sequence[str] = tuple(SCOPES)) -> None:
        self.agent = agent
        self.http = Client(raise_request_exception=False)
        self.headers = {}
        if agent is not None:
            self.token, self.secret = services.issue_token(agent, name="test", scopes=scopes)
            self.headers = {"Authorization": f"Bearer {self.secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(V1 + path, query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None, raw: bytes | None = None) -> Any:
        content = json.dumps({} if body is None else body) if raw is None else raw
        headers = self.headers | {"Idempotency-Key": make.unique("key") if key is None else key}
        return self.http.post(V1 + path, content, content_type="application/json", headers=headers)

    def rows(self, path: str, **query: Any) -> list[Any]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]


def integration(*brands: Brand, **fields: Any) -> Agent:
    """An agent that is a machine."""
    return make.make_agent(role=roles.INTEGRATION, brands=brands, **fields)


def expect_problem(answer: Any, status: int, code: str) -> Any:
    """The answer is a problem of this kind; gives what it says."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said = answer.json()
    assert (said["status"], said["code"]) == (status, code)
    assert said["title"]
    assert said["detail"]
    return said
