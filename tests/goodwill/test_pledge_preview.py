"""What a pledge would have cost: by hand, and held to what it then pays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import goodwill.pledge_preview
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from goodwill.models import Pledge, PledgeRun, Request
from goodwill.pledge_preview import preview
from goodwill.pledged import course_of, turn_since, turns
from goodwill.services import keep_next_pledge
from tests import make
from tests.desk.conftest import signed_in
from tickets.models import Ticket
from tickets.services import reply, set_status
from tickets.sla import AROUND_THE_CLOCK, Fact

NOON = datetime.fromisoformat("2026-06-10T12:00+02:00")
MINUTES, DAYS = timedelta(minutes=1), timedelta(days=1)


def line(kind: str, minute: int, target: int = 240) -> Fact:
    return Fact(kind, NOON + minute * MINUTES, target * MINUTES, AROUND_THE_CLOCK)


START = line("started", 0)


@pytest.mark.parametrize(
    ("facts", "minutes", "at", "due", "broken", "last", "answered"),
    [
        ([START], 60, 59, 60, None, "", None),
        ([START], 60, 60, 60, 60, "", None),
        ([START, line("met", 60)], 60, 99, None, None, "met", 60),
        ([START, line("met", 61)], 60, 99, 60, 60, "met", 61),
        ([START, line("stopped", 61)], 60, 99, 60, 60, "stopped", None),
        ([START, line("paused", 50)], 60, 99, None, None, "", None),
        ([START, line("paused", 50), line("resumed", 80)], 60, 89, 90, None, "", None),
        ([START, line("paused", 50), line("resumed", 80)], 60, 90, 90, 90, "", None),
        ([START, line("merged", 30)], 60, 99, None, None, "merged", None),
        ([START, line("merged", 30), line("resumed", 30)], 60, 99, 60, 60, "", None),
        ([START, line("retargeted", 10, 5)], 60, 59, 60, None, "", None),
        ([START, line("warned", 45), line("breached", 60)], 90, 89, 90, None, "", None),
        ([START], None, 300, 240, None, "", None),
        ([START, line("breached", 241)], None, 300, 240, 240, "", None),
        ([START, line("retargeted", 10, 30), line("breached", 31)], None, 99, 30, 30, "", None),
        ([START, line("breached", 241), line("met", 250)], None, 300, 240, 240, "met", 250),
    ],
)
def test_the_log_alone_says_when_it_was_up_and_whether_it_was_broken(
    facts: list[Fact], minutes: int | None, at: int, due: Any, broken: Any, last: str, answered: Any
) -> None:
    course = course_of(facts, minutes * MINUTES if minutes else None, NOON + at * MINUTES)
    said = [
        None if one is None else (one - NOON) // MINUTES
        for one in (course.due_at, course.broken_at, course.answered_at)
    ]
    assert (*said, course.last) == (due, broken, answered, last)


def test_a_turn_is_found_by_its_start_the_last_one_of_that_instant() -> None:
    log = [
        START,
        line("met", 9),
        line("started", 20),
        line("warned", 30),
        line("started", 20),
        line("met", 40),
    ]
    assert [len(turn) for turn in turns(log)] == [2, 2, 2]
    assert list(turn_since(log, NOON + 20 * MINUTES)) == log[4:]


def month(brand: Brand, agent: Agent) -> list[Ticket]:
    """Answers after 30, 61, 90 minutes, one that is missing, and two words of one customer; two to no member."""
    found, members = [], [make.make_member(brand=brand) for _ in range(5)]
    for number, (late, member) in enumerate(zip([30, 61, 90, None, 70], members, strict=True)):
        ticket = make.make_ticket(customer=member, at=NOON - (20 - number) * DAYS)
        if late:
            reply(
                ticket, "Here.", by=agent, key=make.unique(), at=NOON - (20 - number) * DAYS + late * MINUTES
            )
        found.append(ticket)
    again = make.make_ticket(customer=members[4], at=NOON - 10 * DAYS)
    reply(again, "Here.", by=agent, key=make.unique(), at=NOON - 10 * DAYS + 80 * MINUTES)
    make.make_ticket(customer=make.make_customer(brand=brand), at=NOON - 5 * DAYS)
    set_status(found[3], "pending", by=agent, at=NOON - 9 * DAYS)
    return [*found, again]


def test_it_says_what_the_pledge_then_pays(brand: Brand, agent: Agent, supervisor: Agent) -> None:
    with clock.standing_at(NOON - 25 * DAYS):
        held = make.make_pledge(brand=brand, by=supervisor)  # published before: its runs are the truth
    month(brand, agent)
    while keep_next_pledge(at=NOON):
        pass
    told = preview(held, NOON)
    assert (told.tickets, told.clocks, told.times, told.points, told.more) == (7, 6, 4, 400, 1)
    assert Request.objects.filter(pledge=held).count() == told.times
    assert PledgeRun.objects.filter(why="often_enough").count() == told.more


def test_what_is_older_than_thirty_days_and_beyond_the_newest_is_not_looked_at(
    brand: Brand, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make.make_pledge(brand=brand, published=False)
    make.make_ticket(customer=make.make_member(brand=brand), at=NOON - 31 * DAYS)
    month(brand, agent)
    assert preview(draft, NOON).tickets == 7
    with CaptureQueriesContext(connection) as queries:
        preview(draft, NOON)
    monkeypatch.setattr(goodwill.pledge_preview, "TICKETS", 3)
    told = preview(draft, NOON)
    assert (told.tickets, told.is_part) == (3, True)
    assert len(queries) <= 7


@pytest.fixture
def boss(supervisor: Agent) -> Client:
    return signed_in(supervisor)


def test_a_supervisor_sees_what_it_would_cost_publishes_it_and_stops_it(
    boss: Client, brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    draft = make.make_pledge(brand=brand, published=False, name="Within the hour")
    month(brand, agent)
    where = f"/admin/goodwill/pledge/{draft.pk}/publish/"
    with clock.standing_at(NOON):
        content = boss.get(where).content.decode()
    assert "In the last 30 days it would have paid 4 times, 400 points" in content
    assert "By the log of 6 clocks of 7 tickets." in content
    boss.post(where, {"decision": "publish"})
    draft.refresh_from_db()
    assert (draft.is_active, draft.published_by) == (True, supervisor)
    form = boss.get(f"/admin/goodwill/pledge/{draft.pk}/change/").context["adminform"].form
    assert set(form.fields) == {"name", "budget", "ends_at"}
    boss.post(where, {"decision": "stop"})
    draft.refresh_from_db()
    assert not draft.is_active


def test_who_may_not_agree_to_goodwill_publishes_nothing(brand: Brand) -> None:
    draft = make.make_pledge(brand=brand, published=False)
    reader = make.make_agent(role=roles.AGENT, brands=[brand], is_staff=True)
    assert signed_in(reader).post(f"/admin/goodwill/pledge/{draft.pk}/publish/").status_code in (302, 403)
    assert not Pledge.objects.get(pk=draft.pk).is_active


def test_what_became_of_them_is_a_list_with_a_file(boss: Client, brand: Brand, supervisor: Agent) -> None:
    with clock.standing_at(NOON - DAYS):
        make.make_pledge(brand=brand, by=supervisor, name="Within the hour")
    ticket = make.make_ticket(customer=make.make_member(brand=brand), at=NOON)
    while keep_next_pledge(at=NOON + 60 * MINUTES):
        pass
    page = "/admin/goodwill/pledgerun/"
    assert ticket.reference in boss.get(f"{page}?state__exact=paid").content.decode()
    assert ticket.reference not in boss.get(f"{page}?state__exact=unpaid").content.decode()
    file = boss.post(f"{page}export/", {"format": "0", "resource": "0"}).content.decode()
    head, row = file.strip().splitlines()
    told = dict(zip(head.split(","), row.split(","), strict=True))
    assert (told["pledge name"], told["state"], told["pledge points"]) == ("Within the hour", "paid", "100")
