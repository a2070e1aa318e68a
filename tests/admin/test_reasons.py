"""The supervisors' pages on reasons and their sentences, and on what is to be decided."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from goodwill.models import Policy, Reason, ReasonSentence, Request
from goodwill.services import ask, grant
from tests import make
from tickets.models import Ticket


@pytest.fixture
def desk_of(db: None) -> Any:
    def signed_in(agent: Agent) -> Client:
        client = Client()
        client.force_login(agent)
        return client

    return signed_in


def page(reason: Reason) -> str:
    return f"/admin/goodwill/reason/{reason.pk}/change/"


def form(reason: Reason, *sentences: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The form of a reason with these sentences; one with an id changes that."""
    own: dict[str, Any] = {
        "label": reason.label, "kind": reason.kind, "severity": 2, "min_points": 50, "default_points": 200,
        "max_points": 1000, "sentence": reason.sentence, "is_active": "on", "rank": 0, "months": "", "excludes": "",
        "not_for_tiers": "", "sentences-TOTAL_FORMS": len(sentences),
        "sentences-INITIAL_FORMS": sum("id" in one for one in sentences),
    }  # fmt: skip
    for number, sentence in enumerate(sentences):
        own |= {f"sentences-{number}-{name}": value for name, value in sentence.items()}
        own[f"sentences-{number}-reason"] = reason.pk or ""
    return own | fields


def sentences() -> list[tuple[str, str, str]]:
    rows = ReasonSentence.objects.order_by("language")
    return [(one.language, one.sentence, one.brand.code) for one in rows]


def test_a_supervisor_writes_changes_and_takes_away_sentences_in_other_languages(
    desk_of: Any, supervisor: Agent, late_parcel: Reason
) -> None:
    client = desk_of(supervisor)
    new = [
        {"language": "de", "sentence": "{points} Punkte"},
        {"language": "pt-br", "sentence": "{points} pontos"},
    ]
    assert client.post(page(late_parcel), form(late_parcel, *new)).status_code == 302
    assert sentences() == [("de", "{points} Punkte", "FF"), ("pt-br", "{points} pontos", "FF")]
    german, brazilian = ReasonSentence.objects.order_by("language")
    kept = {"id": german.pk, "language": "de", "sentence": "{worth}"}
    gone = {"id": brazilian.pk, "language": "pt-br", "sentence": "x", "DELETE": "on"}
    assert client.post(page(late_parcel), form(late_parcel, kept, gone)).status_code == 302
    assert sentences() == [("de", "{worth}", "FF")]


def test_a_reason_with_its_sentences_is_made_in_one_go(desk_of: Any, supervisor: Agent, brand: Brand) -> None:
    reason = Reason(label="Lost", kind="apology", sentence="{points}")
    fields = form(
        reason,
        {"language": "de", "sentence": "{points} Punkte"},
        brand=brand.pk,
        code="lost",
        excludes="late",
    )
    assert desk_of(supervisor).post("/admin/goodwill/reason/add/", fields).status_code == 302
    made = Reason.objects.get(code="lost")
    assert (made.excludes, made.months, made.counts_for_tiers, sentences()) == (
        ["late"], None, False, [("de", "{points} Punkte", "FF")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ({"language": "German", "sentence": "x"}, "Write a language as en, de or pt-br."),
        ({"language": "de", "sentence": "x"}, "Please correct the duplicate"),
    ],
)
def test_what_is_no_language_or_there_already_is_said_in_words(
    desk_of: Any, supervisor: Agent, late_parcel: Reason, sentence: dict[str, str], told: str
) -> None:
    ReasonSentence.objects.create(
        brand=late_parcel.brand, reason=late_parcel, language="de", sentence="{points} Punkte"
    )
    german = ReasonSentence.objects.get()
    kept = {"id": german.pk, "language": "de", "sentence": german.sentence}
    answer = desk_of(supervisor).post(page(late_parcel), form(late_parcel, kept, sentence))
    assert (answer.status_code, told in answer.content.decode()) == (200, True)
    assert len(sentences()) == 1


