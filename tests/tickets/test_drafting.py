"""Words that are being written: kept, never overwritten unseen, and gone only with what they became."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import tickets.services as services
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from tests import make
from tickets.models import Attachment, Draft, Ticket


@pytest.fixture
def sam(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Sam Sperling")


def save(ticket: Ticket, text: str, by: Agent, version: int = 0, **fields: Any) -> Draft | None:
    fields = {"kind": "reply", "key": "k1", "seen": 1} | fields
    return services.save_draft(ticket, text, by=by, version=version, **fields)


def texts(ticket: Ticket) -> list[tuple[str, str]]:
    return sorted(Draft.objects.filter(ticket=ticket).values_list("agent__name", "text"))


def code_of(deed: Any, *args: Any, **fields: Any) -> str:
    with pytest.raises(Refused) as refusal:
        deed(*args, **fields)
    return refusal.value.code


def test_what_is_typed_is_kept_one_draft_for_each_agent(ticket: Ticket, agent: Agent, sam: Agent) -> None:
    first = save(ticket, "Dear", agent)
    save(ticket, "Dear Mara", agent, version=first.version)
    save(ticket, "Hello", sam, key="k2")
    assert texts(ticket) == [("Ada Amsel", "Dear Mara"), ("Sam Sperling", "Hello")]


def test_nothing_typed_is_no_draft_and_what_was_wiped_out_is_gone(ticket: Ticket, agent: Agent) -> None:
    assert save(ticket, "  ", agent) is None
    draft = save(ticket, "Dear", agent)
    assert save(ticket, " ", agent, version=draft.version) is None
    assert texts(ticket) == []


def test_a_second_tab_never_overwrites_the_first_unseen(ticket: Ticket, agent: Agent) -> None:
    save(ticket, "From the first tab", agent)
    with pytest.raises(Refused) as refusal:
        save(ticket, "From the second tab", agent, version=0, key="k2")
    assert refusal.value.code == "draft_moved"
    assert refusal.value.details["text"] == "From the first tab"
    assert texts(ticket) == [("Ada Amsel", "From the first tab")]
    save(ticket, "From the second tab", agent, version=refusal.value.details["version"], key="k2")
    assert texts(ticket) == [("Ada Amsel", "From the second tab")]


def test_a_save_that_arrives_after_the_words_were_sent_begins_no_draft(ticket: Ticket, agent: Agent) -> None:
    draft = save(ticket, "Sorry", agent)
    services.send_now(ticket, "Sorry", by=agent, key="k1", seen=1, version=draft.version)
    assert save(ticket, "Sor", agent, version=draft.version) is None
    assert texts(ticket) == []


def test_the_draft_of_one_stays_when_another_sends(ticket: Ticket, agent: Agent, sam: Agent) -> None:
    save(ticket, "Mine", agent)
    save(ticket, "Mine too", sam, key="k2")
    services.send_now(ticket, "Mine", by=agent, key="k1", seen=1, version=1)
    assert texts(ticket) == [("Sam Sperling", "Mine too")]


def test_control_a_send_that_looks_at_the_ticket_only_takes_the_others_words_along(
    ticket: Ticket, agent: Agent, sam: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(ticket, "Mine too", sam, key="k2")
    careless = lambda ticket, text, **_how: Draft.objects.filter(ticket=ticket.pk).first()  # noqa: E731
    monkeypatch.setattr("tickets.services.drafting.words_of", careless)
    services.send_now(ticket, "Other", by=agent, key="k1", seen=1)
    assert texts(ticket) == []  # what freescout #2873 tells of


def test_words_of_another_tab_stay_a_draft_when_this_one_sends(ticket: Ticket, agent: Agent) -> None:
    draft = save(ticket, "A long letter, typed elsewhere", agent)
    services.send_now(ticket, "Short", by=agent, key="k2", seen=1, version=draft.version - 1)
    assert texts(ticket) == [("Ada Amsel", "A long letter, typed elsewhere")]


def test_a_refused_reply_leaves_the_draft(ticket: Ticket, agent: Agent) -> None:
    draft = save(ticket, "Sorry", agent)
    make.hear(ticket, "Wait!")
    refused = code_of(services.send_now, ticket, "Sorry", by=agent, key="k1", seen=1, version=draft.version)
    assert refused == "conversation_moved"
    assert texts(ticket) == [("Ada Amsel", "Sorry")]


def test_a_note_takes_its_draft_along(ticket: Ticket, agent: Agent) -> None:
    draft = save(ticket, "Ask the courier", agent, kind="note")
    services.note(ticket, "Ask the courier", by=agent, key="k1", version=draft.version)
    assert texts(ticket) == []
    assert ticket.messages.get(kind="note").text == "Ask the courier"


def test_a_merge_brings_drafts_along_and_joins_two_of_one_agent(
    ticket: Ticket, agent: Agent, sam: Agent
) -> None:
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    save(ticket, "Here", agent)
    save(other, "There", agent, key="k2")
    save(other, "Sam’s", sam, key="k3")
    services.merge(other, ticket, by=agent)
    assert texts(ticket) == [("Ada Amsel", "There\n\nHere"), ("Sam Sperling", "Sam’s")]
    assert code_of(save, other, "Again", agent, key="k4") == "ticket_merged"


def test_drafts_are_forgotten_after_thirty_days_with_their_files(
    ticket: Ticket,
    agent: Agent,
    sam: Agent,
    settings: Any,
    tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = services.add_file(ticket, "label.pdf", b"%PDF", by=agent)
    held = make.make_draft(ticket, by=sam, due_at=clock.now() + timedelta(days=80))
    Draft.objects.update(changed_at=clock.now() - timedelta(days=31))
    with django_capture_on_commit_callbacks(execute=True):
        assert services.forget_drafts() == 1
    assert list(Draft.objects.all()) == [held]
    assert not Attachment.objects.exists()
    assert not (tmp_path / file.file.name).exists()


def test_files_go_out_with_the_words_they_were_put_to(
    ticket: Ticket, agent: Agent, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    services.add_file(ticket, "label.pdf", b"%PDF", by=agent)
    draft = Draft.objects.get()
    message = services.send_now(ticket, "Attached", by=agent, key="k1", seen=1, version=draft.version)
    assert [(file.name, file.draft) for file in message.attachments.all()] == [("label.pdf", None)]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("setup.exe", b"anything", "file_refused"),
        ("invoice.pdf.js", b"alert(1)", "file_refused"),
        ("holiday.png", b"MZ\x90", "file_refused"),
        ("run", b"#!/bin/sh", "file_refused"),
        ("empty.txt", b"", "file_empty"),
        ("film.mp4", b"x" * (10 * 2**20 + 1), "file_too_large"),
    ],
)
def test_what_can_be_run_is_empty_or_too_large_is_refused(
    name: str, content: bytes, code: str, ticket: Ticket, agent: Agent, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert code_of(services.add_file, ticket, name, content, by=agent) == code
    assert not Draft.objects.exists()


def test_files_together_have_a_limit_and_a_picture_is_told_by_its_bytes(
    ticket: Ticket, agent: Agent, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    for number in (1, 2):
        services.add_file(ticket, f"{number}.bin", bytes([number]) * (10 * 2**20), by=agent)
    assert code_of(services.add_file, ticket, "3.bin", b"x", by=agent) == "file_too_large"
    assert code_of(services.add_file, ticket, "a.png", b"<svg>", by=agent, is_inline=True) == "no_picture"


def test_a_file_of_a_colleague_or_of_what_was_sent_is_not_taken_away(
    ticket: Ticket,
    agent: Agent,
    sam: Agent,
    settings: Any,
    tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = services.add_file(ticket, "../../a.pdf", b"%PDF", by=agent)
    assert file.name == "a.pdf"
    assert code_of(services.drop_file, file, by=sam) == "not_yours"
    twin = services.add_file(ticket, "b.pdf", b"%PDF", by=sam)  # the same bytes
    with django_capture_on_commit_callbacks(execute=True):
        services.drop_file(file, by=agent)
    assert (tmp_path / twin.file.name).exists()
    services.send_now(ticket, "Attached", by=sam, key="k1", seen=1, version=1)
    assert code_of(services.drop_file, twin, by=sam) == "not_yours"
