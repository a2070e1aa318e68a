"""What other systems are told of somebody who was merged: the one who stays."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.models import Agent
from agents.services import issue_token
from customers.models import Customer
from customers.services import merge


@pytest.fixture
def bearer(kept: Customer, twin: Customer, supervisor: Agent) -> dict[str, str]:
    merge(kept, twin, by=supervisor, reason="twice", key="m1")
    scopes = ["customers:read", "tickets:write", "callbacks:write"]
    return {"Authorization": f"Bearer {issue_token(supervisor, name='shop', scopes=scopes)[1]}"}


def test_somebody_who_was_merged_is_answered_with_the_one_who_stays(
    bearer: dict[str, str], kept: Customer, twin: Customer, client: Client
) -> None:
    answer = client.get(f"/api/v1/customers/{twin.pk}/", headers=bearer)
    assert (answer.status_code, answer.json()["id"], answer.json()["account"]["balance"]) == (
        200,
        kept.pk,
        1800,
    )


def test_a_list_has_the_one_who_stays_alone(bearer: dict[str, str], kept: Customer, client: Client) -> None:
    rows = client.get("/api/v1/customers/?mail=m.mond@work.example", headers=bearer).json()["results"]
    assert [row["id"] for row in rows] == [kept.pk]
    assert len(client.get("/api/v1/customers/", headers=bearer).json()["results"]) == 1


def test_a_ticket_for_somebody_who_was_merged_is_the_one_of_who_stays(
    bearer: dict[str, str], kept: Customer, twin: Customer, client: Client
) -> None:
    told = {"customer": twin.pk, "subject": "?", "text": "Hello", "channel": "phone"}
    answer = client.post(
        "/api/v1/tickets/", told, content_type="application/json", headers=bearer | {"Idempotency-Key": "k1"}
    )
    assert answer.status_code == 201, answer.content
    assert kept.tickets.count() == 2


def test_a_promise_to_somebody_who_was_merged_is_refused_with_who_stays(
    bearer: dict[str, str], kept: Customer, twin: Customer, client: Client
) -> None:
    told = {
        "customer": twin.pk, "kind": "task", "reason": "?",
        "window_from": "2027-01-05T10:00:00Z", "window_to": "2027-01-05T11:00:00Z",
    }  # fmt: skip
    answer = client.post(
        "/api/v1/callbacks/",
        told,
        content_type="application/json",
        headers=bearer | {"Idempotency-Key": "k2"},
    )
    assert answer.status_code == 409, answer.content
    assert "was merged with" in answer.content.decode()
