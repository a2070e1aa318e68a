"""What the database sees to by itself when a transaction ends: the lots of an account hold its balance."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from contactcenter import clock
from loyalty.models import Account, Lot
from loyalty.services import earn, earn_many, merge_accounts, redeem
from loyalty.services.giving import Gift
from tests import make

NAME = "loyalty_account_lots_add_up"


def tamper(how: str, account: Account) -> None:
    """Change the ledger behind the services' back, in a transaction of its own."""
    with transaction.atomic():
        if how == "balance":
            Account.objects.filter(pk=account.pk).update(balance=F("balance") + 1)
        elif how == "lot":
            Lot.objects.filter(account=account).update(remaining=F("remaining") - 1)
        elif how == "lot of another entry":
            Lot.objects.create(
                account=account, entry=account.entries.earliest("seq"), origin=account.lots.earliest("id"),
                granted=5, remaining=5, is_open=True,
            )  # fmt: skip
        else:  # beside a sound deed of the same account
            earn(account, 5, contra="issue.order", by=None, key=make.unique())
            Lot.objects.filter(account=account, granted=1000).update(remaining=F("remaining") - 1)


@pytest.mark.parametrize("how", ["balance", "lot", "lot of another entry", "beside a deed"])
def test_a_balance_that_its_lots_do_not_hold_is_refused_at_commit(own_db: str, how: str) -> None:
    account = make.make_member(points=1000).account
    with pytest.raises(IntegrityError) as refusal:
        tamper(how, account)
    assert refusal.value.__cause__.diag.constraint_name == NAME
    account.refresh_from_db()
    assert account.balance == 1000


def test_it_looks_when_the_transaction_ends_and_not_before(own_db: str) -> None:
    account = make.make_member(points=1000).account
    with transaction.atomic():
        Account.objects.filter(pk=account.pk).update(balance=F("balance") - 1)
        Lot.objects.filter(account=account).update(remaining=F("remaining") - 1)


def test_control_switched_off_it_lets_everything_pass(own_db: str) -> None:
    account = make.make_member(points=1000).account
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loyalty.check', 'off', false)")
    tamper("balance", account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loyalty.check', '', false)")
    with pytest.raises(IntegrityError):
        tamper("balance", account)


def test_deeds_of_every_kind_pass_it(own_db: str) -> None:
    giver = make.make_member(points=100)
    taker = make.make_member(brand=giver.brand, points=50).account
    giver = giver.account
    redeem(giver, 30, by=None, key="r1")
    gifts = [
        Gift(account.pk, 7, "issue.order", f"g{n}:{account.pk}", clock.now())
        for n in range(40)
        for account in (giver, taker)
    ]
    assert earn_many(gifts) == 80
    merge_accounts(giver, taker, by=None, key="m1")
    taker.refresh_from_db()
    assert taker.balance == 50 + 70 + 80 * 7


def count_looks() -> None:
    """Let the functions write down each time they add up lots."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE looked (n int)")
        for name in ("loyalty_check_account", "loyalty_check_lot"):
            cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
            (source,) = cursor.fetchone()
            judged = "IF left_over"
            note = "INSERT INTO looked SELECT 1 WHERE left_over IS NOT NULL; "
            cursor.execute(source.replace(judged, note + judged, 1))


def looks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM looked")
        return int(cursor.fetchone()[0])


def test_a_bulk_looks_at_each_account_once(own_db: str) -> None:
    members = [make.make_member(points=100).account for _ in range(2)]
    count_looks()
    earn_many(
        [
            Gift(account.pk, 7, "issue.order", make.unique(), clock.now())
            for account in members
            for _ in range(50)
        ]
    )
    assert looks() == 2


def test_several_deeds_of_one_transaction_look_once_at_their_account(own_db: str) -> None:
    account = make.make_member(points=100).account
    count_looks()
    with transaction.atomic():
        for _ in range(5):
            redeem(account, 3, by=None, key=make.unique())
    assert looks() == 1


@pytest.mark.parametrize(("said", "held"), [("true", "None"), ("false", "off")])
def test_a_setting_switches_the_check_for_every_connection(own_db: str, said: str, held: str) -> None:
    ask = (
        "from django.db import connection; cursor = connection.cursor();"
        "cursor.execute(\"SELECT current_setting('loyalty.check', true)\"); print(cursor.fetchone()[0])"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", ask]
    environment = os.environ | {"LEDGER_CHECK": said}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == held
