"""The proof of the ledger: it holds for what the deeds wrote, and finds whatever is broken behind their back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from agents.models import Agent, Brand
from contactcenter import clock
from customers.models import Customer
from customers.services import Refund, refund_order
from loyalty import proof
from loyalty.models import Account, Entry, LedgerProof
from loyalty.services import (
    adjust,
    earn,
    expire,
    hold,
    prove_ledger,
    prove_nightly,
    redeem,
    reverse,
    transfer,
)
from loyalty.tasks import prove_ledger as beat_job
from tests import make


@pytest.fixture
def story(brand: Brand, programme: object, supervisor: Agent) -> Account:
    """A member to whom everything happened: earned, spent, expired, refunded into debt, corrected, held."""
    member = make.make_member(brand=brand)
    account = member.account
    long_ago = clock.now() - timedelta(days=500)
    earn(account, 80, contra="issue.order", by=None, key="old", at=long_ago, months=12)
    expire(account)
    order = make.make_order(customer=member, amount_minor=10_000)
    redeem(account, 450, by=supervisor, key="spent")
    refund_order(order, [Refund(order.lines.get(), 6_000)], key="back")
    earn(account, 1000, contra="issue.event", by=None, key="sorry", months=3)
    adjust(account, -30, by=supervisor, reason="typo", key="fix")
    given = earn(account, 100, contra="issue.order", by=None, key="given", qualifying=100)
    reverse(account, given, 40, by=None, key="taken", qualifying=40)
    reverse(account, redeem(account, 20, by=supervisor, key="once"), 20, by=None, key="undone")
    transfer(account, make.make_member(brand=brand).account, 50, by=supervisor, key="moved", reason="asked")
    make.make_extension(account)
    hold(account, 30, by=supervisor, key="kept", until=clock.now() + timedelta(hours=1))
    return Account.objects.get(pk=account.pk)


LEDGER = ("loyalty_account", "loyalty_entry", "loyalty_lot", "loyalty_lotuse")


def behind(sql: str, *values: object) -> None:
    """Run `sql` with the ledger's triggers off: as a hand in the database would, or a bug below them."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in LEDGER:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, values or None)
        for table in LEDGER:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def found(account: Account | None = None) -> dict[str, list[str]]:
    """The invariants that do not hold, each with the accounts or programmes that break it."""
    answers = {
        check.name: proof.broken(check, account=account.pk if account else None) for check in proof.CHECKS
    }
    return {
        name: [one.subject for one in answer.findings] for name, answer in answers.items() if answer.findings
    }


def test_what_the_deeds_wrote_holds(story: Account, member: Customer) -> None:
    assert story.version > 8
    assert found() == found(story) == {}


def line(account: Account, seq: int = 1) -> int:
    return account.entries.get(seq=seq).pk


GROUPED = """INSERT INTO loyalty_entry (account_id, seq, kind, contra, points, qualifying, balance_after, key,
    request_hash, "group", occurred_at, posted_at, counts_at, source, reason, breakdown)
    SELECT account_id, seq + 1, 'transfer', 'transfer', 7, 0, balance_after + 7, 'half', '', 'move:1', occurred_at,
    posted_at, occurred_at, '', '', '{}' FROM loyalty_entry WHERE account_id = %s ORDER BY seq DESC LIMIT 1"""

