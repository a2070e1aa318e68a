"""The goodwill panel: what it shows before, what it does, and what it refuses."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

import goodwill.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from goodwill.models import Reason, Request
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import keys_in, post
from tickets.models import Ticket


def give(client: Client, ticket: Ticket, reason: Any, points: Any = 200) -> Any:
    fields = {"key": "g1", "reason": getattr(reason, "pk", reason), "points": points}
    return post(client, "goodwill", ticket.reference, **fields)


def balance(ticket: Ticket) -> int:
    account = ticket.customer.account
    account.refresh_from_db()
    return account.balance


def test_points_are_given_and_the_page_shows_them_everywhere(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    answer = give(desk, ticket, late_parcel)
    assert (answer.status_code, balance(ticket)) == (200, 1200)
    content = answer.content.decode()
    assert content.index('id="customer"') < content.index('id="thread"')
    assert "1,200" in content
    assert "Late parcel · Ada" in content
    assert "We have added 200 points (worth €2.00) for the long wait." in content
    assert 'id="composer"' not in content


def test_the_same_form_sent_twice_gives_once(desk: Client, ticket: Ticket, late_parcel: Reason) -> None:
    assert [give(desk, ticket, late_parcel).status_code for _ in range(2)] == [200, 200]
    assert (balance(ticket), Request.objects.count()) == (1200, 1)
    assert give(desk, ticket, late_parcel, 300).status_code == 409
    assert balance(ticket) == 1200


def test_points_that_were_shown_for_another_reason_are_not_given(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    other = make.make_reason(brand=ticket.brand, code="damaged", default_points=400)
    where = reverse("desk:goodwill", args=[ticket.reference])
    asked = {"reason": other.pk, "points": 100, "for": late_parcel.pk, "key": "k"}
    answer = desk.post(where, asked)
    assert answer.status_code == 422
    assert "reason before" in answer.content.decode()
    assert desk.post(where, asked | {"for": other.pk}).status_code == 200


def test_the_panel_has_a_key_of_its_own_each_time(desk: Client, ticket: Ticket, late_parcel: Reason) -> None:
    where = reverse("desk:goodwill", args=[ticket.reference])
    assert keys_in(desk.get(where)) != keys_in(desk.get(where)) != []


def test_what_is_no_number_of_points_is_answered_with_a_sentence(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    for points in ["", "x", "0", "-5", "1.5", str(10**30), "9" * 5000, "1\x00"]:
        answer = give(desk, ticket, late_parcel, points)
        assert (answer.status_code, balance(ticket)) == (422, 1000)
        assert answer["HX-Retarget"] == "#slot"


def test_a_reason_nobody_knows_is_answered_with_a_sentence(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    for reason in ["", "x", "0", "-1", str(10**30), "9" * 5000, "\x00"]:
        answer = give(desk, ticket, reason)
        assert (answer.status_code, balance(ticket)) == (422, 1000)


def test_a_reason_of_another_brand_or_out_of_use_is_none(
    desk: Client, other_brand: Brand, brand: Brand, ticket: Ticket
) -> None:
    for reason in (make.make_reason(brand=other_brand), make.make_reason(brand=brand, is_active=False)):
        assert give(desk, ticket, reason).status_code == 422
    assert balance(ticket) == 1000


def test_more_than_the_reason_or_the_role_allows_is_refused_with_the_limit(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    for points, sentence in [
        (10, "Late parcel allows 50 to 1000 points."),
        (501, "At most 500 points at once."),
    ]:
        answer = give(desk, ticket, late_parcel, points)
        assert (answer.status_code, balance(ticket)) == (409, 1000)
        assert sentence in answer.content.decode()


def test_who_is_no_member_gets_no_points_and_the_panel_says_so(
    desk: Client, customer: Any, queue: Any, late_parcel: Reason
) -> None:
    ticket = make.make_ticket(customer=customer, queue=queue)
    assert (
        "Nora Nilsen is no member yet."
        in desk.get(reverse("desk:goodwill", args=[ticket.reference])).content.decode()
    )
    assert give(desk, ticket, late_parcel).status_code == 409


def test_who_may_work_tickets_but_not_give_points_is_told_so(
    brand: Brand, ticket: Ticket, late_parcel: Reason
) -> None:
    helper = make.make_agent(brands=[brand], role=None)
    helper.user_permissions.add(Permission.objects.get(codename="work_ticket"))
    answer = give(signed_in(helper), ticket, late_parcel)
    assert (answer.status_code, balance(ticket)) == (409, 1000)
    assert "Your role does not allow this." in answer.content.decode()


def test_without_reasons_the_panel_says_so(desk: Client, ticket: Ticket) -> None:
    answer = desk.get(reverse("desk:goodwill", args=[ticket.reference]))
    assert "No reasons are set up." in answer.content.decode()


def test_the_panel_follows_what_is_chosen_and_survives_what_is_not(
    desk: Client, agent: Agent, ticket: Ticket, late_parcel: Reason
) -> None:
    for asked, shown in [
        ({}, "300 of 500"),
        ({"points": "300"}, "300 of 500"),
        ({"points": "300", "for": "own"}, "200 of 500"),
        ({"points": "501", "for": "own"}, "At most 500 points at once."),
        ({"points": "9" * 5000, "for": "own"}, "300 of 500"),
        ({"points": "-3", "for": "own"}, "300 of 500"),
        ({"points": "٣٠٠", "for": "own"}, "200 of 500"),
        ({"reason": "9" * 5000}, "300 of 500"),
        ({"reason": "\x00"}, "300 of 500"),
    ]:
        asked = {name: str(late_parcel.pk) if value == "own" else value for name, value in asked.items()}
        answer = desk.get(reverse("desk:goodwill_effect", args=[ticket.reference]), asked)
        assert answer.status_code == 200
        assert shown in answer.content.decode()


def test_what_waits_for_an_answer_is_not_told_as_given(
    desk: Client, ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="k")
    page = desk.get(reverse("desk:ticket", args=[ticket.reference])).content.decode()
    assert "asked for" in page
    assert "not told yet" not in page


def test_what_was_written_before_the_answer_has_told_nothing_of_the_points(
    desk: Client, ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    asked = goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="k")
    tickets.services.reply(ticket, "Please bear with me.", by=agent, key="wait")
    boss = make.make_agent(role=roles.SUPERVISOR, brands=[brand])
    goodwill.services.approve(asked, by=boss)
    address = reverse("desk:ticket", args=[ticket.reference])
    assert "600 points given, not told yet" in desk.get(address).text
    tickets.services.reply(ticket, "We have added 600 points.", by=agent, key="told")
    assert "not told yet" not in desk.get(address).text


def test_why_leaves_out_a_limit_that_the_entry_does_not_know(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    give(desk, ticket, late_parcel)
    entry = ticket.customer.account.entries.latest("seq")
    said = desk.get(reverse("desk:why", args=[entry.pk])).content.decode()
    assert "given by Ada Amsel. Goodwill counts nothing towards tiers." in said
    assert "in one grant" not in said


def test_what_was_given_can_be_undone_from_its_line_also_from_another_ticket(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    content = give(desk, ticket, late_parcel).content.decode()
    given = Request.objects.get()
    line = content[content.index('id="undo"') :][:600]
    assert "200 points given" in line
    assert f'hx-post="{reverse("desk:goodwill_step", args=[ticket.reference, given.pk, "undo"])}"' in line
    answer = post(desk, "goodwill_step", ticket.reference, given.pk, "undo", open="FF-99")
    assert (answer.status_code, balance(ticket)) == (204, 1000)
    assert f"/tickets/{ticket.reference}/" in answer["HX-Location"]


def test_points_that_the_reason_does_not_allow_cannot_be_pressed(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    where = reverse("desk:goodwill_effect", args=[ticket.reference])
    button = 'd-btn--wide" disabled'
    for points, is_off in ((late_parcel.max_points + 1, True), (late_parcel.max_points, False)):
        asked = {"reason": late_parcel.pk, "for": late_parcel.pk, "points": points}
        assert (button in desk.get(where, asked).content.decode()) is is_off
