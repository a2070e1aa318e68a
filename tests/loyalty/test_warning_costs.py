"""What the hourly look for points that end costs: by the accounts that end soon, not by all, no question for each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contactcenter import clock
from loyalty.models import Account, Programme
from loyalty.services import warnings, write_warnings
from tests import make
from tests.contactcenter.test_plans import FILL
from tests.loyalty.test_monthly_statements import read_by

SOON = 200


@pytest.fixture
def many(programme: Programme) -> None:
    """10,000 members, of whom 200 have points that end in 20 days and were told."""
    account = make.make_member(brand=programme.brand).account
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loyalty.check', 'off', true)")
        for statement in FILL[:2]:
            later = statement.replace("interval '1 day'", "interval '90 days'")
            cursor.execute(
                later.replace("% 200", "%% 200").replace("20000", "10000"), {"account": account.pk}
            )
            cursor.execute("ANALYZE")
    ends = clock.day((clock.now() + timedelta(days=20)).date(), programme.zone)[0]
    soon = Account.objects.order_by("pk").values_list("pk", flat=True)[:SOON]
    Account.objects.update(next_expiry=clock.now() + timedelta(days=90))
    Account.objects.filter(pk__in=list(soon)).update(next_expiry=ends)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_contactpoint (brand_id, customer_id, kind, value, created_at)"
            " SELECT brand_id, id, 'mail', id || '@many.example', now() FROM customers_customer"
            " WHERE NOT EXISTS (SELECT FROM customers_contactpoint p WHERE p.customer_id = customers_customer.id)"
        )
        cursor.execute("ANALYZE")
        cursor.execute(
            "INSERT INTO customers_notice (brand_id, customer_id, contact_point_id, template, context, key, state,"
            " attempts, last_error, written_at) SELECT a.brand_id, a.customer_id, p.id, 'points_expire', '{}',"
            " 'warn:' || a.id || ':' || %s || ':30', 'sent', 0, '', now() FROM loyalty_account a"
            " JOIN customers_contactpoint p ON p.customer_id = a.customer_id WHERE a.next_expiry = %s",
            [(ends - timedelta(hours=1)).astimezone(programme.zone).date().isoformat(), ends],
        )
        cursor.execute("ANALYZE")


def test_who_was_told_costs_a_question_for_five_hundred(many: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert write_warnings() == 0
    asked = [query["sql"] for query in queries if "customers_notice" in query["sql"]]
    assert len(asked) == -(-SOON // warnings.AT_A_TIME)
    assert len(queries) <= len(asked) + 8


def test_the_sweep_reads_only_accounts_that_end_soon(many: None) -> None:
    now = clock.now()
    rows = Account.objects.filter(
        next_expiry__gt=now, next_expiry__lte=now + timedelta(days=30), status="active"
    ).order_by("next_expiry", "pk")
    with CaptureQueriesContext(connection) as queries:
        assert len(rows) == SOON
    query = queries[-1]["sql"]
    assert read_by(query) <= SOON
    with connection.cursor() as cursor:  # the control
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX loyalty_account_to_expire")
    assert read_by(query) > SOON