# Each invariant, and something done behind the deeds' back that breaks it.
BREAK: dict[str, Callable[[Account], None]] = {
    "balance": lambda a: behind("UPDATE loyalty_account SET balance = balance + 1 WHERE id = %s", a.pk),
    "version": lambda a: behind("UPDATE loyalty_account SET version = version + 1 WHERE id = %s", a.pk),
    "remaining": lambda a: behind(
        "UPDATE loyalty_lot SET remaining = remaining - 1 WHERE account_id = %s AND remaining > 1", a.pk
    ),
    "lot": lambda a: behind("UPDATE loyalty_lot SET granted = granted + 1 WHERE account_id = %s", a.pk),
    "chain": lambda a: behind(
        "UPDATE loyalty_entry SET balance_after = balance_after + 1 WHERE id = %s", line(a, 3)
    ),
    "lots of an entry": lambda a: behind(
        "UPDATE loyalty_lotuse SET points = points + 1 WHERE entry_id = %s", line(a, a.version)
    ),
    "group": lambda a: behind(GROUPED, a.pk),
    "reversal": lambda a: behind(
        "UPDATE loyalty_entry SET qualifying = -1000 WHERE account_id = %s AND kind = 'reverse'", a.pk
    ),
    "held": lambda a: behind("UPDATE loyalty_account SET held = held - 1 WHERE id = %s", a.pk),
    "pending": lambda a: behind("UPDATE loyalty_account SET pending = pending + 1 WHERE id = %s", a.pk),
    "next expiry": lambda a: behind("UPDATE loyalty_account SET next_expiry = NULL WHERE id = %s", a.pk),
    "extension": lambda a: behind(
        "UPDATE loyalty_lot SET expires_at = expires_at + interval '1 hour'"
        " WHERE account_id = %s AND id IN (SELECT lot_id FROM loyalty_lotextension)",
        a.pk,
    ),
    "outstanding": lambda a: behind(
        "UPDATE loyalty_entry SET points = points + 1 WHERE id = %s", line(a, 3)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAK)
def test_each_invariant_that_is_broken_is_found_and_named(
    name: str, story: Account, member: Customer
) -> None:
    BREAK[name](story)
    subject = story.programme.code if name == "outstanding" else story.number
    assert set(found()[name]) == {subject}
    assert set(found(story)[name]) == {subject}
    assert found(member.account).keys() <= {"group"}


def test_every_invariant_has_its_control() -> None:
    assert {check.name for check in proof.CHECKS} == set(BREAK)


def verify(**options: Any) -> tuple[int, str]:
    """How `verify_ledger` ended, and what it printed."""
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out, **options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_that_all_holds_and_ends_with_0(story: Account) -> None:
    code, said = verify()
    assert code == 0
    assert f"13 invariants over {Entry.objects.count()} entries: all hold" in said
    code, said = verify(account=story.number, json=True)
    answer = json.loads(said)
    assert (code, answer["broken"], answer["entries"]) == (0, 0, story.version)
    assert sum(answer["outstanding"][story.programme.code].values()) == story.balance


def test_the_command_names_account_and_invariant_and_ends_with_1(story: Account) -> None:
    BREAK["balance"](story)
    code, said = verify()
    assert code == 1
    assert f"{story.number}: balance: expected {story.balance}, found {story.balance + 1}" in said
    code, said = verify(account=story.number.lower(), json=True)
    assert code == 1
    assert json.loads(said)["findings"][0]["account"] == story.number


def test_an_account_that_is_not_there_is_wrong_usage(db: None) -> None:
    with pytest.raises(CommandError) as error:
        call_command("verify_ledger", account="FF-99")
    assert error.value.returncode == 2


def test_many_findings_are_counted_and_the_first_are_named(
    story: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_member(brand=story.brand, points=10)
    behind("UPDATE loyalty_account SET balance = balance + 1")
    monkeypatch.setattr(proof, "NAMED_AT_MOST", 1)
    (kept,) = prove_ledger()
    names = [one["check"] for one in kept.findings]
    assert names.count("balance") == 1
    assert kept.broken > len(kept.findings)


def test_each_brand_is_told_of_its_own_accounts_alone(
    story: Account, other_brand: Brand, agent: Agent
) -> None:
    theirs = make.make_member(brand=other_brand, points=10).account
    BREAK["balance"](theirs)
    prove_ledger()
    mine = LedgerProof.objects.visible_to(agent).get()
    assert (mine.broken, mine.findings, mine.entries) == (
        0,
        [],
        Entry.objects.filter(account__brand=story.brand).count(),
    )
    other = LedgerProof.objects.exclude(pk=mine.pk).get()
    assert other.findings[0]["account"] == theirs.number


def test_the_proof_is_made_once_a_night_whenever_the_house_is_awake(story: Account) -> None:
    evening = make.instant("2026-03-01T20:00+00:00")
    steps = [
        (0, 1),
        (2, 0),
        (5.9, 0),
        (6, 1),
        (7, 0),
        (29, 0),
        (32, 1),
    ]  # hours after the evening, brands proven
    for hours, proven in steps:
        assert beat_job(at=evening + timedelta(hours=hours)) == proven, hours


def test_a_proof_of_later_does_not_hold_off_one_asked_for_an_earlier_time(story: Account) -> None:
    assert prove_nightly(at=make.instant("2026-03-05T20:00+00:00"))
    assert prove_nightly(at=make.instant("2026-03-01T20:00+00:00"))


def ledger_of(client: Client) -> tuple[str, str]:
    response = client.get("/readyz")
    assert response.status_code == 200
    return response.json()["checks"]["ledger"], response.json()["status"]


def test_a_broken_ledger_shows_as_degraded_and_the_house_serves_on(client: Client, story: Account) -> None:
    prove_ledger()
    assert ledger_of(client)[0] == "ok"
    BREAK["version"](story)
    prove_ledger()
    assert ledger_of(client) == ("broken: run manage.py verify_ledger", "degraded")


def test_a_proof_older_than_two_days_shows_as_late(client: Client, story: Account) -> None:
    prove_ledger(at=clock.now() - timedelta(days=2, minutes=1))
    assert ledger_of(client) == ("late: the nightly proof has stopped", "degraded")
    assert client.get("/readyz").json()["ages"]["ledger"] >= 2 * 86_400
    prove_ledger()
    assert ledger_of(client)[0] == "ok"


def test_a_ledger_that_waits_for_its_first_night_is_fine_and_one_that_waits_for_days_is_not(
    client: Client, story: Account
) -> None:
    assert ledger_of(client)[0] == "ok"
    Entry.objects.first()
    behind("UPDATE loyalty_entry SET posted_at = posted_at - interval '3 days'")
    assert ledger_of(client) == ("has not been proven yet", "degraded")


def figure(client: Client) -> Any:
    """The ledger's figure on the supervisor's start page, if there is one."""
    ((_brand, groups),) = client.get("/admin/").context["brands"]
    return next((one for _title, group in groups for one in group if one.words == "Ledger"), None)


def test_the_start_page_shows_the_last_proof_and_a_failure_in_red(
    client: Client, supervisor: Agent, story: Account
) -> None:
    client.force_login(supervisor)
    assert figure(client) is None
    prove_ledger()
    assert (figure(client).value, figure(client).bad) == ("whole", False)
    BREAK["balance"](story)
    prove_ledger()
    shown = figure(client)
    assert (shown.value, shown.bad) == ("broken", True)
    assert "start-bad" in client.get("/admin/").text
    page = client.get(f"/admin/loyalty/ledgerproof/{LedgerProof.objects.latest('pk').pk}/change/")
    assert f"{story.number}: balance" in page.text
    assert client.get(shown.link).status_code == 200


def test_the_start_page_shows_a_stale_proof_in_red(client: Client, supervisor: Agent, story: Account) -> None:
    client.force_login(supervisor)
    prove_ledger(at=clock.now() - timedelta(days=3))
    assert (figure(client).value, figure(client).bad) == ("too old a proof", True)
