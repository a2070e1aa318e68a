"""Lists as files: what is in them, who may take them, how long they may be."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from agents import export_admin, roles
from agents.export_admin import ExportAdmin, as_letters
from customers.models import Customer
from tests import make
from tests.admin.rows import fill

FORM = {"format": "0", "resource": "0"}
EXPORTS = [model for model, table in admin.site._registry.items() if isinstance(table, ExportAdmin)]


def path(model):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/export/"


def table(response):
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment"), response.content[:200]
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


@pytest.fixture
def signed_in(client, supervisor):
    client.force_login(supervisor)
    return client


def test_supervisors_take_out_customers_orders_entries_tickets_grants_and_promises(signed_in, brand):
    fill(brand, "Fern")
    assert {model.__name__ for model in EXPORTS} == {
        "Customer",
        "Order",
        "Entry",
        "Ticket",
        "Request",
        "Offer",
        "PledgeRun",
        "Callback",
    }
    for model in EXPORTS:
        rows = table(signed_in.post(path(model), FORM))
        assert len(rows) == model._default_manager.count(), model
        assert all(None not in row and None not in row.values() for row in rows)


def test_a_file_holds_what_the_list_was_searched_and_filtered_for(signed_in, brand):
    for name in ("Anna", "Anne", "Bert"):
        make.make_customer(brand=brand, name=name)
    assert [row["name"] for row in table(signed_in.post(path(Customer) + "?q=Ann", FORM))] == ["Anne", "Anna"]
    none = signed_in.post(path(Customer) + "?created_at_to=2001-01-01", FORM)
    assert table(none) == []


def test_the_button_of_a_list_keeps_its_filters(signed_in, customer):
    assert 'export/?q=Nora"' in signed_in.get("/admin/customers/customer/?q=Nora").text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(signed_in, brand, start):
    make.make_customer(brand=brand, name=f"{start}1+1")
    (row,) = table(signed_in.post(path(Customer), FORM))
    assert row["name"] == f"'{start}1+1"


def test_a_number_below_zero_stays_a_number(signed_in, member, supervisor):
    import loyalty.services
    from loyalty.models import Entry

    loyalty.services.redeem(member.account, 100, by=supervisor, key="r")
    assert [row["points"] for row in table(signed_in.post(path(Entry), FORM))] == ["-100", "1000"]
    assert as_letters("plain") == "plain"


def test_agents_do_not_get_in_and_who_only_looks_takes_nothing_out(client, brand, agent):
    watcher = make.make_agent(role=None, brands=[brand], is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_customer"))
    for reader, status in ((watcher, 403), (agent, 302)):
        client.force_login(reader)
        assert client.get(path(Customer)).status_code == status
        assert client.post(path(Customer), FORM).status_code == status
    assert not LogEntry.objects.exists()
    client.force_login(watcher)
    assert "/export/" not in client.get("/admin/customers/customer/").text


def test_who_may_take_out_files_but_not_look_at_the_table_gets_none(client, brand):
    reader = make.make_agent(role=None, brands=[brand], is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="export"))
    client.force_login(reader)
    assert client.post(path(Customer), FORM).status_code == 403


def test_a_list_that_is_too_long_is_refused_rather_than_cut(signed_in, brand, monkeypatch):
    monkeypatch.setattr(export_admin, "ROWS_AT_MOST", 2)
    for _ in range(2):
        make.make_customer(brand=brand)
    assert len(table(signed_in.post(path(Customer), FORM))) == 2
    make.make_customer(brand=brand)
    response = signed_in.post(path(Customer), FORM, follow=True)
    assert "this list is longer" in response.text
    assert LogEntry.objects.count() == 1


def test_who_took_how_many_rows_is_written_down_and_shown_to_colleagues_only(
    client, signed_in, supervisor, customer, other_brand
):
    table(signed_in.post(path(Customer), FORM))
    line = LogEntry.objects.get()
    assert (line.user_id, line.object_repr, line.change_message) == (
        supervisor.pk,
        "customers",
        "exported: 1 row",
    )
    assert "Sol Specht: customers, exported: 1 row" in signed_in.get("/admin/").text
    client.force_login(make.make_agent(role=roles.SUPERVISOR, brands=[other_brand]))
    assert "Sol Specht" not in client.get("/admin/").text


def test_ticking_rows_by_hand_does_not_list_the_keys_of_the_table(signed_in, customer):
    response = signed_in.post(path(Customer), FORM | {"export_items": str(customer.pk)})
    assert "attachment" not in response.get("Content-Disposition", "")
    assert response.status_code == 200
