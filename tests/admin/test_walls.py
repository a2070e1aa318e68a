"""No page of the admin tells of a brand its reader does not serve."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import ForeignKey, ManyToManyField
from django.urls import reverse

from agents import roles
from agents.models import Agent, Brand, Skill
from customers.models import ContactPoint
from tests import databases, make
from tests.admin.rows import SHARED, TABLES, fill, rows_of
from tickets.models import TicketNumber

FOREIGN = "Kilo"


def build_both():
    """Rows of everything in FF and in Kilo Lamps, and somebody who serves both; the keys of the two."""
    brand = make.make_brand(code="FF", name="Fern & Feather", time_zone="Europe/Berlin")
    other_brand = make.make_brand(code="KL", name="Kilo Lamps", time_zone="America/Sao_Paulo")
    make.make_agent(brands=[brand, other_brand], name="Bo Both")
    fill(brand, "Fern")
    fill(other_brand, FOREIGN)
    return brand.pk, other_brand.pk


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with databases.kept(django_db_blocker) as build:
        yield build(build_both)


@pytest.fixture
def both(built, db):
    return [Brand.objects.get(pk=key) for key in built]


@pytest.fixture
def brand(both):
    return both[0]


@pytest.fixture
def other_brand(both):
    return both[1]


@pytest.fixture
def reader(request, both, brand, client):
    role = getattr(request, "param", roles.ADMINISTRATOR)  # who may open the most
    agent = make.make_agent(role=role, brands=[brand], name="Rea Reader")
    client.force_login(agent)
    return agent


def page(name, model, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def of_brands():
    return [model for model in TABLES if model not in SHARED and model is not TicketNumber]


# Rows that stand on the page of what they belong to, or are an index or a queue that nobody reads.
WITHIN = {
    "agents.Presence", "goodwill.IncidentLine", "goodwill.ReasonSentence", "goodwill.Remedy", "tickets.ChecklistItem",
    "tickets.FieldChoice", "tickets.FieldQueue", "tickets.Occasion", "tickets.Opening", "tickets.RuleVersion",
    "tickets.ShopTaskLine", "tickets.SpecialDay", "tickets.TicketWords",
}  # fmt: skip


def test_every_table_of_the_rooms_is_registered():
    rooms = {"agents", "customers", "loyalty", "tickets", "goodwill", "callbacks"}
    tables = {model._meta.label for room in rooms for model in apps.get_app_config(room).get_models()}
    assert {model._meta.label for model in TABLES} == tables - WITHIN


@pytest.mark.parametrize("reader", [roles.ADMINISTRATOR, roles.SUPERVISOR], indirect=True)
def test_every_list_shows_the_rows_of_ones_own_brand_only(client, reader, brand, other_brand):
    for model in of_brands():
        response = client.get(page("changelist", model))
        shown = set(response.context["cl"].result_list)
        foreign = set(rows_of(model, other_brand)) - set(rows_of(model, brand))
        assert shown >= set(rows_of(model, brand)), model
        assert foreign, model
        assert not shown & foreign, model
        assert FOREIGN not in response.text, model


def test_pages_and_histories_of_ones_own_rows_name_no_other_brand(client, reader, brand):
    for model in of_brands():
        for row in rows_of(model, brand):
            for name in ("change", "history"):
                response = client.get(page(name, model, row.pk))
                assert response.status_code == 200, (model, name)
                assert FOREIGN not in response.text, (model, name)


def test_pages_of_another_brands_rows_are_not_there(client, reader, brand, other_brand):
    for model in of_brands():
        for row in set(rows_of(model, other_brand)) - set(rows_of(model, brand)):
            for name in ("change", "history", "delete"):
                response = client.get(page(name, model, row.pk))
                assert response.status_code == 403 or response.get("Location") == "/admin/", (model, name)
    strange = client.get(page("change", Brand, other_brand.pk), follow=True)
    assert f"brand with ID “{other_brand.pk}” doesn’t exist" in strange.text


def test_buttons_on_another_brands_rows_lead_nowhere(client, reader, other_brand):
    account = rows_of(apps.get_model("loyalty.Account"), other_brand)[0]
    mail = rows_of(apps.get_model("tickets.InboundMail"), other_brand)[0]
    assert client.get(f"/admin/loyalty/account/{account.pk}/adjust/").status_code == 404
    assert client.post(f"/admin/loyalty/account/{account.pk}/adjust/").status_code == 404
    assert client.get(f"/admin/tickets/inboundmail/{mail.pk}/download/").status_code == 404


def test_adding_offers_no_row_of_another_brand(client, reader):
    for model, table in admin.site._registry.items():
        request = type("Request", (), {"user": reader})()
        if model in TABLES and table.has_add_permission(request):
            response = client.get(page("add", model))
            assert response.status_code == 200, model
            assert FOREIGN not in response.text, model


def test_autocompletes_offer_no_row_of_another_brand(client, reader, brand, other_brand):
    asked = 0
    for model in TABLES:
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            if isinstance(field, ForeignKey | ManyToManyField) and field.related_model in of_brands():
                foreign = set(rows_of(field.related_model, other_brand)) - set(
                    rows_of(field.related_model, brand)
                )
                for term in ("", FOREIGN, "kilo"):
                    query = {
                        "app_label": model._meta.app_label,
                        "model_name": model._meta.model_name,
                        "field_name": field.name,
                        "term": term,
                    }
                    response = client.get(reverse("admin:autocomplete"), query)
                    if response.status_code == 200:
                        offered = {result["id"] for result in response.json()["results"]}
                        assert not offered & {str(row.pk) for row in foreign}, field
                        assert FOREIGN not in response.text, field
                        asked += 1
    assert asked > 50


def test_search_finds_nothing_of_another_brand(client, reader, brand, other_brand):
    point = ContactPoint.objects.filter(brand=other_brand).first()
    for model in of_brands():
        foreign = set(rows_of(model, other_brand)) - set(rows_of(model, brand))
        for words in (FOREIGN, point.value, "KL-1", point.customer.account.number):
            response = client.get(page("changelist", model), {"q": words})
            assert response.status_code == 200, (model, words)
            assert not set(response.context["cl"].result_list) & foreign, (model, words)


def test_search_finds_what_it_says(client, reader, brand):
    point = ContactPoint.objects.filter(brand=brand, kind="mail").first()
    found = {
        "customers.Customer": [point.value.upper(), "fern"],
        "customers.ContactPoint": [point.value],
        "customers.Order": [point.value, point.customer.orders.first().number],
        "loyalty.Account": [point.value, point.customer.account.number.lower()],
        "loyalty.Entry": [point.customer.account.number],
        "tickets.Ticket": [point.value, "ff-1"],
        "tickets.Message": ["FF-1"],
        "tickets.Attachment": ["FF-1"],
        "goodwill.Request": ["FF-1"],
        "callbacks.Callback": ["FF-1", point.value],
    }
    for label, words in found.items():
        for word in words:
            response = client.get(page("changelist", apps.get_model(label)), {"q": word})
            assert response.context["cl"].result_list, (label, word)


def test_a_filter_by_another_brand_finds_nothing(client, reader, other_brand):
    answered = client.get(page("changelist", Agent), {"brands__id__exact": other_brand.pk})
    assert list(answered.context["cl"].result_list) == []


@pytest.mark.parametrize(
    "lookup",
    ["brands__name__startswith=K", "brands__exact=1", "brands=1", "password__startswith=a", "teams__id=1"],
)
def test_an_address_written_by_hand_asks_no_question_that_no_filter_offers(client, reader, lookup):
    assert client.get(f"{page('changelist', Agent)}?{lookup}").status_code in (302, 400)


def test_the_history_of_a_shared_row_does_not_name_who_serves_other_brands(client, reader, other_brand):
    stranger = make.make_agent(role=roles.ADMINISTRATOR, brands=[other_brand], name="Kilo Stranger")
    client.force_login(stranger)
    client.post(page("add", Skill), {"name": "Lamps", "code": "lamps"})
    client.force_login(reader)
    response = client.get(page("history", Skill, Skill.objects.get().pk))
    assert "somebody else" in response.text
    assert stranger.email not in response.text


def test_the_owner_sees_every_row_those_of_no_brand_too(client, both, owner):
    mail_model, lonely = apps.get_model("tickets.InboundMail"), make.make_agent(brands=[], name="Lone")
    quarantined = mail_model.objects.create(sha256="1" * 64, raw=b"?", outcome="quarantined")
    client.force_login(owner)
    for model in TABLES:
        response = client.get(page("changelist", model))
        assert len(response.context["cl"].result_list) == min(model._default_manager.count(), 50), model
    assert client.get(page("change", mail_model, quarantined.pk)).status_code == 200
    assert client.get(page("change", Agent, lonely.pk)).status_code == 200


def test_a_reader_of_both_brands_sees_both(client, both, brand, other_brand):
    client.force_login(make.make_agent(role=roles.SUPERVISOR, brands=[brand, other_brand]))
    assert set(client.get(page("changelist", Brand)).context["cl"].result_list) == {brand, other_brand}
