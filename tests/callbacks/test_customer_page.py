"""The page on which a customer sees, moves and cancels a call: by a signed link, without an account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Agent, Brand
from callbacks import offered, services
from callbacks.links import PROMISE, link_to, video_link
from callbacks.models import Callback, CallbackPolicy
from callbacks.services import missing
from contactcenter import clock, links
from customers.models import Customer
from tests import make
from tickets.models import Ticket


@pytest.fixture(autouse=True)
def _nobody_knocked() -> None:
    caches["throttle"].clear()


@pytest.fixture
def callback(ticket: Ticket, agent: Agent) -> Callback:
    return make.make_callback(
        ticket=ticket, by=agent, reason="Angry, wants money", more=services.More(notes="Beware of the dog")
    )


@pytest.fixture
def path(callback: Callback) -> str:
    return urlsplit(link_to(callback)).path


def now_of(callback: Callback) -> Callback:
    return Callback.objects.get(pk=callback.pk)


def free(callback: Callback, *, days: int = 3) -> tuple[datetime, datetime]:
    return make.next_day(callback.customer.zone, hour=14, days=days)


def to_move(callback: Callback, window: tuple[datetime, datetime]) -> dict[str, str]:
    return {"do": "move", "seen": services.mark_of(callback), "window": str(int(window[0].timestamp()))}


def to_cancel(callback: Callback) -> dict[str, str]:
    return {"do": "cancel", "seen": services.mark_of(callback)}


def test_it_shows_window_caller_and_request_in_safe_words_and_programs_that_follow_links_do_nothing(
    callback: Callback, path: str, client: Client, ticket: Ticket
) -> None:
    for ask in (client.get, client.head):
        assert ask(path, to_cancel(callback)).status_code == 200
    page = client.get(path)
    for words in ("10:00 to 11:00", "time of Berlin", "Ada from our team", "ending in 78", ticket.reference):
        assert words in page.text
    for words in ("Angry", "dog", "+493012345678", "Amsel", callback.customer.name):
        assert words not in page.text
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert "no-store" in page["Cache-Control"]
    assert now_of(callback).state == "promised"


def test_one_post_moves_it_and_the_same_again_changes_nothing(
    callback: Callback, path: str, client: Client
) -> None:
    window, form = free(callback), to_move(callback, free(callback))
    for _again in range(2):
        page = client.post(path, form)
        assert "Your call has a new time" in page.text
    moved = now_of(callback)
    assert (moved.state, (moved.window_from, moved.window_to)) == ("moved", window)
    assert list(moved.events.filter(kind="moved").values_list("actor", "by")) == [("customer", None)]
    assert "14:00 to 15:00" in client.get(path).text


def test_one_post_cancels_it_and_the_same_again_changes_nothing(
    callback: Callback, path: str, client: Client
) -> None:
    for _again in range(2):
        assert "Your call is cancelled" in client.post(path, to_cancel(callback)).text
    assert now_of(callback).state == "cancelled"
    assert callback.events.filter(kind="cancelled").count() == 1
    page = client.post(path, to_move(callback, free(callback)))
    assert "<form" not in page.text
    assert now_of(callback).state == "cancelled"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"do": "x"},
        {"do": "move"},
        {"do": "move", "window": "\0"},
        {"do": "move", "window": "9" * 5000},
        {"do": "move", "window": "٣"},
        {"do": "move", "window": "-1"},
        {"do": "move", "window": "99999999999"},
        {"do": "cancel"},
        {"do": "cancel", "seen": "\0"},
        {"do": ["move", "cancel"], "seen": ["1", "2"]},
    ],
)
def test_what_is_no_wish_does_nothing(
    callback: Callback, path: str, client: Client, form: dict[str, str]
) -> None:
    assert client.post(path, form).status_code == 200
    assert now_of(callback).state == "promised"


@pytest.mark.parametrize("day", ["", "x", "2026-13-40", "0001-01-01", "9999-12-31", "\0", "9" * 999])
def test_a_day_that_is_none_or_far_off_shows_one_that_can_be_had(path: str, client: Client, day: str) -> None:
    page = client.get(path, {"day": day})
    assert page.status_code == 200
    assert "<option" in page.text


def test_only_what_is_free_is_moved_to(callback: Callback, path: str, client: Client) -> None:
    zone = callback.customer.zone
    quiet, half = make.next_day(zone, hour=22, days=2), make.next_day(zone, hour=12, days=2)
    for start in (
        quiet[0],
        half[0] + timedelta(minutes=30),
        make.next_day(zone, days=95)[0],
        clock.now() - timedelta(days=1),
    ):
        page = client.post(path, to_move(callback, (start, start)))
        assert "not free" in page.text
        assert 'role="alert"' in page.text
    assert now_of(callback).state == "promised"


def test_what_was_moved_meanwhile_is_neither_moved_nor_cancelled_unseen(
    callback: Callback, path: str, client: Client, agent: Agent
) -> None:
    stale = [to_move(callback, free(callback)), to_cancel(callback)]
    services.move(callback, free(callback, days=5), by=agent, key="moved")
    for form in stale:
        assert "moved meanwhile" in client.post(path, form).text
    assert (now_of(callback).window_from, now_of(callback).state) == (free(callback, days=5)[0], "moved")


def test_after_the_call_the_link_does_nothing(
    callback: Callback, path: str, client: Client, agent: Agent
) -> None:
    services.done(callback, by=agent, key="done")
    for form in (to_move(callback, free(callback)), to_cancel(callback)):
        page = client.post(path, form)
        assert "This call has taken place" in page.text
        assert "<form" not in page.text
    assert now_of(callback).state == "kept"


def test_while_we_call_and_when_its_time_is_over_it_does_nothing(
    callback: Callback, path: str, client: Client
) -> None:
    with clock.standing_at(callback.window_to):
        for form in (to_move(callback, free(callback)), to_cancel(callback)):
            assert "time of this call is over" in client.post(path, form).text
    Callback.objects.filter(pk=callback.pk).update(state="in_call")
    for form in (to_move(callback, free(callback)), to_cancel(callback)):
        assert "calling you at this moment" in client.post(path, form).text
    assert now_of(callback).state == "in_call"


def test_a_link_that_is_none_of_ours_changed_of_another_purpose_brand_or_over_opens_nothing(
    callback: Callback, path: str, client: Client, other_brand: Brand
) -> None:
    until = clock.now() + timedelta(days=1)
    foreign = links.token(PROMISE, brand=other_brand.pk, subject=callback.pk, until=until)
    survey = links.token("survey", brand=callback.brand_id, subject=callback.pk, until=until)
    task = make.make_callback(customer=callback.customer, kind="task")
    wrong = [
        "/call/1.1.9999999999~made-up/",
        path.replace("/call/", "/call/1"),
        f"/call/{foreign}/",
        f"/call/{survey}/",
        urlsplit(link_to(task)).path,
        "/call/" + "x" * 5000 + "/",
        "/call/%00/",
    ]
    for address in wrong:
        assert client.get(address).status_code == 404
        assert client.post(address, to_cancel(callback)).status_code == 404
    with clock.standing_at(callback.window_to + timedelta(days=8)):
        assert client.get(path).status_code == 404
    assert now_of(callback).state == "promised"


def test_a_link_points_at_no_other_promise(
    callback: Callback, path: str, client: Client, agent: Agent
) -> None:
    other = make.make_callback(customer=callback.customer, by=agent)
    word, its = path.split("/")[2], urlsplit(link_to(other)).path.split("/")[2]
    mixed = its.partition("~")[0] + "~" + word.partition("~")[2]
    assert client.post(f"/call/{mixed}/", to_cancel(other)).status_code == 404
    assert {now_of(other).state, now_of(callback).state} == {"promised"}


def test_a_missed_promise_leads_to_the_one_that_makes_up_for_it(
    callback: Callback, path: str, client: Client
) -> None:
    again = missing.miss(services.lock(callback), callback.window_to)
    assert again is not None
    with clock.standing_at(callback.window_to):
        page = client.get(path)
        assert "We did not call when we had promised to" in page.text
        window = free(again)
        assert "new time" in client.post(path, to_move(again, window)).text
    assert (now_of(callback).state, now_of(again).window_from) == ("missed", window[0])


def test_what_makes_up_for_it_is_shown_to_the_same_customer_only(
    callback: Callback, path: str, client: Client, brand: Brand
) -> None:
    again = missing.miss(services.lock(callback), callback.window_to)
    assert again is not None
    stranger = make.make_customer(brand=brand, phone="+493088888888")
    Callback.objects.filter(pk=again.pk).update(
        customer=stranger, contact_point=stranger.contact_points.get(kind="phone"), ticket=None
    )
    with clock.standing_at(callback.window_to):
        page = client.post(path, to_cancel(again))
    assert "<form" not in page.text
    assert "Ask for another call" in page.text
    assert now_of(again).state == "promised"


def test_the_page_speaks_the_customers_language(callback: Callback, path: str, client: Client) -> None:
    Customer.objects.update(language="de-AT")
    page = client.get(path)
    assert '<html lang="de">' in page.text
    for words in ("Wir rufen Sie an", "Ada aus unserem Team", "Anruf verlegen", "Zeit von Berlin"):
        assert words in page.text
    assert "neue Zeit" in client.post(path, to_move(callback, free(callback))).text
    assert "abgesagt" in client.post(path, to_cancel(now_of(callback))).text


def test_a_video_call_meets_where_nobody_guesses(brand: Brand, agent: Agent, client: Client) -> None:
    customer = make.make_customer(brand=brand)
    policy = CallbackPolicy.objects.create(brand=brand, video_url="https://meet.example/ff/")
    calls = [
        services.promise(
            customer, make.next_day(customer.zone), by=agent, reason="Show", key=key,
            contact_point=customer.contact_points.get(), more=services.More(channel="video"),
        )
        for key in ("v1", "v2")
    ]  # fmt: skip
    assert video_link(calls[0], CallbackPolicy(brand=brand)) == ""
    one, other = (video_link(call, policy) for call in calls)
    assert one != other
    assert one.startswith("https://meet.example/ff/")
    assert len(one.rpartition("/")[2]) >= 40
    assert one in client.get(urlsplit(link_to(calls[0])).path).text


def test_it_costs_the_same_whatever_is_on_file(
    callback: Callback, path: str, client: Client, agent: Agent
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(path)
        return len(seen)

    before = queries()
    for _number in range(3):
        make.make_callback(customer=callback.customer, by=agent)
    assert queries() == before <= 8


def test_many_tries_from_one_place_are_told_to_wait(path: str, client: Client, settings: Any) -> None:
    settings.LINK_RATE = "3/min"
    assert [client.get(path).status_code for _try in range(4)] == [200, 200, 200, 429]


def test_days_come_by_the_week(callback: Callback) -> None:
    at, asked = clock.now(), services.asked_again(callback, by_customer=True)
    shown = offered.choice(None, asked, at=at)
    assert (shown.earlier, len(shown.days) >= 6) == (None, True)
    last = offered.choice((at + timedelta(days=89)).date(), asked, at=at)
    assert last.later is None
    assert all(one.end <= at + timedelta(days=91) for day in last.days for one in day.windows)
