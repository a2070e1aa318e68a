"""Writing in a ticket: what is sent once, what is stopped, and what the agent reads then."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Agent
from tests import make
from tests.desk.deeds import fresh, keys_in, post, say, thread_now
from tickets import services
from tickets.models import Message, SavedView, Ticket, TicketEvent


def outbound(ticket: Ticket) -> list[str]:
    return list(ticket.messages.exclude(kind="inbound").order_by("seq").values_list("text", flat=True))


def test_a_reply_is_queued_and_shown_with_a_form_for_the_next_word(desk: Client, ticket: Ticket) -> None:
    answer = say(desk, ticket, "It is on its way.\r\nSorry!")
    assert answer.status_code == 200
    message = ticket.messages.get(kind="outbound")
    assert (message.text, message.state) == ("It is on its way.\nSorry!", Message.State.QUEUED)
    assert (fresh(ticket).status, fresh(ticket).assignee.name) == ("pending", "Ada Amsel")
    content = answer.content.decode()
    assert content.count('id="composer"') == 1
    assert keys_in(answer) != ["k1"]
    assert f'id="seen" value="{message.seq}"' in content
    assert answer["HX-Trigger"] == "said"  # whereupon thread and customer ask for what is new
    thread = desk.get(
        reverse("desk:thread", args=[ticket.reference]), {"version": "1.1.0.0"}
    ).content.decode()
    for part in ('id="thread"', 'id="head"'):
        assert thread.count(part) == 1
    assert "It is on its way.\nSorry!" in thread
    assert 'hx-trigger="every 8s, said from:body"' in thread


def test_a_note_is_kept_among_us_and_leaves_the_clock_running(desk: Client, ticket: Ticket) -> None:
    assert say(desk, ticket, "Ask the courier", kind="note").status_code == 200
    assert ticket.messages.get(kind="note").state == Message.State.DONE
    assert fresh(ticket).due_at == ticket.due_at
    assert not ticket.messages.filter(kind="outbound").exists()


@pytest.mark.parametrize("kind", ["reply", "note"])
def test_the_same_form_sent_twice_says_it_once(kind: str, desk: Client, ticket: Ticket) -> None:
    answers = [say(desk, ticket, kind=kind) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(outbound(ticket)) == 1


def test_another_text_under_the_same_key_is_refused(desk: Client, ticket: Ticket) -> None:
    say(desk, ticket, "One")
    answer = say(desk, ticket, "Two")
    assert (answer.status_code, outbound(ticket)) == (409, ["One"])
    assert 'data-code="key_conflict"' in answer.content.decode()


def test_a_reply_may_resolve_the_ticket(desk: Client, ticket: Ticket) -> None:
    say(desk, ticket, then="resolve")
    assert (fresh(ticket).status, fresh(ticket).due_at) == ("resolved", None)
    assert ticket.events.filter(kind=TicketEvent.Kind.RESOLVED).count() == 1


def test_after_resolve_and_next_a_ticket_of_ones_own_opens_where_the_list_is_ones_own(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    own, foreign = (make.make_ticket(customer=ticket.customer, queue=ticket.queue) for _ in range(2))
    services.assign(own, agent, by=agent)
    Ticket.objects.filter(pk=own.pk).update(due_at=make.instant("2026-01-01T00:00:00+00:00"))
    Ticket.objects.filter(pk=foreign.pk).update(due_at=make.instant("2025-01-01T00:00:00+00:00"))
    answer = say(desk, ticket, then="next")
    assert answer.status_code == 204
    assert reverse("desk:ticket", args=[own.reference]) in answer["HX-Location"]
    assert fresh(ticket).status == "resolved"


def test_after_resolve_and_next_the_row_after_it_in_the_list_one_works_opens(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    queue = make.make_queue(brand=ticket.brand)
    rows = [make.make_ticket(customer=ticket.customer, queue=queue) for _ in range(5)]
    for hour, one in enumerate(rows):
        Ticket.objects.filter(pk=one.pk).update(due_at=make.instant(f"2026-01-01T0{hour}:00:00+00:00"))
    services.assign(rows[0], agent, by=agent)  # the top of *mine* and of *all*
    work = {"then": "next", "view": "all", "queue": str(queue.pk)}
    place = f"/?view=all&queue={queue.pk}&solved="

    def following(number: int) -> str:
        return str(
            json.loads(say(desk, fresh(rows[number]), key=f"k{number}", **work)["HX-Location"])["path"]
        )

    assert following(1) == f"/tickets/{rows[2].reference}{place}{rows[1].reference}"
    assert following(3) == f"/tickets/{rows[4].reference}{place}{rows[3].reference}"
    assert (
        following(4) == f"/tickets/{rows[0].reference}{place}{rows[4].reference}"
    )  # after the last the first
    assert following(0) == f"/tickets/{rows[2].reference}{place}{rows[0].reference}"
    # In a queue that is empty now the desk stays at it, whatever waits elsewhere.
    assert say(desk, fresh(rows[2]), key="k2", **work)["HX-Redirect"] == f"/?view=all&queue={queue.pk}"


def test_the_next_row_is_of_a_view_of_ones_own_as_well(desk: Client, agent: Agent, ticket: Ticket) -> None:
    desk.post("/views/keep/", {"name": "Urgent", "query": "priority:urgent", "brand": ticket.brand_id})
    view = SavedView.objects.get()
    _plain, urgent = (make.make_ticket(customer=ticket.customer, queue=ticket.queue) for _ in range(2))
    services.set_priority(urgent, Ticket.Priority.URGENT, by=agent)
    where = json.loads(say(desk, ticket, then="next", view=f"v{view.pk}")["HX-Location"])
    assert where["path"] == f"/tickets/{urgent.reference}/?view=v{view.pk}&solved={ticket.reference}"
    assert where["headers"] == {"Desk-Next": f"/tickets/{ticket.reference}/follow-up/"}


def test_finding_the_next_row_costs_the_same_however_many_wait(desk: Client, ticket: Ticket) -> None:
    def cost(key: str) -> int:
        one = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
        with CaptureQueriesContext(connection) as asked:
            assert say(desk, one, key=key, then="next", view="all").status_code == 204
        return len(asked)

    few = cost("a")
    for _ in range(8):
        make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    assert cost("b") == few


def test_after_the_last_ticket_the_empty_desk_opens(desk: Client, ticket: Ticket) -> None:
    answer = say(desk, ticket, then="next")
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/?view=mine")


def test_a_reply_over_the_customers_head_is_stopped_and_shows_what_is_new(
    desk: Client, ticket: Ticket
) -> None:
    make.hear(ticket, "<b>Found it</b> & thanks")
    answer = say(desk, ticket, "Still looking", seen=1)
    assert (answer.status_code, outbound(ticket)) == (409, [])
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#slot", "innerHTML")
    content = answer.content.decode()
    assert "Mara Mond wrote again while you were writing." in content
    assert "&lt;b&gt;Found it&lt;/b&gt; &amp; thanks" in content
    assert 'name="anyway"' in content
    assert fresh(ticket).status == "new"


def test_anyway_sends_it_as_it_is(desk: Client, ticket: Ticket) -> None:
    make.hear(ticket)
    assert say(desk, ticket, "Still looking", seen=1, anyway="1").status_code == 200
    assert outbound(ticket) == ["Still looking"]


def test_a_note_does_not_mind_what_the_customer_wrote(desk: Client, ticket: Ticket) -> None:
    make.hear(ticket)
    assert say(desk, ticket, kind="note", seen=1).status_code == 200


def test_a_customer_without_an_address_gets_no_reply_and_the_agent_is_told(
    desk: Client, agent: Agent, member: Any, queue: Any
) -> None:
    nobody = make.make_customer(brand=queue.brand, mail="", phone="+493011111111")
    ticket = make.make_ticket(customer=nobody, queue=queue)
    answer = say(desk, ticket)
    assert (answer.status_code, outbound(ticket)) == (409, [])
    assert "We have no e-mail address of this customer" in answer.content.decode()


def test_what_makes_no_sense_is_answered_with_a_sentence_and_nothing_is_saved(
    desk: Client, ticket: Ticket
) -> None:
    for fields in [
        {"text": ""},
        {"text": "a" * 100_001},
        {"text": "a\x00b"},
        {"kind": "shout"},
        {"key": ""},
        {"key": "k" * 65},
        {"key": "k\x00"},
        {"seen": "-1"},
        {"seen": "many"},
        {"seen": "9" * 5000},
        {"then": "explode"},
    ]:
        answer = say(desk, ticket, **{"text": "Hello"} | fields)
        assert (answer.status_code, outbound(ticket)) == (422, [])
        assert answer["HX-Retarget"] == "#slot"
        assert 'data-code="invalid"' in answer.content.decode()


def test_blank_lines_are_no_words(desk: Client, ticket: Ticket) -> None:
    answer = say(desk, ticket, " \r\n\t\u00a0")
    assert (answer.status_code, outbound(ticket)) == (409, [])
    assert "There is nothing written yet." in answer.content.decode()


def test_a_hundred_thousand_signs_are_sent_however_many_lines_they_are(desk: Client, ticket: Ticket) -> None:
    text = "a\n" * 50_000
    assert say(desk, ticket, text.replace("\n", "\r\n")).status_code == 200
    assert outbound(ticket) == [text]


@pytest.mark.parametrize(
    "text", ["half a pair \ud83d and on", "\ud800", "turned \u202e round", "e\u0301 \U0001f600"]
)
def test_letters_of_any_kind_are_sent_and_half_ones_replaced(text: str, desk: Client, ticket: Ticket) -> None:
    written = quote_from_bytes(text.encode("utf-8", "surrogatepass"))
    body = f"kind=reply&key=k1&seen=1&then=stay&text={written}"
    answer = desk.post(
        reverse("desk:say", args=[ticket.reference]), body, "application/x-www-form-urlencoded"
    )
    assert answer.status_code == 200
    whole = re.sub(r"[\ud800-\udfff]", "\ufffd", text)
    assert re.sub("\ufffd+", "\ufffd", outbound(ticket)[0]) == whole


def test_who_has_no_htmx_reads_the_refusal_as_a_page(desk: Client, ticket: Ticket) -> None:
    make.hear(ticket)
    fields = {"kind": "reply", "key": "k1", "seen": 1, "text": "Hello"}
    answer = desk.post(reverse("desk:say", args=[ticket.reference]), fields)
    assert answer.status_code == 409
    content = answer.content.decode()
    assert content.startswith("<!doctype html>")
    assert "Mara Mond wrote again while you were writing." in content
    assert "HX-Retarget" not in answer.headers


def test_a_slot_that_is_no_plain_name_is_not_taken_up(desk: Client, ticket: Ticket) -> None:
    for slot in [
        "#a,body",
        "body",
        "#",
        "",
        "# a",
        "#a b",
        "#A",
        "#a\u2028",
        "#a>b",
        "#1",
        "a" * 9000,
        "#a\n",
    ]:
        answer = post(desk, "say", ticket.reference, slot=slot, key="k", text="")
        assert answer.status_code == 422
        assert "HX-Retarget" not in answer.headers
        assert answer.content.decode().startswith("<!doctype html>")


def test_what_is_done_while_a_thread_is_read_is_news_to_its_reader(ticket: Ticket, agent: Agent) -> None:
    done = []

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        if not done and sql.startswith('SELECT "tickets_ticketevent"'):
            done.append(
                services.record(ticket, TicketEvent.Kind.ASSIGNED, by=agent, at=ticket.opened_at, to=None)
            )
        return answer

    with connection.execute_wrapper(meanwhile):
        read = thread_now(ticket)
    assert done
    assert done[0].pk not in [item.event.pk for item in read.items if item.event]
    assert thread_now(ticket).version != read.version
