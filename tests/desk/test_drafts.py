"""The composer on the server: drafts, what waits to go out, files, and what colleagues see of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import tickets.services as services
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.live import Event
from desk import sending
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import fresh, post, say
from tickets.models import Draft, Message, Tag, Ticket


@pytest.fixture
def sam(brand: Brand) -> Agent:
    return make.make_agent(brands=[brand], name="Sam Sperling")


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def begin(client: Client, ticket: Ticket, text: str = "Dear Mara", **fields: Any) -> Any:
    fields = {"kind": "reply", "key": "k1", "seen": 1, "version": 0} | fields
    return post(client, "draft", ticket.reference, text=text, **fields)


def page(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("desk:ticket", args=[ticket.reference])).text


def held(answer: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer["HX-Trigger"])["desk:held"]
    return found


def test_a_draft_stands_in_the_composer_of_its_agent_wherever_they_open_it(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    assert begin(desk, ticket, kind="note").json() == {"version": 1}
    shown = page(signed_in(agent), ticket)
    assert ">Dear Mara</textarea>" in shown
    assert 'value="note" data-key="n" checked' in shown
    assert 'name="version" value="1"' in shown


def test_two_tabs_are_told_of_each_other_with_both_texts(desk: Client, ticket: Ticket) -> None:
    begin(desk, ticket)
    refused = begin(desk, ticket, "Hello", key="k2")
    assert (refused.status_code, Draft.objects.get().text) == (409, "Dear Mara")
    assert 'data-code="draft_moved" data-version="1"' in refused.text
    assert "data-other>Dear Mara<" in refused.text


def test_a_colleagues_draft_is_told_of_and_shown_at_a_press(
    desk: Client, agent: Agent, sam: Agent, ticket: Ticket
) -> None:
    begin(signed_in(sam), ticket, "Sam’s **words**")
    shown = page(desk, ticket)
    assert "Sam Sperling has an unsent draft." in shown
    assert "Sam’s" not in shown
    words = desk.get(reverse("desk:draft", args=[ticket.reference]), {"of": Draft.objects.get().pk}).text
    assert "Sam’s <strong>words</strong>" in words


def test_who_has_the_ticket_open_is_told_when_words_begin_or_end_to_wait(
    desk: Client, sam: Agent, ticket: Ticket, stranger: Client, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 10
    theirs = signed_in(sam)

    def told() -> list[str]:
        rows = Event.objects.filter(ref=ticket.pk, kind__in=["draft", "held"]).order_by("tx", "id")
        assert {row.topic for row in rows} <= {f"brand:{ticket.brand_id}"}
        kinds = [row.kind for row in rows]
        rows.delete()
        return kinds

    def names(client: Client) -> bool:
        return "Sam Sperling has" in client.get(reverse("desk:draft", args=[ticket.reference])).text

    version = begin(theirs, ticket).json()["version"]
    assert (told(), names(desk), names(theirs)) == (["draft"], True, False)
    version = begin(theirs, ticket, "Dear Mara, we", version=version, key="k1").json()["version"]
    assert told() == []  # further words are no news
    begin(theirs, ticket, " ", version=version, key="k1")
    assert (told(), names(desk)) == (["draft"], False)
    version = begin(theirs, ticket, "Dear Mara", version=0, key="k3").json()["version"]
    undo = held(say(theirs, ticket, "Dear Mara", version=version, key="k3"))["undo"]
    assert (told(), names(desk)) == (["draft", "held"], False)
    theirs.post(undo)
    assert (told(), names(desk)) == (["held"], True)
    assert stranger.get(reverse("desk:draft", args=[ticket.reference])).status_code == 404


def test_a_row_of_the_queue_says_that_one_has_begun_there(desk: Client, sam: Agent, ticket: Ticket) -> None:
    begin(signed_in(sam), ticket)
    rows = reverse("desk:queue") + "?view=all"
    assert "You have a draft here" not in desk.get(rows).text
    begin(desk, ticket)
    assert "You have a draft here" in desk.get(rows).text


def test_a_reply_waits_ten_seconds_and_can_be_undone(desk: Client, ticket: Ticket, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 10
    version = begin(desk, ticket).json()["version"]
    told = held(say(desk, ticket, "Dear Mara, sorry", version=version, then="resolve"))
    assert (told["words"], told["seconds"], told["ticket"]) == ("Sending to Mara Mond", 10, ticket.reference)
    assert "goes out in a moment" in page(desk, ticket)
    assert not services.send_next_held()
    back = desk.post(told["undo"])
    assert json.loads(back["HX-Location"])["path"] == reverse("desk:ticket", args=[ticket.reference])
    assert ">Dear Mara, sorry</textarea>" in page(desk, ticket)
    assert not services.send_next_held(at=clock.now() + timedelta(minutes=1))
    assert (fresh(ticket).status, ticket.messages.filter(kind="outbound").exists()) == ("new", False)


def test_an_undo_leads_back_into_the_words_and_keeps_the_list_one_works_from(
    desk: Client, ticket: Ticket, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 10
    told = held(say(desk, ticket))
    assert (told["key"], told["cap"], told["left"]) == ("u", "U", "in {n} s")
    here = "http://testserver/tickets/FF-99/?view=all&queue=7&solved=FF-1"
    answer = desk.post(told["undo"], headers={"HX-Request": "true", "HX-Current-URL": here})
    where = json.loads(answer["HX-Location"])
    assert where["path"] == f"/tickets/{ticket.reference}/?view=all&queue=7"
    assert where["headers"] == {"Desk-Words": "1"}


def test_an_undo_that_comes_too_late_says_so(desk: Client, ticket: Ticket, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 10
    told = held(say(desk, ticket))
    assert services.send_next_held(at=clock.now() + timedelta(seconds=11))
    late = desk.post(told["undo"])
    assert (late.status_code, "It has gone out already" in late.text) == (409, True)
    assert ticket.messages.filter(kind="outbound").count() == 1


def test_after_resolve_and_next_the_toast_goes_along_and_the_held_ticket_is_not_next(
    desk: Client, agent: Agent, ticket: Ticket, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 10
    other = make.make_ticket(customer=ticket.customer, queue=ticket.queue)
    for one in (ticket, other):
        services.assign(one, agent, by=agent)
    answer = say(desk, ticket, then="next")
    assert held(answer)["ticket"] == ticket.reference
    assert other.reference in json.loads(answer["HX-Location"])["path"]


def test_a_reply_is_put_off_shown_with_its_hour_changed_sent_or_cancelled(
    desk: Client, ticket: Ticket
) -> None:
    told = held(say(desk, ticket, "See you tomorrow", later="tomorrow"))
    draft = Draft.objects.get()
    assert (draft.is_scheduled, told["seconds"]) == (True, 0)
    shown = page(desk, ticket)
    assert "See you tomorrow" in shown
    for word in ("goes out", "Send now", "Change", "Cancel"):
        assert word in shown
    later = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert post(desk, "held", draft.pk, "change", later_at=later).status_code == 204
    assert Draft.objects.get().due_at.strftime("%Y-%m-%dT%H:%M") == later
    assert post(desk, "held", draft.pk, "now").status_code == 204
    assert ticket.messages.get(kind="outbound").text == "See you tomorrow"


def test_an_hour_is_asked_for_and_must_be_to_come(desk: Client, ticket: Ticket) -> None:
    assert say(desk, ticket, later="own").status_code == 422
    past = say(desk, ticket, later="own", later_at="2020-01-01T10:00")
    assert (past.status_code, "still to come" in past.text) == (409, True)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("now", "codes"),
    [("2026-03-02T07:00+00:00", ["afternoon", "tomorrow"]), ("2026-03-02T15:00+00:00", ["tomorrow"])],
)
def test_hours_are_offered_on_the_customers_clock(now: str, codes: list[str], ticket: Ticket) -> None:
    ticket.customer.time_zone = "Europe/Athens"
    found = sending.choices(ticket, make.instant(now))
    assert [choice.code for choice in found] == codes
    assert found[-1].at.isoformat() == "2026-03-03T09:00:00+02:00"


def test_what_came_back_says_why(desk: Client, ticket: Ticket) -> None:
    say(desk, ticket, "Stale", later="tomorrow")
    make.hear(ticket, "It has come!")
    services.send_next_held(at=clock.now() + timedelta(days=2))
    shown = page(desk, ticket)
    assert "It did not go out:" in shown
    assert ">Stale</textarea>" in shown


def test_it_goes_out_whatever_the_customer_writes_where_the_agent_says_so(
    desk: Client, ticket: Ticket
) -> None:
    say(desk, ticket, "See you", later="tomorrow", whatever="1")
    make.hear(ticket, "Fine.")
    services.send_next_held(at=clock.now() + timedelta(days=2))
    assert ticket.messages.get(kind="outbound").text == "See you"


def test_two_macros_stack_and_both_are_done(desk: Client, brand: Brand, ticket: Ticket) -> None:
    one, two = (
        make.make_macro(brand=brand, actions=[{"do": "tag", "name": name}]) for name in ("late", "sorry")
    )
    begin(desk, ticket, macro=[two.pk, one.pk])
    shown = page(desk, ticket)
    assert shown.index(two.title) < shown.index(one.title)
    assert say(desk, ticket, "Hello Mara!", macro=[two.pk, one.pk], version=1).status_code == 200
    assert set(Tag.objects.values_list("name", flat=True)) == {"late", "sorry"}
    assert not Draft.objects.exists()


def test_a_file_is_put_to_the_draft_shown_taken_away_and_sent(desk: Client, ticket: Ticket) -> None:
    answer = post(desk, "add_file", ticket.reference, file=SimpleUploadedFile("label.pdf", b"%PDF"))
    assert (answer.status_code, answer["X-Draft-Version"]) == (200, "1")
    assert "label.pdf" in page(desk, ticket)
    other = post(desk, "add_file", ticket.reference, file=SimpleUploadedFile("b.txt", b"b"))
    assert post(desk, "drop_file", int(other["X-File"])).status_code == 200
    refused = post(desk, "add_file", ticket.reference, file=SimpleUploadedFile("run.exe", b"x"))
    assert (refused.status_code, "can be run" in refused.text) == (409, True)
    say(desk, ticket, "Attached", version=1)
    assert [file.name for file in ticket.messages.get(kind="outbound").attachments.all()] == ["label.pdf"]
    assert not Draft.objects.exists()


def test_a_picture_is_shown_within_the_words_and_nothing_else_is_shown_as_one(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    dot = services.add_file(ticket, "dot.png", make.PNG, by=agent, is_inline=True)
    say(desk, ticket, f"![dot.png](file:{dot.pk})", version=1)
    address = reverse("desk:picture", args=[dot.pk])
    assert f'<img src="{address}" alt="dot.png">' in page(desk, ticket)
    shown = desk.get(address, follow=True)
    assert (shown["Content-Type"], shown["Content-Security-Policy"]) == (
        "image/png",
        "sandbox; default-src 'none'",
    )
    text = services.add_file(ticket, "dot.png", b"no picture", by=agent)
    assert desk.get(reverse("desk:picture", args=[text.pk]))["Location"].endswith("no-picture.svg")


def test_a_preview_is_what_the_customer_will_see(desk: Client, ticket: Ticket) -> None:
    shown = post(desk, "preview", ticket.reference, text="**Bold** <script>").text
    assert "<strong>Bold</strong> &lt;script&gt;" in shown


def test_the_thread_shows_marks_of_ours_and_leaves_a_programs_words_alone(
    desk: Client, agent: Agent, ticket: Ticket
) -> None:
    say(desk, ticket, "It is **late**")
    services.reply(ticket, "It is **not**", by=agent, key="api")
    shown = page(desk, ticket)
    assert "It is <strong>late</strong>" in shown
    assert "It is **not**" in shown


def test_a_page_asks_as_many_questions_with_many_drafts_as_with_one(
    desk: Client, brand: Brand, ticket: Ticket
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(desk, ticket)
        return len(queries)

    make.make_draft(ticket, by=make.make_agent(brands=[brand]))
    make.make_draft(ticket, by=make.make_agent(brands=[brand]), due_at=clock.now() + timedelta(days=1))
    page(desk, ticket)
    before = asked()
    for number in range(9):
        due_at = clock.now() + timedelta(days=number) if number % 2 else None
        draft = make.make_draft(ticket, by=make.make_agent(brands=[brand]), due_at=due_at)
        services.add_file(ticket, "a.pdf", b"%PDF", by=draft.agent)
    assert asked() == before
    assert Message.objects.filter(kind="outbound").count() == 0
