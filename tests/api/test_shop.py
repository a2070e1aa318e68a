"""The shop's system at its tasks, and other systems at reasons and fields."""

from __future__ import annotations

import pytest

from agents.models import Agent, Brand
from customers.models import OrderRefund
from tests import make
from tests.api.client import Machine, expect_problem, integration
from tickets.models import ShopTask, Ticket
from tickets.services import fill, set_reason


@pytest.fixture
def task(ticket: Ticket, agent: Agent) -> ShopTask:
    return make.make_shop_task(ticket, by=agent, note="Torn.")


def test_a_task_is_found_taken_and_done_and_its_refund_is_booked_once(shop: Machine, task: ShopTask) -> None:
    (row,) = shop.rows("shop-tasks/", state="asked")
    assert (row["id"], row["kind"], row["note"]) == (task.pk, "refund", "Torn.")
    assert [line["amount_minor"] for line in row["lines"]] == [1000]
    assert shop.post(f"shop-tasks/{task.pk}/take/").json()["state"] == "taken"
    assert shop.rows("shop-tasks/", state="asked") == []
    for _ in range(2):
        said = shop.post(f"shop-tasks/{task.pk}/done/", {"answer": "On the card."})
        assert (said.status_code, said.json()["state"]) == (201, "done")
    assert OrderRefund.objects.get().amount_minor == 1000


def test_who_has_not_taken_a_task_reports_nothing_on_it(shop: Machine, brand: Brand, task: ShopTask) -> None:
    second = Machine(integration(brand))
    expect_problem(shop.post(f"shop-tasks/{task.pk}/done/"), 409, "task_not_yours")
    shop.post(f"shop-tasks/{task.pk}/take/")
    expect_problem(second.post(f"shop-tasks/{task.pk}/take/"), 409, "task_taken")
    expect_problem(second.post(f"shop-tasks/{task.pk}/refuse/", {"answer": "No."}), 409, "task_not_yours")
    said = shop.post(f"shop-tasks/{task.pk}/refuse/", {"answer": "It was worn."}).json()
    assert (said["state"], said["answer"]) == ("refused", "It was worn.")


def test_a_shop_of_another_brand_and_a_token_without_the_scope_find_no_task(
    other_shop: Machine, task: ShopTask, brand: Brand
) -> None:
    assert other_shop.rows("shop-tasks/") == []
    assert other_shop.post(f"shop-tasks/{task.pk}/take/").status_code == 404
    narrow = Machine(integration(brand), scopes=["tickets:read", "tickets:write"])
    assert narrow.get("shop-tasks/").status_code == 403


def test_tasks_are_listed_page_by_page(shop: Machine, ticket: Ticket, agent: Agent, task: ShopTask) -> None:
    more = [make.make_shop_task(ticket, by=agent) for _ in "12"]
    first = shop.get("shop-tasks/", state="asked", limit=2).json()
    second = shop.get("shop-tasks/", state="asked", limit=2, cursor=first["next_cursor"]).json()
    found = [row["id"] for row in [*first["results"], *second["results"]]]
    assert found == [more[1].pk, more[0].pk, task.pk]


def test_reasons_and_fields_are_read_and_written(
    shop: Machine, clerk: Machine, ticket: Ticket, agent: Agent, brand: Brand, other_brand: Brand
) -> None:
    above = make.make_contact_reason(brand=brand, label="Delivery")
    late = make.make_contact_reason(brand=brand, label="Late", parent=above)
    field = make.make_field(brand=brand, kind="number", label="Weight")
    theirs = make.make_field(brand=other_brand)
    assert [row["path"] for row in shop.rows("contact-reasons/")] == ["Delivery › Late", "Delivery"]
    assert [row["label"] for row in shop.rows("ticket-fields/")] == ["Weight"]
    body = {"reason": late.pk, "custom_fields": [{"field": field.pk, "value": "12.50"}]}
    said = shop.post(f"tickets/{ticket.reference}/sort/", body).json()
    assert said["reason"] == {"id": late.pk, "path": "Delivery › Late"}
    assert [(one["name"], one["value"]) for one in said["custom_fields"]] == [("Weight", "12.5")]
    for wrong, code in (
        ({"reason": make.make_contact_reason(brand=other_brand).pk}, "unknown_reason"),
        ({"custom_fields": [{"field": theirs.pk, "value": "1"}]}, "unknown_field"),
        ({"custom_fields": [{"field": field.pk, "value": "heavy"}]}, "no_number"),
    ):
        expect_problem(shop.post(f"tickets/{ticket.reference}/sort/", wrong), 422, code)
    said = clerk.post(f"tickets/{ticket.reference}/sort/", {"reason": None}).json()
    assert said["reason"] is None


def test_a_reply_that_cannot_resolve_says_what_is_missing(
    shop: Machine, ticket: Ticket, brand: Brand, agent: Agent
) -> None:
    field = make.make_field(brand=brand, label="Serial", is_required=True)
    path, body = f"tickets/{ticket.reference}/reply/", {"text": "Done.", "resolve": True}
    said = expect_problem(shop.post(path, body), 409, "not_complete")
    assert [one["id"] for one in said["details"]["fields"]] == [field.pk]
    fill(ticket, field, "A", by=agent)
    set_reason(ticket, make.make_contact_reason(brand=brand), by=agent)
    assert shop.post(path, body).status_code == 201
