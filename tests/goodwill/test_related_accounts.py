"""Nobody gives to themselves or to who is near to them: by whatever shared address, at whatever edge."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import customers.services
import tickets.services
from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, Customer
from goodwill import services
from goodwill.models import Policy, Reason, Request
from goodwill.services import Option, approve, ask, choose, default_due, give_out, grant, incidents, offer
from goodwill.services.related import expect_somebody_else
from tests import make
from tests.api.client import Machine
from tests.desk.deeds import post
from tests.goodwill.hit import an_incident
from tickets.models import Ticket
from tickets.services.acting import acting

SHARED_PHONE, SHARED_MAIL, HANDLE = "+4930555555", "family@mail.example", "x:family"


@pytest.fixture
def mine(agent: Agent, brand: Brand) -> Customer:
    """The agent as a customer of the brand."""
    return make.make_customer(brand=brand, mail=agent.email)


def via(agent: Agent, ticket: Ticket) -> str:
    """Through what the agent is refused; empty: they are not."""
    there = Ticket.objects.select_related("customer").get(pk=ticket.pk)
    with suppress(Refused):
        expect_somebody_else(agent, there)
        return ""
    refusal = refused(expect_somebody_else, agent, there)
    assert (refusal.code, bool(refusal.sentence)) == ("own_account", True)
    return str(refusal.details.get("via", "own"))


def refused(deed: Any, *arguments: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        deed(*arguments, **more)
    return refusal.value


def handed_on(kind: str, value: str, gives: Customer, takes: Customer) -> None:
    """An address that one had and the other has now: in use it is once in a brand."""
    point = customers.services.add_contact_point(gives, kind, value)
    ContactPoint.objects.filter(pk=point.pk).update(removed_at=clock.now())
    customers.services.add_contact_point(takes, kind, value)


def had_own_address(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    ContactPoint.objects.filter(customer=mine).update(removed_at=clock.now())
    customers.services.add_contact_point(ticket.customer, "mail", agent.email)
    ContactPoint.objects.filter(value=agent.email).update(removed_at=clock.now())


def has_own_address_with_a_tag(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    local, _at, domain = agent.email.partition("@")
    customers.services.add_contact_point(ticket.customer, "mail", f"{local}+shop@{domain}")


def has_phone(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    handed_on("phone", SHARED_PHONE, mine, ticket.customer)


def had_phone(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    handed_on("phone", SHARED_PHONE, ticket.customer, mine)


def has_mail(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    handed_on("mail", SHARED_MAIL, mine, ticket.customer)


def had_mail(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    handed_on("mail", SHARED_MAIL, ticket.customer, mine)


def has_mailbox_with_another_tag(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    customers.services.add_contact_point(mine, "mail", "family+one@mail.example")
    customers.services.add_contact_point(ticket.customer, "mail", "family+two@mail.example")


def has_handle(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    handed_on("handle", HANDLE, mine, ticket.customer)


def wrote_from_own_address(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    make.hear(ticket, sender=agent.email.upper())


def wrote_from_another_address_of_the_own_account(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    customers.services.add_contact_point(mine, "mail", SHARED_MAIL)
    make.hear(ticket, sender=SHARED_MAIL)


def wrote_in_a_ticket_that_went_into_it(ticket: Ticket, agent: Agent, mine: Customer) -> None:
    other = make.make_ticket(customer=ticket.customer)
    make.hear(other, sender=agent.email)
    tickets.services.merge(other, ticket, by=agent)


WAYS: dict[Callable[[Ticket, Agent, Customer], None], str] = {
    had_own_address: "own",
    has_own_address_with_a_tag: "own",
    has_phone: "phone",
    had_phone: "phone",
    has_mail: "mail",
    had_mail: "mail",
    has_mailbox_with_another_tag: "mail",
    has_handle: "handle",
    wrote_from_own_address: "own",
    wrote_from_another_address_of_the_own_account: "sender",
    wrote_in_a_ticket_that_went_into_it: "own",
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_own_or_a_related_account_is_known_by(
    way: Callable[..., None], ticket: Ticket, agent: Agent, mine: Customer
) -> None:
    assert via(agent, ticket) == ""
    way(ticket, agent, mine)
    assert via(agent, ticket) == WAYS[way]
    assert via(make.make_agent(brands=[ticket.brand]), ticket) == ""


def test_the_account_of_a_colleague_or_of_another_brand_is_nobodys_own(
    ticket: Ticket, agent: Agent, mine: Customer, other_brand: Brand
) -> None:
    colleague = make.make_agent(brands=[ticket.brand])
    elsewhere = make.make_customer(brand=other_brand, mail=colleague.email, phone=SHARED_PHONE)
    customers.services.add_contact_point(ticket.customer, "phone", SHARED_PHONE)
    assert (via(colleague, ticket), elsewhere.brand) == ("", other_brand)


class Edge:
    """A ticket of who is near to `agent`, and everybody who could have a hand in giving to them."""

    def __init__(self, ticket: Ticket, agent: Agent, supervisor: Agent, reason: Reason) -> None:
        self.ticket, self.agent, self.supervisor, self.reason = ticket, agent, supervisor, reason
        self.brand = ticket.brand

    @property
    def deed(self) -> dict[str, Any]:
        return {"by": self.agent, "reason": self.reason, "key": make.unique()}


def by_granting(edge: Edge) -> Any:
    grant(edge.ticket, 100, **edge.deed)


def by_asking(edge: Edge) -> Any:
    ask(edge.ticket, 900, **edge.deed)


def by_a_voucher(edge: Edge) -> Any:
    services.grant_gift(edge.ticket, make.make_reward(brand=edge.brand, points=100), **edge.deed)


def by_asking_for_a_benefit(edge: Edge) -> Any:
    services.ask_gift(edge.ticket, make.make_benefit(edge.ticket.customer.account.programme), **edge.deed)


def by_offering(edge: Edge) -> Any:
    offer(edge.ticket, [Option(100), Option()], text="Choose:", **edge.deed)


def by_a_macro(edge: Edge) -> Any:
    give = [{"do": "grant_points", "reason": edge.reason.pk, "points": 100}]
    macro = make.make_macro(brand=edge.brand, actions=give)
    tickets.services.send_macro(edge.ticket, macro, "Sorry!", by=edge.agent, key="m")


def by_a_rule(edge: Edge) -> Any:
    with acting(make.make_rule(brand=edge.brand).versions.get()):
        ask(edge.ticket, 100, **edge.deed)


def at_the_desk(edge: Edge) -> str:
    client = Client()
    client.force_login(edge.agent)
    shown = post(client, "goodwill", edge.ticket.reference, key="d", reason=edge.reason.pk, points=100)
    return "own_account" if "Somebody else has to decide." in shown.content.decode() else ""


def over_the_api(edge: Edge) -> str:
    about = {"ticket": edge.ticket.reference, "reason": edge.reason.code, "points": 100}
    return str(Machine(edge.agent).post("goodwill/", about).json()["code"])


EDGES = [
    by_granting, by_asking, by_a_voucher, by_asking_for_a_benefit, by_offering, by_a_macro, by_a_rule, at_the_desk,
    over_the_api,
]  # fmt: skip


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.__name__)
def test_who_is_near_is_given_nothing(
    edge: Callable[[Edge], str | None], ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason,
    mine: Customer,
) -> None:  # fmt: skip
    has_phone(ticket, agent, mine)
    try:
        code = edge(Edge(ticket, agent, supervisor, generous))
    except Refused as refusal:
        code = refusal.code
    assert (code, Request.objects.count()) == ("own_account", 0)


def code_of(deed: Any, *arguments: Any, **more: Any) -> str:
    return refused(deed, *arguments, **more).code


def test_nobody_agrees_to_what_goes_to_who_is_near_to_them_or_to_who_asked_or_agreed_first(
    ticket: Ticket,
    agent: Agent,
    supervisor: Agent,
    second: Agent,
    generous: Reason,
    mine: Customer,
    brand: Brand,
) -> None:
    Policy.objects.filter(role="agent").update(second_above=600)
    request = ask(ticket, 900, by=agent, reason=generous, key="a")
    theirs = make.make_customer(brand=brand, mail=supervisor.email)
    handed_on("phone", SHARED_PHONE, theirs, ticket.customer)
    assert code_of(approve, request, by=supervisor) == "own_account"
    ContactPoint.ever.filter(value=SHARED_PHONE).delete()
    assert approve(request, by=supervisor).state == "waiting"
    handed_on("phone", SHARED_PHONE, theirs, ticket.customer)
    assert code_of(approve, request, by=second) == "own_account"
    ContactPoint.ever.filter(value=SHARED_PHONE).delete()
    handed_on("phone", SHARED_PHONE, mine, ticket.customer)
    assert code_of(approve, request, by=second) == "own_account"
    assert services.decline(request, by=second).state == "declined"


def test_on_the_supervisors_page_the_refusal_is_told(
    client: Client, ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, mine: Customer
) -> None:
    request = ask(ticket, 900, by=agent, reason=generous, key="a")
    has_phone(ticket, agent, mine)
    client.force_login(supervisor)
    told = client.post(f"/admin/goodwill/request/{request.pk}/decide/", {"decision": "approve"}, follow=True)
    assert f"the own or a related account of {agent}" in told.content.decode()
    request.refresh_from_db()
    assert request.state == "waiting"


def test_what_the_customer_may_choose_is_not_given_once_they_became_one_with_the_agent(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, mine: Customer
) -> None:
    at = clock.now()
    sent = offer(ticket, [Option(100), Option()], by=agent, reason=generous, key="o", text="Choose:", at=at)
    customers.services.merge(mine, ticket.customer, by=supervisor, reason="twice", key="m")
    assert code_of(choose, sent, sent.remedies.get(kind="points").pk) == "own_account"
    assert default_due(at=at + timedelta(days=8)) == 1
    request = Request.objects.get()
    assert (request.state, request.entry) == ("lapsed", None)


def test_of_all_whom_an_incident_hit_those_are_left_out_who_are_near_to_who_asked_or_agreed(
    brand: Brand, agent: Agent, supervisor: Agent, late_parcel: Reason, mine: Customer
) -> None:
    hit = [make.make_member(brand=brand) for _ in range(3)]
    theirs = make.make_customer(brand=brand, mail=supervisor.email)
    handed_on("phone", SHARED_PHONE, mine, hit[0])
    handed_on("phone", "+4930666666", theirs, hit[1])
    deed = incidents.ask(an_incident(brand, *hit, by=agent), 100, by=agent, reason=late_parcel, key="all")
    incidents.approve(deed, by=supervisor)
    give_out()
    outcomes = dict(deed.lines.values_list("ticket__customer", "outcome"))
    assert outcomes == {hit[0].pk: "own_account", hit[1].pk: "own_account", hit[2].pk: "given"}


def test_looking_takes_no_more_questions_however_many_addresses_there_are(
    ticket: Ticket, agent: Agent, mine: Customer
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert via(agent, ticket) == ""
        return len(asked)

    few = cost()
    for customer in [mine, ticket.customer] * 5:
        make.make_mail(customer=customer)
        make.make_phone(customer=customer)
        make.hear(ticket)
    assert cost() == few <= 4


def test_control_without_the_refusal_it_is_given_and_the_radar_finds_it(
    ticket: Ticket, agent: Agent, generous: Reason, mine: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_phone(ticket, agent, mine)
    monkeypatch.setattr("goodwill.services.checking.expect_somebody_else", lambda by, ticket: None)
    assert grant(ticket, 100, by=agent, reason=generous, key="g").state == "posted"
    assert services.watch_moment(at=clock.now()) == 1
