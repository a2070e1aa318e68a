"""What rules and macros do with promises, and what they add when one is kept, missed or given up."""

from __future__ import annotations

import ast
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import callbacks
import tickets.services
from agents.models import Agent, Brand
from callbacks.models import Callback
from callbacks.services import claim_due, done, look_at_next, move, not_reached
from contactcenter.errors import Refused
from goodwill.models import Reason, Request
from tests import make
from tickets.actions import read
from tickets.models import RuleRun, Tag, Ticket
from tickets.services import run_next, running

MINUTE = timedelta(minutes=1)


def run_all(at: datetime | None = None) -> None:
    while run_next(at=at):
        pass


def came(what: str | list[str]) -> dict[str, Any]:
    op = "is" if isinstance(what, str) else "one_of"
    return {"fact": "callback", "op": op, "value": what}


def tagging(name: str) -> list[dict[str, Any]]:
    return [{"do": "tag", "name": name}]


def tags_of(ticket: Ticket) -> set[str]:
    return {tag.name for tag in Tag.objects.all().of(ticket)}


@pytest.fixture
def call(ticket: Ticket, agent: Agent) -> Callback:
    return make.make_callback(ticket=ticket, by=agent)


def miss(call: Callback) -> datetime:
    """Nobody calls in the window; gives when that was found."""
    at = call.window_to + MINUTE
    claim_due(at=call.window_from)
    for _ in range(2):  # a doubled sweep finds nothing more
        look_at_next(at=at)
    call.refresh_from_db()
    assert call.state == "missed"
    return at


@pytest.fixture
def sorry(brand: Brand, supervisor: Agent, late_parcel: Reason) -> None:
    """A rule of the brand's: who was not called gets 100 points, if somebody agrees."""
    give = [{"do": "grant_points", "reason": late_parcel.pk, "points": 100}]
    make.make_rule(brand=brand, by=supervisor, event="callback", conditions=came("missed"), actions=give)


def test_a_missed_promise_makes_a_goodwill_request_by_a_rule_though_the_rooms_do_not_know_each_other(
    sorry: None, call: Callback, supervisor: Agent, ticket: Ticket
) -> None:
    run_all()
    assert not Request.objects.exists()
    at = miss(call)
    again = Callback.objects.get(follows=call)  # said at the same instant
    assert list(ticket.events.filter(kind="callback", at=at).values_list("data__what", flat=True)) == [
        "missed",
        "promised",
    ]
    for _ in range(2):
        run_all(at)
    request = Request.objects.get()
    assert (request.ticket, request.points, request.by, request.state) == (ticket, 100, supervisor, "waiting")
    assert RuleRun.objects.get().outcome == "done"
    assert again.state == "promised"


def test_every_promise_that_is_missed_is_one_occasion(brand: Brand, call: Callback, ticket: Ticket) -> None:
    make.make_rule(brand=brand, event="callback", conditions=came("missed"), actions=tagging("missed"))
    for number in (1, 2):
        run_all(miss(call))
        assert RuleRun.objects.filter(outcome="done").count() == number
        call = Callback.objects.get(follows=call)


def test_control_a_rule_that_goes_by_the_last_line_alone_gives_nothing_or_twice(
    sorry: None, call: Callback, monkeypatch: pytest.MonkeyPatch, brand: Brand
) -> None:
    monkeypatch.setattr(running, "_came_of_callback", lambda occasion: "")
    run_all(miss(call))
    assert not Request.objects.exists()  # the last line says that the next one was promised
    monkeypatch.setattr(running, "_came_of_callback", lambda occasion: "missed")
    run_all(miss(Callback.objects.get(follows=call)))
    assert RuleRun.objects.count() == 2


def keep(call: Callback, agent: Agent) -> None:
    done(call, by=agent, key="d")


def give_up(call: Callback, agent: Agent) -> None:
    not_reached(call, "wrong_number", by=agent, key="w")


def try_again(call: Callback, agent: Agent) -> None:
    not_reached(call, "busy", by=agent, key="b")


def move_on(call: Callback, agent: Agent) -> None:
    move(call, make.next_day("Europe/Berlin", days=2), by=agent, key="m")


