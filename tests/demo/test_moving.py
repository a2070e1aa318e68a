"""A demo that is started on a later day: nothing of it rots, and nothing anybody did in it is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

import agents.services
import tickets.services
from agents.models import Agent, Brand, Token
from callbacks import windows
from callbacks.models import Callback
from contactcenter import demo
from contactcenter.demo import mark, moving, people
from loyalty.models import Account, Entry, Lot
from loyalty.tasks import expire_due
from tests import make
from tests.contactcenter.rooms import our_models
from tests.demo.loaded import expect_whole_ledger, loaded, row_counts, told
from tickets import proof
from tickets.models import Message, Ticket, TicketEvent

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def as_of(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[datetime]:
    """A database of this test's own with the demo in it."""
    with django_db_blocker.unblock(), loaded() as at:
        yield at


def instants() -> dict[str, list[datetime | None]]:
    """Every instant of every table that moves."""
    found = {}
    for model in moving._moving():
        for field in moving._columns(model):
            rows = model._default_manager.order_by("pk").values_list(field.name, flat=True)
            found[f"{model._meta.label}.{field.name}"] = list(rows)
    return found


def work_in_it(at: datetime) -> Message:
    """Ana answers Maria."""
    ana = Agent.objects.get(email=people.PEOPLE["ana"].email)
    ticket = Ticket.objects.get(key="demo:parcel-never-came")
    return tickets.services.reply(ticket, "Another set is on its way.", by=ana, key="done-in-the-demo", at=at)


def expect_all_well(now: datetime) -> None:
    """What holds of the demo on any day."""
    expect_whole_ledger()
    assert not [finding for answer in proof.prove().values() for finding in answer.findings]
    for lot in Lot.objects.exclude(expires_at=None).select_related("account__programme"):
        local = lot.expires_at.astimezone(lot.account.programme.zone)
        assert (local.hour, local.minute) == (0, 0), lot
    assert not Lot.objects.filter(is_open=True, expires_at__lte=now).exists()
    for account in Account.objects.prefetch_related("lots"):
        ends = [lot.expires_at for lot in account.lots.all() if lot.is_open and lot.expires_at]
        assert account.next_expiry == min(ends, default=None)
    for model, at in moving.DEEDS:
        assert not model._default_manager.filter(**{f"{at}__gt": now}).exists(), model
    for call in Callback.objects.filter(kind="call", state__in=Callback.WAITING):
        assert not windows.is_quiet(call.window_from, call.window_to, ZoneInfo(call.zone)), call
    for ticket in Ticket.objects.unsolved().exclude(due_at=None).select_related("queue"):
        usual = timedelta(minutes=ticket.queue.reply_minutes)
        assert ticket.due_at - ticket.due_since in (usual, usual / 2), (
            ticket.key
        )  # the best tier has half of it
        assert ticket.messages.filter(kind=Message.Kind.INBOUND, created_at=ticket.due_since).exists(), (
            ticket.key
        )


@pytest.mark.parametrize("days", [1, 3, 40, 130])  # over the end of October or of March, whenever this runs
def test_after_whole_days_everything_that_was_has_moved_by_them(as_of: datetime, days: int) -> None:
    before, length = instants(), days * DAY
    with transaction.atomic():
        moving.move(moving.since(as_of, as_of + length))
    after = instants()
    local = {"loyalty.Lot.expires_at", "loyalty.Account.next_expiry", "callbacks.Callback.window_from",
             "callbacks.Callback.window_to", "callbacks.Callback.promised_to",
             "callbacks.Callback.look_at"}  # fmt: skip
    for name in before.keys() - local:
        for was, now in zip(before[name], after[name], strict=True):
            late = (
                was is not None and was > as_of and name.endswith(("posted_at", "created_at", "date_joined"))
            )
            assert late or now == (was + length if was else None), name
    expect_all_well(as_of + length)


