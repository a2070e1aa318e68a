"""The supervisors' pages on rules and macros: what is drafted, tried, published, and what makes no sense."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Brand
from customers.models import Customer
from tests import make
from tickets.models import Macro, Queue, Rule
from tickets.services import run_next

RULE = {
    "name": "Late",
    "position": 1,
    "event": "opened",
    "versions-TOTAL_FORMS": 0,
    "versions-INITIAL_FORMS": 0,
    "conditions": "{}",
    "actions": '[{"do": "hand_back"}]',
}


@pytest.fixture
def signed_in(client: Client, supervisor: Agent) -> Client:
    client.force_login(supervisor)
    return client


def page(name: str, model: Any, *args: Any) -> str:
    return reverse(f"admin:tickets_{model._meta.model_name}_{name}", args=args)


def errors_of(answer: Any) -> str:
    return str(answer.context["adminform"].form.errors)


def test_a_rule_is_drafted_read_tried_on_the_last_tickets_and_published(
    signed_in: Client, brand: Brand, queue: Queue, member: Customer
) -> None:
    ticket = make.make_ticket(customer=member, queue=queue, subject="My <b>parcel</b>")
    make.make_ticket(customer=member, queue=queue, subject="Invoice")
    conditions = '{"all": [{"fact": "subject", "op": "contains", "value": "parcel"}]}'
    form = RULE | {
        "brand": brand.pk,
        "conditions": conditions,
        "actions": '[{"do": "priority", "priority": "4"}]',
    }
    assert signed_in.post(page("add", Rule), form).status_code == 302
    rule = Rule.objects.get()
    assert not rule.is_active
    said = signed_in.get(page("change", Rule, rule.pk)).text
    assert "When a ticket is opened, and the subject contains “parcel”: Priority: Urgent." in said
    tried = signed_in.get(f"/admin/tickets/rule/{rule.pk}/try/").text
    assert "1 of the last 2 tickets fits as it stands now" in tried
    assert ticket.reference in tried
    assert "My &lt;b&gt;parcel" in tried
    assert not Rule.objects.filter(live__isnull=False).exists()
    answer = signed_in.post(f"/admin/tickets/rule/{rule.pk}/try/", follow=True)
    assert "Version 1 of Late is in force." in answer.text
    assert Rule.objects.get().is_active
    new = make.make_ticket(customer=member, queue=queue, subject="Another parcel")
    assert run_next() == 1
    new.refresh_from_db()
    assert new.priority == 4
    log = signed_in.get(page("changelist", rule._meta.get_field("runs").related_model)).text
    assert new.reference in log


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"conditions": '{"fact": "mood", "op": "is", "value": 1}'}, "There is no fact “mood”."),
        ({"actions": '[{"do": "dance"}]'}, "Action 1 does nothing that is known"),
        (
            {"actions": '[{"do": "tag", "name": "x"}, {"do": "priority", "priority": 9}]'},
            "Action 2, Set the priority",
        ),
        (
            {"actions": '[{"do": "move", "queue": 0}]'},
            "Action 1, Move to a queue: queue: Select a valid choice",
        ),
        ({"is_active": "on"}, "Publish a version of it first."),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    signed_in: Client, brand: Brand, fields: dict[str, str], sentence: str
) -> None:
    answer = signed_in.post(page("add", Rule), RULE | {"brand": brand.pk} | fields)
    assert sentence in errors_of(answer)


def test_a_macro_with_a_placeholder_nobody_knows_or_a_deed_of_rules_is_refused(
    signed_in: Client, brand: Brand
) -> None:
    sound = {"brand": brand.pk, "title": "Sorry", "text": "Hi {tier}", "actions": "[]", "is_active": "on"}
    answer = signed_in.post(page("add", Macro), sound | {"text": "Hi {shoe size}"})
    assert "There is no placeholder {shoe size}." in errors_of(answer)
    answer = signed_in.post(page("add", Macro), sound | {"actions": '[{"do": "reply", "text": "x"}]'})
    assert "Action 1 does nothing that is known" in errors_of(answer)
    assert signed_in.post(page("add", Macro), sound).status_code == 302


def test_a_draft_that_makes_no_sense_any_more_is_opened_and_says_why(signed_in: Client, brand: Brand) -> None:
    rule = Rule.objects.create(
        brand=brand,
        name="Late",
        event="opened",
        conditions={"all": [{"fact": "weather", "op": "is", "value": 1}]},
    )
    assert "There is no fact “weather”." in signed_in.get(page("change", Rule, rule.pk)).text
