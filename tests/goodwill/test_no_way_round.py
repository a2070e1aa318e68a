"""No way round: what is over a limit is tried on every edge of the house, and nothing of it is written.

Elsewhere: who may answer what and an entry from a shell (test_asking), rows that can never be true
(contactcenter.goodwill_constraints), pledges (test_pledges), incidents (test_incidents), other brands (api.test_walls).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.models import F, Sum
from django.test import Client

import loyalty.services
import tickets.services
from agents import roles
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from goodwill.models import Budget, IncidentGrant, PledgeRun, Policy, Reason, Request
from goodwill.services import (
    Option,
    approve,
    ask,
    choose,
    give_out,
    grant,
    grant_gift,
    incidents,
    keep_next_pledge,
    offer,
)
from loyalty.models import Account, Entry, GivenBenefit, Redemption, Reward
from tests import make
from tests.api.client import Machine, integration
from tests.desk.conftest import signed_in
from tests.desk.deeds import post
from tests.goodwill.hit import an_incident
from tickets.models import Message, Ticket, TicketEvent
from tickets.services import acting

OVER = 800  # an agent gives 500 at once, a supervisor 2,500


@dataclass
class World:
    """Whoever tries it, and on what."""

    brand: Brand
    ticket: Ticket
    agent: Agent
    boss: Agent
    second: Agent
    reason: Reason
    budget: Budget

    @property
    def account(self) -> Account:
        return Account.objects.select_related("programme", "customer").get(customer=self.ticket.customer)

    def given_by(self, by: Agent | None = None) -> dict[str, Any]:
        return {"by": by or self.agent, "reason": self.reason, "key": make.unique()}

    def asked(self, points: int = OVER, by: Agent | None = None) -> Request:
        return ask(self.ticket, points, **self.given_by(by))

    def body(self, **fields: Any) -> dict[str, Any]:
        return {"ticket": self.ticket.reference, "reason": self.reason.code, "points": OVER} | fields


@pytest.fixture
def world(
    brand: Brand, ticket: Ticket, agent: Agent, supervisor: Agent, second: Agent, generous: Reason
) -> World:
    Policy.objects.update(apart_days=None)
    return World(brand, ticket, agent, supervisor, second, generous, make.make_budget(brand=brand))


def written() -> dict[str, Any]:
    """Everything that giving would leave behind."""
    counted = (Entry, GivenBenefit, IncidentGrant, Message, Redemption, Request, TicketEvent)
    return {
        **{model.__name__: model.objects.count() for model in counted},
        "balances": Account.objects.aggregate(sum=Sum("balance"))["sum"],
        "states": sorted(Request.objects.values_list("pk", "state", "approver", "second")),
        "statuses": sorted(Ticket.objects.values_list("pk", "status")),
        "budgets": sorted(Budget.objects.values_list("pk", "spent", "reserved")),
    }


def code_of(deed: Callable[..., Any], *arguments: Any, **more: Any) -> str:
    try:
        done = deed(*arguments, **more)
    except Refused as refusal:
        return refusal.code
    return f"went through: {done}"


def on_the_desk(world: World, name: str, *args: Any, by: Agent | None = None, **fields: Any) -> str:
    """The code that stands behind the page's refusal."""
    answer = post(signed_in(by or world.agent), name, world.ticket.reference, *args, **fields)
    assert answer.status_code == 409, answer.content
    return str(answer.context["refusal"].code)


def by_api(agent: Agent, body: dict[str, Any], path: str = "goodwill/", **token: Any) -> str:
    answer = Machine(agent, **token).post(path, body)
    assert answer.status_code >= 400, answer.content
    return str(answer.json()["code"])


def by_macro(world: World) -> str:
    """It answers, tags, gives and ends the ticket: all of it, or nothing."""
    give = {"do": "grant_points", "reason": world.reason.pk, "points": OVER}
    macro = make.make_macro(
        brand=world.brand, actions=[{"do": "tag", "name": "late"}, give, {"do": "resolve"}]
    )
    return code_of(tickets.services.send_macro, world.ticket, macro, "Sorry.", by=world.agent, key="m")


