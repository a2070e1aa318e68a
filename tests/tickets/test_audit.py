"""The audit of a ticket: who did what, what it changed, and that nothing of it was changed since."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import json
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from agents.models import Agent, Brand
from callbacks.services import cancel, done, no_answer
from contactcenter import bulk, clock
from contactcenter.models import Pulse
from customers.models import Customer
from goodwill.models import Reason
from goodwill.services import grant
from tests import make
from tests.together import at_once
from tickets import proof
from tickets.models import Message, Ticket, TicketEvent, TicketProof
from tickets.services import (
    assign,
    note,
    prove_nightly,
    prove_tickets,
    record,
    reopen,
    reply,
    resolve,
    set_status,
)
from tickets.tasks import prove_tickets as beat_job


@pytest.fixture
def story(ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason) -> Ticket:
    """A ticket to which everything happened."""
    assign(ticket, agent, by=supervisor)
    reply(ticket, "On its way.", by=agent, key="r1", resolve=True)
    make.hear(ticket, "It is not.")
    set_status(ticket, "on_hold", by=agent)
    note(ticket, "Asked the carrier.", by=agent, key="n1")
    grant(ticket, 50, by=agent, reason=late_parcel, key="g1")
    promise = make.make_callback(ticket=ticket, by=agent)
    no_answer(promise, by=agent, key="c1")
    done(promise, by=agent, key="c2")
    resolve(ticket, by=agent)
    reopen(ticket, by=agent)
    assign(ticket, None, by=agent)
    return Ticket.objects.get(pk=ticket.pk)


def lines(ticket: Ticket) -> list[TicketEvent]:
    return list(ticket.events.order_by("seq"))


def changes(ticket: Ticket) -> list[tuple[str, str, Any, Any]]:
    return [(line.kind, line.actor, line.data["before"], line.data["after"]) for line in lines(ticket)]


def test_every_change_says_who_did_it_and_what_was_before_and_after(story: Ticket, agent: Agent) -> None:
    told = [change for change in changes(story) if change[0] not in ("goodwill", "callback")]
    assert told == [
        ("opened", "customer", None, "new"),
        ("assigned", "agent", None, agent.pk),
        ("resolved", "agent", "new", "resolved"),
        ("reopened", "customer", "resolved", "open"),
        ("status", "agent", "open", "on_hold"),
        ("resolved", "agent", "on_hold", "resolved"),
        ("reopened", "agent", "resolved", "open"),
        ("assigned", "agent", agent.pk, None),
    ]


def test_goodwill_tells_the_balance_and_a_promise_its_state_and_window(story: Ticket) -> None:
    (gift,) = [line for line in lines(story) if line.kind == "goodwill"]
    assert (gift.data["before"], gift.data["after"], gift.data["points"]) == (1000, 1050, 50)
    promises = [line.data for line in lines(story) if line.kind == "callback"]
    assert [data["after"]["state"] for data in promises] == ["promised", "no_answer", "kept"]
    assert promises[0]["before"] is None
    for earlier, later in itertools.pairwise(promises):
        assert later["before"] == earlier["after"]
    assert promises[1]["before"]["from"] != promises[1]["after"]["from"]


def test_a_promise_taken_back_tells_how_it_stood(ticket: Ticket, agent: Agent) -> None:
    cancel(make.make_callback(ticket=ticket, by=agent), by=agent)
    data = lines(ticket)[-1].data
    assert (data["before"]["state"], data["after"]["state"]) == ("promised", "cancelled")


def test_who_parks_a_ticket_is_not_who_takes_it_up_by_writing(ticket: Ticket, agent: Agent) -> None:
    set_status(ticket, "pending", by=agent)
    make.hear(ticket, "And now?")
    assert changes(ticket)[1:] == [
        ("status", "agent", "new", "pending"),
        ("status", "customer", "pending", "open"),
    ]


def test_what_nobody_did_was_done_by_the_system_or_by_whom_it_is_said(ticket: Ticket) -> None:
    now = clock.now()
    assert record(ticket, "status", by=None, at=now).actor == "system"
    assert record(ticket, "status", by=None, at=now, actor="rule", rule="r7").actor == "rule"


def test_lines_are_numbered_from_one_and_each_bears_its_digest_back_to_the_deed(story: Ticket) -> None:
    assert [line.seq for line in lines(story)] == list(range(1, len(lines(story)) + 1))
    line = record(story, "status", by=None, at=clock.now(), before="open", after="pending")
    assert (line.seq, line.digest) == (lines(story)[-1].seq, lines(story)[-1].digest)


def digest(line: TicketEvent, previous: str) -> str:
    """What a line's digest must be, reckoned without the database: as docs/audit.md says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(line.data)])
        (data,) = cursor.fetchone()
    micros = round((line.at - make.instant("1970-01-01T00:00+00:00")) / timedelta(microseconds=1))
    words = [previous, line.ticket_id, line.seq, line.kind, line.actor, line.by_id, micros]
    printed = ", ".join([*map(json.dumps, words), data])
    return hashlib.sha256(f"[{printed}]".encode()).hexdigest()


