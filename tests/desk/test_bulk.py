"""One deed on all tickets that were chosen in the queue."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Agent
from contactcenter.errors import Refused
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Ticket
from tickets.services import assign, bulk, resolve, set_priority, set_status


@pytest.fixture
def three(ticket: Ticket) -> list[Ticket]:
    more = [make.make_ticket(customer=ticket.customer, queue=ticket.queue) for _ in range(2)]
    return [ticket, *more]


def do(client: Client, tickets: list[Ticket], deed: str, **data: Any) -> Any:
    data |= {"deed": deed, "ticket": [one.pk for one in tickets]}
    return client.post(f"{reverse('desk:bulk')}?view=all", data, headers={"HX-Request": "true"})


def now(tickets: list[Ticket]) -> list[Ticket]:
    return list(Ticket.objects.filter(pk__in=[one.pk for one in tickets]).order_by("pk"))


def test_every_deed_is_done_on_each_and_a_repeat_does_nothing_more(
    desk: Client, three: list[Ticket], agent: Agent
) -> None:
    queue = make.make_queue(brand=three[0].brand)
    for deed in ("mine", "priority:4", "tag", "snooze:tomorrow", f"queue:{queue.pk}", "back", "resolve"):
        lines = []
        for _ in range(2):
            answer = do(desk, three, deed, name="late").content.decode()
            assert "Done on 3 tickets." in answer, deed
            lines.append([one.events.count() for one in three])
        assert lines[0] == lines[1], deed
    assert {(one.status, one.priority, one.queue_id, one.assignee) for one in now(three)} == {
        ("resolved", 4, queue.pk, agent)
    }


def test_what_one_refuses_is_reported_and_stops_no_other(
    desk: Client, three: list[Ticket], agent: Agent
) -> None:
    resolve(three[1], by=agent)
    answer = do(desk, three, "snooze:tomorrow").content.decode()
    assert "Done on 2 tickets." in answer
    assert "This ticket is resolved. Reopen it first." in answer
    assert three[1].reference in answer
    assert [one.snoozed_until is not None for one in now(three)] == [True, False, True]


def test_those_chosen_go_into_the_one_opened_first_and_a_strangers_is_reported(
    desk: Client, three: list[Ticket]
) -> None:
    strange = make.make_ticket(brand=three[0].brand)
    answer = do(desk, [*three, strange], "merge").content.decode()
    assert "Done on 2 tickets." in answer
    assert "merge the two first" in answer
    assert [one.merged_into_id for one in now(three)] == [None, three[0].pk, three[0].pk]
    assert do(desk, three[:1], "merge").status_code == 409


def test_more_than_a_hundred_none_and_what_nobody_knows_are_refused(desk: Client, ticket: Ticket) -> None:
    with pytest.raises(Refused, match="100 tickets at most"):
        bulk.do_on_each([ticket] * 101, lambda one: one)
    assert (do(desk, [], "mine").status_code, do(desk, [ticket], "sing").status_code) == (422, 409)
    assert do(desk, [ticket], "snooze:never").status_code == 409


def test_who_serves_another_brand_moves_nothing(stranger: Client, ticket: Ticket) -> None:
    assert do(stranger, [ticket], "mine").status_code == 422
    ticket.refresh_from_db()
    assert ticket.assignee is None


def test_the_list_has_a_box_for_every_row_and_asks_no_question_more(
    desk: Client, three: list[Ticket]
) -> None:
    page = desk.get(f"{reverse('desk:queue')}?view=all").content.decode()
    assert page.count('form="bulk" name="ticket"') == 3


def test_supervisors_do_the_same_from_their_list(
    three: list[Ticket], supervisor: Agent, client: Client
) -> None:
    client.force_login(supervisor)
    strange = make.make_ticket(brand=three[0].brand)
    body = {"action": "merge", "_selected_action": [one.pk for one in (*three, strange)]}
    page = client.post(reverse("admin:tickets_ticket_changelist"), body, follow=True).content.decode()
    assert "Done on 2 tickets." in page
    assert "merge the two first" in page
    assert [one.merged_into_id for one in now(three)] == [None, three[0].pk, three[0].pk]


OFFERED = re.compile(r"""hx-post="(/queue/bulk/undo/[^"]*)" hx-vals='{"events": "([0-9,]+)"}'""")
STATE = ("pk", "status", "assignee", "queue", "priority", "snoozed_until", "tagged__tag__name")


def states(tickets: list[Ticket]) -> list[dict[str, Any]]:
    return list(Ticket.objects.filter(pk__in=[one.pk for one in tickets]).order_by("pk").values(*STATE))


def undo(client: Client, answer: Any) -> Any:
    ((address, events),) = OFFERED.findall(html.unescape(answer.text))
    return client.post(address, {"events": events}, headers={"HX-Request": "true"})


@pytest.mark.parametrize("deed", ["mine", "back", "priority:4", "tag", "snooze:tomorrow", "queue", "resolve"])
def test_a_deed_on_many_is_undone_on_each_and_a_second_press_changes_nothing(
    desk: Client, three: list[Ticket], agent: Agent, deed: str
) -> None:
    for one in three:
        set_status(one, "on_hold", by=agent)
        set_status(one, "open", by=agent)
    assign(three[0], agent, by=agent)
    before = states(three)
    queue = make.make_queue(brand=three[0].brand)
    answer = do(desk, three, f"queue:{queue.pk}" if deed == "queue" else deed, name="late")
    assert states(three) != before
    for _ in range(2):
        assert "Undone on " in undo(desk, answer).text
        assert states(three) == before


def test_what_went_on_is_left_and_named_and_what_was_not_changed_is_not_undone(
    desk: Client, three: list[Ticket], agent: Agent, supervisor: Agent
) -> None:
    set_priority(three[0], 4, by=supervisor)  # it is so already when the agent asks for it
    answer = do(desk, three, "priority:4")
    set_priority(three[1], 1, by=supervisor)
    undone = undo(desk, answer).text
    assert "Undone on 1 ticket." in undone
    assert "The ticket went on since then" in undone
    assert three[1].reference in undone
    assert [one.priority for one in now(three)] == [4, 1, three[2].priority]
    assert not OFFERED.findall(html.unescape(undone))


def test_a_merge_and_what_changed_nothing_offer_no_undo(
    desk: Client, three: list[Ticket], agent: Agent
) -> None:
    for one in three:
        assign(one, agent, by=agent)
    assert not OFFERED.findall(html.unescape(do(desk, three, "mine").text))
    assert not OFFERED.findall(html.unescape(do(desk, three, "merge").text))


def test_a_colleague_undoes_nothing_of_it(
    desk: Client, stranger: Client, three: list[Ticket], supervisor: Agent
) -> None:
    answer = do(desk, three, "priority:4")
    theirs = undo(signed_in(supervisor), answer)
    assert "Undone on 0 tickets." in theirs.text
    assert undo(stranger, answer).status_code == 422
    assert {one.priority for one in now(three)} == {4}


def test_to_offer_an_undo_costs_one_question_however_many_were_chosen(
    desk: Client, three: list[Ticket]
) -> None:
    def asked(tickets: list[Ticket]) -> int:
        with CaptureQueriesContext(connection) as queries:
            do(desk, tickets, "back")  # they are nobody's: nothing is done
        return sum("tickets_ticketevent" in query["sql"] for query in queries)

    assert asked(three[:1]) == asked(three)
