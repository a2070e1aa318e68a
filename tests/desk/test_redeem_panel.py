"""The redeem panel: what it offers, what taking a reward does to the page, and what is refused."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from customers.services import verify_contact_point
from loyalty.models import Programme, Redemption, Reward, Voucher
from loyalty.services import merge_accounts, redeem_reward
from loyalty.services.confirming import code_of
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import keys_in, post
from tickets.models import Ticket


def take(client: Client, ticket: Ticket, choice: str, key: str = "r1") -> Any:
    return post(client, "redeem", ticket.reference, key=key, reward=choice)


def shown(client: Client, ticket: Ticket, page: str = "redeem") -> str:
    return client.get(reverse(f"desk:{page}", args=[ticket.reference])).content.decode()


def balance(ticket: Ticket) -> int:
    account = ticket.customer.account
    account.refresh_from_db()
    return account.balance


def test_the_panel_shows_what_can_be_had_and_what_is_not_far_off(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    mug = make.make_reward(brand=brand, name="Mug", points=400, stock=3, tier_prices={"bronze": 300})
    lamp = make.make_reward(brand=brand, name="Lamp", points=1080)
    make.make_reward(brand=brand, name="Cloud", points=10, stock=0)
    content = shown(desk, ticket)
    assert f'value="{mug.pk}:300"' in content
    assert all(
        words in content for words in ("leaves 700", "3 left", "price for Bronze", "80 points to Lamp")
    )
    assert "You are 80 points away from “Lamp”." in content
    assert f'value="{lamp.pk}:' not in content
    assert "Cloud" not in content


def test_a_reward_is_taken_and_its_code_is_one_click_from_the_reply(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    reward = make.make_reward(brand=brand, name="Tote bag")
    answer = take(desk, ticket, f"{reward.pk}:500")
    content, voucher = answer.content.decode(), Voucher.objects.get()
    assert (answer.status_code, balance(ticket)) == (200, 500)
    assert content.index('id="customer"') < content.index('id="thread"')
    assert f"Tote bag · {voucher.code}" in content
    assert f'data-insert="Your code is {voucher.code}, to be used until' in content
    assert 'id="composer"' not in content
    assert "Tote bag" in shown(desk, ticket, "timeline")
    entry = Redemption.objects.get().entry
    why = desk.get(reverse("desk:why", args=[entry.pk])).content.decode()
    assert "taken for the customer by Ada Amsel" in why


def test_the_same_form_sent_twice_takes_one(desk: Client, ticket: Ticket, brand: Brand) -> None:
    choice = f"{make.make_reward(brand=brand).pk}:500"
    assert [take(desk, ticket, choice).status_code for _ in range(2)] == [200, 200]
    assert (balance(ticket), Redemption.objects.count()) == (500, 1)


def test_the_panel_has_a_key_of_its_own_each_time(desk: Client, ticket: Ticket, brand: Brand) -> None:
    make.make_reward(brand=brand)
    where = reverse("desk:redeem", args=[ticket.reference])
    assert keys_in(desk.get(where)) != keys_in(desk.get(where)) != []


def test_what_is_no_choice_is_answered_with_a_sentence(desk: Client, ticket: Ticket) -> None:
    for choice in ["", "x", "1", "1:", ":5", "-1:5", "1:" + "9" * 5000, "1:5\x00", "1:5:6"]:
        answer = take(desk, ticket, choice)
        assert (answer.status_code, balance(ticket)) == (422, 1000)
        assert answer["HX-Retarget"] == "#slot"


def test_a_refusal_stands_at_the_place_of_the_deed(desk: Client, ticket: Ticket, brand: Brand) -> None:
    reward = make.make_reward(brand=brand, stock=1)
    Reward.objects.filter(pk=reward.pk).update(stock=0)
    for choice, sentence in [
        (f"{reward.pk}:500", "Tote bag is sold out."),
        (f"{reward.pk}:400", "Tote bag costs 500 points by now."),
        (f"{make.make_reward(brand=brand, points=1001).pk}:1001", "Only 1000 points can be spent."),
    ]:
        answer = take(desk, ticket, choice)
        assert (answer.status_code, balance(ticket)) == (409, 1000)
        assert answer["HX-Retarget"] == "#slot"
        assert sentence in answer.content.decode()


def test_a_reward_of_another_brand_is_not_there(desk: Client, ticket: Ticket, other_brand: Brand) -> None:
    assert take(desk, ticket, f"{make.make_reward(brand=other_brand).pk}:500").status_code == 404
    assert balance(ticket) == 1000


def test_who_is_no_member_has_nothing_to_spend(desk: Client, customer: Any, queue: Any, brand: Brand) -> None:
    ticket = make.make_ticket(customer=customer, queue=queue)
    assert "Nora Nilsen is no member yet." in shown(desk, ticket)
    assert take(desk, ticket, f"{make.make_reward(brand=brand).pk}:500").status_code == 409


def test_without_rewards_the_panel_says_who_adds_them(desk: Client, ticket: Ticket) -> None:
    assert "The catalogue is empty." in shown(desk, ticket)


def test_who_may_work_tickets_but_not_spend_points_is_told_so(brand: Brand, ticket: Ticket) -> None:
    helper = make.make_agent(brands=[brand], role=None)
    helper.user_permissions.add(Permission.objects.get(codename="work_ticket"))
    answer = take(signed_in(helper), ticket, f"{make.make_reward(brand=brand).pk}:500")
    assert (answer.status_code, balance(ticket)) == (409, 1000)
    assert "Your role does not allow this." in answer.content.decode()


def test_a_dear_reward_waits_for_the_code_and_the_panel_comes_back_to_it(
    desk: Client, ticket: Ticket, brand: Brand, agent: Agent
) -> None:
    Programme.objects.filter(brand=brand).update(confirm_above=100)
    choice = f"{make.make_reward(brand=brand).pk}:500"
    refused = take(desk, ticket, choice)
    assert (refused.status_code, balance(ticket)) == (409, 1000)
    assert "none of their e-mail addresses is verified" in refused.content.decode()
    point = ticket.customer.contact_points.get(kind="mail")
    verify_contact_point(point, by=agent)
    assert f"is on its way to {point.value}" in take(desk, ticket, choice).content.decode()
    waiting = Redemption.objects.get()
    assert f"is on its way to {point.value}" in shown(desk, ticket)
    wrong = post(desk, "redeem_confirm", ticket.reference, waiting.pk, code="nothing")
    assert (wrong.status_code, wrong["HX-Retarget"]) == (409, "#slot")
    assert "4 tries are left" in wrong.content.decode()
    assert post(desk, "redeem_confirm", ticket.reference, waiting.pk, code="").status_code == 422
    right = post(desk, "redeem_confirm", ticket.reference, waiting.pk, code=code_of(waiting))
    assert Voucher.objects.get().code in right.content.decode()
    assert balance(ticket) == 500


def test_one_can_go_back_to_the_rewards_without_the_code(
    desk: Client, ticket: Ticket, brand: Brand, agent: Agent
) -> None:
    Programme.objects.filter(brand=brand).update(confirm_above=100)
    verify_contact_point(ticket.customer.contact_points.get(kind="mail"), by=agent)
    take(desk, ticket, f"{make.make_reward(brand=brand).pk}:500")
    answer = post(desk, "redeem_withdraw", ticket.reference, Redemption.objects.get().pk)
    assert "leaves 500" in answer.content.decode()
    assert Redemption.objects.get().state == "lapsed"


def test_what_was_taken_lately_can_be_undone(desk: Client, ticket: Ticket, brand: Brand) -> None:
    take(desk, ticket, f"{make.make_reward(brand=brand).pk}:500")
    assert "Undo, 500 back" in shown(desk, ticket)
    answer = post(desk, "redeem_undo", ticket.reference, Redemption.objects.get().pk)
    assert (answer.status_code, balance(ticket)) == (200, 1000)
    assert Voucher.objects.get().code not in answer.content.decode()
    assert "given back" in answer.content.decode()
    assert "Undo, 500 back" not in shown(desk, ticket)
    given_back = ticket.customer.account.entries.latest("seq")
    why = desk.get(reverse("desk:why", args=[given_back.pk])).content.decode()
    assert "Given back: spent on" in why
    assert "forgiven" not in why


def test_what_was_taken_on_an_account_that_was_merged_since_can_be_undone(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    twin = make.make_member(brand=brand, points=500).account
    taken = redeem_reward(twin, make.make_reward(brand=brand), by=None, key="r1")
    merge_accounts(make.now_of(twin.customer), ticket.customer.account, by=None, key="m1")
    assert "Undo, 500 back" in shown(desk, ticket)
    assert post(desk, "redeem_undo", ticket.reference, taken.pk).status_code == 200
    assert balance(ticket) == 1500


def test_a_redemption_of_somebody_else_is_not_there(desk: Client, ticket: Ticket, brand: Brand) -> None:
    other = make.make_member(brand=brand, points=500)
    theirs = redeem_reward(other.account, make.make_reward(brand=brand), by=None, key="x")
    for name in ("redeem_confirm", "redeem_withdraw", "redeem_undo"):
        assert post(desk, name, ticket.reference, theirs.pk, code="1").status_code == 404
