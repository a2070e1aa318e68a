"""Walking a list page by page while it grows: every row once, in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from agents.models import Brand
from callbacks.models import Callback
from contactcenter.paging import COUNT_AT_MOST, capped_count, pack, page_by_turn, page_from_newest, unpack
from customers.models import Customer
from desk.timeline import PAGE, Moment, timeline_of
from tests import make
from tests.desk.crowds import crowd
from tickets.models import Queue, Ticket

NOON = make.instant("2026-10-20T12:00:00+00:00")


@pytest.fixture
def two(brand: Brand, other_brand: Brand) -> list[Queue]:
    """Queues of two brands with tickets that are due at the same instants, or at none."""
    agent = make.make_agent(brands=[brand, other_brand])
    queues = [make.make_queue(brand=one) for one in (brand, other_brand)]
    for queue in queues:
        crowd(queue, make.make_customer(brand=queue.brand).pk, 30, agent=agent)
    Ticket.objects.filter(due_at__isnull=False).update(due_at=NOON)
    Ticket.objects.filter(due_at=NOON, number__lt=100_010).update(due_at=NOON - timedelta(microseconds=1))
    return queues


def walk(size: int, apart: list[Q]) -> Iterator[list[Ticket]]:
    cursor = ""
    while True:
        page = page_by_turn(
            Ticket.objects.unsolved().in_working_order(), cursor=cursor, size=size, apart=apart
        )
        yield list(page.rows)
        cursor = page.cursor
        if not cursor:
            return


@pytest.mark.parametrize("size", [1, 7, 40, 500])
def test_the_pages_of_a_queue_hold_every_ticket_once_and_in_order(size: int, two: list[Queue]) -> None:
    whole = list(Ticket.objects.unsolved().in_working_order())
    assert len({ticket.due_at for ticket in whole}) == 3
    for apart in ([], [Q(brand=queue.brand_id) for queue in two]):
        pages = list(walk(size, apart))
        assert [ticket for page in pages for ticket in page] == whole
        assert all(len(page) == size for page in pages[:-1])


@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_newest_of_two_brands_stand_first_with_all_that_is_shown_of_them(
    size: int, two: list[Queue], django_assert_num_queries: Any
) -> None:
    whole = sorted(Ticket.objects.values_list("pk", flat=True), reverse=True)
    rows = Ticket.objects.select_related("brand", "customer", "assignee").prefetch_related("messages")
    apart, cursor, read = [Q(brand=queue.brand_id) for queue in two], "", []
    while True:
        page = page_from_newest(rows, of="test", cursor=cursor, size=size, apart=apart)
        with django_assert_num_queries(0):
            names = [(row.brand.code, row.customer.name, list(row.messages.all())) for row in page.rows]
        assert all(code and name for code, name, _said in names)
        read += [row.pk for row in page.rows]
        cursor = page.cursor
        if not cursor:
            break
    assert read == whole


def test_tickets_that_come_while_one_reads_neither_hide_nor_repeat_what_was_there(two: list[Queue]) -> None:
    whole = list(Ticket.objects.unsolved().in_working_order())
    customer = make.make_customer(brand=two[0].brand)
    read: list[Ticket] = []
    for page in walk(9, [Q(brand=queue.brand_id) for queue in two]):
        read += page
        make.make_ticket(customer=customer, queue=two[0], at=NOON - timedelta(days=9))
        make.make_ticket(customer=customer, queue=two[0], at=NOON + timedelta(days=len(read)))
        if len(read) > 500:
            break
    assert len(read) == len(set(read))
    assert [ticket for ticket in read if ticket in whole] == whole


@pytest.mark.parametrize("count", [0, 40, 41])
def test_the_last_page_says_that_it_is_the_last(count: int, brand: Brand, queue: Queue) -> None:
    if count:
        crowd(
            queue, make.make_customer(brand=brand).pk, count, agent=make.make_agent(brands=[brand]), ended=0
        )
    page = page_by_turn(Ticket.objects.in_working_order(), cursor="", size=40)
    assert (len(page.rows), bool(page.cursor)) == (min(count, 40), count > 40)


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "a:b:c", "\x00", "é" * 9, pack("timeline", NOON, 1, 2)],
    ids=["empty", "x", "abc", "nul", "long", "foreign"],
)
def test_a_cursor_that_is_none_of_this_list_means_its_beginning(cursor: str) -> None:
    assert unpack("due", cursor) is None


def test_a_cursor_that_was_tampered_with_means_the_beginning() -> None:
    cursor = pack("due", NOON, 7)
    assert unpack("due", cursor) == [NOON.isoformat(), 7]
    assert unpack("due", cursor[:-1] + ("a" if cursor[-1] != "a" else "b")) is None


def test_a_count_goes_no_further_than_a_thousand(brand: Brand, queue: Queue) -> None:
    crowd(queue, make.make_customer(brand=brand).pk, COUNT_AT_MOST + 5, agent=make.make_agent(), ended=0)
    assert capped_count(Ticket.objects.all()) == COUNT_AT_MOST
    assert capped_count(Ticket.objects.filter(number__lte=100_003)) == 3


def happen(customer: Customer, at: Any) -> None:
    """One thing of every kind, all at the same instant."""
    make.give(customer.account, 5, at=at)
    make.make_order(customer=customer, placed_at=at)
    make.make_ticket(customer=customer, at=at)
    promise = make.make_callback(customer=customer, by=make.make_agent(brands=[customer.brand]))
    Callback.objects.filter(pk=promise.pk).update(state=Callback.State.KEPT, ended_at=at, look_at=None)


def name(moment: Moment) -> tuple[str, int]:
    return moment.kind, moment.it.pk


def test_a_timeline_shows_everything_once_and_newest_first_though_much_happened_at_one_instant(
    member: Customer, queue: Queue
) -> None:
    for hour in (0, 0, 0, 0, 1, 2):
        happen(member, NOON - timedelta(hours=hour))
    tiers = member.account.tier_changes.count()
    there = 1 + 4 * 6 + 6 + tiers  # the points of the beginning, what happened, and the points of the orders
    cursor, read = "", []
    while True:
        page, cursor = timeline_of(member, cursor=cursor)
        read += page
        if len(read) == PAGE:
            happen(member, NOON + timedelta(days=1))
        if not cursor:
            break
    assert len({name(moment) for moment in read}) == len(read) == there
    assert [moment.at for moment in read] == sorted((moment.at for moment in read), reverse=True)


@pytest.mark.parametrize("kind", ["entry", "order", "ticket", "callback"])
def test_a_timeline_of_one_kind_shows_nothing_else(kind: str, member: Customer, queue: Queue) -> None:
    for _ in range(PAGE + 3):
        happen(member, NOON)
    first, cursor = timeline_of(member, only=kind)
    second, end = timeline_of(member, only=kind, cursor=cursor)
    assert {moment.kind for moment in first + second} == {kind}
    assert len({name(moment) for moment in first + second}) == len(first) + len(second) >= PAGE + 3
    assert end == "" or kind == "entry"
