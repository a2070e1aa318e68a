"""Who may be one person: what is proposed and why, what is not, and that nobody is asked twice."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from customers.duplicates import BEFORE, MAILBOXES, MOST, NAMES, NEAR, OLD_ADDRESSES, words_of
from customers.models import Customer, Duplicate, NotSame
from customers.services import (
    compare_some,
    edit_profile,
    merge,
    not_the_same,
    remove_contact_point,
    set_birthday,
    unmerge,
)
from tests import make
from tests.desk.crowds import analyse
from tests.loyalty.test_holds import refused
from tests.many import write_many


def compare() -> None:
    while compare_some():
        pass


def proposed() -> list[tuple[set[str], list[str], int]]:
    rows = Duplicate.objects.open().likely().select_related("one", "other")
    return [({row.one.name, row.other.name}, sorted(row.reasons), row.score) for row in rows]


def born(customer: Customer, month: int = 5, day: int = 17) -> Customer:
    return set_birthday(customer, month, day)


def test_one_name_and_one_birthday_are_proposed(brand: Brand) -> None:
    born(make.make_customer(brand=brand, name="Mara Mond"))
    born(make.make_customer(brand=brand, name="MARA  MÖND".replace("Ö", "O")))
    compare()
    assert proposed() == [({"Mara Mond", "MARA  MOND"}, ["birthday", "name"], 85)]


@pytest.mark.parametrize(
    ("one", "other", "signs"),
    [
        ({"city": "Bergen"}, {"city": "bergen"}, ["city", "name"]),
        ({"mail": "mara.mond@work.example"}, {"mail": "maramond+shop@mail.example"}, ["mail_name", "name"]),
        ({"city": "Bergen"}, {"city": "Oslo"}, None),
        ({}, {}, None),
    ],
)
def test_a_name_counts_with_something_else_only(
    brand: Brand, one: dict[str, str], other: dict[str, str], signs: list[str] | None
) -> None:
    for fields in (one, other):
        make.make_customer(brand=brand, name="Mara Mond", **fields)
    compare()
    assert [found[1] for found in proposed()] == ([signs] if signs else [])


def test_one_mailbox_written_in_two_ways_is_enough(brand: Brand) -> None:
    make.make_customer(brand=brand, name="Mara", mail="mara.mond@mail.example")
    make.make_customer(brand=brand, name="M. Mond", mail="maramond+news@mail.example")
    compare()
    assert [found[1] for found in proposed()] == [["mailbox"]]


def test_an_address_that_the_other_one_had_is_enough(brand: Brand, agent: Agent) -> None:
    first = make.make_customer(brand=brand, name="Ida Ek", mail="old@mail.example")
    make.make_mail(customer=first)
    remove_contact_point(first.contact_points.get(value="old@mail.example"), by=agent)
    make.make_customer(brand=brand, name="Nora Holm", mail="old@mail.example")
    compare()
    assert [found[1] for found in proposed()] == [["old_address"]]


def test_a_slip_in_the_name_is_seen_with_the_same_birthday(brand: Brand) -> None:
    born(make.make_customer(brand=brand, name="Katharina Zielinski"))
    born(make.make_customer(brand=brand, name="Katarina Zielinski"))
    compare()
    assert [found[1] for found in proposed()] == [["birthday", "name_alike"]]


def test_the_same_human_at_two_brands_is_never_proposed(brand: Brand, other_brand: Brand) -> None:
    for one in (brand, other_brand):
        born(make.make_customer(brand=one, name="Mara Mond", mail="mara@mail.example"))
    compare()
    assert proposed() == []


def test_who_is_not_the_same_is_not_asked_about_again(brand: Brand, agent: Agent) -> None:
    pair = [born(make.make_customer(brand=brand, name="Mara Mond")) for _ in range(2)]
    compare()
    for _ in range(2):
        not_the_same(*reversed(pair), by=agent)
    edit_profile(pair[0], {"city": "Bergen"}, by=agent)
    compare()
    assert proposed() == []
    assert NotSame.objects.get().by == agent
    with refused("same_customer"):
        not_the_same(pair[0], pair[0], by=agent)


def test_who_was_changed_is_compared_again_and_what_no_longer_holds_goes(brand: Brand, agent: Agent) -> None:
    one = make.make_customer(brand=brand, name="Mara Mond", city="Bergen")
    make.make_customer(brand=brand, name="Mara Mond", city="Oslo")
    compare()
    assert proposed() == []
    edit_profile(one, {"city": "Oslo"}, by=agent)
    compare()
    assert len(proposed()) == 1
    edit_profile(one, {"name": "Nora Nilsen"}, by=agent)
    compare()
    assert proposed() == []


def test_who_was_merged_is_not_proposed_and_an_undone_merge_says_they_are_two(
    brand: Brand, supervisor: Agent
) -> None:
    pair = [born(make.make_customer(brand=brand, name="Mara Mond")) for _ in range(2)]
    compare()
    desk = Client()
    desk.force_login(supervisor)
    assert len(desk.get("/admin/customers/duplicate/").context["cl"].result_list) == 1
    one = merge(*pair, by=supervisor, reason="twice", key="m1")
    assert proposed() == []
    assert len(desk.get("/admin/customers/duplicate/").context["cl"].result_list) == 0
    unmerge(one, by=supervisor, key="u1")
    compare()
    assert proposed() == []
    assert NotSame.objects.exists()


def test_many_who_are_alike_cost_no_more_queries_than_two(brand: Brand) -> None:
    costs = []
    for many, day in ((2, 17), (6, 18)):
        for _ in range(many):
            born(make.make_customer(brand=brand, name="Mara Mond"), day=day)
        with CaptureQueriesContext(connection) as queries:
            assert compare_some() == many
        costs.append(len(queries))
    assert Duplicate.objects.count() == 1 + 15
    assert costs[0] == costs[1]


def test_the_signs_are_told_in_words_the_strongest_first() -> None:
    assert words_of(["name", "birthday"]) == "the same birthday, the same name"


MANY = 20_000
FILL = [
    """INSERT INTO customers_customer (brand_id, name, language, country, city, time_zone, created_at)
    SELECT %(brand)s, initcap(left(translate(md5(n::text), '0123456789', 'ghijklmnop'), 8)) || ' '
        || initcap(left(translate(md5((n * 7)::text), '0123456789', 'qrstuvwxyz'), 9)), 'en', '', 'Oslo', '', now()
    FROM generate_series(1, %(many)s) n""",
    """INSERT INTO customers_contactpoint (brand_id, customer_id, kind, value, created_at, removed_at)
    SELECT brand_id, id, 'mail', md5(id::text) || '@mail.example', now(),
        CASE WHEN id %% 10 = 0 THEN now() END FROM customers_customer""",
]


def test_every_arm_walks_an_index_of_its_own(brand: Brand) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in FILL:
            write_many(statement, {"brand": brand.pk, "many": MANY})
            analyse("customers_customer", "customers_contactpoint")
        cursor.execute(BEFORE, [str(NEAR)])
        asked = list(Customer.objects.order_by("pk").values_list("pk", flat=True)[:100])
        for statement in (NAMES, MAILBOXES, OLD_ADDRESSES):
            cursor.execute(f"EXPLAIN {statement}", {"asked": asked, "most": MOST})
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on customers_" not in plan, plan
            if statement == NAMES:
                assert "customers_customer_words" in plan, plan
                assert "customers_customer_begins" in plan, plan