@pytest.mark.parametrize(
    ("deed", "what"), [(keep, "kept"), (give_up, "given_up"), (try_again, "busy"), (move_on, "moved")]
)
def test_a_rule_waits_for_what_came_of_a_promise(
    brand: Brand, ticket: Ticket, agent: Agent, call: Callback, deed: Any, what: str
) -> None:
    make.make_rule(brand=brand, event="callback", conditions=came(what), actions=tagging("it"))
    make.make_rule(
        brand=brand, event="callback", conditions=came(["missed", "cancelled"]), actions=tagging("not")
    )
    deed(call, agent)
    run_all()
    assert tags_of(ticket) == {"it"}


def test_what_came_of_a_promise_is_known_on_other_occasions_too(
    brand: Brand, ticket: Ticket, agent: Agent, call: Callback
) -> None:
    make.make_rule(brand=brand, event="resolved", conditions=came("kept"), actions=tagging("called"))
    keep(call, agent)
    tickets.services.resolve(ticket, by=agent)
    run_all()
    assert tags_of(ticket) == {"called"}


# ── the deeds ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_promises_a_call_by_a_team_with_notes(brand: Brand, ticket: Ticket, agent: Agent) -> None:
    team = make.make_team(brand=brand, agents=[agent])
    deed = {
        "do": "promise_call",
        "hours": 3,
        "about": "Ask",
        "whom": "team",
        "team": team.pk,
        "notes": "Kindly",
    }
    make.make_rule(brand=brand, event="priority", actions=[deed])
    tickets.services.set_priority(ticket, 4, by=make.make_agent(brands=[brand]))
    run_all()
    call = Callback.objects.get()
    assert (call.owner, call.team, call.notes, call.source) == (None, team, "Kindly", "rule")


def test_what_was_written_before_there_were_teams_still_reads_and_does_the_same(
    brand: Brand, ticket: Ticket, agent: Agent
) -> None:
    tickets.services.assign(ticket, agent, by=agent)
    make.make_rule(
        brand=brand, event="priority", actions=[{"do": "promise_call", "hours": 3, "about": "Ask"}]
    )
    tickets.services.set_priority(ticket, 4, by=agent)
    run_all()
    call = Callback.objects.get()
    assert (call.owner, call.team, call.notes) == (agent, None, "")


@pytest.mark.parametrize("more", [{"whom": "team"}, {"whom": "nobody"}, {"team": 0}])
def test_who_calls_has_to_make_sense(brand: Brand, more: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        read([{"do": "promise_call", "hours": 3, "about": "Ask", **more}], brand)
    assert refusal.value.code == "action_invalid"


def test_the_team_of_another_brand_cannot_be_chosen(brand: Brand, other_brand: Brand) -> None:
    team = make.make_team(brand=other_brand)
    with pytest.raises(Refused):
        read([{"do": "promise_call", "hours": 3, "about": "Ask", "whom": "team", "team": team.pk}], brand)


def test_a_rule_takes_a_call_back_that_is_not_needed_any_more(
    brand: Brand, ticket: Ticket, agent: Agent, call: Callback
) -> None:
    make.make_rule(brand=brand, event="resolved", actions=[{"do": "cancel_call"}])
    elsewhere = make.make_callback(customer=ticket.customer, by=agent)
    tickets.services.resolve(ticket, by=agent)
    run_all()
    states = dict(Callback.objects.values_list("pk", "state"))
    assert states == {call.pk: "cancelled", elsewhere.pk: "promised"}
    tickets.services.reopen(ticket, by=agent)
    tickets.services.resolve(ticket, by=agent)
    run_all()  # nothing is left to be cancelled
    assert set(RuleRun.objects.values_list("outcome", flat=True)) == {"done"}


def test_rules_that_promise_what_they_cancel_are_stopped_by_the_fuse(
    brand: Brand, ticket: Ticket, agent: Agent
) -> None:
    promise = [{"do": "promise_call", "hours": 3, "about": "Ask"}]
    make.make_rule(
        brand=brand, event="callback", conditions=came("promised"), actions=[{"do": "cancel_call"}]
    )
    make.make_rule(brand=brand, event="callback", conditions=came("cancelled"), actions=promise)
    make.make_callback(ticket=ticket, by=agent)
    run_all()
    assert RuleRun.objects.filter(outcome="fused").count() == 1
    assert Callback.objects.count() <= running.DEEPEST


def test_neither_room_imports_the_other() -> None:
    folder = Path(callbacks.__file__).parent
    for one, other in ((folder, "goodwill"), (folder.parent / "goodwill", "callbacks")):
        for path in one.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                named = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                named += [name.name for name in node.names] if isinstance(node, ast.Import) else []
                assert not [name for name in named if name.split(".")[0] == other], path
