"""The supervisors' board of promises, and the page on which many are moved or handed over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import callbacks.services
from agents import roles
from agents.models import Agent, Brand
from callbacks import board, directing_admin
from callbacks.links import request_link
from callbacks.models import Callback, CallbackEvent, CallbackPolicy, QuietHours
from contactcenter import clock
from tests import make

BOARD, DIRECT, LIST = (
    "/admin/callbacks/callback/board/", "/admin/callbacks/callback/direct/", "/admin/callbacks/callback/",
)  # fmt: skip
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def signed_in(client: Client, supervisor: Agent) -> Client:
    client.force_login(supervisor)
    return client


def promise(brand: Brand, *, start: datetime | None = None, **fields: Any) -> Callback:
    """A promise for tomorrow at ten, or one whose window is put to `start`, as the sweeps would have it."""
    customer = fields.pop("customer", None) or make.make_member(brand=brand)
    made = make.make_callback(customer=customer, **fields)
    if start:
        window = {"window_from": start, "window_to": start + HOUR, "promised_to": start + HOUR}
        Callback.objects.filter(pk=made.pk).update(**window)
        made.refresh_from_db()
    return made


def put(callback: Callback, state: str, **fields: Any) -> Callback:
    over = {"ended_at": clock.now(), "look_at": None} if state in Callback.ENDED else {}
    Callback.objects.filter(pk=callback.pk).update(state=state, **(over | fields))
    return callback


def shown(client: Client, **asked: Any) -> Any:
    return client.get(BOARD, asked)


def columns(client: Client, **asked: Any) -> dict[str, list[int]]:
    response = shown(client, **asked)
    assert response.status_code == 200
    return {
        column.code: [row.pk for row, _late in column.cards] for column, _list in response.context["columns"]
    }


def tomorrow() -> str:
    return (clock.now() + DAY).date().isoformat()


def test_every_promise_of_the_day_stands_in_its_column(signed_in: Client, brand: Brand, agent: Agent) -> None:
    states = {
        "promised": "to_come", "moved": "to_come", "due": "due", "offered": "offered", "accepted": "taken",
        "in_call": "taken", "no_answer": "retry", "missed": "lost", "given_up": "lost", "kept": "kept",
    }  # fmt: skip
    wanted: dict[str, set[int]] = {}
    for state, column in states.items():
        offered = {"offered_to": agent, "offer_until": clock.now()} if state == "offered" else {}
        made = put(promise(brand), state, **offered)
        wanted.setdefault(column, set()).add(made.pk)
    day = put(promise(brand), "cancelled").window_from.date().isoformat()
    found = {code: set(rows) for code, rows in columns(signed_in, brand=brand.pk, day=day).items()}
    assert found == wanted


def test_what_ends_first_stands_first_and_what_is_late_is_marked(signed_in: Client, brand: Brand) -> None:
    now = clock.now()
    late, soon, yesterday = (
        put(promise(brand, start=now + by), "due") for by in (-2 * HOUR, -HOUR / 2, -30 * HOUR)
    )
    found = columns(signed_in, brand=brand.pk)
    assert found["due"] == [yesterday.pk, late.pk, soon.pk]
    page = shown(signed_in, brand=brand.pk)
    assert page.content.decode().count("board__card is-late") == 2
    assert "2 late" in page.content.decode()


def test_it_is_narrowed_to_a_team_and_an_owner(signed_in: Client, brand: Brand) -> None:
    owner = make.make_agent(brands=[brand])
    team = make.make_team(brand=brand, agents=[owner])
    mine, ours = promise(brand, owner=owner), promise(brand)
    callbacks.services.hand_over(ours, team=team, by=make.make_agent(role=roles.SUPERVISOR, brands=[brand]))
    day = mine.window_from.date().isoformat()
    assert columns(signed_in, brand=brand.pk, day=day, owner=owner.pk)["to_come"] == [mine.pk]
    assert columns(signed_in, brand=brand.pk, day=day, team=team.pk)["to_come"] == [ours.pk]


def test_a_brand_a_team_and_an_owner_of_others_are_not_there(
    signed_in: Client, brand: Brand, other_brand: Brand
) -> None:
    promise(other_brand)
    team, stranger = make.make_team(brand=other_brand), make.make_agent(brands=[other_brand])
    for asked in ({"brand": other_brand.pk}, {"team": team.pk}, {"owner": stranger.pk}, {"brand": "x"}):
        assert signed_in.get(BOARD, asked).status_code == 404, asked
    assert not any(columns(signed_in, day=tomorrow()).values())


def test_a_column_shows_the_first_and_leads_to_all(
    signed_in: Client, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "SHOWN", 2)
    day = {promise(brand).window_from.date() for _ in range(3)}.pop()
    page = shown(signed_in, brand=brand.pk, day=day.isoformat())
    (column, link), *_rest = page.context["columns"]
    assert (len(column.cards), column.count, column.is_cut) == (2, 3, True)
    listed: Any = signed_in.get(link)
    assert len(listed.context["cl"].result_list) == 3


@pytest.mark.parametrize("code", board.COLUMNS)
def test_the_list_of_each_column_opens(signed_in: Client, brand: Brand, code: str) -> None:
    assert signed_in.get(LIST, {"board": code}).status_code == 200


def test_it_takes_the_same_questions_for_few_and_for_many(signed_in: Client, brand: Brand) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(signed_in, brand=brand.pk, day=day)
        return len(queries)

    day = promise(brand).window_from.date().isoformat()
    cost()
    few = cost()
    for _ in range(12):
        promise(brand)
    assert cost() == few <= 24


def row(callback: Callback) -> str:
    return f"{callback.pk}/{callback.window_from.isoformat()}/{callback.window_to.isoformat()}"


def sent(client: Client, *chosen: Callback, **typed: Any) -> Any:
    return client.post(DIRECT, {"row": [row(one) for one in chosen]} | typed)


def sentences(response: Any) -> list[str]:
    return [one.refused for one in response.context["outcomes"]]


def test_what_was_ticked_is_moved_and_handed_over_and_each_refusal_is_told(
    signed_in: Client, brand: Brand
) -> None:
    colleague = make.make_agent(brands=[brand])
    one, over, other = (promise(brand) for _ in range(3))
    put(over, "kept")
    answer = sent(signed_in, one, over, other, when="shift", days=1, hours=0, who="to", to=colleague.pk)
    assert [bool(one) for one in sentences(answer)] == [False, True, False]
    assert "This promise is kept already." in answer.content.decode()
    for moved in (one, other):
        before = moved.window_from
        moved.refresh_from_db()
        assert (moved.state, moved.owner, moved.window_from) == ("moved", colleague, before + DAY)


def test_one_window_is_one_by_each_customers_own_clock(signed_in: Client, brand: Brand) -> None:
    calls = [
        promise(brand, customer=make.make_customer(brand=brand, time_zone=zone))
        for zone in ("Europe/Berlin", "America/New_York")
    ]
    day = (clock.now() + 4 * DAY).date()
    answer = sent(signed_in, *calls, when="fixed", day=day.isoformat(), opens="14:00", closes="15:00")
    assert sentences(answer) == ["", ""]
    for call in calls:
        call.refresh_from_db()
        assert call.window_from.astimezone(clock.zone(call.zone)).hour == 14


def test_what_would_fall_into_quiet_hours_is_left_as_it_is(signed_in: Client, brand: Brand) -> None:
    colleague, call = make.make_agent(brands=[brand]), promise(brand)
    answer = sent(signed_in, call, when="shift", days=0, hours=12, who="to", to=colleague.pk)
    assert "quiet" in sentences(answer)[0]
    call.refresh_from_db()
    assert (call.state, call.owner == colleague) == ("promised", False)


def test_sent_twice_it_is_done_once(signed_in: Client, brand: Brand) -> None:
    call = promise(brand)
    for _ in range(2):
        assert sentences(sent(signed_in, call, when="shift", days=1, hours=0)) == [""]
    assert CallbackEvent.objects.filter(kind="moved").count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        {}, {"when": "shift", "days": "x"}, {"when": "shift"}, {"when": "fixed", "day": "2026-13-01"}, {"who": "to"},
        {"who": "to", "to": "0"},
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_and_nothing_is_done(
    signed_in: Client, brand: Brand, typed: dict[str, str]
) -> None:
    call = promise(brand)
    answer = sent(signed_in, call, **typed)
    assert answer.status_code == 200
    assert "outcomes" not in answer.context
    assert CallbackEvent.objects.exclude(kind="promised").count() == 0


def test_the_list_leads_there_with_what_was_ticked_and_too_many_are_refused(
    signed_in: Client, brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [promise(brand) for _ in range(3)]
    ticked = {"action": "direct_selected", "_selected_action": [call.pk for call in calls]}
    answer: Any = signed_in.post(LIST, ticked, follow=True)
    assert answer.redirect_chain[-1][0].startswith(DIRECT)
    assert "3 promises" in answer.content.decode()
    monkeypatch.setattr(directing_admin, "AT_ONCE", 2)
    answer = signed_in.post(LIST, ticked, follow=True)
    assert "2 at most at once" in answer.content.decode()
    assert "Tick the promises" in signed_in.get(DIRECT, follow=True).content.decode()


def test_promises_of_another_brand_are_neither_shown_nor_moved(
    signed_in: Client, brand: Brand, other_brand: Brand
) -> None:
    strange = promise(other_brand)
    assert signed_in.get(DIRECT, {"id": strange.pk}).status_code == 404
    assert sent(signed_in, strange, when="shift", days=1).status_code == 404
    strange.refresh_from_db()
    assert strange.state == "promised"


def test_who_may_only_look_sees_the_board_without_ticks(client: Client, brand: Brand) -> None:
    looker = make.make_agent(role=None, brands=[brand], is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_callback"))
    client.force_login(looker)
    call = promise(brand)
    page: Any = client.get(BOARD, {"day": call.window_from.date().isoformat()})
    assert str(call.customer) in page.content.decode()
    assert 'type="checkbox" name="id"' not in page.content.decode()
    assert client.get(DIRECT, {"id": call.pk}).status_code == 403


def test_the_page_of_a_promise_tells_its_whole_life(signed_in: Client, brand: Brand, agent: Agent) -> None:
    call = promise(brand, owner=agent)
    callbacks.services.no_answer(call, by=agent, key="n", note="Rang long")
    callbacks.services.done(call, by=agent, key="d")
    page: Any = signed_in.get(reverse("admin:callbacks_callback_change", args=[call.pk]))
    told = page.content.decode()
    assert "Rang long" in told
    for words in (
        "not reached, tried again",
        "promised → no answer, tried again",
        "no answer, tried again → kept",
    ):
        assert words in told


def test_the_policy_leads_to_the_page_on_which_anybody_asks_for_a_call(
    signed_in: Client, brand: Brand
) -> None:
    CallbackPolicy.objects.create(brand=brand)
    page: Any = signed_in.get(reverse("admin:callbacks_callbackpolicy_change", args=[brand.pk]))
    assert request_link(brand) in page.content.decode()
    assert signed_in.get(reverse("admin:callbacks_callbackpolicy_add")).status_code == 200


@pytest.mark.parametrize(("country", "said"), [("d1", "Two letters"), ("DEU", "at most 2"), ("de", "")])
def test_a_country_is_written_as_the_world_writes_it(
    signed_in: Client, brand: Brand, country: str, said: str
) -> None:
    typed = {
        "brand": brand.pk, "country": country, "opens": "08:00", "closes": "20:00", "closed_weekdays": ["6"],
    }  # fmt: skip
    answer: Any = signed_in.post("/admin/callbacks/quiethours/add/", typed)
    assert said in answer.content.decode()
    assert list(QuietHours.objects.values_list("country", "closed_weekdays")) == (
        [] if said else [("DE", [6])]
    )


def test_a_team_of_another_brand_is_refused_in_the_form(
    client: Client, brand: Brand, other_brand: Brand
) -> None:
    both = make.make_agent(role=roles.SUPERVISOR, brands=[brand, other_brand])
    client.force_login(both)
    policy = CallbackPolicy.objects.create(brand=brand)
    address = reverse("admin:callbacks_callbackpolicy_change", args=[policy.pk])
    values = {field.name: field.value_from_object(policy) for field in policy._meta.concrete_fields}
    typed = {name: value for name, value in values.items() if value not in (None, False)}
    answer: Any = client.post(address, typed | {"team": make.make_team(brand=other_brand).pk})
    assert "This belongs to another brand" in answer.content.decode()
