"""The statement of each month, by mail, to who wants it: once, after local midnight of the first, whatever happens."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer, Notice
from customers.services import change_consent, merge, record_consent, write_notices
from customers.services.notices import send_next_notice
from loyalty.models import Account, Programme, StatementRun
from loyalty.services import begin_statements, earn, freeze, redeem, write_some_statements
from loyalty.services.monthly import AT_A_TIME, next_people
from loyalty.tasks import write_statements
from tests import make
from tests.contactcenter.test_plans import nodes
from tests.many import write_many
from tests.together import at_once

NOVEMBER = make.instant("2026-11-01T00:00+01:00")  # midnight of the programme's zone
LONG_AGO = make.instant("2025-01-01T12:00+01:00")


def wants(brand: Brand, *, joined: datetime = LONG_AGO, **fields: Any) -> Account:
    """A member since then who wants the statement, with 100 points of October of which 30 are spent."""
    member = make.make_member(brand=brand, **fields)
    Account.objects.filter(pk=member.account.pk).update(joined_at=joined)
    with clock.standing_at(make.instant("2026-10-10T12:00+02:00")):
        earn(member.account, 100, contra="issue.order", by=None, key=make.unique(), source="order:A-1")
        redeem(member.account, 30, by=None, key=make.unique())
    record_consent(member, "statement", given=True, source="call", at=LONG_AGO)
    return member.account


@pytest.fixture
def account(programme: Programme) -> Account:
    return wants(programme.brand, name="Mara Mond")


def sent(at: datetime) -> int:
    with clock.standing_at(at):
        written = write_statements(at=at)
        while send_next_notice(at=at):
            pass
    return written


def test_the_statement_comes_after_local_midnight_of_the_first_and_once(account: Account) -> None:
    assert sent(NOVEMBER - timedelta(seconds=1)) == 1  # September's: the house woke up late
    assert [sent(at) for at in (NOVEMBER, NOVEMBER, NOVEMBER + timedelta(days=20))] == [1, 0, 0]
    assert sent(make.instant("2026-12-01T00:00+01:00")) == 1
    keys = [notice.key for notice in Notice.objects.order_by("pk")]
    assert keys == [f"statement:{account.pk}:2026-{month:02d}" for month in (9, 10, 11)]


def test_it_says_what_moved_as_text_as_html_and_as_a_file(account: Account) -> None:
    sent(NOVEMBER)
    (letter,) = mail.outbox
    assert letter.subject == "Your Fern & Feather Circle points in October 2026"
    for word in ("0 before", "+100", "Earned, A-1", "-30", "70 at the end of the month"):
        assert word in letter.body
    ((html, kind),) = letter.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert "Fern &amp; Feather Circle" in html
    ((name, content, kind),) = letter.attachments
    assert (name, kind) == (f"{account.number}-2026-10.pdf", "application/pdf")
    assert content.startswith(b"%PDF")


def test_it_is_written_in_the_language_of_the_customer(programme: Programme) -> None:
    wants(programme.brand, language="de")
    sent(NOVEMBER)
    assert mail.outbox[0].subject == "Ihre Punkte bei Fern & Feather Circle im Oktober 2026"
    assert '<html lang="de">' in mail.outbox[0].alternatives[0][0]  # type: ignore[attr-defined]


def test_a_statement_written_before_a_merge_reaches_the_one_who_stays(
    account: Account, supervisor: Agent
) -> None:
    stays = make.make_member(brand=supervisor.brands.get(), name="Mara Mond")
    with clock.standing_at(NOVEMBER):
        write_statements(at=NOVEMBER)
        address = account.customer.contact_points.get(kind="mail").value
        merge(stays, account.customer, by=supervisor, reason="twice", key="m")
        while send_next_notice(at=NOVEMBER):
            pass
    letter = next(letter for letter in mail.outbox if letter.to == [address])
    assert "70 at the end of the month" in letter.body
    assert letter.attachments[0][0] == f"{account.number}-2026-10.pdf"
    assert Notice.objects.get(key__startswith=f"statement:{account.pk}:").state == Notice.State.SENT


@pytest.mark.parametrize("why", ["never asked", "taken back", "left", "frozen", "joined later", "no mail"])
def test_who_does_not_want_it_or_cannot_have_it_gets_none(
    programme: Programme, supervisor: Agent, why: str
) -> None:
    if why == "never asked":
        make.make_member(brand=programme.brand)
    elif why == "no mail":
        wants(programme.brand, mail="", phone="+49301234567")
    else:
        account = wants(programme.brand, joined=NOVEMBER if why == "joined later" else LONG_AGO)
        if why == "frozen":
            freeze(account, by=supervisor, reason="fraud")
        if why in ("taken back", "left"):
            purpose = "statement" if why == "taken back" else "programme"
            record_consent(account.customer, purpose, given=False, source="call")
    assert sent(NOVEMBER) == 0
    assert StatementRun.objects.get().done_at


def test_who_takes_it_back_before_it_has_left_gets_none(account: Account, agent: Agent) -> None:
    with clock.standing_at(NOVEMBER):
        write_statements(at=NOVEMBER)
        newest = account.customer.consents.get(purpose="statement")
        change_consent(account.customer, "statement", given=False, source="call", by=agent, seen=newest.pk)
        send_next_notice(at=NOVEMBER)
    assert Notice.objects.get().last_error == "no consent: statement"
    assert not mail.outbox


def test_what_was_killed_goes_on_where_it_was(programme: Programme) -> None:
    accounts = [wants(programme.brand) for _ in range(5)]
    begin_statements(at=NOVEMBER)
    assert write_some_statements(at=NOVEMBER, most=2) == 2  # and then the worker dies
    assert StatementRun.objects.get().after == accounts[1].customer_id
    assert sent(NOVEMBER) == 3
    assert len(mail.outbox) == 5
    StatementRun.objects.update(after=0, done_at=None)  # even a run that forgot how far it was
    assert sent(NOVEMBER) == 0
    assert len(mail.outbox) == 5


@pytest.mark.race
def test_workers_at_once_write_each_letter_once(own_db: str) -> None:
    programme = make.make_programme(time_zone="Europe/Berlin")
    for _ in range(4):
        wants(programme.brand)
    answers = at_once(*(lambda: write_statements(at=NOVEMBER) for _ in range(3)))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert Notice.objects.count() == sum(answers) == 4


def test_each_programme_has_its_own_midnight(programme: Programme, other_brand: Brand) -> None:
    make.make_programme(brand=other_brand, time_zone="America/Sao_Paulo")
    for brand in (programme.brand, other_brand):
        wants(brand)
    begin_statements(at=NOVEMBER)
    assert dict(StatementRun.objects.values_list("programme__brand__code", "month")) == {
        "FF": date(2026, 10, 1), "KL": date(2026, 9, 1),
    }  # fmt: skip


def test_a_letter_under_a_known_key_is_passed_over(account: Account) -> None:
    def letter() -> Notice:
        point = account.customer.contact_points.get()
        return Notice(
            brand_id=account.brand_id, customer_id=account.customer_id, contact_point=point, template="statement",
            key="k", due_at=NOVEMBER,
        )  # fmt: skip

    assert [write_notices([letter()]), write_notices([letter()])] == [1, 0]


MANY = """INSERT INTO customers_consent (brand_id, customer_id, purpose, given, source, recorded_at)
    SELECT brand_id, id, CASE WHEN id % 50 = 0 THEN 'statement' ELSE 'calls' END, true, 'form', now()
    FROM customers_customer WHERE name = 'One of many'"""
PEOPLE = """INSERT INTO customers_customer (brand_id, name, language, country, city, time_zone, created_at)
    SELECT id, 'One of many', 'en', '', '', '', now() FROM agents_brand, generate_series(1, 20000) n
    WHERE id = %s"""


def test_a_batch_reads_by_the_index_of_those_who_want_it_and_not_more(account: Account) -> None:
    write_many(PEOPLE, [account.brand_id])
    write_many(MANY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    begin_statements(at=NOVEMBER)
    with CaptureQueriesContext(connection) as queries:
        assert len(next_people(StatementRun.objects.get())) == AT_A_TIME
    query = queries[-1]["sql"]
    assert read_by(query) <= AT_A_TIME + 1
    assert indexes_of(query) == {"customers_consent_statement"}
    with connection.cursor() as cursor:  # the control: with no index of it, more is read
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX customers_consent_statement, customers_consent_newest")
    assert read_by(query) > AT_A_TIME + 1


def plan_of(query: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query)
        (answer,) = cursor.fetchone()
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return list(nodes(plan[0]["Plan"]))


def indexes_of(query: str) -> set[str]:
    return {node["Index Name"] for node in plan_of(query) if "Index Name" in node}


def read_by(query: str) -> int:
    """How many rows the lowest node of the plan gave or threw away."""
    leaves = [node for node in plan_of(query) if not node.get("Plans")]
    return int(sum(node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in leaves))


def test_customers_without_points_are_told_so(programme: Programme) -> None:
    member = make.make_member(brand=programme.brand)
    Account.objects.update(joined_at=LONG_AGO)
    record_consent(Customer.objects.get(pk=member.pk), "statement", given=True, source="call")
    assert sent(NOVEMBER) == 1
    assert "Nothing moved." in mail.outbox[0].body
