"""Nobody gives through the admin, or signs in through others to, what they do not have themselves."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from django.utils.html import escape

from agents import reach, roles
from agents.models import Agent
from tests import make

ADD = "/admin/agents/agent/add/"


def change(agent):
    return reverse("admin:agents_agent_change", args=[agent.pk])


def group(name):
    return Group.objects.get(name=name).pk


@pytest.fixture
def administrator(client, brand, other_brand):
    agent = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand], name="Ana Admin")
    client.force_login(agent)
    return agent


@pytest.fixture
def new(brand):
    return {
        "email": "New@Desk.example", "name": "Nia New", "password1": "Xk2-long-words",
        "password2": "Xk2-long-words", "brands": [brand.pk], "groups": [group("agent")], "time_zone": "UTC",
    }  # fmt: skip


def told(agent, **other):
    """What the form of `agent` sends when nothing is changed but `other`."""
    return {
        "email": agent.email, "name": agent.name, "time_zone": agent.time_zone,
        "language": agent.language, "is_active": "on", "brands": list(agent.brands.values_list("pk", flat=True)),
        "groups": list(agent.groups.values_list("pk", flat=True)),
    } | other  # fmt: skip


def test_a_new_agent_gets_a_hashed_password_and_can_sign_in(client, administrator, new):
    assert client.post(ADD, new).status_code == 302
    made = Agent.objects.get(email="new@desk.example")
    assert made.password.startswith("argon2")
    assert made.role == roles.AGENT
    client.logout()
    client.post("/accounts/sign-in/", {"login": "NEW@desk.example", "password": "Xk2-long-words"})
    assert client.session["_auth_user_id"] == str(made.pk)


def test_a_weak_password_and_an_address_in_use_are_told_in_the_form(client, administrator, new):
    form = client.post(
        ADD, new | {"password1": "12345", "password2": "12345", "email": administrator.email.upper()}
    )
    errors = form.context["adminform"].form.errors
    assert {"email", "password2"} <= set(errors) | ({"password2"} if "password1" in errors else set())


def test_a_new_agent_serves_a_brand_of_whoever_makes_them(client, administrator, new, other_brand):
    for brands in ([], [other_brand.pk], [*new["brands"], other_brand.pk]):
        response = client.post(ADD, new | {"brands": brands})
        assert "brands" in response.context["adminform"].form.errors


def test_a_team_of_a_brand_that_is_not_served_is_refused(client, administrator, new, other_brand):
    administrator.brands.add(other_brand)
    response = client.post(ADD, new | {"teams": [make.make_team(brand=other_brand).pk]})
    assert "teams" in response.context["adminform"].form.errors


def test_nobody_but_the_owner_makes_an_owner(client, administrator, new, brand, owner):
    client.post(ADD, new | {"is_superuser": "on"})
    colleague = make.make_agent(brands=[brand])
    client.post(change(colleague), told(colleague, is_superuser="on"))
    client.post(change(administrator), told(administrator, is_superuser="on"))
    assert not Agent.objects.filter(is_superuser=True).exclude(pk=owner.pk).exists()
    client.force_login(owner)
    assert client.post(change(colleague), told(colleague, is_superuser="on")).status_code == 302
    assert Agent.objects.get(pk=colleague.pk).is_superuser


def test_permissions_are_given_by_role_only(client, administrator, brand):
    colleague = make.make_agent(brands=[brand])
    permission = Permission.objects.get(codename="delete_agent")
    client.post(change(colleague), told(colleague, user_permissions=[permission.pk]))
    assert not colleague.user_permissions.exists()
    assert "user_permissions" not in client.get(change(colleague)).text


def test_a_role_that_holds_more_than_ones_own_is_not_offered_nor_taken(client, administrator, new, brand):
    beyond = Group.objects.create(name="auditor")
    beyond.permissions.add(Permission.objects.get(codename="delete_agent"))
    assert "auditor" not in client.get(ADD).text
    response = client.post(ADD, new | {"groups": [beyond.pk]})
    assert "groups" in response.context["adminform"].form.errors


def test_roles_up_to_ones_own_can_be_given(administrator, supervisor, owner):
    assert set(reach.roles_to_give(administrator).values_list("name", flat=True)) == set(roles.RANKED)
    # A machine records orders, which a supervisor does not.
    assert set(reach.roles_to_give(supervisor).values_list("name", flat=True)) == {"supervisor", "agent"}
    assert reach.roles_to_give(owner).count() == 4


def test_nobody_changes_their_own_rights(client, administrator, brand, other_brand):
    data = told(
        administrator, is_active="", groups=[group("integration")], brands=[other_brand.pk], name="Ana New"
    )
    assert client.post(change(administrator), data).status_code == 302
    again = Agent.objects.get(pk=administrator.pk)
    assert (again.name, again.is_active, again.role, list(again.brands.all())) == (
        "Ana New", True, roles.ADMINISTRATOR, [brand]
    )  # fmt: skip


@pytest.fixture(
    params=["owner", "of two brands", "of a stronger role", "stronger in person", "stronger, switched off"]
)
def beyond(request, brand, other_brand):
    """Somebody whose account would open more than the administrator of `brand` has."""
    agent = make.make_agent(brands=[brand], name="Bea Beyond", password="Old-long-words")
    permission = Permission.objects.get(codename="delete_agent")
    if request.param == "owner":
        agent.is_superuser = True
    elif request.param == "of two brands":
        agent.brands.add(other_brand)
    elif request.param == "of a stronger role":
        stronger = Group.objects.create(name="auditor")
        stronger.permissions.add(permission)
        agent.groups.add(stronger)
    else:
        agent.user_permissions.add(permission)
        agent.is_active = request.param == "stronger in person"
    agent.save()
    return agent


def test_an_account_that_opens_more_is_only_looked_at(client, administrator, beyond, brand):
    assert client.get(change(beyond)).status_code == 200
    data = told(beyond, email="mine@desk.example", is_active="on", brands=[brand.pk])
    password = reverse("admin:auth_user_password_change", args=[beyond.pk])
    passwords = {"password1": "Mine-long-words", "password2": "Mine-long-words", "usable_password": "true"}
    assert client.post(change(beyond), data).status_code == 403
    assert client.get(password).status_code == 403
    assert client.post(password, passwords).status_code == 403
    again = Agent.objects.get(pk=beyond.pk)
    assert (again.email, again.password, again.is_active) == (beyond.email, beyond.password, beyond.is_active)
    assert set(again.brands.all()) == set(beyond.brands.all())


def test_the_password_of_an_account_within_reach_can_be_set(client, administrator, brand):
    colleague = make.make_agent(brands=[brand], password="Old-long-words")
    url = reverse("admin:auth_user_password_change", args=[colleague.pk])
    data = {"password1": "New-long-words", "password2": "New-long-words", "usable_password": "true"}
    assert client.post(url, data).status_code == 302
    assert Agent.objects.get(pk=colleague.pk).check_password("New-long-words")


def test_the_password_of_a_stranger_is_out_of_sight(client, administrator, other_brand):
    stranger = make.make_agent(brands=[other_brand])
    assert client.get(reverse("admin:auth_user_password_change", args=[stranger.pk])).status_code in (
        403,
        404,
    )
    assert client.post(change(stranger), told(stranger)).status_code == 302
    assert Agent.objects.get(pk=stranger.pk).name == stranger.name


def test_what_stands_in_the_form_of_an_agent_can_be_saved_as_it_is(client, administrator, brand):
    colleague = make.make_agent(brands=[brand], name="Cleo")
    colleague.teams.add(team := make.make_team(brand=brand))
    form = client.get(change(colleague)).context["adminform"].form
    stands = {name: form[name].value() for name in form.fields if name != "password"}
    data = {name: value if isinstance(value, list) else value or "" for name, value in stands.items()}
    assert client.post(change(colleague), data).status_code == 302
    again = Agent.objects.get(pk=colleague.pk)
    assert (list(again.brands.all()), list(again.teams.all()), again.role) == ([brand], [team], roles.AGENT)
    assert client.get("/admin/agents/agent/").text.count(escape(brand.name)) >= 2


def test_of_a_colleague_with_two_brands_only_ones_own_is_named(client, administrator, brand, other_brand):
    colleague = make.make_agent(brands=[brand, other_brand])
    shown = client.get(change(colleague)).text
    assert escape(brand.name) in shown
    assert other_brand.name not in shown


def test_a_supervisor_changes_no_agent(client, supervisor, brand, new):
    client.force_login(supervisor)
    colleague = make.make_agent(brands=[brand])
    assert client.post(change(colleague), told(colleague)).status_code == 403
    assert client.post(ADD, new).status_code == 403


def test_no_page_shows_the_hash_of_a_password(client, supervisor, owner, brand):
    colleague = make.make_agent(brands=[brand], password="Old-long-words")
    for reader in (supervisor, owner):
        client.force_login(reader)
        assert colleague.password.rpartition("$")[2] not in client.get(change(colleague)).text


def test_nobody_deletes_an_agent(client, owner, agent):
    client.force_login(owner)
    assert (
        client.post(reverse("admin:agents_agent_delete", args=[agent.pk]), {"post": "yes"}).status_code == 403
    )
    client.post(
        "/admin/agents/agent/", {"action": "delete_selected", "_selected_action": agent.pk, "post": "yes"}
    )
    assert Agent.objects.filter(pk=agent.pk).exists()


def test_changing_an_address_closes_the_old_one(client, administrator, brand):
    colleague = make.make_agent(brands=[brand], email="old@desk.example", password="Old-long-words")
    client.post(change(colleague), told(colleague, email="fresh@desk.example"))
    client.logout()
    client.post("/accounts/sign-in/", {"login": "old@desk.example", "password": "Old-long-words"})
    assert "_auth_user_id" not in client.session
    client.post("/accounts/sign-in/", {"login": "fresh@desk.example", "password": "Old-long-words"})
    assert client.session["_auth_user_id"] == str(colleague.pk)
