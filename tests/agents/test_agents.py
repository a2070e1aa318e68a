from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core import mail as django_mail
from django.test import Client

from agents import roles
from agents.models import Agent, Brand
from tests import make


def test_people_sign_in_with_their_address_however_it_is_written(db: None) -> None:
    agent = Agent.objects.create_user("Ada@Desk.Example", name="Ada Amsel")
    assert (agent.email, str(agent), agent.first_name, agent.initials) == (
        "ada@desk.example",
        "Ada Amsel",
        "Ada",
        "AA",
    )


def test_who_has_no_name_goes_by_their_address(db: None) -> None:
    agent = Agent.objects.create_user("ada@desk.example")
    assert (str(agent), agent.first_name, agent.initials) == ("ada@desk.example", "ada@desk.example", "A")


@pytest.mark.parametrize(
    ("held", "role"),
    [
        ([], ""),
        (["agent"], "agent"),
        (["integration", "agent"], "agent"),
        (["agent", "supervisor"], "supervisor"),
        (["administrator", "supervisor", "agent"], "administrator"),
    ],
)
def test_the_highest_role_counts(db: None, held: list[str], role: str) -> None:
    agent = make.make_agent(role=None)
    for name in held:
        agent.groups.add(Group.objects.get(name=name))
    assert agent.role == role


def test_who_serves_a_brand_answers_its_customers_until_they_leave(brand: Brand, agent: Agent) -> None:
    make.make_agent()
    gone = make.make_agent(brands=[brand], is_active=False)
    assert list(Agent.objects.serving(brand)) == [agent]
    assert gone in Agent.objects.visible_to(agent)


def test_a_colleague_of_two_brands_is_seen_once(brand: Brand, other_brand: Brand) -> None:
    both = [make.make_agent(brands=[brand, other_brand]) for _ in range(2)]
    assert set(Agent.objects.visible_to(both[0])) == set(both)
    assert Agent.objects.visible_to(both[0]).count() == 2


def test_nobody_makes_an_account_by_themselves(db: None) -> None:
    assert Client().get("/accounts/signup/").status_code == 404


def test_every_role_has_its_rank() -> None:
    assert set(roles.RANKED) == set(roles.PERMISSIONS)


def test_a_forgotten_password_is_set_anew_by_mail_but_who_never_had_one_gets_no_mail(
    client: Client, db: None
) -> None:
    person, machine = make.make_agent(password="Old-long-words"), make.make_agent(role=roles.INTEGRATION)
    for agent in (person, machine):
        assert client.post("/accounts/password/", {"email": agent.email}).url == "/accounts/password/sent/"
    assert [mail.to for mail in django_mail.outbox] == [[person.email]]
