"""How pressing a ticket is, its type, and its tags."""

from __future__ import annotations

from functools import partial

import pytest

from agents.models import Agent, Brand
from contactcenter.errors import Refused
from tests import make
from tests.together import at_once
from tickets.models import Tag, Ticket, TicketTag
from tickets.services import set_priority, set_type, tag, untag


def now_of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def changes(ticket: Ticket) -> list[tuple[str, object, object]]:
    lines = ticket.events.exclude(kind="opened").order_by("seq")
    return [(line.kind, line.data["before"], line.data["after"]) for line in lines]


def names(ticket: Ticket) -> list[str]:
    return [tag.name for tag in Tag.objects.all().of(ticket)]


def test_a_priority_is_set_once_and_written_down_with_what_it_was(ticket: Ticket, agent: Agent) -> None:
    for _ in range(2):
        set_priority(ticket, Ticket.Priority.URGENT, by=agent)
    assert now_of(ticket).priority == 4
    assert changes(ticket) == [("priority", 2, 4)]


def test_a_type_is_set_once_and_written_down_with_what_it_was(ticket: Ticket, agent: Agent) -> None:
    assert ticket.type == "question"
    for _ in range(2):
        set_type(ticket, "incident", by=agent)
    assert now_of(ticket).type == "incident"
    assert changes(ticket) == [("type", "question", "incident")]


def test_what_is_no_priority_and_no_type_is_refused(ticket: Ticket, agent: Agent) -> None:
    for priority in (0, 5, -1):
        with pytest.raises(Refused) as refusal:
            set_priority(ticket, priority, by=agent)
        assert refusal.value.code == "no_such_priority"
    with pytest.raises(Refused) as refusal:
        set_type(ticket, "riddle", by=agent)
    assert refusal.value.code == "no_such_type"
    assert changes(ticket) == []


def test_a_tag_goes_on_once_and_off_once(ticket: Ticket, agent: Agent) -> None:
    for _ in range(2):
        vip = tag(ticket, " very   important ", by=agent)
    assert names(ticket) == ["very important"]
    for _ in range(2):
        untag(ticket, vip, by=agent)
    assert names(ticket) == []
    assert changes(ticket) == [("tagged", None, vip.pk), ("untagged", vip.pk, None)]


def test_a_tag_is_one_however_its_letters_are_written(ticket: Ticket, agent: Agent) -> None:
    first = tag(ticket, "Straße", by=agent)
    second = make.make_ticket(brand=ticket.brand)
    assert tag(second, "sTRAßE", by=agent) == first
    assert Tag.objects.get().name == "Straße"


def test_each_brand_has_tags_of_its_own(ticket: Ticket, agent: Agent, other_brand: Brand) -> None:
    theirs = make.make_ticket(brand=other_brand)
    tag(ticket, "late", by=agent)
    tag(theirs, "late", by=make.make_agent(brands=[other_brand]))
    assert Tag.objects.count() == 2
    assert Tag.objects.visible_to(agent).count() == TicketTag.objects.visible_to(agent).count() == 1


@pytest.mark.parametrize(
    ("name", "code"), [("", "tag_missing"), (" \n ", "tag_missing"), ("x" * 41, "tag_too_long")]
)
def test_a_tag_has_a_name_that_can_be_read(ticket: Ticket, agent: Agent, name: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        tag(ticket, name, by=agent)
    assert refusal.value.code == code


def test_a_ticket_has_twenty_tags_at_most(ticket: Ticket, agent: Agent) -> None:
    for number in range(20):
        tag(ticket, f"t{number}", by=agent)
    assert tag(ticket, "T7", by=agent).name == "t7"  # one that is there is no more
    with pytest.raises(Refused) as refusal:
        tag(ticket, "one more", by=agent)
    assert refusal.value.code == "too_many_tags"
    assert not Tag.objects.filter(name="one more").exists()
    assert len(names(ticket)) == 20


def test_who_does_not_serve_the_brand_sorts_nothing(ticket: Ticket, other_brand: Brand) -> None:
    stranger = make.make_agent(brands=[other_brand])
    late = Tag.objects.create(brand=ticket.brand, name="late")
    deeds = [
        partial(set_priority, ticket, 4), partial(set_type, ticket, "task"), partial(tag, ticket, "late"),
        partial(untag, ticket, late),
    ]  # fmt: skip
    for deed in deeds:
        with pytest.raises(Refused):
            deed(by=stranger)


@pytest.mark.race
def test_a_new_tag_written_by_many_at_once_is_one_and_twenty_stay_twenty(own_db: str) -> None:
    ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand])
    others = [make.make_ticket(brand=ticket.brand) for _ in range(4)]
    made = at_once(*[partial(tag, other, "late", by=agent) for other in others])
    assert len({one.pk for one in made}) == 1
    for number in range(19):
        tag(ticket, f"t{number}", by=agent)
    answers = at_once(*[partial(tag, ticket, f"new {number}", by=agent) for number in range(4)])
    assert [type(answer) for answer in answers].count(Tag) == 1
    assert len(names(ticket)) == 20


@pytest.mark.race
def test_control_without_the_tickets_lock_the_rule_lets_both_pass(own_db: str) -> None:
    ticket = make.make_ticket()
    agent = make.make_agent(brands=[ticket.brand])
    for number in range(21):
        Tag.objects.create(brand=ticket.brand, name=f"t{number}")
    for number in range(19):
        tag(ticket, f"t{number}", by=agent)
    answers = at_once(*[partial(tag, ticket, f"t{number}", by=agent) for number in (19, 20)], unlocked=True)
    assert "too_many_tags" not in [getattr(answer, "code", "") for answer in answers]
    # Both were let pass; at most the number of their lines of the audit stops the second.
    assert len(names(ticket)) == 21 or "tickets_ticketevent_seq_once" in str(answers)
