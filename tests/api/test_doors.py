"""Who comes in to the API, how far, and what they are told when they may not."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.test import Client

from agents import roles, services
from agents.models import Agent, Brand, Token
from agents.scopes import SCOPES
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tests.api.client import V1, Machine, expect_problem, integration

ROOMS = ("customers", "orders", "tickets", "goodwill", "callbacks")


def test_without_a_token_nothing_is_told(db: None) -> None:
    for room in ROOMS:
        answer = Machine(None).get(f"{room}/")
        expect_problem(answer, 401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("secret", ["", "x", "é", "a" * 5000, "two words", "\x00"])
def test_a_wrong_token_is_a_401(db: None, secret: str) -> None:
    answer = Client().get(V1 + "customers/", headers={"Authorization": f"Bearer {secret}"})
    assert expect_problem(answer, 401, "authentication_failed")


def test_a_token_that_is_over_opens_nothing(shop: Machine) -> None:
    def told() -> int:
        return shop.get("customers/").status_code

    assert told() == 200
    for before, after in [
        ({"expiry": None}, {"expiry": clock.now() - timedelta(seconds=1)}),
        ({"expiry": None}, {"revoked_at": clock.now()}),
    ]:
        Token.objects.update(revoked_at=None, **before)
        assert told() == 200
        Token.objects.update(**after)
        assert told() == 401
    Token.objects.update(expiry=None, revoked_at=None)
    Agent.objects.filter(pk=shop.agent.pk).update(is_active=False)
    assert told() == 401


def test_only_a_digest_of_a_token_is_kept(shop: Machine) -> None:
    row = Token.objects.values().get()
    assert shop.secret not in str(row)
    assert len(row["token_key"]) == 15
    assert len(shop.secret) == 64


def test_it_is_remembered_to_the_minute_when_a_token_came_last(shop: Machine) -> None:
    shop.get("customers/")
    first = Token.objects.get().last_used_at
    assert first
    shop.get("customers/")
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=first - timedelta(minutes=2))
    shop.get("customers/")
    assert Token.objects.get().last_used_at > first - timedelta(minutes=1)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_does_what_its_scope_says_and_no_more(brand: Brand, scope: str) -> None:
    machine = Machine(integration(brand), scopes=[scope])
    for room in ROOMS:
        allowed = scope.partition(":")
        looks, does = machine.get(f"{room}/"), machine.post(f"{room}/", {})
        assert looks.status_code == (200 if allowed == (room, ":", "read") else 403)
        assert does.status_code == (400 if allowed == (room, ":", "write") else 403)


def test_a_token_with_every_scope_does_no_more_than_its_agent_may(brand: Brand, member: Customer) -> None:
    nobody = make.make_agent(role=None, brands=[brand])
    expect_problem(Machine(nobody).get("customers/"), 403, "permission_denied")
    person = Machine(make.make_agent(brands=[brand]))
    line = {"sku": "x", "name": "x", "amount_minor": 1}
    order = {"customer": member.pk, "number": "x", "lines": [line]}
    expect_problem(person.post("orders/", order), 403, "not_allowed")


def test_who_is_signed_in_to_the_desk_reads_and_does_nothing(agent: Agent, member: Customer) -> None:
    browser = Client()
    browser.force_login(agent)
    assert browser.get(V1 + "customers/").status_code == 200
    answer = browser.post(
        V1 + "callbacks/", "{}", content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    expect_problem(answer, 403, "permission_denied")


def test_a_token_that_comes_too_often_is_told_to_wait(shop: Machine, settings: Any) -> None:
    caches["throttle"].clear()
    settings.API_RATE = "2/min"
    assert [shop.get("customers/").status_code for _ in range(3)] == [200, 200, 429]
    answer = shop.get("customers/")
    expect_problem(answer, 429, "throttled")
    assert 0 < int(answer["Retry-After"]) <= 61
    assert Machine(shop.agent).get("customers/").status_code == 200  # another token counts for itself


def test_the_command_prints_a_token_once(brand: Brand, member: Customer) -> None:
    agent, said = integration(brand, email="shop@ff.example"), io.StringIO()
    call_command("api_token", "Shop@ff.example", "--scope", "customers:read", "--days", "7", stdout=said)
    secret = said.getvalue().strip()
    answer = Client().get(V1 + "customers/", headers={"Authorization": f"Bearer {secret}"})
    assert [row["id"] for row in answer.json()["results"]] == [member.pk]
    token = Token.objects.get()
    assert (token.user, token.scopes) == (agent, ["customers:read"])
    assert timedelta(days=6) < token.expiry - clock.now() <= timedelta(days=7)


@pytest.mark.parametrize(
    "words",
    [
        ["nobody@ff.example"],
        ["shop@ff.example", "--scope", "x"],
        ["shop@ff.example", "--days", "0"],
        ["shop@ff.example", "--days", "999999999"],
        ["shop@ff.example", "--days", "9" * 30],
    ],
)
def test_the_command_refuses_what_makes_no_token(brand: Brand, words: list[str]) -> None:
    integration(brand, email="shop@ff.example")
    with pytest.raises(CommandError):
        call_command("api_token", *words)
    assert not Token.objects.exists()


def test_nobody_makes_or_revokes_a_key_to_more_than_they_have(brand: Brand, other_brand: Brand) -> None:
    chief = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])
    theirs = integration(other_brand)
    token, _ = services.issue_token(theirs, name="x", scopes=["customers:read"])
    with pytest.raises(Refused, match="role"):
        services.issue_token(theirs, name="x", scopes=["customers:read"], by=chief)
    with pytest.raises(Refused, match="role"):
        services.revoke_token(token, by=chief)
    ours, _ = services.issue_token(integration(brand), name="x", scopes=["customers:read"], by=chief)
    assert services.revoke_token(ours, by=chief).revoked_at
    with pytest.raises(Refused, match="role"):
        services.issue_token(
            ours.user, name="x", scopes=["customers:read"], by=make.make_agent(brands=[brand])
        )
