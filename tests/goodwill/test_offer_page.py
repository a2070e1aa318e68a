"""The page on which a customer chooses: by a signed link, once, in their language."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock, links
from goodwill.links import PURPOSE
from goodwill.models import Offer, Reason
from goodwill.services import Option, choose, default_due, offer, reverse, withdraw_offer
from loyalty.models import Account, Benefit, Reward, Voucher
from tests import make
from tickets.models import Ticket


@pytest.fixture
def shipping(brand: Brand, ticket: Ticket) -> Reward:
    return make.make_reward(brand=brand, code="free-shipping", name="Free shipping", points=400)


@pytest.fixture
def offered(ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward) -> Offer:
    options = [Option(300), Option(gift=shipping), Option()]
    return offer(ticket, options, by=agent, reason=generous, key="o", text="We are sorry.")


@pytest.fixture
def path(offered: Offer, ticket: Ticket) -> str:
    """The link in the mail, as a path."""
    text = ticket.messages.get(kind="outbound").text
    return re.findall(r"https?://[^/\s]+(/chosen/\S+)", text)[0]


def balance(ticket: Ticket) -> int:
    return Account.objects.get(customer=ticket.customer).balance


def one(offer: Offer, kind: str) -> str:
    return str(offer.remedies.get(kind=kind).pk)


def test_programs_that_follow_links_choose_nothing_and_one_post_does(
    offered: Offer, path: str, client: Client, ticket: Ticket
) -> None:
    for ask in (client.get, client.head):
        page = ask(path, {"remedy": one(offered, "points")})
        assert page.status_code == 200
    assert Offer.objects.get().state == "open"
    page = client.get(path)
    for words in (
        "300 points on your account",
        "A voucher: Free shipping",
        "A call by somebody",
        ticket.reference,
    ):
        assert words in page.text
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert "no-store" in page["Cache-Control"]
    done = client.post(path, {"remedy": one(offered, "points")})
    assert "300 points are on your account" in done.text
    assert balance(ticket) == 1300
    again = client.post(path, {"remedy": one(offered, "voucher")})
    assert "300 points are on your account" in again.text
    assert (balance(ticket), Voucher.objects.count()) == (1300, 0)


def test_a_voucher_is_shown_with_its_code_and_its_last_day(offered: Offer, path: str, client: Client) -> None:
    page = client.post(path, {"remedy": one(offered, "voucher")})
    voucher = Voucher.objects.get()
    assert voucher.code in page.text
    assert str(voucher.last_day.year) in page.text
    assert voucher.code in client.get(path).text


def test_the_page_speaks_the_customers_language(
    offered: Offer, path: str, client: Client, ticket: Ticket
) -> None:
    type(ticket.customer).objects.update(language="de-AT")
    page = client.get(path)
    assert '<html lang="de">' in page.text
    for words in ("Wählen Sie", "300 Punkte auf Ihr Konto", "Ein Gutschein: Free shipping", "Das wähle ich"):
        assert words in page.text
    assert "Vielen Dank" in client.post(path, {"remedy": one(offered, "call")}).text


def test_a_link_that_is_none_of_ours_changed_of_another_purpose_or_over_opens_nothing(
    offered: Offer, path: str, client: Client, other_brand: Brand
) -> None:
    until = clock.now() + timedelta(days=1)
    foreign = links.token(PURPOSE, brand=other_brand.pk, subject=offered.pk, until=until)
    survey = links.token("survey", brand=offered.brand_id, subject=offered.pk, until=until)
    wrong = ["/chosen/1.1.9999999999~made-up/", path.replace("/chosen/", "/chosen/1"), f"/chosen/{survey}/"]
    for address in wrong:
        for ask in (client.get, client.post):
            assert ask(address, {"remedy": one(offered, "points")}).status_code == 404
    for ask in (client.get, client.post):
        assert ask(f"/chosen/{foreign}/", {"remedy": one(offered, "points")}).status_code == 404
    with clock.standing_at(offered.default_at + timedelta(days=30)):
        assert client.get(path).status_code == 404
    assert Offer.objects.get().state == "open"


@pytest.mark.parametrize("remedy", ["", "x", "0", "-1", "9" * 40, "٣"])
def test_what_is_no_choice_chooses_nothing(offered: Offer, path: str, client: Client, remedy: str) -> None:
    page = client.post(path, {"remedy": remedy})
    assert page.status_code == 200
    assert Offer.objects.get().state == "open"


def test_a_remedy_of_another_offer_is_none_of_this_one(
    offered: Offer, path: str, client: Client, agent: Agent, brand: Brand, generous: Reason, shipping: Reward
) -> None:
    member = make.make_member(brand=brand)
    ticket = make.make_ticket(customer=member, queue=make.make_queue(brand=brand))
    options = [Option(100), Option(gift=shipping)]
    theirs = offer(ticket, options, by=agent, reason=generous, key="t", text="x")
    client.post(path, {"remedy": one(theirs, "points")})
    assert set(Offer.objects.values_list("state", flat=True)) == {"open"}


def test_what_is_sold_out_says_so_and_the_rest_may_still_be_chosen(
    offered: Offer, path: str, client: Client, ticket: Ticket
) -> None:
    Reward.objects.update(is_active=False)
    page = client.post(path, {"remedy": one(offered, "voucher")})
    assert "cannot be had any more" in page.text
    assert "300 points are on your account" in client.post(path, {"remedy": one(offered, "points")}).text


def test_each_end_has_a_page_of_its_own(
    offered: Offer, path: str, client: Client, agent: Agent, supervisor: Agent
) -> None:
    with clock.standing_at(offered.default_at):
        assert "The time to choose is over" in client.get(path).text
        assert "The time to choose is over" in client.post(path, {"remedy": one(offered, "points")}).text
        default_due(at=clock.now())
        assert "We have chosen for you" in client.get(path).text
        reverse(offered.request, by=supervisor, reason="mistake")
        assert "taken this back" in client.get(path).text


def test_a_withdrawn_offer_says_so(offered: Offer, path: str, client: Client, agent: Agent) -> None:
    withdraw_offer(offered, by=agent)
    for ask in (client.get, client.post):
        assert "This offer was withdrawn" in ask(path, {"remedy": one(offered, "points")}).text


def test_knocking_too_often_is_refused(path: str, client: Client, settings: Any) -> None:
    settings.LINK_RATE = "3/min"
    caches["throttle"].clear()
    assert [client.get(path).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_benefit_is_told_with_its_days(
    ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward, client: Client
) -> None:
    first: Benefit = make.make_benefit(ticket.customer.account.programme)
    sent = offer(ticket, [Option(gift=first), Option()], by=agent, reason=generous, key="o", text="x")
    choose(sent, int(one(sent, "benefit")))
    text = ticket.messages.get(kind="outbound").text
    page = client.get(re.findall(r"https?://[^/\s]+(/chosen/\S+)", text)[0])
    assert "Answered first is yours for 30 days" in page.text


def test_the_page_asks_as_much_for_three_remedies_as_for_two(
    ticket: Ticket, agent: Agent, generous: Reason, shipping: Reward, client: Client
) -> None:
    costs = []
    for options in ([Option(1), Option()], [Option(1), Option(gift=shipping), Option()]):
        offer(ticket, options, by=agent, reason=generous, key=make.unique(), text="x")
        text = ticket.messages.filter(kind="outbound").latest("seq").text
        with CaptureQueriesContext(connection) as asked:
            client.get(re.findall(r"https?://[^/\s]+(/chosen/\S+)", text)[0])
        costs.append(len(asked))
    assert costs[0] == costs[1] <= 4
