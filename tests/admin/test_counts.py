"""How many rows a list of the admin says it has."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from agents import paging_admin, roles
from agents.paging_admin import InfinitePaginator
from customers.models import Customer
from tests import make


@pytest.fixture
def listed(client, brand):
    """What the list of customers says below its rows."""
    client.force_login(make.make_agent(role=roles.SUPERVISOR, brands=[brand]))

    def below(**asked):
        page = client.get("/admin/customers/customer/", asked).content.decode()
        assert "9999999999" not in page  # what the theme takes for the number of all rows
        (pages,) = re.findall(r'id="pages">(.*?)</div>', page, re.DOTALL)
        return " ".join(re.sub(r"<span[^>]*>|</span>", " ", pages).split())

    return below


def test_a_list_says_how_many_rows_the_search_left(listed, brand, other_brand):
    for name in ("Ada Brook", "Ada Cole", "Bo Adam"):
        make.make_customer(brand=brand, name=name)
    make.make_customer(brand=other_brand, name="Ada Elsewhere")
    assert listed().endswith("3 rows")
    assert listed(q="ada brook").endswith("1 row")
    assert listed(q="nobody").endswith("0 rows")


def test_counting_ends_where_it_would_take_long(listed, brand, monkeypatch):
    monkeypatch.setattr(paging_admin, "MOST", 2)
    for _ in range(3):
        make.make_customer(brand=brand)
    assert listed().endswith("more than 2 rows")
    with connection.cursor() as cursor:  # the bound of its time is taken back
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_a_count_that_takes_too_long_is_left_out(brand):
    make.make_customer(brand=brand)
    slow = Customer.objects.extra(where=["pg_sleep(2) IS NOT NULL"]).order_by("pk")
    pages = InfinitePaginator(slow, 50)
    assert (pages.found, pages.words, pages.last) == (None, "", 0)
    assert Customer.objects.exists()  # and the page goes on


def test_no_page_follows_the_last_one(listed, brand):
    for _ in range(50):
        make.make_customer(brand=brand)
    assert "href" not in listed()
    make.make_customer(brand=brand)
    assert "href" in listed()


@pytest.mark.parametrize(
    ("words", "found"),
    [("tanaka", 2), ("tan haru", 1), ("haruka tan", 1), ("müll", 1), ("mul", 1), ("%", 0), ("_", 0)],
)
def test_customers_are_found_by_any_words_of_the_name_in_any_order(listed, brand, words, found):
    for name in ("Haruka Tanaka", "Jun Tanaka", "Eva Müller"):
        make.make_customer(brand=brand, name=name)
    assert listed(q=words).endswith(f"{found} row" + "s" * (found != 1))