def test_anybody_can_reckon_the_chain_again(story: Ticket) -> None:
    previous = ""
    for line in lines(story):
        previous = digest(line, previous)
        assert line.digest == previous


def test_number_and_digest_are_given_by_the_database_whatever_a_writer_says(ticket: Ticket) -> None:
    sound = {"ticket": ticket, "kind": "status", "actor": "system", "data": {"before": 1, "after": 2}}
    line = TicketEvent.objects.create(**sound, seq=77, digest="f" * 64)
    assert (line.seq, line.digest) == (2, digest(line, lines(ticket)[0].digest))


def test_copied_lines_are_chained_as_well(ticket: Ticket) -> None:
    columns = ["ticket_id", "kind", "actor", "at", "data"]
    data = {"before": None, "after": None}
    rows = [(ticket.pk, "status", "system", clock.now(), data | {"n": number}) for number in range(50)]
    bulk.copy(TicketEvent, columns, rows)
    assert [line.seq for line in lines(ticket)] == list(range(1, 52))
    assert broken() == {}


def test_a_line_costs_one_question(ticket: Ticket, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        record(ticket, "status", by=None, at=clock.now())


# ── the proof ───────────────────────────────────────────────────────────────────────────────────────────────


def behind(sql: str, *values: object) -> None:
    """Run `sql` with the triggers off: as a hand in the database would."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tickets_ticketevent DISABLE TRIGGER USER")
        cursor.execute(sql, values or None)
        cursor.execute("ALTER TABLE tickets_ticketevent ENABLE TRIGGER USER")


def broken(ticket: Ticket | None = None) -> dict[str, tuple[Any, Any]]:
    """By ticket, which check does not hold, and the first bad line."""
    answers = proof.prove(ticket=ticket.pk if ticket else None)
    return {
        str(one["ticket"]): (one["check"], one["line"])
        for answer in answers.values()
        for one in answer.findings
    }


def test_what_the_deeds_wrote_holds(story: Ticket) -> None:
    assert broken() == broken(story) == {}


CHANGE = "UPDATE tickets_ticketevent line SET {} WHERE ticket_id = %s AND seq = {}"
FORGED = """kind = 'forged', digest = tickets_event_digest((SELECT digest FROM tickets_ticketevent WHERE seq = 2
    AND ticket_id = line.ticket_id), ticket_id, seq, 'forged', actor, by_id, at, data)"""
ONE_MORE = """INSERT INTO tickets_ticketevent (ticket_id, seq, kind, actor, at, data, digest)
    SELECT ticket_id, 99, kind, actor, at, data, digest FROM tickets_ticketevent WHERE ticket_id = %s AND seq = 1"""
# Something done behind the deeds' back, and where the chain must say that it breaks.
BREAK: dict[str, tuple[str, str, int]] = {
    "data": (CHANGE.format("data = data || '{\"after\": 1}'", 3), "chain", 3),
    "who": (CHANGE.format("by_id = NULL, actor = 'rule'", 2), "chain", 2),
    "when": (CHANGE.format("at = at - interval '1 us'", 4), "chain", 4),
    "a line with its digest": (CHANGE.format(FORGED, 3), "chain", 4),
    "a line gone": ("DELETE FROM tickets_ticketevent WHERE ticket_id = %s AND seq = 2", "number", 2),
    "a line more": (ONE_MORE, "number", 13),
}


@pytest.mark.parametrize("name", BREAK)
def test_each_hand_in_the_database_is_found_with_the_ticket_and_its_first_bad_line(
    name: str, story: Ticket
) -> None:
    other = make.make_ticket(brand=story.brand)
    hand, check, line = BREAK[name]
    behind(hand, story.pk)
    assert broken() == broken(story) == {story.reference: (check, line)}
    assert broken(other) == {}


def test_lines_taken_from_the_end_are_missed_by_the_next_proof(story: Ticket) -> None:
    prove_tickets()
    record(story, "status", by=None, at=clock.now())
    behind("DELETE FROM tickets_ticketevent WHERE ticket_id = %s AND seq >= 11", story.pk)
    assert broken(story) == {}  # what is left of the chain is sound
    assert broken() == {"FF": ("lines", 0)}


def test_lines_that_came_since_do_not_make_up_for_those_that_went(story: Ticket) -> None:
    prove_tickets()
    behind("DELETE FROM tickets_ticketevent WHERE ticket_id = %s AND seq = 12", story.pk)
    record(story, "status", by=None, at=clock.now())
    assert broken() == {"FF": ("lines", 0)}


def test_a_person_can_be_erased_and_the_chain_holds(story: Ticket, member: Customer) -> None:
    Message.objects.filter(ticket=story).update(text="", html="", sender="")
    Ticket.objects.filter(pk=story.pk).update(subject="", last_words="")
    Customer.objects.filter(pk=member.pk).update(name="")
    assert broken() == {}
    for line in lines(story):
        assert member.name not in json.dumps(line.data)


def verify(**options: Any) -> tuple[int, str]:
    """How `verify_tickets` ended, and what it printed."""
    out = StringIO()
    try:
        call_command("verify_tickets", stdout=out, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_that_all_holds_and_ends_with_0(story: Ticket) -> None:
    code, said = verify()
    assert code == 0
    assert f"The audit, {TicketEvent.objects.count()} lines: all hold" in said
    code, said = verify(ticket=story.reference.lower(), json=True)
    answer = json.loads(said)
    assert (code, answer["broken"], answer["lines"]) == (0, 0, len(lines(story)))


def test_the_command_names_the_ticket_and_the_first_bad_line_and_ends_with_1(story: Ticket) -> None:
    behind(BREAK["data"][0], story.pk)
    code, said = verify()
    assert code == 1
    assert f"{story.reference}: line 3: chain: expected " in said
    code, said = verify(json=True)
    (finding,) = json.loads(said)["findings"]
    assert (code, finding["ticket"], finding["line"]) == (1, story.reference, 3)


def test_a_ticket_that_is_not_there_is_wrong_usage(db: None) -> None:
    with pytest.raises(CommandError) as error:
        call_command("verify_tickets", ticket="FF-99")
    assert error.value.returncode == 2


def test_many_broken_tickets_are_counted_and_the_first_are_named(
    story: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_ticket(brand=story.brand)
    monkeypatch.setattr(proof, "BROKEN", proof.BROKEN.replace(str(proof.NAMED_AT_MOST), "1"))
    behind("UPDATE tickets_ticketevent SET at = at + interval '1 hour'")
    (kept,) = prove_tickets()
    assert (kept.broken, len(kept.findings)) == (2, 1)


def test_each_brand_is_told_of_its_own_tickets_alone(story: Ticket, other_brand: Brand, agent: Agent) -> None:
    theirs = make.make_ticket(brand=other_brand)
    behind("UPDATE tickets_ticketevent SET kind = 'forged' WHERE ticket_id = %s", theirs.pk)
    prove_tickets()
    mine = TicketProof.objects.visible_to(agent).get()
    assert (mine.broken, mine.findings, mine.lines) == (0, [], len(lines(story)))
    assert TicketProof.objects.exclude(pk=mine.pk).get().findings[0]["ticket"] == theirs.reference


def test_the_proof_is_made_once_a_night_whenever_the_house_is_awake(story: Ticket) -> None:
    evening = make.instant("2026-03-01T20:00+00:00")
    steps = [(0, 1), (2, 0), (5.9, 0), (6, 1), (7, 0), (29, 0), (32, 1)]  # hours later, brands proven
    for hours, proven in steps:
        assert beat_job(at=evening + timedelta(hours=hours)) == proven, hours
    assert prove_nightly(at=evening - timedelta(days=3)) == 1


def test_a_broken_audit_shows_as_degraded_and_the_house_serves_on(client: Client, story: Ticket) -> None:
    Pulse.objects.create(name="clock", at=clock.now())
    assert client.get("/readyz").json()["checks"]["audit"] == "ok"
    behind(BREAK["who"][0], story.pk)
    prove_tickets()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["checks"]["audit"], said["status"]) == ("broken: run manage.py verify_tickets", "degraded")


def test_the_start_page_shows_a_failed_proof_in_red(client: Client, supervisor: Agent, story: Ticket) -> None:
    client.force_login(supervisor)
    for value, bad in (("whole", False), ("broken", True)):
        prove_tickets()
        ((_brand, groups),) = client.get("/admin/").context["brands"]
        (figure,) = [one for _title, group in groups for one in group if one.words == "Audit"]
        assert (figure.value, figure.bad) == (value, bad)
        behind(BREAK["data"][0], story.pk)
    page = client.get(f"/admin/tickets/ticketproof/{TicketProof.objects.latest('pk').pk}/change/")
    assert f"{story.reference}: line 3" in page.text


# ── lines from before the chain ─────────────────────────────────────────────────────────────────────────────

MIGRATION: Any = importlib.import_module("tickets.migrations.0020_audit_chain")
OLD = """SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE tickets_ticketevent DISABLE TRIGGER USER, DROP COLUMN actor CASCADE, DROP COLUMN seq, DROP COLUMN digest;
ALTER TABLE tickets_ticketevent DROP CONSTRAINT tickets_ticketevent_tells_change;
TRUNCATE tickets_ticketevent;"""


def test_lines_from_before_are_chained_in_one_statement_and_say_what_is_known(
    ticket: Ticket, agent: Agent
) -> None:
    window = {"from": "2026-03-29T09:00:00+00:00", "to": "2026-03-29T10:00:00+00:00"}
    old: list[tuple[str, Agent | None, dict[str, Any]]] = [
        ("opened", None, {"channel": "mail"}),
        ("assigned", agent, {"to": agent.pk}),
        ("status", agent, {"before": "new", "after": "pending"}),
        ("status", None, {"before": "pending", "after": "open"}),
        ("goodwill", agent, {"points": 50, "reason": "late", "request": 1, "entry": 9}),
        ("callback", agent, {"what": "no_answer", "kind": "call", "zone": "UTC", "callback": 1} | window),
        ("callback", agent, {"what": "kept", "kind": "call", "zone": "UTC", "callback": 1} | window),
        ("resolved", agent, {}),
        ("status", None, {"before": "resolved", "after": "closed"}),
        ("reopened", None, {}),
        ("assigned", agent, {"to": None}),
    ]
    with connection.cursor() as cursor:
        cursor.execute(OLD)
        for kind, by, data in old:
            cursor.execute(
                "INSERT INTO tickets_ticketevent (ticket_id, kind, by_id, at, data) VALUES (%s, %s, %s, %s, %s)",
                [ticket.pk, kind, by and by.pk, clock.now(), json.dumps(data)],
            )
        cursor.execute(MIGRATION.COLUMNS + MIGRATION.CHAIN)
    assert changes(ticket) == [
        ("opened", "customer", None, "new"),
        ("assigned", "agent", None, agent.pk),
        ("status", "agent", "new", "pending"),
        ("status", "customer", "pending", "open"),
        ("goodwill", "agent", None, None),
        ("callback", "agent", None, {"state": "promised"} | window),
        ("callback", "agent", None, {"state": "kept"} | window),
        ("resolved", "agent", None, "resolved"),
        ("status", "system", "resolved", "closed"),
        ("reopened", "customer", None, "open"),
        ("assigned", "agent", agent.pk, None),
    ]
    assert lines(ticket)[4].data["points"] == 50
    assert broken() == {}


# ── races ───────────────────────────────────────────────────────────────────────────────────────────────────


def parking(ticket: Ticket, agent: Agent) -> partial[Ticket]:
    """Somebody else's ticket is taken, so that each deed of each thread writes a line."""
    return partial(assign, ticket, agent, by=agent)


@pytest.mark.race
def test_lines_written_by_many_at_once_make_one_chain(own_db: str) -> None:
    for _ in range(5):
        ticket = make.make_ticket()
        agents = [make.make_agent(brands=[ticket.brand]) for _ in range(6)]
        answers = at_once(*[parking(ticket, agent) for agent in agents])
        assert [type(answer) for answer in answers] == [Ticket] * 6
        assert [line.seq for line in lines(ticket)] == list(range(1, 8))
    assert broken() == {}


@pytest.mark.race
def test_control_without_the_tickets_lock_the_second_line_is_refused(own_db: str) -> None:
    ticket = make.make_ticket()
    agents = [make.make_agent(brands=[ticket.brand]) for _ in range(2)]
    answers = at_once(*[parking(ticket, agent) for agent in agents], unlocked=True)
    (refused,) = [answer for answer in answers if isinstance(answer, Exception)]
    assert isinstance(refused, IntegrityError)
    assert "tickets_ticketevent_seq_once" in str(refused)
    assert broken() == {}
