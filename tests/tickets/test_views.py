"""Lists that agents keep: what they hold, who sees them, and what is no list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer
from tests import make
from tickets.models import Queue, SavedView, Ticket
from tickets.search.lists import listed
from tickets.services import change_view, drop_view, keep_view, resolve, snooze, tag


@pytest.fixture
def three(member: Customer, queue: Queue) -> dict[str, Ticket]:
    """Tickets of a member with 4,210 points, of a German who bought for 120.00, and of nobody special."""
    german = make.make_customer(brand=queue.brand, language="de")
    make.make_order(customer=german, amount_minor=12_000, placed_at=clock.now() - timedelta(days=30))
    plain = make.make_customer(brand=queue.brand)
    make.make_order(customer=plain, amount_minor=90_000, placed_at=clock.now() - timedelta(days=400))
    return {
        "member": make.make_ticket(customer=member, queue=queue),
        "german": make.make_ticket(customer=german, queue=queue),
        "plain": make.make_ticket(customer=plain, queue=queue, at=clock.now() - timedelta(days=9)),
    }


def names(query: str, three: dict[str, Ticket], agent: Agent) -> set[str]:
    view = make.make_view(brand=agent.brands.get(), query=query)
    found = {ticket.pk for ticket in listed(view, agent)}
    return {name for name, ticket in three.items() if ticket.pk in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is:waiting", {"member", "german", "plain"}),
        ("points:>0", {"member"}),
        ("points:>999999", set()),
        ("-points:>0", {"german", "plain"}),
        ("spend:>100", {"german"}),
        ("spend:<100", {"member", "plain"}),
        ("spend:>=120 spend:<=120", {"german"}),
        ("language:de", {"german"}),
        ("last:>3d", {"plain"}),
        ("last:<3d", {"member", "german"}),
        ("due:<5h", {"member", "german", "plain"}),
        ("is:late", {"plain"}),
        ("type:task", set()),
        ("tag:vip", {"german"}),
        ("-tag:vip language:en", {"member", "plain"}),
        ("assignee:me", set()),
    ],
)
def test_operators_pick_out_open_tickets(
    query: str, found: set[str], three: dict[str, Ticket], agent: Agent
) -> None:
    tag(three["german"], "vip", by=agent)
    assert names(query, three, agent) == found


def test_a_view_holds_neither_ended_tickets_nor_put_off_ones_unless_it_asks(
    three: dict[str, Ticket], agent: Agent
) -> None:
    resolve(three["plain"], by=agent)
    snooze(three["german"], until=clock.now() + timedelta(days=1), by=agent)
    assert names("is:unassigned", three, agent) == {"member"}
    assert names("is:snoozed", three, agent) == {"german"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("lamp tier:gold", "A view is made of operators"),
        ("teir:gold", "There is no operator “teir:”."),
        ("status:closed", "A view lists open tickets"),
        ("is:ended", "A view lists open tickets"),
        ("points:many", "“many” cannot be compared with; write it as points:>500."),
        ("spend:>3d", "“>3d” cannot be compared with"),
        ("last:>3", "“>3” cannot be compared with; write it as last:>3d."),
        ("language:<b>", "“<b>” is no language"),
        ("-is:", "Say which tickets"),
        ("tag:nowhere", "There is no tag “nowhere”."),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(
    query: str, sentence: str, brand: Brand, agent: Agent
) -> None:
    with pytest.raises(Refused) as refusal:
        keep_view("Mine", query, brand=brand, by=agent)
    assert refusal.value.sentence.startswith(sentence)
    assert not SavedView.objects.exists()


def test_a_private_view_is_seen_by_its_owner_alone_and_a_shared_one_by_the_brand(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    mine = keep_view("Gold", "is:late", brand=brand, by=agent)
    with pytest.raises(Refused, match="Your role"):
        keep_view("All", "is:late", brand=brand, by=agent, shared=True)
    team = make.make_team(brand=brand, agents=[supervisor])
    theirs = keep_view("Gold", "is:late", brand=brand, by=supervisor, shared=True)
    of_team = keep_view("Team", "is:late", brand=brand, by=supervisor, shared=True, team=team)
    assert set(SavedView.objects.visible_to(agent)) == {mine, theirs, of_team}
    assert set(SavedView.objects.on_the_desk_of(agent)) == {mine, theirs}
    assert set(SavedView.objects.on_the_desk_of(supervisor)) == {theirs, of_team}
    for view, by in ((mine, supervisor), (theirs, agent)):
        with pytest.raises(Refused):
            drop_view(view, by=by)
    drop_view(mine, by=agent)
    drop_view(mine, by=agent)
    assert not SavedView.objects.filter(owner=agent).exists()


def test_one_name_is_given_once_and_another_brand_is_out_of_reach(
    brand: Brand, other_brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    keep_view("Gold", "is:late", brand=brand, by=agent)
    with pytest.raises(Refused, match="a view “gold” already"):
        keep_view("gold", "is:waiting", brand=brand, by=agent)
    with pytest.raises(Refused, match="You do not serve"):
        keep_view("Gold", "is:late", brand=other_brand, by=agent)
    theirs = make.make_team(brand=other_brand)
    with pytest.raises(Refused, match="another brand"):
        keep_view("Theirs", "is:late", brand=brand, by=supervisor, shared=True, team=theirs)


def test_a_view_is_changed_by_whom_it_belongs_to_and_not_brought_back(
    brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    mine = keep_view("Gold", "is:late", brand=brand, by=agent)
    keep_view("Silver", "is:late", brand=brand, by=agent)
    shared = keep_view("Gold", "is:late", brand=brand, by=supervisor, shared=True)
    changed = change_view(mine, " Gold  too ", "-is:late", by=agent)
    assert (changed.name, changed.query, changed.owner) == ("Gold too", "-is:late", agent)
    for view, by, name, query, code in (
        (mine, agent, "silver", "is:late", "view_name_taken"),
        (mine, agent, " ", "is:late", "view_name_missing"),
        (mine, agent, "Gold", "lamp", "view_not_understood"),
        (mine, supervisor, "Gold", "is:late", "not_allowed"),
        (shared, agent, "Gold", "is:late", "not_allowed"),
    ):
        with pytest.raises(Refused) as refusal:
            change_view(view, name, query, by=by)
        assert refusal.value.code == code
    drop_view(mine, by=agent)
    with pytest.raises(Refused, match="taken away"):
        change_view(mine, "Gold", "is:late", by=agent)
    assert not SavedView.objects.filter(pk=mine.pk).exists()


def test_the_same_view_lists_to_each_agent_what_is_theirs(
    three: dict[str, Ticket], brand: Brand, agent: Agent, supervisor: Agent
) -> None:
    view: Any = make.make_view(brand=brand, query="is:mine")
    Ticket.objects.filter(pk=three["plain"].pk).update(assignee=agent)
    assert list(listed(view, agent)) == [three["plain"]]
    assert not listed(view, supervisor).exists()
