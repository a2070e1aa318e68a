"""Rules on real tickets: what they wait for, what they see, what they do, and what stops them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents import roles
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tickets import services
from tickets.conditions import FACTS
from tickets.facts import facts_of, with_customers, words_of
from tickets.models import Message, Occasion, Queue, Rule, RuleRun, RuleVersion, Tag, Ticket, TicketEvent
from tickets.services import run_next, running, sweep_rules

MAIL = {"fact": "channel", "op": "is", "value": "mail"}


def run_all() -> None:
    while run_next():
        pass


def tags_of(ticket: Ticket) -> list[str]:
    return [tag.name for tag in Tag.objects.all().of(ticket)]


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.select_related("brand", "customer").get(pk=ticket.pk)


def tagging(name: str) -> list[dict[str, Any]]:
    return [{"do": "tag", "name": name}]


def test_what_happens_is_looked_at_once_by_the_rules_that_wait_for_it(
    brand: Brand, queue: Queue, member: Customer
) -> None:
    rule = make.make_rule(brand=brand, conditions=MAIL)
    make.make_rule(brand=brand, conditions=MAIL | {"value": "chat"}, actions=tagging("never"))
    ticket = make.make_ticket(customer=member, queue=queue)
    assert Occasion.objects.values_list("event", flat=True).get() == "opened"  # nobody waits for words
    run_all()
    run_all()
    assert tags_of(ticket) == ["seen"]
    run = RuleRun.objects.get()
    assert (run.rule, run.version, run.outcome, run.depth) == (rule, rule.live, "done", 0)
    line = TicketEvent.objects.get(kind="tagged")
    assert (line.actor, line.by, line.data["rule"]) == ("rule", None, rule.live.pk)
    assert not Occasion.objects.exists()


def test_words_are_occasions_too_and_those_of_other_brands_or_of_rules_switched_off_are_none(
    brand: Brand, other_brand: Brand, ticket: Ticket, agent: Agent
) -> None:
    make.make_rule(brand=brand, event="heard")
    Rule.objects.filter(pk=make.make_rule(brand=brand, event="answered").pk).update(is_active=False)
    make.hear(ticket)
    make.make_ticket(brand=other_brand)
    services.reply(ticket, "Yes.", by=agent, key="r")
    assert list(Occasion.objects.values_list("event", "ticket")) == [("heard", ticket.pk)]


def test_rules_look_in_their_order_each_at_what_the_ones_before_have_left_until_one_says_stop(
    brand: Brand, queue: Queue, member: Customer
) -> None:
    urgent = {"fact": "priority", "op": "is", "value": "urgent"}
    make.make_rule(brand=brand, position=3, actions=tagging("third"), conditions=urgent)
    make.make_rule(brand=brand, position=2, actions=tagging("second"), conditions=urgent, stop=True)
    make.make_rule(brand=brand, position=1, actions=[{"do": "priority", "priority": 4}])
    ticket = make.make_ticket(customer=member, queue=queue)
    run_all()
    assert tags_of(ticket) == ["second"]


def test_a_refused_action_undoes_the_whole_rule_is_told_and_the_next_rule_goes_on(
    brand: Brand, queue: Queue, member: Customer
) -> None:
    rule = make.make_rule(
        brand=brand, position=1, actions=[*tagging("half"), {"do": "note", "text": "{expires on}"}]
    )
    make.make_rule(brand=brand, position=2)
    ticket = make.make_ticket(customer=make.make_customer(brand=brand), queue=queue)
    run_all()
    assert tags_of(ticket) == ["seen"]
    refused = RuleRun.objects.get(rule=rule)
    assert (refused.outcome, refused.sentence) == (
        "refused",
        "Leave a note: Nothing is known for {expires on}.",
    )


def test_a_rule_that_breaks_by_our_fault_is_logged_and_stands_in_nobodys_way(
    brand: Brand, queue: Queue, member: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.make_rule(brand=brand, position=1, actions=[{"do": "hand_back"}])
    make.make_rule(brand=brand, position=2)
    ticket = make.make_ticket(customer=member, queue=queue)
    monkeypatch.setattr(services, "assign", lambda *args, **fields: 1 / 0)
    run_all()
    assert tags_of(ticket) == ["seen"]
    assert "fault of ours" in RuleRun.objects.get(outcome="refused").sentence


def test_what_a_rule_writes_goes_to_the_customer_and_is_no_answer(
    brand: Brand, queue: Queue, member: Customer, supervisor: Agent
) -> None:
    rule = make.make_rule(
        brand=brand, by=supervisor, event="heard",
        actions=[{"do": "reply", "text": "{customer first name}, we have {ticket number}. You own {balance} points."}],
    )  # fmt: skip
    ticket = make.make_ticket(customer=member, queue=queue)
    run_all()
    said = Message.objects.get(kind="outbound")
    assert said.text == f"Mara, we have {ticket.reference}. You own 1,000 points."
    assert (said.author, said.rule, said.state) == (supervisor, rule.live, "queued")
    after = now_of(ticket)
    assert (after.status, after.assignee, after.due_at) == ("new", None, ticket.due_at)
    assert after.last_was_inbound


def test_a_rule_asks_for_points_and_promises_calls_within_the_limits_of_who_published_it(
    brand: Brand, queue: Queue, member: Customer, supervisor: Agent, late_parcel: Any
) -> None:
    actions = [
        {"do": "promise_call", "hours": 2, "about": "Late"},
        {"do": "grant_points", "reason": late_parcel.pk},
    ]
    make.make_rule(brand=brand, by=supervisor, actions=actions)
    too_much = [{"do": "grant_points", "reason": late_parcel.pk, "points": 1_000_000}]
    greedy = make.make_rule(brand=brand, by=supervisor, actions=too_much)
    ticket = make.make_ticket(customer=member, queue=queue)
    run_all()
    assert make.now_of(member).balance == 1000
    request = ticket.goodwill.get()
    assert (request.points, request.by, request.state) == (late_parcel.default_points, supervisor, "waiting")
    assert member.callbacks.get().owner == supervisor
    kinds = ticket.events.exclude(kind="opened").values_list("kind", "actor", "by")
    assert list(kinds) == [("callback", "rule", None), ("goodwill_request", "rule", None)]
    assert RuleRun.objects.get(rule=greedy).sentence.startswith(
        "Give goodwill points: Late parcel allows 50 to"
    )


def test_rules_that_set_each_other_off_are_stopped_by_the_fuse_and_supervisors_are_told(
    brand: Brand, queue: Queue, member: Customer, supervisor: Agent
) -> None:
    for one, other in ((1, 4), (4, 1)):
        when = {"fact": "priority", "op": "is", "value": one}
        make.make_rule(
            brand=brand,
            event="priority",
            conditions=when,
            actions=[{"do": "priority", "priority": other}],
            stop=True,
        )
    ticket = make.make_ticket(customer=member, queue=queue)
    services.set_priority(ticket, 4, by=supervisor)
    run_all()
    fused = RuleRun.objects.get(outcome="fused")
    assert (fused.depth, fused.rule.is_active) == (running.DEEPEST, False)
    assert fused.sentence == "5 rules have set each other off, one after the other."
    assert Notification.objects.filter(agent=supervisor, kind="rule_off").count() == 1
    assert max(RuleRun.objects.values_list("depth", flat=True)) == running.DEEPEST
    assert Rule.objects.filter(is_active=True).count() == 1  # the loop is open, the other one goes on


def test_a_ticket_on_which_rules_run_too_often_blows_the_fuse(
    brand: Brand, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "RUNS_AN_HOUR", 2)
    rule = make.make_rule(brand=brand, event="heard")
    for _ in range(3):
        make.hear(ticket)
        run_all()
    assert list(RuleRun.objects.order_by("pk").values_list("outcome", flat=True)) == ["done", "done", "fused"]
    rule.refresh_from_db()
    assert not rule.is_active


def test_a_rule_of_time_runs_once_for_a_ticket_as_it_stands_and_again_when_somebody_has_changed_it(
    brand: Brand, ticket: Ticket, agent: Agent
) -> None:
    quiet = {"fact": "hours_since_last_word", "op": "at_least", "value": 48}
    make.make_rule(brand=brand, event="time", conditions=quiet, actions=[{"do": "note", "text": "Quiet."}])

    def notes() -> int:
        return ticket.messages.filter(kind="note").count()

    later = clock.now() + timedelta(hours=49)
    assert (sweep_rules(at=later - timedelta(hours=2)), notes()) == (0, 0)
    assert (sweep_rules(at=later), notes()) == (1, 1)
    assert (sweep_rules(at=later), notes()) == (0, 1)
    services.set_status(ticket, "on_hold", by=agent, at=later)
    assert (sweep_rules(at=later), sweep_rules(at=later), notes()) == (1, 0, 2)


def test_the_clock_goes_on_where_it_stopped_when_there_are_more_tickets_than_it_looks_at(
    brand: Brand, queue: Queue, member: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.services.sweeping.AT_ONCE", 2)
    monkeypatch.setattr("tickets.services.sweeping.BATCHES", 1)
    tickets = [make.make_ticket(customer=member, queue=queue) for _ in range(5)]
    rule = make.make_rule(brand=brand, event="time")
    ran = []
    for _ in range(4):
        ran.append(sweep_rules())
        rule.refresh_from_db()
        ran.append(rule.swept_to)
    assert ran == [2, tickets[1].pk, 2, tickets[3].pk, 1, 0, 0, tickets[1].pk]


def test_publishing_makes_a_version_that_never_changes_and_the_same_again_makes_none(
    brand: Brand, supervisor: Agent
) -> None:
    rule = make.make_rule(brand=brand, by=supervisor)
    Rule.objects.filter(pk=rule.pk).update(actions=tagging("draft"))
    assert services.publish_rule(rule, by=supervisor).number == 2
    assert services.publish_rule(rule, by=supervisor).number == 2
    assert [one.actions[0]["name"] for one in rule.versions.order_by("number")] == ["seen", "draft"]
    with pytest.raises(Exception, match="Cannot update"):
        RuleVersion.objects.filter(rule=rule).update(stop=True)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"actions": []}, "no_action"),
        ({"actions": [{"do": "dance"}]}, "action_invalid"),
        ({"actions": [{"do": "tag"}]}, "action_invalid"),
        ({"actions": [{"do": "hand_back", "why": 1}]}, "action_invalid"),
        ({"actions": [{"do": "reply", "text": "{shoe size}"}]}, "action_invalid"),
        ({"conditions": {"fact": "mood"}}, "condition_invalid"),
    ],
)
def test_what_makes_no_sense_is_not_published(
    brand: Brand, supervisor: Agent, fields: dict[str, Any], code: str
) -> None:
    sound: dict[str, Any] = {"actions": tagging("x"), "conditions": {}} | fields
    rule = Rule.objects.create(brand=brand, name="Draft", event="opened", **sound)
    with pytest.raises(Refused) as refused:
        services.publish_rule(rule, by=supervisor)
    assert refused.value.code == code


def test_a_rule_names_nothing_of_another_brand_and_is_set_by_supervisors_of_its_own(
    brand: Brand, other_brand: Brand, supervisor: Agent, agent: Agent
) -> None:
    theirs = make.make_queue(brand=other_brand)
    rule = make.make_rule(brand=brand, by=supervisor)
    stranger = make.make_agent(brands=[other_brand], role=roles.SUPERVISOR)
    for who in (agent, stranger):
        with pytest.raises(Refused, match=r"Your role|You do not serve"):
            services.publish_rule(rule, by=who)
    Rule.objects.filter(pk=rule.pk).update(actions=[{"do": "move", "queue": theirs.pk}])
    with pytest.raises(Refused, match="Select a valid choice"):
        services.publish_rule(rule, by=supervisor)


def test_facts_of_a_ticket_are_what_is_so(brand: Brand, queue: Queue, member: Customer, agent: Agent) -> None:
    make.give(member.account, 40, months=6)
    make.make_order(customer=member, amount_minor=12_300)
    ticket = make.make_ticket(customer=member, queue=queue, subject="Help", text="It broke")
    services.tag(ticket, "late", by=agent)
    services.resolve(ticket, by=agent)
    services.reopen(ticket, by=agent)
    (row,) = with_customers(Ticket.objects.all())
    now = clock.now()
    found = facts_of([row], list(FACTS), words=words_of(brand), at=now)[ticket.pk]
    assert found.keys() <= FACTS.keys()
    expected = {
        "status": "open", "subject": "Help", "words": "It broke", "queue": queue.pk, "tags": {Tag.objects.get().pk},
        "reopened": 1, "spend_12_months": 123.0, "tickets_30_days": 1, "member": True,
        "last_word_by": "customer", "waiting_on": "us", "assigned": True, "office_open": True, "vip": False,
        "sender_domain": "mail.example",
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["balance"] == make.now_of(member).balance
    assert [points for _days, points in found["points_expiring"]] == [40]


def test_a_dry_run_asks_as_much_for_one_ticket_as_for_many_and_writes_nothing(
    brand: Brand, queue: Queue, supervisor: Agent
) -> None:
    everything = [
        {"fact": name, "op": "at_least", "value": 0} for name, fact in FACTS.items() if fact.kind == "number"
    ]
    more = [
        {"fact": "words", "op": "contains", "value": "Monday"},
        {"fact": "office_open", "op": "is", "value": True},
    ]
    tagged = {"not": {"fact": "tags", "op": "has", "value": "late"}}
    Tag.objects.create(brand=brand, name="late")
    conditions = {"all": [{"any": everything}, *more, tagged]}
    rule = make.make_rule(brand=brand, by=supervisor, conditions=conditions)

    def cost() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            found = services.dry_run(rule)
        assert found.actions == ["Tag seen"]
        assert not [query for query in queries if not query["sql"].startswith("SELECT")]
        return len(found.fitting), len(queries)

    def open_some(count: int) -> None:
        for _ in range(count):
            make.make_ticket(customer=make.make_member(brand=brand, points=10), queue=queue)

    open_some(1)
    cost()  # what is asked once and remembered
    fitting, few = cost()
    open_some(6)
    assert (fitting, cost()) == (1, (7, few))
    assert few <= 14
