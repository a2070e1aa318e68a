"""A POST happens once, however often and however close together it is sent."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection

from agents.models import Answer, Brand
from agents.services import forget_answers
from contactcenter import clock
from customers.models import Customer
from tests import make
from tests.api.client import Machine, expect_problem, integration
from tests.together import at_once

NIA = {"brand": "FF", "name": "Nia"}


def test_a_repeat_is_told_the_first_answer_and_that_it_is_one(shop: Machine) -> None:
    first = shop.post("customers/", NIA, key="k")
    again = shop.post("customers/", {"name": "Nia", "brand": "FF"}, key="k")  # the same, laid out otherwise
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Customer.objects.filter(name="Nia").count() == 1


def test_control_under_another_key_it_happens_again(shop: Machine) -> None:
    for key in ("k1", "k2"):
        shop.post("customers/", NIA, key=key)
    assert Customer.objects.filter(name="Nia").count() == 2


def test_a_key_that_came_with_another_request_is_refused(shop: Machine, member: Customer) -> None:
    shop.post("customers/", NIA, key="k")
    expect_problem(shop.post("customers/", NIA | {"name": "Mia"}, key="k"), 422, "key_reused")
    order = {"customer": member.pk, "number": "1", "lines": [{"sku": "1", "name": "1", "amount_minor": 1}]}
    expect_problem(shop.post("orders/", order, key="k"), 422, "key_reused")
    assert not Customer.objects.filter(name="Mia").exists()


@pytest.mark.parametrize(
    ("key", "code"), [("", "key_missing"), ("a b", "key_malformed"), ("k" * 129, "key_malformed")]
)
def test_a_post_without_a_sound_key_does_nothing(shop: Machine, key: str, code: str) -> None:
    expect_problem(shop.post("customers/", NIA, key=key), 400, code)
    assert not Customer.objects.filter(name="Nia").exists()


def test_a_refused_request_leaves_its_key_free(shop: Machine, member: Customer) -> None:
    taken = NIA | {"contact_points": [{"kind": "phone", "value": "+493012345678"}]}
    expect_problem(shop.post("customers/", taken, key="k"), 409, "address_taken")
    assert shop.post("customers/", NIA, key="k").status_code == 201


def test_two_clients_that_choose_one_word_do_not_meet(brand: Brand, ticket: Any, agent: Any) -> None:
    colleague = make.make_agent(brands=[brand])
    for person in (agent, colleague):
        answer = Machine(person).post(f"tickets/{ticket.reference}/reply/", {"text": "Hello."}, key="1")
        assert answer.status_code == 201
        assert "Idempotency-Replayed" not in answer
    assert ticket.messages.filter(kind="outbound").count() == 2


def test_who_serves_the_brand_no_longer_is_not_told_the_old_answer(shop: Machine, brand: Brand) -> None:
    shop.post("customers/", NIA, key="k")
    shop.agent.brands.clear()
    answer = shop.post("customers/", NIA, key="k")
    expect_problem(answer, 403, "permission_denied")
    assert b"Nia" not in answer.content


def test_an_answer_is_forgotten_after_its_time_and_not_before(shop: Machine, settings: Any) -> None:
    shop.post("customers/", NIA, key="k")
    written = Answer.objects.get().created_at
    lives = timedelta(hours=settings.API_ANSWERS_LIVE_HOURS)
    assert forget_answers(at=written + lives) == 0
    assert forget_answers(at=written + lives + timedelta(seconds=1)) == 1
    assert not Answer.objects.exists()


def test_a_reply_repeated_after_its_answer_is_forgotten_still_happens_once(
    clerk: Machine, ticket: Any
) -> None:
    for _ in range(2):
        assert (
            clerk.post(f"tickets/{ticket.reference}/reply/", {"text": "Hello."}, key="k").status_code == 201
        )
        forget_answers(at=clock.now() + timedelta(days=9))
    assert ticket.messages.filter(kind="outbound").count() == 1


@pytest.mark.race
def test_of_two_at_once_one_is_done_and_the_other_told_to_wait(own_db: str) -> None:
    brand = make.make_brand(code="FF")
    shop = Machine(integration(brand))
    send = partial(shop.post, "customers/", NIA, key="k")
    answers = at_once(send, send, meet_after='INSERT INTO "customers_customer"')
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (waits,) = [answer for answer in answers if answer.status_code == 409]
    expect_problem(waits, 409, "in_flight")
    assert Customer.objects.count() == 1
    assert send()["Idempotency-Replayed"] == "true"


@pytest.mark.race
def test_control_without_the_lock_both_do_it_and_only_the_database_stops_the_second(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.api.once._expect_alone", lambda agent, key: None)
    shop = Machine(integration(make.make_brand(code="FF")))
    send = partial(shop.post, "customers/", NIA, key="k")
    answers = at_once(send, send, meet_after='INSERT INTO "customers_customer"')
    assert sorted(answer.status_code for answer in answers) == [201, 500]


@pytest.mark.race
def test_a_connection_that_dies_in_the_middle_leaves_nothing_and_the_key_is_free(own_db: str) -> None:
    shop = Machine(integration(make.make_brand(code="FF")))

    def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'INSERT INTO "agents_answer"' in sql:
            context["cursor"].connection.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die):
        assert shop.post("customers/", NIA, key="k").status_code == 503
    connection.close()
    assert not Customer.objects.exists()
    answer = shop.post("customers/", NIA, key="k")
    assert (answer.status_code, "Idempotency-Replayed" in answer) == (201, False)
