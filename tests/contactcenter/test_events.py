"""What changed is told once, to whom it concerns, and no order of commits loses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

import agents.telling
import tickets.services
from agents.models import Agent, Brand
from agents.presence.services import set_state
from callbacks.services import done
from contactcenter import clock, live
from contactcenter.live import Event, announce
from contactcenter.streaming import reading
from contactcenter.streaming.fan_out import BEHIND_AT_MOST, Line, Switchboard
from contactcenter.streaming.reading import Cursor, Heard, Listener
from customers.models import Customer
from loyalty.services import earn
from tests import make
from tickets.models import Ticket, TicketEvent

race = pytest.mark.race


@contextmanager
def still_open(deed: Callable[[], None]) -> Iterator[None]:
    """Inside, `deed` was done in a transaction that commits at the end only."""
    begun, ends = Flag(), Flag()

    def hold() -> None:
        with transaction.atomic():
            deed()
            begun.set()
            ends.wait(20)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert begun.wait(20)
    try:
        yield
    finally:
        ends.set()
        thread.join()


def told() -> set[tuple[str, str, int]]:
    return set(Event.objects.values_list("topic", "kind", "ref"))


def refs(heard: list[Heard] | None) -> list[int]:
    assert heard is not None
    return [int(one.words.split(b'"ref":')[1].split(b"}")[0]) for one in heard]


# ── no order of commits loses a line ───────────────────────────────────────────────────────────────────────
@race
def test_two_transactions_that_commit_out_of_order_lose_no_event(own_db: str) -> None:
    start = reading.where_now()
    with still_open(lambda: announce("brand:1", "ticket", 1)):
        announce("brand:1", "ticket", 2)
        first = reading.news(start)
        assert refs(first) == []  # the earlier one may still come before it
    assert refs(reading.news(start)) == [1, 2]


@race
def test_the_control_whoever_reads_by_number_alone_loses_one(own_db: str) -> None:
    with still_open(lambda: announce("brand:1", "ticket", 1)):
        announce("brand:1", "ticket", 2)
        last = Event.objects.order_by("id").values_list("id", flat=True).last()
    assert not Event.objects.filter(
        id__gt=last
    ).exists()  # 1 is there by now, and stands before what was read
    assert Event.objects.filter(ref=1).exists()


@race
def test_whoever_comes_back_is_told_what_they_missed_and_nothing_of_other_topics(own_db: str) -> None:
    announce("brand:1", "ticket", 1)
    seen = reading.news(Cursor(0, 0))[-1].at
    announce("brand:1", "ticket", 2)
    announce("brand:2", "ticket", 3)
    announce("agent:5", "bell", 0)
    mine = frozenset({"brand:1", "agent:5"})
    assert refs(reading.missed(seen, mine)) == [2, 0]
    assert refs(reading.missed(seen, frozenset({"brand:2"}))) == [3]
    assert refs(reading.recent(mine)) == [1, 2, 0]


@race
def test_whoever_was_away_too_long_or_missed_too_much_reads_everything_anew(
    own_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = frozenset({"brand:1"})
    for ref in (1, 2, 3):
        announce("brand:1", "ticket", ref)
    first, second, third = (heard.at for heard in reading.news(Cursor(0, 0)))
    assert refs(reading.missed(first, topics)) == [2, 3]
    monkeypatch.setattr(reading, "MISSED_AT_MOST", 1)
    assert reading.missed(first, topics) is None
    monkeypatch.undo()
    later = clock.now() + live.KEPT + timedelta(minutes=1)
    assert live.forget_old(later) == 2  # the newest stays, and tells how far was forgotten
    assert reading.missed(first, topics) is None
    assert reading.missed(second, topics) is None
    assert reading.missed(third, topics) == []
    assert reading.missed(Cursor(10**15, 1), topics) is None  # of a database that was further on
    assert live.forget_old(later) == 0


def test_what_is_young_is_not_forgotten_and_a_run_is_bounded(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ref in range(1, 6):
        announce("brand:1", "ticket", ref)
    assert live.forget_old(clock.now() + live.KEPT - timedelta(minutes=1)) == 0
    monkeypatch.setattr(live, "FORGOTTEN_AT_ONCE", 3)
    later = clock.now() + live.KEPT + timedelta(minutes=1)
    assert [live.forget_old(later) for _ in range(3)] == [2, 2, 0]


# ── who writes what tells of it ────────────────────────────────────────────────────────────────────────────
def test_a_word_and_a_deed_on_a_ticket_tell_its_brand_once_in_a_transaction(
    ticket: Ticket, agent: Agent
) -> None:
    Event.objects.all().delete()
    tickets.services.assign(ticket, agent, by=agent)
    tickets.services.note(ticket, "Look at this", by=agent, key="n1")
    assert told() == {(f"brand:{ticket.brand_id}", "ticket", ticket.pk)}
    assert Event.objects.count() == 1


def test_points_tell_of_the_customer(member: Customer) -> None:
    Event.objects.all().delete()
    earn(member.account, 10, contra="issue.order", by=None, key="e1")
    assert told() == {(f"brand:{member.brand_id}", "account", member.pk)}


def test_a_callback_tells_its_brand_and_whoever_keeps_it_or_kept_it(
    member: Customer, agent: Agent, supervisor: Agent
) -> None:
    callback = make.make_callback(customer=member, by=agent)
    brand = f"brand:{member.brand_id}"
    assert {(brand, "callback", callback.pk), (f"agent:{agent.pk}", "due", 0)} <= told()
    Event.objects.all().delete()
    callback.owner = supervisor
    callback.save(update_fields=["owner"])
    assert {(f"agent:{agent.pk}", "due", 0), (f"agent:{supervisor.pk}", "due", 0)} <= told()
    Event.objects.all().delete()
    done(callback, by=supervisor, key="d1")
    assert (brand, "call", callback.pk) in told()


def test_the_bell_and_the_state_of_an_agent_are_told_to_themselves(ticket: Ticket, agent: Agent) -> None:
    Event.objects.all().delete()
    about = {"brand_id": ticket.brand_id, "kind": "assigned", "subject": ticket.reference}
    agents.telling.notify([agent], **about, key="k", at=clock.now())
    set_state(agent, "available", by=agent)
    mine, brand = f"agent:{agent.pk}", f"brand:{ticket.brand_id}"
    assert {(mine, "bell", 0), (mine, "presence", agent.pk), (brand, "crew", agent.pk)} <= told()


def test_many_of_a_kind_are_told_as_many(ticket: Ticket, agent: Agent) -> None:
    others = [make.make_ticket(customer=ticket.customer, queue=ticket.queue) for _ in range(21)]
    Event.objects.all().delete()
    data = {"before": None, "after": None}
    TicketEvent.objects.bulk_create(
        TicketEvent(ticket=one, kind="tagged", actor="agent", by=agent, data=data) for one in others
    )
    assert told() == {(f"brand:{ticket.brand_id}", "ticket", 0)}


def test_what_can_never_be_true_of_an_event(db: None) -> None:
    cases = {
        "contactcenter_event_topic_known": Event(topic="all", kind="ticket", ref=1),
        "contactcenter_event_kind_is_code": Event(topic="brand:1", kind="It is late", ref=1),
        "contactcenter_event_ref_is_id": Event(topic="brand:1", kind="ticket", ref=-1),
    }
    for name, event in cases.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            event.save()
    Event.objects.create(topic="brand:1", kind="ticket", ref=1)
    with pytest.raises(IntegrityError, match="contactcenter_event_told_once"), transaction.atomic():
        Event.objects.create(topic="brand:1", kind="ticket", ref=1)


# ── who may hear what ──────────────────────────────────────────────────────────────────────────────────────
in_this_connection = reading.who.__wrapped__  # type: ignore[attr-defined] # the test's own, which stays open


def topics_of(agent: Agent) -> frozenset[str]:
    client = Client()
    client.force_login(agent)
    listener = in_this_connection(client.cookies["sessionid"].value)
    return listener.topics if listener else frozenset()


def test_an_agent_hears_of_themselves_and_of_the_brands_they_serve(
    agent: Agent, brand: Brand, other_brand: Brand, owner: Agent
) -> None:
    assert topics_of(agent) == {f"agent:{agent.pk}", f"brand:{brand.pk}"}
    agent.brands.add(other_brand)  # the control
    assert f"brand:{other_brand.pk}" in topics_of(agent)
    reader = make.make_agent(brands=[brand])
    reader.groups.clear()  # may not work tickets any more
    assert topics_of(reader) == {f"agent:{reader.pk}"}
    assert topics_of(owner) >= {f"brand:{brand.pk}", f"brand:{other_brand.pk}"}
    assert in_this_connection("made-up") is None


# ── one reader for all of them ─────────────────────────────────────────────────────────────────────────────
def heard(number: int, topic: str = "brand:1") -> Heard:
    at = Cursor(number, number)
    return Heard(at, topic, reading.words_of("ticket", number, at))


def test_what_was_read_once_comes_to_everyone_it_is_for_and_to_each_once() -> None:
    board = Switchboard()
    mine, theirs = (Line(Listener(n, frozenset({f"brand:{n}"}))) for n in (1, 2))
    for line in (mine, theirs):
        board.join(line)
    mine.seen = Cursor(1, 1)
    board.tell([heard(1), heard(2), heard(3, "brand:2")])
    assert board.read_to == (3, 3)
    assert mine.take() == heard(2).words
    assert theirs.take() == heard(3).words
    board.leave(mine)
    board.tell([heard(4)])
    assert mine.take() == b""


def test_a_slow_reader_is_told_to_read_everything_anew_and_never_grows() -> None:
    line = Line(Listener(1, frozenset({"brand:1"})))
    for number in range(1, 3 * BEHIND_AT_MOST):
        line.put(heard(number))
        assert len(line.waiting) <= BEHIND_AT_MOST
    assert line.is_lost
    assert line.take() == b""


def test_words_of_the_wire_that_nobody_knows_are_none() -> None:
    board = Switchboard()
    line = Line(Listener(7, frozenset({"agent:7", "brand:3"})))
    board.join(line)
    for word in ("", "looks", "out", "nonsense 1 2", "looks 4 12"):
        board.hear(word)
    assert (line.take(), line.looks_again) == (b"", False)
    board.hear("looks 3 12")
    assert line.take() == b'data: {"kind":"looks","ref":12}\n\n'
    board.hear("out 7")
    assert line.looks_again


@pytest.mark.parametrize("text", ["", "1", "1.", ".1", "1.2.3", "-1.2", "1.x", "9" * 19 + ".1"])
def test_what_is_no_place_is_none(text: str) -> None:
    assert reading.cursor_of(text) is None
    assert reading.cursor_of("412.7") == (412, 7)
