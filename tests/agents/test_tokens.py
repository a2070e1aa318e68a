"""Who a key to the API is made for, and that it says who made and who broke it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from agents import roles
from agents.models import Agent, Brand, Token
from agents.services import LONGEST_DAYS, issue_token, revoke_token
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make

ADD, LIST = "/admin/agents/token/add/", "/admin/agents/token/"
READ = ["customers:read"]


@pytest.fixture
def chief(brand: Brand) -> Agent:
    return make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])


@pytest.fixture
def machine(brand: Brand) -> Agent:
    return make.make_agent(role=roles.INTEGRATION, brands=[brand])


@pytest.fixture
def signed_in(chief: Agent) -> Client:
    client = Client()
    client.force_login(chief)
    return client


def test_a_token_says_who_issued_it_and_who_revoked_it_first(
    chief: Agent, machine: Agent, brand: Brand
) -> None:
    token, _ = issue_token(machine, name="shop", scopes=READ, by=chief)
    assert (token.issued_by, token.revoked_by) == (chief, None)
    at = clock.now()
    revoke_token(token, by=chief, at=at)
    other = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand])
    revoke_token(token, by=other, at=at + timedelta(days=1))
    assert (token.revoked_by, token.revoked_at) == (chief, at)
    assert issue_token(machine, name="shop", scopes=READ)[0].issued_by is None  # the command line's


def test_nobody_makes_a_token_in_the_name_of_a_colleague(chief: Agent, machine: Agent, brand: Brand) -> None:
    colleagues = [make.make_agent(role=role, brands=[brand]) for role in (roles.AGENT, roles.ADMINISTRATOR)]
    both = make.make_agent(role=roles.INTEGRATION, brands=[brand])
    both.groups.add(*colleagues[0].groups.all())  # a person who is a machine, too, is a person
    for colleague in [*colleagues, both]:
        for by in (chief, make.make_owner()):
            with pytest.raises(Refused) as refusal:
                issue_token(colleague, name="x", scopes=READ, by=by)
            assert refusal.value.code == "of_a_colleague"
    assert not Token.objects.exists()
    for agent in (chief, machine):
        issue_token(agent, name="x", scopes=READ, by=chief)


@pytest.mark.parametrize("days", [-1, 0, LONGEST_DAYS + 1, 999_999_999, 10**30])
def test_a_token_that_would_end_too_early_or_too_late_is_refused(machine: Agent, days: int) -> None:
    with pytest.raises(Refused) as refusal:
        issue_token(machine, name="x", scopes=READ, days=days)
    assert refusal.value.code == "out_of_range"


def test_the_admin_refuses_a_colleague_with_a_sentence(signed_in: Client, brand: Brand) -> None:
    colleague = make.make_agent(brands=[brand])
    data = {"user": colleague.pk, "name": "x", "scopes": READ, "days": ""}
    assert "for an integration, or for yourself" in signed_in.post(ADD, data, follow=True).text
    assert not Token.objects.exists()


def test_a_new_secret_stands_in_the_answer_and_in_nothing_that_is_kept(
    signed_in: Client, machine: Agent
) -> None:
    answer = signed_in.post(ADD, {"user": machine.pk, "name": "x", "scopes": READ, "days": "7"})
    token, secret = Token.objects.get(), answer.context["token"].secret
    assert answer.status_code == 200
    assert f">{secret}<" in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert Token.objects.of_secret(secret).get() == token
    kept = [dict(signed_in.session), signed_in.cookies.output(), *map(str, answer.wsgi_request._messages)]
    assert secret not in str(kept)
    for page in (LIST, ADD, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/"):
        assert secret not in signed_in.get(page).text


def test_of_tokens_chosen_together_all_are_revoked_or_none(
    signed_in: Client, machine: Agent, brand: Brand
) -> None:
    beyond = make.make_agent(role=roles.INTEGRATION, brands=[brand, make.make_brand(code="KL")])
    chosen = [issue_token(agent, name="x", scopes=READ)[0].pk for agent in (beyond, machine)]
    for order in (chosen, chosen[::-1]):
        signed_in.post(LIST, {"action": "revoke", "_selected_action": order})
    assert set(Token.objects.values_list("revoked_at", flat=True)) == {None}