def as_rule(world: World, deed: Callable[..., Any], *arguments: Any, **more: Any) -> str:
    with acting.acting(make.make_rule(brand=world.brand).versions.get()):
        return code_of(deed, *arguments, **more)


def of_another(world: World) -> str:
    """The number of an order that is there, but not of this customer."""
    return make.make_order(customer=make.make_member(brand=world.brand)).number


EDGES: dict[str, tuple[str, Callable[[World], str]]] = {
    "the form of the desk": (
        "over_limit",
        lambda w: on_the_desk(w, "goodwill", key="k", reason=w.reason.pk, points=OVER),
    ),
    "the API in one's own name": ("over_limit", lambda w: by_api(w.agent, w.body())),
    "the API as a machine, for which no policy speaks": (
        "over_limit",
        lambda w: by_api(integration(w.brand), w.body(points=1)),
    ),
    "a token without the scope": (
        "permission_denied",
        lambda w: by_api(w.agent, w.body(points=1), scopes=["goodwill:read", "tickets:write"]),
    ),
    "an order nobody placed": ("unknown_order", lambda w: by_api(w.agent, w.body(points=50, order="A-none"))),
    "the order of another customer": (
        "unknown_order",
        lambda w: by_api(w.agent, w.body(points=50, order=of_another(w))),
    ),
    "a macro": ("over_limit", by_macro),
    "a rule that gives": ("a_person_decides", lambda w: as_rule(w, grant, w.ticket, 50, **w.given_by())),
    "a rule that lets choose": (
        "a_person_decides",
        lambda w: as_rule(w, offer, w.ticket, [Option(50), Option()], text="Choose.", **w.given_by()),
    ),
    "a rule that asks for many": (
        "a_person_decides",
        lambda w: as_rule(w, incidents.ask, w.ticket, 50, **w.given_by()),
    ),
    "a voucher worth more": (
        "over_limit",
        lambda w: code_of(
            grant_gift, w.ticket, make.make_reward(brand=w.brand, points=OVER), **w.given_by()
        ),
    ),
    "a benefit worth more": (
        "over_limit",
        lambda w: code_of(
            grant_gift, w.ticket, make.make_benefit(w.account.programme, gift_points=OVER), **w.given_by()
        ),
    ),
    "a second voucher": ("over_limit", lambda w: code_of(twice, w)),
    "a budget with too little": ("budget_used_up", lambda w: code_of(grant, w.ticket, 50, **poor(w))),
    "an offer whose dearest is above the reason": (
        "outside_reason",
        lambda w: code_of(
            offer, w.ticket, [Option(50), Option(gift=dear(w))], text="Choose.", **w.given_by()
        ),
    ),
    "a correction by who may correct nothing": (
        "not_allowed",
        lambda w: code_of(loyalty.services.adjust, w.account, 1, by=w.agent, reason="sorry", key="a"),
    ),
    "a correction alone above the limit of the programme": (
        "needs_second_person",
        lambda w: code_of(
            loyalty.services.adjust, w.account, w.account.programme.adjust_limit + 1, by=w.boss, reason="sorry",
            key="a",
        ),
    ),
    "an order that an agent makes up": (
        "not_allowed",
        lambda w: by_api(w.agent, an_order(w, 1_000_000), path="orders/"),
    ),
    "an order that another brand's shop makes up": (
        "unknown_customer",
        lambda w: by_api(integration(make.make_brand()), an_order(w, 1_000_000), path="orders/"),
    ),
}  # fmt: skip


def twice(world: World) -> Request:
    """400 and 400 within the limit by grant, and over that by ticket."""
    Policy.objects.create(
        agent=world.agent, brand=world.brand, per_grant=500, per_ticket=700, starts_at=clock.now()
    )
    reward = make.make_reward(brand=world.brand, points=400)
    with transaction.atomic():  # as one form that gives both, or neither
        for _ in "12":
            given = grant_gift(world.ticket, reward, **world.given_by())
    return given


