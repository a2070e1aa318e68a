"""Keys to the API in the admin: made, told once, revoked, and never for more than whoever makes them has."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from agents import roles
from agents.models import Agent, Brand, Token
from agents.services import issue_token
from tests import make
from tests.api.client import V1, integration

ADD, LIST = "/admin/agents/token/add/", "/admin/agents/token/"
SECRET = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.fixture
def chief(brand: Brand) -> Agent:
    return make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])


@pytest.fixture
def machine(brand: Brand) -> Agent:
    return integration(brand, name="Web shop")


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def new_token(client: Client, agent: Agent, **fields: object) -> object:
    data = {"user": agent.pk, "name": "checkout", "scopes": ["customers:read"], "days": "30"} | fields
    return client.post(ADD, data, follow=True)


def test_a_new_token_is_told_once_and_opens_the_api(chief: Agent, machine: Agent) -> None:
    client = signed_in(chief)
    (secret,) = set(SECRET.findall(new_token(client, machine).text))
    answer = Client().get(V1 + "customers/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    token = Token.objects.get()
    assert (token.user, token.name, token.scopes) == (machine, "checkout", ["customers:read"])
    for page in (LIST, f"{LIST}{token.pk}/change/"):
        shown = client.get(page).text
        assert "checkout" in shown
        assert secret not in shown
        assert token.digest not in shown


def test_a_token_without_a_scope_is_not_made(chief: Agent, machine: Agent) -> None:
    new_token(signed_in(chief), machine, scopes=[])
    assert not Token.objects.exists()


def test_nobody_makes_a_key_to_an_agent_beyond_their_reach(
    chief: Agent, brand: Brand, other_brand: Brand
) -> None:
    client = signed_in(chief)
    for beyond in (integration(other_brand), integration(brand, other_brand), make.make_owner()):
        assert not SECRET.findall(new_token(client, beyond).text)
    assert not Token.objects.exists()


def test_a_revoked_token_stays_to_be_seen_and_opens_nothing(chief: Agent, machine: Agent) -> None:
    token, secret = issue_token(machine, name="checkout", scopes=["customers:read"])
    signed_in(chief).post(LIST, {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at
    answer = Client().get(V1 + "customers/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401


def test_a_supervisor_looks_at_tokens_and_touches_none(brand: Brand, machine: Agent) -> None:
    token, _ = issue_token(machine, name="checkout", scopes=["customers:read"])
    client = signed_in(make.make_agent(role=roles.SUPERVISOR, brands=[brand]))
    assert "checkout" in client.get(LIST).text
    assert client.get(ADD).status_code == 403
    client.post(LIST, {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is None