def test_the_desk_stands_on_a_later_morning_as_it_was_left(as_of: datetime) -> None:
    left = as_of + 2 * HOUR
    mine = work_in_it(left)
    due = Ticket.objects.get(key="demo:refund-missing").due_at
    old = Message.objects.order_by("created_at").first()
    now = left + 3 * DAY + 15 * HOUR
    words = demo.move_along(now)
    assert "3 days and 15 hours" in words
    moved = Message.objects.get(pk=mine.pk)
    assert (moved.text, moved.created_at) == ("Another set is on its way.", now)
    assert Ticket.objects.get(key="demo:refund-missing").due_at - now == due - left
    assert old is not None
    assert Message.objects.get(pk=old.pk).created_at == old.created_at + 3 * DAY  # it keeps its hour
    expect_all_well(now)


def test_what_was_said_stays_in_its_order(as_of: datetime) -> None:
    def order(model: Any, field: str) -> list[int]:
        return list(model.objects.order_by(field, "pk").values_list("pk", flat=True))

    before = order(Message, "created_at"), order(Entry, "occurred_at"), order(TicketEvent, "at")
    demo.move_along(as_of + 2 * DAY + 7 * HOUR)
    assert (order(Message, "created_at"), order(Entry, "occurred_at"), order(TicketEvent, "at")) == before


def test_a_second_start_on_the_same_day_changes_nothing(as_of: datetime) -> None:
    midday = as_of.astimezone(ZoneInfo("Europe/Berlin")).replace(hour=12) + 2 * DAY
    assert demo.move_along(midday)
    before = instants()
    assert demo.move_along(midday + 3 * HOUR) == ""
    assert instants() == before


def test_the_command_moves_it_along_and_prints_the_same_object(as_of: datetime) -> None:
    printed = told("--json")
    with time_machine.travel(as_of + 5 * DAY, tick=False):
        assert told("--json") == printed
    here = mark.read()
    assert here is not None
    assert here.as_of == as_of + 5 * DAY


