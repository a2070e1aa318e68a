"""The pages of merging: who may be the same person, both side by side, and what came since."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents.models import Agent, Brand
from customers.models import Customer, Duplicate, Merge, NotSame
from customers.services import merge
from tests import make


@pytest.fixture
def pair(brand: Brand, member: Customer) -> tuple[Customer, Customer]:
    """Mara, and Mara again, proposed as one."""
    other = make.make_member(brand=brand, name="Mara M.", points=300)
    Duplicate.objects.create(brand=brand, one=member, other=other, score=85, reasons=["birthday", "name"])
    return member, other


def signed_in(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def sent(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, data, headers={"HX-Request": "true"})


def test_the_pane_says_quietly_who_may_be_the_same_person(
    pair: tuple[Customer, Customer], agent: Agent
) -> None:
    one, other = pair
    page = signed_in(agent).get(f"/customers/{one.pk}/").content.decode()
    assert "May be the same person as Mara M." in page
    assert "the same birthday, the same name" in page
    assert f"/customers/{one.pk}/merge/{other.pk}/" in page


def test_the_page_shows_both_and_what_they_would_have_together(
    pair: tuple[Customer, Customer], supervisor: Agent, agent: Agent
) -> None:
    one, other = pair
    path = f"/customers/{one.pk}/merge/{other.pk}/"
    page = signed_in(supervisor).get(path).content.decode()
    for words in ("1,300", "Together", "Who stays", "Make them one", "the same birthday"):
        assert words in page
    looked = signed_in(agent).get(path).content.decode()
    assert "Make them one" not in looked
    assert "They are two people" in looked


def test_a_supervisor_makes_them_one_and_both_addresses_lead_to_the_one_who_stays(
    pair: tuple[Customer, Customer], supervisor: Agent
) -> None:
    one, other = pair
    client = signed_in(supervisor)
    answer = sent(client, f"/customers/{one.pk}/merge/{other.pk}/", kept=other.pk, reason="twice", key="k")
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/customers/{other.pk}/")
    assert Merge.objects.get().kept == other
    assert client.get(f"/customers/{one.pk}/")["Location"] == f"/customers/{other.pk}/"
    assert "Mara M." in client.get(f"/customers/{one.pk}/edit/").content.decode()
    page = client.get(f"/customers/{other.pk}/").content.decode()
    assert "May be the same person" not in page
    assert "merged with another customer" in page
    refused = sent(client, f"/customers/{one.pk}/addresses/", kind="mail", value="new@mail.example")
    assert refused.status_code == 409
    assert "was merged with Mara M. meanwhile" in refused.content.decode()


def test_of_two_nobody_else_can_stay(
    brand: Brand, pair: tuple[Customer, Customer], supervisor: Agent
) -> None:
    one, other = pair
    third = make.make_customer(brand=brand)
    path = f"/customers/{one.pk}/merge/{other.pk}/"
    answer = sent(signed_in(supervisor), path, kept=third.pk, reason="twice", key="k")
    assert answer.status_code == 422
    assert "Choose who of the two stays." in answer.content.decode()
    assert not Merge.objects.exists()


def test_an_agent_says_that_they_are_two_and_is_not_asked_again(
    pair: tuple[Customer, Customer], agent: Agent
) -> None:
    one, other = pair
    client = signed_in(agent)
    answer = sent(client, f"/customers/{other.pk}/not/{one.pk}/")
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/customers/{other.pk}/")
    assert NotSame.objects.get().by == agent
    assert "May be the same person" not in client.get(f"/customers/{one.pk}/").content.decode()
    refused = sent(client, f"/customers/{one.pk}/merge/{other.pk}/", kept=one.pk, reason="twice", key="k")
    assert refused.status_code == 409


def test_the_page_of_undoing_asks_about_what_came_since(
    pair: tuple[Customer, Customer], supervisor: Agent
) -> None:
    one, other = pair
    client, made = signed_in(supervisor), merge(one, other, by=supervisor, reason="twice", key="m")
    assert f"/merges/{made.pk}/undo/" in client.get(f"/customers/{one.pk}/").content.decode()
    order = make.make_order(customer=one, number="A-99")
    path = f"/merges/{made.pk}/undo/"
    assert "New order: A-99" in client.get(path).content.decode()
    refused = sent(client, path, key="u")
    assert refused.status_code == 409
    assert "1 thing came since" in refused.content.decode()
    answer = sent(client, path, key="u", **{f"to:order:{order.pk}": "back"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, f"/customers/{other.pk}/")
    assert other.orders.get() == order
    assert "was undone already" in client.get(path).content.decode()


def test_a_loyalty_number_of_somebody_who_was_merged_finds_the_one_who_stays_once(
    pair: tuple[Customer, Customer], supervisor: Agent
) -> None:
    one, other = pair
    number = make.now_of(other).number
    merge(one, other, by=supervisor, reason="twice", key="m")
    client = signed_in(supervisor)
    assert client.get(f"/find/?q={number}")["Location"] == f"/customers/{one.pk}/"
    assert f"/customers/{other.pk}/" not in client.get("/find/?q=Mara").content.decode()


def test_no_pair_is_no_page(member: Customer, other_brand: Brand, supervisor: Agent) -> None:
    stranger = make.make_customer(brand=other_brand)
    for other in (member.pk, stranger.pk, 10**9):
        assert signed_in(supervisor).get(f"/customers/{member.pk}/merge/{other}/").status_code == 404


def test_whoever_is_not_proposed_is_found_by_hand_in_the_same_brand_and_without_oneself(
    member: Customer, other_brand: Brand, agent: Agent
) -> None:
    agent.brands.add(other_brand)
    meant = make.make_customer(brand=member.brand, name="Mara Mondschein")
    stranger = make.make_customer(brand=other_brand, name="Mara Mondrian")
    client = signed_in(agent)
    page = client.get(f"/customers/{member.pk}/").content.decode()
    assert f'href="/customers/{member.pk}/merge/"' in page
    found = client.get(f"/customers/{member.pk}/merge/", {"q": "Mara"}).content.decode()
    assert f"/customers/{member.pk}/merge/{meant.pk}/" in found
    assert f"/merge/{member.pk}/" not in found
    assert f"/merge/{stranger.pk}/" not in found
    nobody = client.get(f"/customers/{member.pk}/merge/", {"q": "Zzyx"}, headers={"HX-Request": "true"})
    assert "Nobody else is found for “Zzyx”." in nobody.content.decode()
