"""What no sound client sends: always a problem of the client's own, never ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from tests.api.client import V1, Machine, expect_problem
from tickets.models import Ticket

ORDER = {"number": "1", "lines": [{"sku": "1", "name": "1", "amount_minor": 1}]}


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"', b"[" * 200_000, b"[" * 900 + b"]" * 900,
        b'{"brand": ' * 300_000, b'{"brand": NaN, "name": "x"}', b'{"brand": 1e999, "name": "x"}',
        b'{"brand": "FF", "name": ' + b"9" * 5000 + b"}", b'{"brand": "FF", "name": "\\u0000"}',
        b'{"brand": "FF", "name": "\\ud800"}', b'{"brand": "FF", "name": "x", "\\ud800": 1}',
        b'{"brand": "FF", "name": {"$ne": 1}}', b'{"brand": ["FF"], "name": true}',
        b'{"brand": "FF", "name": "x", "contact_points": [{"kind": "\\ud800", "value": "x"}]}',
        b'{"brand": "FF", "name": "x", "contact_points": {"kind": "mail", "value": "x"}}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_customer_is_a_400(shop: Machine, raw: bytes) -> None:
    answer = shop.post("customers/", raw=raw)
    assert answer.status_code in (400, 413), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    json.loads(answer.content)
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("customer", 2**63 - 1, 422),
        ("customer", 2**63, 400),
        ("customer", -1, 400),
        ("customer", "1", 400),
        ("customer", 1.5, 400),
        ("customer", True, 400),
        ("number", "\x00", 400),
        ("number", "x" * 41, 400),
        ("number", 7, 400),
        ("placed_at", "0001-01-01T00:00:00+23:59", 422),
        ("placed_at", "9999-12-31T23:59:59-23:59", 422),
        ("placed_at", "2099-01-01T00:00:00Z", 422),
        ("number", " ", 422),
        ("placed_at", "2026-02-30T00:00:00Z", 400),
        ("placed_at", "2026-02-20T00:00:00", 400),
        ("placed_at", 0, 400),
        ("lines", [], 400),
        ("lines", [{"sku": "1", "name": "1", "amount_minor": 10**30}], 400),
        ("lines", [{"sku": "1", "name": "1", "amount_minor": -1}], 400),
        ("lines", [{"sku": "1", "name": "1", "amount_minor": 1, "quantity": 0}], 400),
        ("lines", [1] * 201, 400),
        ("unheard_of", 1, 400),
    ],
)
def test_a_field_that_fits_nowhere_is_named(
    shop: Machine, member: Customer, field: str, value: Any, status: int
) -> None:
    said = shop.post("orders/", {"customer": member.pk} | ORDER | {field: value})
    assert said.status_code == status, said.content
    if status == 400:
        assert said.json()["errors"][0]["pointer"].startswith(f"#/{field}")


def test_more_points_than_an_account_can_count_are_refused(shop: Machine, member: Customer) -> None:
    dear = [{"sku": "1", "name": "1", "amount_minor": 10**8}] * 200
    for number in range(5):
        answer = shop.post("orders/", {"customer": member.pk, "number": str(number), "lines": dear})
        assert answer.status_code in (201, 422), answer.content
    expect_problem(answer, 422, "out_of_range")


def test_a_body_that_is_too_large_is_not_read(shop: Machine, settings: Any) -> None:
    settings.API_MAX_BYTES = 100
    expect_problem(shop.post("customers/", {"brand": "FF", "name": "x" * 100}), 413, "too_large")


def test_another_kind_of_body_is_a_415(shop: Machine) -> None:
    headers = shop.headers | {"Idempotency-Key": "k"}
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/xml", "nonsense"):
        answer = Client().post(V1 + "customers/", b"{}", content_type=kind, headers=headers)
        expect_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_another_method_is_a_405_that_names_those_there_are(shop: Machine, method: str) -> None:
    answer = getattr(Client(), method)(V1 + "customers/", headers=shop.headers)
    expect_problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]


@pytest.mark.parametrize(
    "path",
    ["nowhere/", "customers", "customers/x/", "customers/999999999999999999/", f"customers/{'9' * 30}/",
     "customers/-1/", "tickets/%00/", "tickets/FF-0/", "tickets/FF-999999999/", "tickets/%F0%9F%90%99-1/",
     "../v2/", "callbacks/1/move"],
)  # fmt: skip
def test_an_address_that_is_none_is_a_404(shop: Machine, path: str) -> None:
    expect_problem(shop.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("tickets/", {"status": "x"}), ("tickets/", {"queue": "x"}), ("tickets/", {"queue": 2**63}),
        ("tickets/", {"customer": "1.5"}), ("customers/", {"name": "\x00"}), ("customers/", {"limit": 0}),
        ("customers/", {"limit": 101}), ("customers/", {"limit": "²"}), ("orders/", {"cursor": "x"}),
        ("callbacks/", {"state": "\ud7ff"}), ("customers/", {"mail": ""}), ("customers/", {"phone": " \t"}),
        ("orders/", {"customer": ""}), ("callbacks/", {"state": ""}), ("tickets/", {"brand": ["FF", ""]}),
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_a_400(shop: Machine, path: str, query: dict[str, Any]) -> None:
    said = expect_problem(shop.get(path, **query), 400, "invalid")
    assert said["errors"][0]["pointer"] == f"#/{next(iter(query))}"


def test_a_long_text_with_every_kind_of_letter_comes_back_as_it_was(clerk: Machine, ticket: Ticket) -> None:
    text = " <script>alert(1)</script> 🐙 \u202e ‏שלום\r\n\t" * 2000
    answer = clerk.post(f"tickets/{ticket.reference}/reply/", {"text": text})
    assert answer.status_code == 201
    assert answer.json()["text"] == text


def test_a_filter_that_is_not_there_is_a_400_that_names_those_there_are(shop: Machine) -> None:
    for path in ("customers/", "orders/", "tickets/", "goodwill/", "callbacks/"):
        said = expect_problem(shop.get(path, cutsomer=1), 400, "invalid")
        assert said["errors"][0]["pointer"] == "#/cutsomer"
        assert "limit" in said["errors"][0]["detail"]