def test_the_guards_stand_again_afterwards(as_of: datetime) -> None:
    demo.move_along(as_of + 2 * DAY)
    for statement in ("UPDATE loyalty_entry SET points = points + 1", "DELETE FROM tickets_ticketevent",
                      "TRUNCATE customers_consent CASCADE"):  # fmt: skip
        with (
            pytest.raises(DatabaseError, match="pgtrigger"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_move_that_fails_leaves_everything_as_it_was(as_of: datetime) -> None:
    before = instants()
    with transaction.atomic():
        assert demo.move_along(as_of + 2 * DAY)
        transaction.set_rollback(True)  # as when the machine is switched off
    assert instants() == before
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        Entry.objects.update(points=1)


def test_control_with_the_guards_on_their_rows_do_not_move(as_of: datetime) -> None:
    sleep = moving.since(as_of, as_of + 2 * DAY)
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic(), connection.cursor() as cursor:
        moving._move_table(cursor, Entry, moving._columns(Entry), sleep)


def test_control_by_hours_alone_points_would_not_end_at_midnight(as_of: datetime) -> None:
    zone = ZoneInfo("Europe/Berlin")
    lot = Lot.objects.filter(is_open=True, account__brand__code="FF").first()
    assert lot is not None
    hours = {(lot.expires_at + n * 30 * DAY).astimezone(zone).hour for n in range(12)}
    assert len(hours) > 1  # a year holds two changes of the clock


def test_behind_https_and_among_somebodys_own_customers_nothing_moves(as_of: datetime) -> None:
    before, later = instants(), as_of + 9 * DAY
    with override_settings(HTTPS=True):
        assert demo.move_along(later) == ""
    here = mark.read()
    assert here is not None
    mark.write(mark.Mark(here.as_of, alone=False))
    assert demo.move_along(later) == ""
    mark.write(here)
    Brand.objects.create(code="OWN", name="Somebody's own")
    before["agents.Brand.created_at"].append(Brand.objects.get(code="OWN").created_at)
    assert demo.move_along(later) == ""
    assert instants() == before


def test_after_the_turn_of_the_year_an_untouched_demo_is_told_afresh(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), loaded() as at:
        rows = row_counts()
        march = datetime(at.year + 1, 3, 20, 9, 0, tzinfo=at.tzinfo)
        with time_machine.travel(march):
            assert "told afresh" in demo.move_along(march)
        maria = Account.objects.select_related("tier").get(customer__name="Maria Rossi")
        assert (maria.balance, maria.tier.code if maria.tier else "") == (4210, "gold")
        assert row_counts()["tickets.Ticket"] == rows["tickets.Ticket"]
        expect_all_well(march)


def test_after_the_turn_of_the_year_what_people_did_moves_along_with_a_sentence(as_of: datetime) -> None:
    mine = work_in_it(as_of + HOUR)
    march = datetime(as_of.year + 1, 3, 20, 9, 0, tzinfo=as_of.tzinfo)
    assert "A new year counts" in demo.move_along(march)
    assert Message.objects.get(pk=mine.pk).created_at == march
    expect_all_well(march)


def hire_at_the_shell() -> None:
    Agent.objects.create_superuser("lee@own.example", "calm-and-dense-desk", name="Lee")


def take_a_token() -> None:
    call_command("api_token", people.PEOPLE["ana"].email, stdout=StringIO())


def import_somebody() -> None:
    make.make_customer(brand=Brand.objects.get(code="FF"), at=datetime(2020, 5, 1, tzinfo=UTC))


def answer_and_sleep_a_night() -> None:
    here = mark.read()
    assert here is not None
    work_in_it(here.as_of + HOUR)
    assert demo.move_along(here.as_of + DAY)


@pytest.mark.parametrize("come", [hire_at_the_shell, take_a_token, import_somebody, answer_and_sleep_a_night])
def test_nothing_of_anybodys_is_wiped_at_the_turn_of_the_year(
    as_of: datetime, come: Callable[[], None]
) -> None:
    come()
    rows = row_counts()
    assert "A new year counts" in demo.move_along(datetime(as_of.year + 1, 3, 20, 9, 0, tzinfo=as_of.tzinfo))
    assert row_counts() == rows


def test_points_that_ended_meanwhile_are_the_clocks_and_nobodys(as_of: datetime) -> None:
    march = datetime(as_of.year + 1, 3, 20, 9, 0, tzinfo=as_of.tzinfo)
    ended = Entry.objects.filter(kind=Entry.Kind.EXPIRE).count()
    expire_due(at=as_of + 40 * DAY)
    assert Entry.objects.filter(kind=Entry.Kind.EXPIRE).count() > ended
    with time_machine.travel(march):
        assert "told afresh" in demo.move_along(march)


def test_a_mark_of_an_older_version_is_read_and_never_leads_to_wiping(as_of: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE demo_mark DROP COLUMN held")
    assert mark.read() == mark.Mark(as_of, alone=True)
    assert "A new year counts" in demo.move_along(datetime(as_of.year + 1, 3, 20, 9, 0, tzinfo=as_of.tzinfo))


def test_a_token_ends_when_it_was_to_end(as_of: datetime) -> None:
    _, secret = agents.services.issue_token(
        Agent.objects.get(email=people.PEOPLE["ana"].email), name="report", scopes=["tickets:read"], days=30
    )
    before = list(Token.objects.order_by("pk").values("created", "expiry", "last_used_at"))
    assert secret
    assert before
    assert demo.move_along(as_of + 5 * DAY)
    assert list(Token.objects.order_by("pk").values("created", "expiry", "last_used_at")) == before


@pytest.mark.race
def test_of_two_starters_at_once_one_moves_it() -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    from contactcenter import clock
    from tests import databases

    def start(now: datetime) -> str:
        try:
            return demo.move_along(now)
        finally:
            connections.close_all()

    with databases.fresh(demo=True):
        later = clock.now() + 2 * DAY
        with ThreadPoolExecutor(2) as pool:
            words = list(pool.map(start, [later, later]))
    assert sorted(bool(said) for said in words) == [False, True]


def test_every_room_with_tables_moves_and_no_day_without_an_hour_is_forgotten() -> None:
    assert {model._meta.app_label for model in our_models()} == set(moving.ROOMS)
    fields = [field for model in our_models() for field in model._meta.concrete_fields]
    days = [
        f"{field.model._meta.db_table}.{field.column}"
        for field in fields
        if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
    ]
    assert set(days) <= moving.STAYS
