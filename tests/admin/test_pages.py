"""The admin's pages: who enters, what is only looked at, and what each costs."""

from __future__ import annotations

import hashlib
import uuid

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents import roles
from agents.brand_admin import LOOKED_AT, LedgerAdmin
from agents.models import Brand, Team
from contactcenter.errors import Refused
from customers.models import ChangeWords, ContactPoint, Customer, OrderLine
from customers.services import remove_contact_point
from loyalty.models import Account, Entry, Programme
from tests import make
from tests.admin.rows import TABLES, fill
from tickets.models import InboundMail, Message, Queue, Rule, Ticket, TicketEvent, TicketNumber


@pytest.fixture
def signed_in(client, supervisor):
    client.force_login(supervisor)
    return client


def page(name, model, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def posted(client, data):
    """What the admin gets when whoever is signed in sends `data`."""
    request = client.get("/admin/").wsgi_request
    post = RequestFactory().post("/admin/", data)
    post.user, post.session, post._messages = request.user, request.session, request._messages
    post._dont_enforce_csrf_checks = True
    return post


def test_visitors_are_led_to_the_one_sign_in_and_back(client, db):
    response = client.get("/admin/tickets/ticket/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/sign-in/?next=/admin/tickets/ticket/"
    assert response.status_code == 200


def test_an_agent_who_may_not_enter_is_told_so_and_not_sent_in_circles(client, agent):
    client.force_login(agent)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert len(response.redirect_chain) == 1


def test_an_agent_who_may_not_enter_opens_no_page(client, agent, brand):
    fill(brand, "Fern")
    client.force_login(agent)
    for model in TABLES:
        row = model._default_manager.first()
        for url in (
            page("changelist", model),
            page("add", model),
            page("change", model, row.pk if row else 1),
        ):
            response = client.get(url, follow=True)
            assert response.redirect_chain[0][1] == 302, url
            assert response.status_code == 403, url


def test_who_may_enter_and_asks_for_the_sign_in_page_is_in(signed_in):
    assert signed_in.get("/admin/login/").url == "/admin/"


def test_tables_of_other_packages_are_not_shown(client, owner):
    client.force_login(owner)
    shown = {app["app_label"] for app in client.get("/admin/").context["app_list"]}
    assert shown == {"agents", "customers", "loyalty", "tickets", "goodwill", "callbacks"}


def test_the_side_bar_names_what_is_worked_with_in_the_order_of_the_house_then_the_records(client, owner):
    client.force_login(owner)
    context = client.get("/admin/").context
    groups = {
        str(group["title"]): [item["link"] for item in group["items"]]
        for group in context["sidebar_navigation"]
    }
    assert list(groups) == [
        "Customers", "Loyalty", "Tickets", "Goodwill", "Callbacks", "Agents", "Customers: records", "Loyalty: records",
        "Tickets: records", "Goodwill: records", "Callbacks: records", "Agents: records",
    ]  # fmt: skip
    for model, group in {
        Ticket: "Tickets",
        Queue: "Tickets",
        Rule: "Tickets",
        TicketEvent: "Tickets: records",
    }.items():
        assert page("changelist", model) in groups[group]
    every = sorted(table["admin_url"] for app in context["app_list"] for table in app["models"])
    assert sorted(link for links in groups.values() for link in links) == every


def test_what_the_side_bar_puts_first_is_there():
    known = {f"{model._meta.app_label}.{model.__name__}" for model in TABLES}
    assert set(LOOKED_AT) <= known


def test_what_services_write_is_not_written_here(client, owner, brand):
    fill(brand, "Fern")
    client.force_login(owner)
    looked_at = [model for model in TABLES if isinstance(admin.site.get_model_admin(model), LedgerAdmin)]
    assert len(looked_at) > 20
    for model in looked_at:
        row = model._default_manager.first()
        for name, args in (("add", ()), ("change", (row.pk,)), ("delete", (row.pk,))):
            assert client.post(page(name, model, *args), {"post": "yes"}).status_code == 403, (model, name)
        before = model._default_manager.count()
        client.post(
            page("changelist", model),
            {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
        )
        assert model._default_manager.count() == before, model


def test_every_list_can_be_searched_and_every_list_of_more_than_a_few_rows_filtered():
    tables = {model._meta.label: admin.site.get_model_admin(model) for model in TABLES}
    assert [name for name, table in tables.items() if not table.search_fields] == []
    unfiltered = {name for name, table in tables.items() if not table.list_filter}
    assert unfiltered == {"agents.Brand", "agents.Skill"}


def test_every_list_takes_the_same_queries_for_5_rows_and_for_20(client, db):
    reader = make.make_agent(role=roles.ADMINISTRATOR, brands=[])
    client.force_login(reader)

    def costs():
        taken = {}
        for model in TABLES:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(page("changelist", model))
            taken[model._meta.label] = len(queries)
        return taken

    def grow(count):
        for _ in range(count):
            reader.brands.add(brand := make.make_brand())
            fill(brand, "Fern")

    grow(5)
    costs()  # what is asked once and remembered
    few = costs()
    grow(15)  # a question for each row shows with twenty as with fifty, in a third of the time
    assert costs() == few
    assert max(few.values()) <= 15, few


def test_a_refused_action_says_why(signed_in, member):
    class Refusing(admin.site.get_model_admin(Account).__class__):
        actions = ["refuse"]

        def refuse(self, request, queryset):
            raise Refused("not_today", "Not today.")

    post = posted(signed_in, {"action": "refuse", "index": 0, "_selected_action": member.account.pk})
    assert Refusing(Account, admin.site).changelist_view(post).status_code == 302
    assert [str(message) for message in post._messages] == ["Not today."]


def test_what_somebody_wrote_is_shown_as_letters(signed_in, ticket):
    message = Message.objects.filter(ticket=ticket).get()
    Message.objects.filter(pk=message.pk).update(
        text="Two\n<script>alert(1)</script>", html="<b>as it came</b>"
    )
    shown = signed_in.get(page("change", Message, message.pk)).text
    assert "<script>alert(1)" not in shown
    assert "Two<br>&lt;script&gt;alert(1)" in shown
    assert "as it came" not in shown


@pytest.fixture
def mail(brand):
    raw = b"Subject: \xff\r\n\r\n<img src=x onerror=alert(1)>\x00" + b"x" * 200_000
    return InboundMail.objects.create(sha256=hashlib.sha256(raw).hexdigest(), raw=raw, brand=brand)


def test_the_beginning_of_a_raw_mail_is_shown_as_letters(signed_in, mail):
    shown = signed_in.get(page("change", InboundMail, mail.pk)).text
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
    assert len(shown) < 200_000


def test_a_raw_mail_is_handed_out_byte_for_byte_and_never_shown(signed_in, mail):
    response = signed_in.get(f"/admin/tickets/inboundmail/{mail.pk}/download/")
    assert response.content == bytes(mail.raw)
    assert response["Content-Type"] == "message/rfc822"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment")


def adjusting(account):
    return f"/admin/loyalty/account/{account.pk}/adjust/"


def test_points_are_adjusted_through_the_ledger_once(signed_in, member, supervisor):
    form = {"points": "-300", "reason": "counted_twice", "key": uuid.uuid4()}
    for _ in range(2):
        response = signed_in.post(adjusting(member.account), form)
        assert response.url == page("change", Account, member.account.pk)
    entry = Entry.objects.get(kind="adjust")
    assert (entry.points, entry.actor, entry.reason) == (-300, supervisor, "counted_twice")
    assert Account.objects.get().balance == 700


def test_a_refused_adjustment_says_why_and_keeps_what_was_typed(signed_in, member):
    form = {"points": "-3000", "reason": "counted_twice", "key": uuid.uuid4()}
    response = signed_in.post(adjusting(member.account), form)
    assert "Only 1000 points can be spent." in response.text
    assert 'value="-3000"' in response.text
    assert Account.objects.get().balance == 1000


def test_who_may_look_but_not_adjust_finds_no_way(client, member, brand):
    watcher = make.make_agent(role=None, brands=[brand], is_staff=True)
    watcher.user_permissions.add(Permission.objects.get(codename="view_account"))
    client.force_login(watcher)
    assert "/adjust/" not in client.get(page("change", Account, member.account.pk)).text
    assert client.get(adjusting(member.account)).status_code == 403


CONFIG = {
    "agents.Brand": {
        "code": "NEW", "name": "New", "currency": "eur", "time_zone": "Asia/Tokyo", "search_language": "english",
    },
    "agents.Team": {"brand": "brand", "name": "Night"},
    "agents.Skill": {"name": "Italian", "code": "italian"},
    "agents.StateReason": {
        "brand": "brand", "code": "lunch", "label": "Lunch", "kind": "away", "rank": 1, "is_active": "on",
    },
    "loyalty.Programme": {
        "brand": "brand", "code": "ff", "name": "Circle", "unit_name": "points", "time_zone": "UTC",
        "validity_months": 24, "goodwill_months": 12, "point_value_minor": 1, "clawback": "debt", "expiry_mode": "age",
        "pending_days": 0, "restore_grace_days": 30, "adjust_limit": 10_000, "adjust_limit_administrator": 100_000,
        "delay_days": 30, "goodwill_spend_percent": 10,
    },
    "loyalty.Reward": {
        "programme": "programme", "code": "tote", "name": "Tote", "sentence": "{code}", "kind": "voucher",
        "points": "500", "tier_prices": "gold 400, platinum 350", "voucher_days": 90, "is_active": "on", "rank": 1,
    },
    "loyalty.TierSet": {
        "programme": "programme", "in_force_from": "2099-01-01", "window": "rolling", "months": 12, "year_month": 1,
        "year_day": 1, "needs": "all", "review": "one_level", "grace_days": 30, "refunds": "immediate",
        "refund_days": 14, "criteria-TOTAL_FORMS": 0, "criteria-INITIAL_FORMS": 0,
    },
    "loyalty.Tier": {"programme": "programme", "rank": 9, "code": "ruby", "name": "Ruby", "goodwill_percent": 25},
    "customers.VerificationPolicy": {
        "brand": "bare", "minutes": 30, "codes_an_hour": 2, "questions": ["birthday", "order_number"],
        "right_answers": 1, "own_questions": "Which colour?", "see": 1, "change": 2, "redeem": 2, "transfer": 3,
        "adjust": 0, "merge": 1,
        "statement": 2,
    },
    "tickets.Queue": {
        "brand": "brand", "name": "Help", "address": "Help@FF.example", "reply_minutes": 60, "reopen_days": 14,
        "wrap_up_minutes": 5, "shop_minutes": 60,
    },
    "tickets.ContactReason": {
        "brand": "brand", "label": "Late", "position": 1, "is_active": "on",
        "checklist-TOTAL_FORMS": 0, "checklist-INITIAL_FORMS": 0,
    },
    "tickets.TicketField": {
        "brand": "brand", "label": "Serial number", "kind": "text", "position": 1, "is_active": "on",
        "choices-TOTAL_FORMS": 0, "choices-INITIAL_FORMS": 0, "queues-TOTAL_FORMS": 0, "queues-INITIAL_FORMS": 0,
    },
    "tickets.Calendar": {
        "brand": "brand", "name": "Office", "time_zone": "Europe/Berlin",
        "openings-TOTAL_FORMS": 0, "openings-INITIAL_FORMS": 0,
        "special_days-TOTAL_FORMS": 0, "special_days-INITIAL_FORMS": 0,
    },
    "tickets.SavedView": {"brand": "brand", "name": "Gold, soon", "query": "is:waiting due:<2h"},
    "tickets.RoutingPolicy": {
        "brand": "brand", "queue": "queue", "mail": 8, "chat": 3, "sms": 5, "phone": 1, "social": 5, "shop": 1,
        "sticky_minutes": 5, "widen_minutes": 15, "floor_minutes": 120, "return_minutes": 10,
    },
    "tickets.Capacity": {"brand": "brand", "agent": "agent", "channel": "chat", "tickets": 2},
    "tickets.SlaPolicy": {
        "brand": "brand", "name": "Gold", "position": 1, "first_minutes": 60, "next_minutes": 120, "warn_percent": 75,
    },
    "tickets.Rule": {
        "brand": "brand", "name": "Urgent", "position": 1, "event": "opened", "conditions": "{}",
        "actions": '[{"do": "hand_back"}]', "versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0,
    },
    "tickets.Macro": {"brand": "brand", "title": "Sorry", "text": "Hello {customer first name}", "actions": "[]"},
    "tickets.AcknowledgementText": {"brand": "brand", "language": "DE", "text": "Guten Tag {name}, bis {due}."},
    "tickets.SurveyRule": {
        "brand": "brand", "share_percent": 50, "hours_after": 24, "days_between": 14, "on_bad": "callback",
    },
    "goodwill.Reason": {
        "brand": "brand", "code": "late", "label": "Late", "kind": "apology", "severity": 2, "min_points": 1,
        "default_points": 2, "max_points": 3, "sentence": "Sorry.", "is_active": "on", "rank": 1,
        "sentences-TOTAL_FORMS": 0, "sentences-INITIAL_FORMS": 0,
    },
    "goodwill.Policy": {
        "brand": "brand", "role": "integration", "per_grant": 5, "starts_at_0": "2026-01-01", "starts_at_1": "00:00:00",
    },
    "goodwill.Budget": {
        "brand": "brand", "name": "March", "kind": "apology", "points": 5, "is_hard": "on",
        "starts_at_0": "2026-03-01", "starts_at_1": "00:00:00", "ends_at_0": "2026-04-01", "ends_at_1": "00:00:00",
    },
    "goodwill.Pledge": {
        "brand": "brand", "name": "Within the hour", "kind": "first", "minutes": 60, "points": 100, "reason": "sorry",
        "budget": "its own", "per_customer": 1, "customer_days": 30, "starts_at_0": "2026-03-01",
        "starts_at_1": "00:00:00",
    },
    "callbacks.CallbackPolicy": {
        "brand": "brand", "per_quarter": 2, "offer_seconds": 60, "owner_minutes": 10, "team_minutes": 10,
        "remind_minutes": 15, "dialler": "tel", "handling_minutes": 6, "answer_percent": 80, "answer_seconds": 20,
        "saves_points_from": 1000, "saves_a_day": 20, "saves_days_between": 90,
    },
    "callbacks.QuietHours": {
        "brand": "brand", "country": "de", "opens": "09:00", "closes": "20:00", "closed_weekdays": [6],
    },
    "callbacks.RetryRule": {"brand": "brand", "outcome": "busy", "after_minutes": 15, "times": 2},
    "callbacks.FollowUp": {"brand": "brand", "sign": "late", "after_hours": 24, "about": "Ask", "is_active": "on"},
    "callbacks.Line": {"agent": "agent", "address": "+4930123456"},
}  # fmt: skip


@pytest.fixture
def administrator(client, brand):
    agent = make.make_agent(role=roles.ADMINISTRATOR, brands=[brand], name="Ana Admin")
    client.force_login(agent)
    return agent


@pytest.mark.parametrize("label", CONFIG)
def test_a_row_of_the_set_up_is_added_and_saved_again(label, client, administrator, brand):
    model = apps.get_model(label)
    known = {
        "brand": brand.pk,
        "programme": make.make_programme(brand=brand).pk if "programme" in CONFIG[label] else 0,
        "queue": make.make_queue(brand=brand).pk if "queue" in CONFIG[label] else 0,
        "agent": administrator.pk,
        "sorry": make.make_reason(brand=brand).pk if label == "goodwill.Pledge" else 0,
        "its own": make.make_budget(brand=brand, pays_pledges=True).pk if label == "goodwill.Pledge" else 0,
    }
    if "bare" in CONFIG[label].values():  # a brand for which nothing was set yet
        known["bare"] = Brand.objects.create(code="BARE", name="Bare").pk
        administrator.brands.add(known["bare"])
    data = {
        name: known.get(value, value) if isinstance(value, str) else value
        for name, value in CONFIG[label].items()
    }
    before = set(model._default_manager.all())
    response = client.post(page("add", model), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    (made,) = set(model._default_manager.all()) - before
    response = client.post(page("change", model, made.pk), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert response.url == page("changelist", model)


def test_whoever_opens_a_brand_serves_it(client, administrator):
    client.post(page("add", Brand), CONFIG["agents.Brand"])
    assert administrator.brands.filter(code="NEW", currency="EUR").exists()


def test_a_zone_that_no_clock_knows_is_refused_in_the_form(client, administrator):
    response = client.post(page("add", Brand), CONFIG["agents.Brand"] | {"time_zone": "Mars/Olympus"})
    assert "time_zone" in response.context["adminform"].form.errors


def test_a_row_cannot_be_made_for_or_moved_to_a_brand_not_served(client, administrator, brand, other_brand):
    response = client.post(page("add", Team), {"brand": other_brand.pk, "name": "Spies"})
    assert "brand" in response.context["adminform"].form.errors
    team = make.make_team(brand=brand, name="Day")
    client.post(page("change", Team, team.pk), {"brand": other_brand.pk, "name": "Day"})
    team.refresh_from_db()
    assert team.brand == brand


def test_words_in_which_nothing_is_ever_put_are_refused_in_the_form(client, administrator, brand):
    data = {"brand": brand.pk, "language": "en", "text": "Hello {name}, {customer.password}"}
    response = client.post("/admin/tickets/acknowledgementtext/add/", data)
    assert "{customer.password}" in str(response.context["adminform"].form.errors["text"])


def test_a_queue_is_worked_by_a_team_of_its_brand(client, administrator, brand, other_brand):
    administrator.brands.add(other_brand)
    team = make.make_team(brand=other_brand)
    data = CONFIG["tickets.Queue"] | {"brand": brand.pk, "team": team.pk}
    response = client.post(page("add", Queue), data)
    assert "team" in response.context["adminform"].form.errors


def test_names_taken_within_the_brand_are_told_in_the_form_although_the_brand_stays(
    client, administrator, brand
):
    _first, second = (make.make_team(brand=brand, name=name) for name in ("Day", "Night"))
    response = client.post(page("change", Team, second.pk), {"name": "DAY"})
    assert "This brand has a team of that name." in response.text
    _one, two = (make.make_queue(brand=brand, name=name) for name in ("Help", "Shop"))
    data = {"name": "Help", "address": two.address, "reply_minutes": 5, "reopen_days": 14, "is_default": "on"}
    response = client.post(page("change", Queue, two.pk), data)
    assert response.status_code == 200
    assert "Another queue of this brand is the default." in response.text
    assert "already exists" in response.text


def test_a_row_that_somebody_else_has_made_meanwhile_is_told_not_crashed(client, administrator, brand):
    class Late(admin.site.get_model_admin(Team).__class__):
        def save_model(self, request, obj, form, change):
            make.make_team(brand=brand, name=obj.name)  # the other one is quicker
            super().save_model(request, obj, form, change)

    late = Late(Team, admin.site)
    post = posted(client, {"brand": brand.pk, "name": "Day"})
    assert late.add_view(post).status_code == 302
    assert "Not saved" in str(next(iter(post._messages)))
    assert not Team.objects.filter(name="Day").exists()


def test_an_address_that_was_taken_away_is_seen_and_found_as_removed(signed_in, supervisor, brand):
    customer = make.make_customer(brand=brand, mail="old@mail.example", phone="+493012345678")
    removed = remove_contact_point(customer.contact_points.get(kind="mail"), by=supervisor)
    assert "old@mail.example" in signed_in.get(page("change", Customer, customer.pk)).content.decode()
    assert "old@mail.example" in signed_in.get(page("change", ContactPoint, removed.pk)).content.decode()

    def listed(**asked):
        rows = signed_in.get(page("changelist", ContactPoint), asked).context["cl"].result_list
        return {point.value for point in rows}

    assert listed() == {"old@mail.example", "+493012345678"}
    assert listed(q="OLD@mail.example") == listed(in_use="no") == {"old@mail.example"}
    assert listed(in_use="yes") == {"+493012345678"}


@pytest.mark.parametrize("model", [ChangeWords, OrderLine, Programme, TicketNumber])
def test_rows_that_name_their_brand_are_filtered_by_it(client, owner, model):
    client.force_login(owner)
    paths = [item[0] for item in admin.site.get_model_admin(model).list_filter if isinstance(item, tuple)]
    assert any(path.rpartition("__")[2] == "brand" for path in paths)
    assert client.get(page("changelist", model), {f"{paths[0]}__id__exact": 0}).status_code == 200
