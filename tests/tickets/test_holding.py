"""Replies that wait before they go out: undone, changed, sent once, and never sent stale."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import tickets.services as services
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from tests import make
from tests.tickets.test_drafting import code_of, save, texts
from tickets.models import Draft, Message, Tag, Ticket

TEN = timedelta(seconds=10)


@pytest.fixture
def sam(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Sam Sperling")


def hold(ticket: Ticket, agent: Agent, text: str = "Sorry", **fields: Any) -> Any:
    fields = {"key": "k1", "seen": ticket.message_seq, "until": clock.now() + TEN} | fields
    return services.hold(ticket, text, by=agent, **fields)


def run(after: timedelta = TEN) -> int:
    at, sent = clock.now() + after, 0
    while services.send_next_held(at=at):
        sent += 1
    return sent


def answers(ticket: Ticket) -> list[str]:
    return list(Message.objects.filter(ticket=ticket, kind="outbound").values_list("text", flat=True))


def test_a_held_reply_is_nothing_yet_and_goes_out_when_its_time_has_come(
    ticket: Ticket, agent: Agent
) -> None:
    hold(ticket, agent, then="resolve")
    assert run(timedelta(seconds=5)) == 0
    ticket.refresh_from_db()
    assert (answers(ticket), ticket.status) == ([], "new")
    assert run() == 1
    ticket.refresh_from_db()
    assert (answers(ticket), ticket.status) == (["Sorry"], "resolved")
    assert texts(ticket) == []
    assert run() == 0


def test_a_held_reply_takes_the_draft_it_was_typed_into(ticket: Ticket, agent: Agent, sam: Agent) -> None:
    draft = save(ticket, "Sor", agent)
    save(ticket, "Sam’s", sam, key="k2")
    held = hold(ticket, agent, version=draft.version)
    assert held.pk == draft.pk
    run()
    assert texts(ticket) == [("Sam Sperling", "Sam’s")]


def test_undone_the_words_are_a_draft_again_above_what_was_begun_since(ticket: Ticket, agent: Agent) -> None:
    held = hold(ticket, agent)
    save(ticket, "And another thing", agent, key="k2")
    back = services.take_back(held, by=agent)
    assert back.text == "Sorry\n\nAnd another thing"
    assert (run(), answers(ticket)) == (0, [])
    assert code_of(services.take_back, held, by=agent) == "gone_already"


def test_what_has_gone_is_not_undone(ticket: Ticket, agent: Agent) -> None:
    held = hold(ticket, agent)
    run()
    assert code_of(services.take_back, held, by=agent) == "gone_already"
    assert answers(ticket) == ["Sorry"]


def test_an_undo_has_nothing_to_put_back_of_what_macros_and_the_end_would_have_done(
    ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    macros = [
        make.make_macro(brand=brand, actions=[{"do": "tag", "name": name}]) for name in ("late", "sorry")
    ]
    held = hold(ticket, agent, macros=macros, then="resolve")
    events = ticket.events.count()
    services.take_back(held, by=agent)
    ticket.refresh_from_db()
    assert (ticket.events.count(), ticket.status, Tag.objects.exists()) == (events, "new", False)
    assert Draft.objects.get().macros == [macro.pk for macro in macros]
    hold(ticket, agent, macros=macros, then="resolve", key="k2")
    run()
    assert set(Tag.objects.values_list("name", flat=True)) == {"late", "sorry"}


def test_what_would_be_refused_is_refused_at_the_press(ticket: Ticket, agent: Agent, brand: Brand) -> None:
    make.hear(ticket, "Wait!")
    assert code_of(hold, ticket, agent, seen=1) == "conversation_moved"
    assert code_of(hold, ticket, agent, text=" ") == "nothing_said"
    assert not Draft.objects.held().exists()
    assert not ticket.messages.filter(kind="outbound").exists()


def test_the_same_press_twice_is_one_reply(ticket: Ticket, agent: Agent) -> None:
    held = hold(ticket, agent)
    assert hold(ticket, agent).pk == held.pk
    assert code_of(hold, ticket, agent, text="Else") == "key_conflict"
    run()
    assert isinstance(hold(ticket, agent), Message)
    assert (run(), answers(ticket)) == (0, ["Sorry"])


def test_stale_words_come_back_and_their_author_is_told(ticket: Ticket, agent: Agent) -> None:
    hold(ticket, agent, until=clock.now() + timedelta(hours=2), is_scheduled=True)
    make.hear(ticket, "It has come!")
    assert run(timedelta(hours=3)) == 1
    draft = Draft.objects.get()
    assert (draft.due_at, draft.text, answers(ticket)) == (None, "Sorry", [])
    assert draft.returned.endswith("wrote again while you were writing.")
    told = Notification.objects.get(kind="reply_returned")
    assert (told.agent, told.subject) == (agent, ticket.reference)


def test_whoever_says_so_lets_it_go_out_whatever_the_customer_writes(ticket: Ticket, agent: Agent) -> None:
    hold(ticket, agent, seen=None)
    make.hear(ticket, "Anything new?")
    run()
    assert answers(ticket) == ["Sorry"]


def test_a_merge_stops_what_was_held(ticket: Ticket, agent: Agent) -> None:
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    hold(other, agent, is_scheduled=True)
    services.merge(other, ticket, by=agent)
    assert run() == 0
    draft = Draft.objects.get()
    assert (draft.ticket, draft.returned) == (ticket, "The ticket was merged before this went out.")


def test_a_resolved_ticket_is_still_written_to_a_closed_one_is_not(ticket: Ticket, agent: Agent) -> None:
    hold(ticket, agent, key="k1")
    services.resolve(ticket, by=agent)
    run()
    assert answers(ticket) == ["Sorry"]
    hold(ticket, agent, key="k2", seen=None)
    Ticket.objects.filter(pk=ticket.pk).update(status="closed", closes_at=None)
    run()
    assert (answers(ticket), Draft.objects.get().returned) == (
        ["Sorry"], "The ticket was closed before this went out.",
    )  # fmt: skip


def test_who_may_not_work_any_more_sends_nothing(ticket: Ticket, agent: Agent, sam: Agent) -> None:
    held = hold(ticket, agent)
    agent.is_active = False
    agent.save(update_fields=["is_active"])
    run()
    assert (answers(ticket), Draft.objects.get().text) == ([], "Sorry")
    assert held.pk == Draft.objects.get().pk


def test_a_colleague_stops_or_sends_it_and_its_author_reads_who_stopped_it(
    ticket: Ticket, agent: Agent, sam: Agent
) -> None:
    services.take_back(hold(ticket, agent, is_scheduled=True), by=sam)
    assert Draft.objects.get().returned == "Sam Sperling stopped it before it went out."
    held = hold(ticket, agent, key="k2", version=Draft.objects.get().version)
    message = services.send_held(held, by=sam)
    assert (message.author, answers(ticket)) == (agent, ["Sorry"])


def test_another_hour_is_within_ninety_days_and_to_come(ticket: Ticket, agent: Agent) -> None:
    now = clock.now()
    held = hold(ticket, agent, until=now + timedelta(days=1), is_scheduled=True)
    services.change_hour(held, now + timedelta(days=2), by=agent)
    assert run(timedelta(days=1, hours=1)) == 0
    assert run(timedelta(days=2, hours=1)) == 1
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    assert code_of(hold, other, agent, key="k2", until=now + timedelta(days=91)) == "too_far"
    assert code_of(hold, other, agent, key="k2", until=now - TEN) == "too_soon"


def test_an_error_of_ours_puts_one_reply_off_and_keeps_no_other_from_going(
    ticket: Ticket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    hold(ticket, agent)
    hold(other, agent, key="k2")
    real = services.holding._send_draft  # type: ignore[attr-defined]

    def broken(draft: Draft, at: Any) -> Message:
        if draft.key == "k1":
            raise RuntimeError("out of order")
        return real(draft, at)

    monkeypatch.setattr("tickets.services.holding._send_draft", broken)
    assert run() == 2
    assert (answers(ticket), answers(other)) == ([], ["Sorry"])
    monkeypatch.undo()
    run(timedelta(minutes=2))
    assert answers(ticket) == ["Sorry"]


def test_a_draft_that_is_left_behind_is_the_same_message_by_its_key(
    ticket: Ticket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.services.holding.let_go", lambda draft, message: None)
    hold(ticket, agent, seen=None)
    for _ in range(3):
        services.send_next_held(at=clock.now() + TEN)
    assert answers(ticket) == ["Sorry"]


def test_control_without_its_key_a_draft_that_is_left_behind_goes_out_again(
    ticket: Ticket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(draft: Draft, message: Message) -> None:
        Draft.objects.filter(pk=draft.pk).update(key=make.unique("k"))

    monkeypatch.setattr("tickets.services.holding.let_go", careless)
    hold(ticket, agent, seen=None)
    for _ in range(2):
        services.send_next_held(at=clock.now() + TEN)
    assert answers(ticket) == ["Sorry", "Sorry"]