def poor(world: World) -> dict[str, Any]:
    """As any grant, while the budget has 49 points left."""
    Budget.objects.filter(pk=world.budget.pk).update(points=49)
    return world.given_by()


def dear(world: World) -> Reward:
    return make.make_reward(brand=world.brand, points=world.reason.max_points + 1)


def an_order(world: World, amount_minor: int) -> dict[str, Any]:
    lines = [{"sku": "X", "name": "Nothing", "quantity": 1, "amount_minor": amount_minor}]
    return {"customer": world.ticket.customer_id, "number": "MADE-UP-1", "lines": lines}


@pytest.mark.parametrize("edge", EDGES)
def test_over_the_limit_is_refused_by_its_code_and_nothing_is_written(world: World, edge: str) -> None:
    code, tried = EDGES[edge]
    before = written()
    assert tried(world) == code
    after = written()
    # What an edge sets up for itself (an order of somebody else's) brings that somebody points.
    if edge == "the order of another customer":
        after["Entry"], after["balances"] = before["Entry"], before["balances"]
    assert after == before


ANSWERS: dict[str, tuple[str, Callable[[World], tuple[Request, Agent]]]] = {
    "above the limit of who agrees": (
        "over_limit",
        lambda w: (w.asked(2501), w.boss),
    ),
    "by who asked": ("same_person", lambda w: (w.asked(3000, by=w.boss), w.boss)),
    "by a colleague without the right": (
        "not_allowed",
        lambda w: (w.asked(), make.make_agent(brands=[w.brand])),
    ),
}


def deciding(world: World, asked: Request, by: Agent) -> str:
    """What the supervisors' page *Decide* says to agreeing, or that it is not there."""
    page = f"/admin/goodwill/request/{asked.pk}/decide/"
    answer = signed_in(by).post(page, {"decision": "approve"})
    if answer.status_code != 302 or "/login/" in answer["Location"]:
        return ""
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.mark.parametrize("way", ANSWERS)
def test_who_may_not_agree_does_so_on_no_page(world: World, way: str) -> None:
    code, prepared = ANSWERS[way]
    asked, by = prepared(world)
    before = written()
    assert code_of(approve, asked, by=by) == code
    assert on_the_desk(world, "goodwill_step", asked.pk, "approve", by=by) == code
    said = deciding(world, asked, by)
    assert {"over_limit": "Somebody with a higher limit", "same_person": "Somebody else", "not_allowed": ""}[
        code
    ] in said
    assert "It is given now." not in said
    assert written() == before


def test_whoever_agreed_first_is_never_the_second_too(world: World) -> None:
    Policy.objects.create(
        agent=world.agent, brand=world.brand, per_grant=100, second_above=700, starts_at=clock.now()
    )
    asked = world.asked()
    approve(asked, by=world.boss)
    before = written()
    deciding(world, asked, world.boss)
    post(signed_in(world.boss), "goodwill_step", world.ticket.reference, asked.pk, "approve")
    assert approve(asked, by=world.boss).state == "waiting"
    assert written() == before
    assert approve(asked, by=world.second).state == "posted"


def test_no_page_of_the_admin_writes_a_request(world: World, owner: Agent) -> None:
    asked = world.asked()
    before = written()
    admin: Client = signed_in(owner)
    for path in (f"{asked.pk}/change/", f"{asked.pk}/delete/", "add/"):
        fields = {"state": "posted", "points": 1, "approver": world.boss.pk, "post": "yes"}
        assert admin.post(f"/admin/goodwill/request/{path}", fields).status_code == 403
    answer = admin.post(
        "/admin/goodwill/request/", {"action": "delete_selected", "_selected_action": asked.pk, "post": "yes"}
    )
    assert answer.status_code in (200, 302, 403)
    assert written() == before


def test_what_an_offer_holds_ready_is_not_chosen_before_somebody_agreed(world: World) -> None:
    gift = make.make_reward(brand=world.brand, points=OVER)
    sent = offer(world.ticket, [Option(50), Option(gift=gift)], text="Choose.", **world.given_by())
    before = written()
    assert (sent.state, sent.request.points) == ("waiting", OVER)
    for remedy in sent.remedies.all():
        assert code_of(choose, sent, remedy.pk) == "offer_withdrawn"
    assert written() == before


