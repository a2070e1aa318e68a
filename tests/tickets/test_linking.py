"""Which tickets belong together."""

from __future__ import annotations

import itertools
from functools import partial

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from tests import make
from tests.together import at_once
from tickets.models import Ticket, TicketLink
from tickets.services import link, unlink


@pytest.fixture
def second(ticket: Ticket) -> Ticket:
    return make.make_ticket(brand=ticket.brand)


def changes(ticket: Ticket) -> list[tuple[str, object, object, str, str]]:
    lines = ticket.events.exclude(kind="opened").order_by("seq")
    return [
        (line.kind, line.data["before"], line.data["after"], line.data["link"], line.data["end"])
        for line in lines
    ]


def refused(one: Ticket, other: Ticket, *, kind: str = "parent", by: Agent) -> str:
    with pytest.raises(Refused) as refusal:
        link(one, other, kind=kind, by=by)
    return refusal.value.code


@pytest.mark.parametrize("kind", ["parent", "related", "incident"])
def test_a_link_is_made_once_and_undone_once_and_both_tickets_say_so(
    ticket: Ticket, second: Ticket, agent: Agent, kind: str
) -> None:
    for _ in range(2):
        link(ticket, second, kind=kind, by=agent)
    (made,) = TicketLink.objects.all()
    assert (made.one, made.other, made.kind) == (ticket, second, kind)
    for _ in range(2):
        unlink(ticket, second, kind=kind, by=agent)
    assert not TicketLink.objects.exists()
    assert changes(ticket) == [
        ("linked", None, second.pk, kind, "one"), ("unlinked", second.pk, None, kind, "one"),
    ]  # fmt: skip
    assert changes(second) == [
        ("linked", None, ticket.pk, kind, "other"), ("unlinked", ticket.pk, None, kind, "other"),
    ]  # fmt: skip


def test_the_later_ticket_can_be_the_parent_or_the_part(ticket: Ticket, second: Ticket, agent: Agent) -> None:
    made = link(second, ticket, kind="parent", by=agent)
    assert (made.one, made.other) == (second, ticket)


def test_related_tickets_are_related_from_both_sides(ticket: Ticket, second: Ticket, agent: Agent) -> None:
    assert link(ticket, second, kind="related", by=agent) == link(second, ticket, kind="related", by=agent)
    unlink(second, ticket, kind="related", by=agent)
    assert not TicketLink.objects.exists()


def test_a_ticket_is_not_linked_to_itself_nor_to_one_of_another_brand_nor_in_a_way_nobody_knows(
    ticket: Ticket, second: Ticket, agent: Agent, other_brand: Brand
) -> None:
    assert refused(ticket, ticket, by=agent) == "same_ticket"
    assert refused(ticket, make.make_ticket(brand=other_brand), by=agent) == "other_brand"
    assert refused(ticket, second, kind="cousin", by=agent) == "no_such_link"
    assert not TicketLink.objects.exists()


def test_a_ticket_is_part_of_one_other(ticket: Ticket, second: Ticket, agent: Agent) -> None:
    link(ticket, second, kind="parent", by=agent)
    assert refused(ticket, make.make_ticket(brand=ticket.brand), by=agent) == "has_parent"


def test_no_ticket_comes_to_be_part_of_itself_however_far_round(ticket: Ticket, agent: Agent) -> None:
    row = [ticket, *(make.make_ticket(brand=ticket.brand) for _ in range(4))]
    for one, other in itertools.pairwise(row):
        link(one, other, kind="parent", by=agent)
    for lower in row[:-1]:
        assert refused(row[-1], lower, by=agent) == "parent_cycle"
    link(row[-1], ticket, kind="related", by=agent)  # only parents make a tree


def test_a_ticket_has_fifty_links_at_most(
    ticket: Ticket, second: Ticket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.services.linking.LINKS_AT_MOST", 1)
    link(ticket, second, kind="related", by=agent)
    third = make.make_ticket(brand=ticket.brand)
    assert refused(third, second, by=agent) == "too_many_links"
    assert link(ticket, second, kind="related", by=agent)  # one that is there is no more


def test_who_does_not_serve_the_brand_links_nothing(
    ticket: Ticket, second: Ticket, other_brand: Brand
) -> None:
    assert refused(ticket, second, by=make.make_agent(brands=[other_brand])) == "not_allowed"


def test_the_links_of_a_ticket_are_seen_from_both_ends_and_by_no_other_brand(
    ticket: Ticket, second: Ticket, agent: Agent, other_brand: Brand
) -> None:
    made = link(ticket, second, kind="incident", by=agent)
    for end in (ticket, second):
        assert list(TicketLink.objects.of(end)) == [made]
    assert not TicketLink.objects.visible_to(make.make_agent(brands=[other_brand])).exists()


def ring(count: int) -> tuple[list[Ticket], Agent]:
    """`count` tickets, and who may link them."""
    first = make.make_ticket()
    tickets = [first, *(make.make_ticket(brand=first.brand) for _ in range(count - 1))]
    return tickets, make.make_agent(brands=[first.brand])


def closing(tickets: list[Ticket], agent: Agent) -> list[partial[TicketLink]]:
    """Each is to be part of the next one, and the last of the first."""
    following = [*tickets[1:], tickets[0]]
    return [
        partial(link, one, other, kind="parent", by=agent)
        for one, other in zip(tickets, following, strict=True)
    ]


@pytest.mark.race
def test_four_links_at_once_never_close_a_ring(own_db: str) -> None:
    for _ in range(8):
        answers = at_once(*closing(*ring(4)))
        refusals = [answer for answer in answers if isinstance(answer, Exception)]
        assert [getattr(refusal, "code", refusal) for refusal in refusals] == ["parent_cycle"]


@pytest.mark.race
def test_control_without_the_line_they_stand_in_two_links_close_a_ring(own_db: str) -> None:
    tickets, agent = ring(4)
    deeds = closing(tickets, agent)
    for deed in (deeds[0], deeds[2]):
        deed()
    answers = at_once(deeds[1], deeds[3], unlocked=True)
    assert [type(answer) for answer in answers] == [TicketLink, TicketLink]


@pytest.mark.race
def test_two_who_link_the_same_tickets_the_other_way_round_do_not_lock_each_other_out(own_db: str) -> None:
    for _ in range(5):
        (one, other), agent = ring(2)
        answers = at_once(
            partial(link, one, other, kind="related", by=agent),
            partial(link, other, one, kind="related", by=agent),
        )
        assert answers[0] == answers[1]
        assert TicketLink.objects.filter(one=one).count() == 1


def test_an_incident_causes_as_many_tickets_as_it_hits(
    ticket: Ticket, second: Ticket, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.services.linking.LINKS_AT_MOST", 1)
    for one in (second, make.make_ticket(brand=ticket.brand)):
        link(one, ticket, kind="incident", by=agent)
    assert refused(second, make.make_ticket(brand=ticket.brand), kind="related", by=agent) == "too_many_links"
    assert link(ticket, make.make_ticket(brand=ticket.brand), kind="related", by=agent)
