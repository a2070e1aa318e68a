"""The start page: today's figures, each with the list it stands for, at a price that does not grow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import goodwill.services
import loyalty.services
import tickets.services
from agents import roles
from callbacks.models import Callback
from contactcenter import clock, figures, start_page
from contactcenter.paging import COUNT_AT_MOST
from tests import make
from tests.desk.crowds import analyse, crowd
from tests.desk.test_plans import plan, rows_of
from tests.many import write_many
from tickets.models import InboundMail, Message, Ticket


@pytest.fixture
def signed_in(client, supervisor):
    client.force_login(supervisor)
    return client


def figure(client, words, brand=0):
    """The figure of that name of the first brand on the start page."""
    _brand, groups = client.get("/admin/").context["brands"][brand]
    return next(one for _title, group in groups for one in group if one.words == words)


def listed(client, link):
    """How many rows the list behind a figure has."""
    response = client.get(link)
    assert response.status_code == 200, link
    return len(response.context["cl"].result_list)


@pytest.fixture
def a_day(member, queue, supervisor, late_parcel):
    """Four tickets wait, one of them too long; one is answered, one solved; a grant, promises and mails gone wrong."""
    now = clock.now()
    waiting = [make.make_ticket(customer=member, queue=queue) for _ in range(6)]
    Ticket.objects.filter(pk=waiting[0].pk).update(due_at=now - timedelta(hours=2))
    tickets.services.reply(waiting[4], "Here it is.", by=supervisor, key="answer", seen=1)
    tickets.services.resolve(waiting[5], by=supervisor)
    goodwill.services.grant(waiting[1], 100, by=supervisor, reason=late_parcel, key="grant")
    failed = tickets.services.reply(waiting[3], "Where?", by=supervisor, key="failed", seen=1)
    Message.objects.filter(pk=failed.pk).update(state="failed", last_error="No such mailbox", due_at=None)
    InboundMail.objects.create(
        sha256="1" * 64, raw=b"?", brand=member.brand, outcome="quarantined", reason="Too large"
    )
    missed = make.make_callback(ticket=waiting[0], by=supervisor, reason="Say sorry")
    Callback.objects.filter(pk=missed.pk).update(
        window_from=now - timedelta(minutes=2), window_to=now - timedelta(minutes=1)
    )
    lost, made_up = (
        make.make_callback(customer=member, by=supervisor, reason=words)
        for words in ("Say it again", "Again")
    )
    over = {"window_from": now - timedelta(days=2), "window_to": now - timedelta(days=2, minutes=-30)}
    Callback.objects.filter(pk__in=[lost.pk, made_up.pk]).update(
        state="missed", ended_at=now, look_at=None, **over
    )
    again = make.make_callback(customer=member, by=supervisor, window=make.next_day(member.zone, days=3))
    Callback.objects.filter(pk=again.pk).update(follows=made_up)
    return waiting


FIGURES = {
    "Waiting for us": ("3", 3), "Overdue": ("1", 1), "Longest wait": ("FF-1", 1), "Answers today": ("2", 2),
    "Resolved today": ("1", 1), "Still to keep": ("1", 1), "Late": ("1", 1), "Kept": ("0", 0),
    "Missed": ("2", 2),
    "Today": ("100 points", 1), "7 days before": ("0 points", 0), "Earned today": ("1,100", 2),
    "Expired today": ("0", 0), "Could not be sent": ("1", 1), "In quarantine": ("1", 1),
}  # fmt: skip


def test_every_figure_is_as_many_rows_as_the_list_behind_it(signed_in, a_day):
    ((_brand, groups),) = signed_in.get("/admin/").context["brands"]
    shown = {one.words: one for _title, group in groups for one in group}
    assert {words: (one.value, listed(signed_in, one.link)) for words, one in shown.items()} == FIGURES


def test_what_needs_somebody_is_named_and_leads_to_its_page(signed_in, a_day):
    needs = dict(signed_in.get("/admin/").context["needs"])
    assert [[words for words, _link, _at in lines] for lines in needs.values()] == [
        ["Mara Mond: Say sorry (Sol Specht)"], ["Mara Mond: Say it again (Sol Specht)"], ["FF-4: No such mailbox"],
        ["Too large"],
    ]  # fmt: skip
    for lines in needs.values():
        for _words, link, _at in lines:
            assert signed_in.get(link).status_code == 200


def test_goodwill_is_told_with_its_worth_beside_the_seven_days_before(signed_in, a_day, brand):
    assert figure(signed_in, "Today").more == "1 grant, worth 1.00 EUR"


def test_today_is_the_day_of_the_readers_own_calendar(member, supervisor, queue):
    """Half past midnight in Tokyo is still yesterday in Berlin."""
    at = make.instant("2026-03-10T15:30:00+00:00")
    make.make_ticket(customer=member, queue=queue, at=make.instant("2026-03-10T14:30:00+00:00"))
    for zone, opened in (("Asia/Tokyo", 0), ("Europe/Berlin", 1)):
        times = figures.Times.of(at, clock.zone(zone))
        (brand,) = figures.figures_of(supervisor, times)
        assert brand.opened_13 == opened, zone


def test_a_day_of_25_hours_is_counted_whole():
    times = figures.Times.of(make.instant("2026-10-26T12:00:00+00:00"), clock.zone("Europe/Berlin"))
    _day, start, end = times.days[-2]
    assert end - start == timedelta(hours=25)


def test_the_table_beside_the_chart_says_the_same(signed_in, a_day):
    context = signed_in.get("/admin/").context
    today = context["days"][-1]
    assert (today["opened"], today["resolved"]) == (6, 1)
    assert '"data": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6]' in context["chart"]
    assert listed(signed_in, today["opened_link"]) == 6


def test_who_may_not_look_at_a_table_reads_no_figure_of_it(client, brand, a_day):
    client.force_login(make.make_agent(role=None, brands=[brand], is_staff=True))
    response = client.get("/admin/")
    assert response.context["brands"] == [(brand, [])]
    assert response.context["needs"] == response.context["days"] == []
    assert "Say sorry" not in response.text


def test_each_brand_of_the_reader_has_figures_of_its_own(client, a_day, brand, other_brand):
    client.force_login(make.make_agent(role=roles.SUPERVISOR, brands=[brand, other_brand]))
    assert [figure(client, "Waiting for us", number).value for number in (0, 1)] == ["3", "0"]


def test_the_page_takes_the_same_queries_for_one_brand_and_for_five(client, a_day, brand):
    reader = make.make_agent(role=roles.SUPERVISOR, brands=[brand])
    client.force_login(reader)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/")
        return len(queries)

    cost()
    one = cost()
    for _ in range(4):
        reader.brands.add(more := make.make_brand())
        make.make_ticket(brand=more)
    assert cost() == one <= 12


FILL = """INSERT INTO tickets_message (ticket_id, seq, kind, channel, author_id, sender, text, html, message_id,
    in_reply_to, key, created_at, attempts, last_error, state, recipient_id)
    SELECT (SELECT min(id) FROM tickets_ticket) + n, n + 100, 'outbound', 'mail', %s, '', '', '', '', '', 'm' || n,
        %s::timestamptz - n * interval '5 min', 0, '', 'sent', (SELECT min(id) FROM customers_contactpoint)
    FROM generate_series(1, 20000) n"""


def looked_at(agent, table):
    """How many rows of `table` the figures of `agent` read, for each place of the question that reads it."""
    with CaptureQueriesContext(connection) as queries:
        list(figures.figures_of(agent, figures.Times.of(clock.now(), clock.zone("Europe/Berlin"))))
    (sql,) = [query["sql"] for query in queries if "tickets_ticket" in query["sql"]]
    return [rows_of(node) for node in plan(sql) if node.get("Relation Name") == table]


def test_with_thirty_thousand_tickets_no_figure_reads_more_than_it_may_show(
    member, queue, supervisor, other_brand
):
    crowd(queue, member.pk, 30_000, agent=supervisor)
    write_many(FILL, [supervisor.pk, clock.now()])
    analyse("tickets_ticket", "tickets_message")
    small = make.make_agent(role=roles.SUPERVISOR, brands=[other_brand])
    for reader in (supervisor, small):
        for table in ("tickets_ticket", "tickets_message"):
            assert max(looked_at(reader, table)) <= 2 * COUNT_AT_MOST, (reader, table)
    with connection.cursor() as cursor:  # the control: without an index that has the day it reads them all
        cursor.execute("DROP INDEX tickets_message_answers, tickets_message_in_order")
    assert max(looked_at(small, "tickets_message")) > 2 * COUNT_AT_MOST


def test_a_count_that_ends_at_its_bound_says_so(member, queue, supervisor, signed_in):
    crowd(queue, member.pk, 1_600, agent=supervisor)
    assert figure(signed_in, "Waiting for us").value == "1,000+"
    assert start_page.added([12_000, figures.LINES_AT_MOST]) == "12,000+"


def test_points_that_expired_today_are_told_as_points(signed_in, member):
    member.account.lots.update(expires_at=clock.now() - timedelta(minutes=1))
    member.account.__class__.objects.update(next_expiry=clock.now() - timedelta(minutes=1))
    assert loyalty.services.expire_some()
    assert figure(signed_in, "Expired today").value == "1,000"


def test_hours_are_told_from_0_to_24(signed_in, ticket):
    Ticket.objects.update(opened_at=make.instant("2026-03-10T17:05:00+00:00"))
    shown = signed_in.get(reverse("admin:tickets_ticket_changelist")).text
    assert "10 Mar 2026, 17:05" in shown
    assert "p.m." not in shown