def test_an_incident_gives_nothing_that_who_agrees_could_not_give_each_of_them(world: World) -> None:
    members = [make.make_member(brand=world.brand) for _ in "12"]
    incident = an_incident(world.brand, *members, by=world.agent)
    over = incidents.ask(incident, 2501, **world.given_by())
    before = written()
    assert code_of(incidents.approve, over, by=world.boss) == "over_limit"
    give_out()
    assert written() == before
    # Not in many small ones either: the second time they are over the limit for one customer.
    incidents.decline(over, by=world.boss)
    Policy.objects.filter(role="supervisor").update(customer_90=2600)
    for points in (2500, 200):
        one = an_incident(world.brand, by=world.agent)
        for ticket in Ticket.objects.filter(customer__in=members):
            tickets.services.link(ticket, one, kind="incident", by=world.agent)
        incidents.approve(incidents.ask(one, points, **world.given_by()), by=world.boss)
        give_out()
    assert [make.now_of(member).balance for member in members] == [2500, 2500]
    world.budget.refresh_from_db()
    assert (world.budget.spent, world.budget.reserved) == (5000, 0)


def test_a_pledge_pays_from_its_own_budget_alone_and_no_more_than_that_has(world: World) -> None:
    own = make.make_budget(brand=world.brand, points=99, pays_pledges=True)
    make.make_pledge(brand=world.brand, by=world.boss, budget=own, reason=world.reason, points=100)
    late = make.make_ticket(customer=make.make_member(brand=world.brand))
    assert keep_next_pledge(at=clock.now() + timedelta(hours=2))
    assert list(PledgeRun.objects.filter(ticket=late).values_list("state", "why")) == [
        ("unpaid", "budget_used_up")
    ]
    assert make.now_of(late.customer).balance == 0
    with pytest.raises(IntegrityError, match="goodwill_budget_is_kept"), transaction.atomic():
        Budget.objects.filter(pk=own.pk).update(spent=F("spent") + 100)
    assert not Budget.objects.exclude(spent=0, reserved=0).exists()


def test_a_large_correction_takes_a_second_person_who_is_not_the_first(world: World) -> None:
    """`adjust` is no goodwill: it has two people of its own, its own contra, and its own limit."""
    much = world.account.programme.adjust_limit + 1
    asked = loyalty.services.ask_adjustment(world.account, much, by=world.boss, reason="sorry", key="a")
    before = written()
    assert code_of(loyalty.services.approve_adjustment, asked, by=world.boss) == "same_person"
    assert code_of(loyalty.services.approve_adjustment, asked, by=world.agent) == "not_allowed"
    assert written() == before
    entry = loyalty.services.approve_adjustment(asked, by=world.second)
    assert (entry.contra, entry.qualifying) == ("adjust", 0)


def test_what_the_shop_makes_up_moves_no_limit_and_is_no_goodwill(world: World) -> None:
    """Who holds the shop's token is the shop: points come by its rules, once for a number, as those of an order."""
    shop = Machine(integration(world.brand))
    limits = Policy.objects.get(role="agent")
    assert shop.post("orders/", an_order(world, 10_000_000)).status_code == 201
    assert shop.post("orders/", an_order(world, 10_000_000)).status_code == 200
    assert shop.post("orders/", an_order(world, 20_000_000)).json()["code"] == "order_conflict"
    entry = Entry.objects.filter(account=world.account).latest("pk")
    assert (entry.contra, entry.actor) == ("issue.order", shop.agent)
    assert not Request.objects.exists()
    # However much they spent: nobody gives more for it, and what is suggested stays below every limit.
    assert by_api(world.agent, world.body(points=limits.per_grant + 1)) == "over_limit"
    given = grant(world.ticket, limits.per_grant, **world.given_by())
    assert given.suggested is not None
    assert given.suggested <= limits.per_grant


def by_sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