def test_who_may_not_set_up_reasons_writes_no_sentence(
    desk_of: Any, brand: Brand, late_parcel: Reason
) -> None:
    looker = make.make_agent(role=None, brands=[brand], is_staff=True)
    looker.user_permissions.set(
        Permission.objects.filter(codename__in=["view_reason", "view_reasonsentence", "add_reasonsentence"])
    )
    client = desk_of(looker)
    assert client.get(page(late_parcel)).status_code == 200
    client.post(page(late_parcel), form(late_parcel, {"language": "de", "sentence": "x"}))
    assert sentences() == []


def test_a_supervisor_of_another_brand_finds_neither_the_reason_nor_its_sentences(
    desk_of: Any, late_parcel: Reason, other_brand: Brand
) -> None:
    foreign = make.make_agent(role="supervisor", brands=[other_brand])
    answer = desk_of(foreign).post(page(late_parcel), form(late_parcel, {"language": "de", "sentence": "x"}))
    assert (answer.status_code, sentences()) == (302, [])


def test_a_sentence_of_another_reason_is_not_changed_by_its_number(
    desk_of: Any, supervisor: Agent, late_parcel: Reason, other_brand: Brand
) -> None:
    theirs = make.make_reason(brand=other_brand)
    foreign = ReasonSentence.objects.create(
        brand=other_brand, reason=theirs, language="de", sentence="theirs"
    )
    fields = form(late_parcel, {"id": foreign.pk, "language": "de", "sentence": "mine"})
    desk_of(supervisor).post(page(late_parcel), fields)
    assert sentences() == [("de", "theirs", "KL")]


def questions_of(look: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        look()
    return len(asked)


def decide(request: Request) -> str:
    return f"/admin/goodwill/request/{request.pk}/decide/"


def test_whoever_decides_sees_the_suggestion_the_message_the_conversation_and_what_was_given_before(
    desk_of: Any, supervisor: Agent, agent: Agent, ticket: Ticket, late_parcel: Reason
) -> None:
    Policy.objects.update(apart_days=None)
    order = make.make_order(customer=ticket.customer, number="A-77")
    earlier = make.make_ticket(customer=ticket.customer)
    grant(earlier, 70, by=agent, reason=late_parcel, key="e")
    request = ask(
        ticket, 600, by=agent, reason=late_parcel, key="k", order=order, loss_minor=340, words="Third one",
        message="600 are yours.",
    )  # fmt: skip
    shown = " ".join(desk_of(supervisor).get(decide(request)).text.split())
    for word in (
        "Third one", "600 are yours.", "What was lost", "It should have been here on Monday.", "70 points",
        "A-77", "3.40 EUR were lost",
        "At most 500 points at once.",
    ):  # fmt: skip
        assert word in shown, word
    assert f"Suggested then: {request.suggested}" in shown


def test_the_page_asks_as_much_of_the_database_with_much_said_and_given_as_with_little(
    desk_of: Any, supervisor: Agent, agent: Agent, ticket: Ticket, late_parcel: Reason
) -> None:
    Policy.objects.update(apart_days=None, grants_customer_90=None)
    request, client = ask(ticket, 600, by=agent, reason=late_parcel, key="k"), desk_of(supervisor)
    make.hear(ticket)
    grant(make.make_ticket(customer=ticket.customer), 50, by=agent, reason=late_parcel, key="k0")
    few = questions_of(lambda: client.get(decide(request)))
    for number in range(1, 8):
        make.hear(ticket)
        other = make.make_agent(brands=[ticket.brand])
        reason = make.make_reason(brand=ticket.brand)
        grant(make.make_ticket(customer=ticket.customer), 50, by=other, reason=reason, key=f"k{number}")
    assert questions_of(lambda: client.get(decide(request))) == few