SQL: dict[str, tuple[str, Callable[[World, Request], None]]] = {
    "what waits is called given": (
        "goodwill_request_posted_has_entry",
        lambda w, asked: by_sql(
            "UPDATE goodwill_request SET state = 'posted', lapses_at = NULL WHERE id = %s", asked.pk
        ),
    ),
    "what waits is given with the entry of another": (
        "goodwill_request_entry_id_key",
        lambda w, asked: by_sql(
            "UPDATE goodwill_request SET state = 'posted', lapses_at = NULL, entry_id = %s WHERE id = %s",
            grant(w.ticket, 50, **w.given_by()).entry_id, asked.pk,
        ),
    ),
    "the budget says that it has reserved more than it has": (
        "goodwill_budget_is_kept",
        lambda w, asked: by_sql(
            "UPDATE goodwill_budget SET reserved = points + 1 WHERE id = %s", w.budget.pk
        ),
    ),
    "who asked agrees": (
        "goodwill_request_takes_others",
        lambda w, asked: by_sql(
            "UPDATE goodwill_request SET approver_id = by_id WHERE id = %s", asked.pk
        ),
    ),
    "who agreed is the second": (
        "goodwill_request_takes_others",
        lambda w, asked: by_sql(
            "UPDATE goodwill_request SET approver_id = %s, second_id = %s WHERE id = %s", w.boss.pk, w.boss.pk,
            asked.pk,
        ),
    ),
    "the second is who asked": (
        "goodwill_request_takes_others",
        lambda w, asked: by_sql(
            "UPDATE goodwill_request SET approver_id = %s, second_id = by_id WHERE id = %s", w.boss.pk, asked.pk
        ),
    ),
    "an order's points become goodwill": (
        "loyalty_entry",
        lambda w, asked: by_sql("UPDATE loyalty_entry SET contra = 'issue.goodwill'"),
    ),
    "an entry bears the key of what waits": (
        "goodwill_entry_has_request",
        lambda w, asked: earned(w, key=f"gw:{asked.key}"),
    ),
    "a bought voucher becomes a gift": (
        "loyalty_redemption_gift_takes_no_points",
        lambda w, asked: by_sql(
            "UPDATE loyalty_redemption SET is_gift = true WHERE id = %s", bought(w).pk
        ),
    ),
}  # fmt: skip


def earned(world: World, *, key: str) -> None:
    loyalty.services.earn(world.account, OVER, contra="issue.goodwill", by=world.agent, key=key)
    by_sql("SELECT 1")


def bought(world: World) -> Redemption:
    reward = make.make_reward(brand=world.brand, points=100)
    return loyalty.services.redeem_reward(world.account, reward, by=world.agent, key="b", conversation="")


@pytest.mark.parametrize("way", SQL)
def test_the_database_refuses_it_whoever_writes(world: World, way: str) -> None:
    name, tried = SQL[way]
    asked = world.asked()
    before = written()
    with pytest.raises((IntegrityError, ProgrammingError)) as refused, transaction.atomic():
        tried(world, asked)
    constraint = getattr(getattr(refused.value.__cause__, "diag", None), "constraint_name", None)
    assert name in (constraint or str(refused.value))
    assert written() == before


def test_control_without_the_limits_the_same_edges_give(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the edges lean on is taken away, and each of them gives: so it is this that holds them."""
    monkeypatch.setattr("goodwill.services.granting.first_over", lambda limits: None)
    before = make.now_of(world.ticket.customer).balance
    assert Machine(world.agent).post("goodwill/", world.body()).status_code == 201
    client = signed_in(world.agent)
    fields = {"key": "k", "reason": world.reason.pk, "points": OVER}
    assert post(client, "goodwill", world.ticket.reference, **fields).status_code == 200
    assert by_macro(world).startswith("went through")
    assert make.now_of(world.ticket.customer).balance == before + 3 * OVER
    assert set(Request.objects.values_list("state", flat=True)) == {"posted"}
    assert Agent.objects.filter(pk=world.agent.pk, groups__name=roles.AGENT).exists()
