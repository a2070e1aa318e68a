"""A merge against what may come in at the same instant: nothing is lost or left behind, nothing deadlocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from agents import roles
from agents.models import Agent
from callbacks.models import Callback
from callbacks.services import promise
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import ContactPoint, Customer, Duplicate, Merge, NotSame, Order
from customers.services import (
    Line,
    Purchase,
    Refund,
    add_contact_point,
    compare_some,
    edit_profile,
    merge,
    not_the_same,
    record_orders,
    refund_order,
    set_birthday,
    unmerge,
    who_stays,
)
from goodwill.models import Reason
from goodwill.services import grant
from loyalty.models import Account
from loyalty.services import customers_by_number, earn, enrol, redeem
from tests import make
from tests.merging.sound import expect_sound
from tests.together import at_once, in_the_middle_of
from tickets.channels.email.receive import receive, work_off_next
from tickets.models import Ticket
from tickets.services import reply

pytestmark = pytest.mark.race


@dataclass
class Pair:
    """Two of a brand who are merged while something comes in for the second."""

    kept: Customer
    twin: Customer
    ticket: Ticket
    agent: Agent
    reason: Reason

    def merge(self, key: str = "m") -> Callable[[], Merge]:
        return partial(merge, self.kept, self.twin, by=self.agent, reason="twice", key=f"{key}{self.twin.pk}")


def pair() -> Pair:
    brand = make.make_brand()
    kept, twin = make.make_member(brand=brand, points=1000), make.make_member(brand=brand, points=500)
    make.make_phone(customer=twin)
    agent = make.make_agent(brands=[brand], role=roles.SUPERVISOR)
    return Pair(kept, twin, make.make_ticket(customer=twin), agent, make.make_reason(brand=brand))


def expect_nothing_left(one: Pair) -> None:
    """All that is the merged one's by now is with the one who stays."""
    for table in (ContactPoint, Order, Ticket, Callback):
        assert not table._base_manager.filter(customer=one.twin).exists(), table
    expect_sound()


DEEDS: dict[str, Callable[[Pair], Callable[[], Any]]] = {
    "reply": lambda one: partial(reply, one.ticket, "Yes", by=one.agent, key=make.unique()),
    "hear": lambda one: partial(make.hear, one.ticket, "And?", sender="x@mail.example"),
    "grant": lambda one: partial(grant, one.ticket, 50, by=one.agent, reason=one.reason, key=make.unique()),
    "redeem": lambda one: partial(redeem, one.twin.account, 100, by=None, key=make.unique()),
    "earn": lambda one: partial(earn, one.twin.account, 70, contra="issue.event", by=None, key=make.unique()),
    "order": lambda one: partial(make.make_order, customer=one.twin),
    "refund": lambda one: partial(refund_of, make.make_order(customer=one.twin)),
    "open": lambda one: partial(make.make_ticket, customer=one.twin),
    "address": lambda one: partial(
        add_contact_point, one.twin, "mail", f"{make.unique()}@new.example", by=one.agent
    ),
    "profile": lambda one: partial(edit_profile, one.twin, {"city": make.unique()}, by=one.agent),
    "promise": lambda one: partial(
        promise, one.twin, make.next_day("UTC"), by=one.agent, reason="?", key=make.unique(), ticket=one.ticket,
        contact_point=one.twin.contact_points.get(kind="phone"),
    ),
    "mail": lambda one: partial(receive, mail_of(one), brand=one.twin.brand),
}  # fmt: skip


def refund_of(order: Any) -> Any:
    return refund_order(order, [Refund(order.lines.get(), order.total_minor)], key=make.unique())


def mail_of(one: Pair) -> bytes:
    sender = one.twin.contact_points.get(kind="mail").value
    queue = one.ticket.queue.address
    return (
        f"From: {sender}\r\nTo: {queue}\r\nMessage-ID: <{make.unique()}@x>\r\nSubject: ?\r\n\r\nMe".encode()
    )


@pytest.mark.parametrize("name", DEEDS)
def test_a_merge_and_what_comes_in_at_the_same_instant_leave_nothing_behind(own_db: str, name: str) -> None:
    for _ in range(4):
        one = pair()
        made, answer = at_once(one.merge(), DEEDS[name](one))
        assert isinstance(made, Merge), made
        if isinstance(answer, Exception):
            assert isinstance(answer, Refused), repr(answer)
        while work_off_next():
            pass
        expect_nothing_left(one)


def test_a_call_to_a_new_number_and_a_merge_in_the_middle_of_it_do_not_deadlock(own_db: str) -> None:
    one = pair()
    client, window = Client(), make.next_day("UTC")
    client.force_login(one.agent)
    form = {
        "window": "/".join(instant.isoformat() for instant in window), "number": "+4930555555", "kind": "call",
        "reason": "?", "owner": one.agent.pk, "key": make.unique(),
    }  # fmt: skip
    post = partial(client.post, f"/tickets/{one.ticket.reference}/callback/", form)
    answer, made = in_the_middle_of(post, one.merge())
    assert isinstance(made, Merge), made
    assert answer.status_code in (200, 204, 302), answer
    assert Callback.objects.get().contact_point.value == "+4930555555"
    expect_nothing_left(one)


def test_an_order_for_the_old_number_and_an_unmerge_in_the_middle_of_it_do_not_deadlock(own_db: str) -> None:
    one = pair()
    made = one.merge()()
    undo = partial(unmerge, made, by=one.agent, key="u")
    order, answer = in_the_middle_of(partial(make.make_order, customer=one.twin), undo)
    assert order.customer == one.kept
    assert answer.code == "to_be_decided"


def test_an_import_and_a_merge_in_the_middle_of_it_do_not_deadlock(own_db: str) -> None:
    one = pair()
    old = one.twin.account.number

    def take_in() -> list[Any]:
        with transaction.atomic():
            found = customers_by_number(one.kept.brand, [old])[old]
            people = [found, one.kept.pk]
            return record_orders(
                one.kept.brand,
                [Purchase(make.unique(), pk, clock.now(), [Line("S", "S", 100)]) for pk in people],
            )

    taken, made = in_the_middle_of(take_in, one.merge())
    assert taken == ["taken", "taken"], taken
    assert isinstance(made, Merge), made
    expect_nothing_left(one)


def test_who_waited_for_a_merge_into_somebody_new_finds_the_one_who_stays(own_db: str) -> None:
    one = pair()
    third = make.make_member(brand=one.kept.brand)
    one.merge()()
    onward = partial(merge, third, one.kept, by=one.agent, reason="twice", key="on")

    @transaction.atomic
    def ask() -> tuple[Customer, list[bool]]:
        stays = who_stays(one.twin)
        return stays, at_once(partial(may_be_merged, stays))

    made, (stays, may) = in_the_middle_of(onward, ask, after="NO KEY")
    assert isinstance(made, Merge), made
    assert (stays, may) == (third, [False])


@transaction.atomic
def may_be_merged(customer: Customer) -> bool:
    """Whether nobody holds the customer against it just now."""
    free = Customer.objects.select_for_update(no_key=True, skip_locked=True)
    return free.filter(pk=customer.pk).first() is not None


def test_of_two_who_merge_a_pair_in_both_directions_one_is_told(own_db: str) -> None:
    for _ in range(6):
        one = pair()
        other = partial(merge, one.twin, one.kept, by=one.agent, reason="twice", key=f"o{one.twin.pk}")
        answers = at_once(one.merge(), other)
        (made,) = [answer for answer in answers if isinstance(answer, Merge)]
        (refusal,) = [answer for answer in answers if isinstance(answer, Refused)]
        assert refusal.code == "already_merged"
        assert Merge.objects.filter(kept__in=[one.kept, one.twin]).get() == made
        assert sum(Account.objects.filter(brand=one.kept.brand).values_list("balance", flat=True)) == 1500
        expect_sound()


def test_one_merge_sent_twice_at_once_is_one(own_db: str) -> None:
    for _ in range(6):
        one = pair()
        first, second = at_once(one.merge(), one.merge())
        assert first == second
        assert one.twin.changes.filter(kind="merged").count() == 1


def test_one_unmerge_sent_twice_at_once_is_one(own_db: str) -> None:
    for _ in range(4):
        one = pair()
        made = one.merge()()
        undo = partial(unmerge, made, by=one.agent, key=f"u{made.pk}")
        first, second = at_once(undo, undo)
        assert first == second
        assert make.now_of(one.twin).balance == 500
        expect_sound()


def test_an_unmerge_and_a_spend_at_the_same_instant_agree(own_db: str) -> None:
    for _ in range(4):
        one = pair()
        made = one.merge()()
        undo = partial(unmerge, made, by=one.agent, key=f"u{made.pk}")
        undone, spent = at_once(undo, partial(redeem, one.kept.account, 1400, by=None, key=make.unique()))
        codes = {answer.code for answer in (undone, spent) if isinstance(answer, Refused)}
        assert codes in ({"to_be_decided"}, {"not_enough_points"}), (undone, spent)
        expect_sound()


def test_two_who_enrol_and_merge_somebody_who_is_no_member_make_no_account_of_nobody(own_db: str) -> None:
    for _ in range(6):
        brand = make.make_brand()
        make.make_programme(brand=brand)
        kept, other = make.make_customer(brand=brand), make.make_customer(brand=brand)
        by = make.make_agent(brands=[brand], role=roles.SUPERVISOR)
        made, answer = at_once(
            partial(merge, kept, other, by=by, reason="twice", key=f"m{other.pk}"),
            partial(enrol, other, by=by, source="call"),
        )
        assert isinstance(made, Merge), made
        assert not Account.objects.filter(customer=other).exists()
        assert isinstance(answer, Account) or answer.code == "customer_merged"


def written_while_merged(*, unlocked: bool) -> Pair:
    """Somebody asks who stays, takes their time, and writes an order down for them; meanwhile comes a merge."""
    one, merged = pair(), Event()

    def write() -> Order:
        with transaction.atomic():
            stays = who_stays(one.twin)
            merged.wait(5)
            return Order.objects.create(
                brand=stays.brand, customer=stays, number=make.unique(), currency="EUR", total_minor=1,
                placed_at=clock.now(),
            )  # fmt: skip

    def merge_and_tell() -> Merge:
        made = one.merge()()
        merged.set()
        return made

    answers = at_once(write, merge_and_tell, unlocked=unlocked)
    assert [type(answer) for answer in answers] == [Order, Merge]
    return one


def test_who_has_asked_who_stays_writes_for_them_before_anybody_is_merged(own_db: str) -> None:
    expect_nothing_left(written_while_merged(unlocked=False))


def test_control_without_the_locks_an_order_stays_behind(own_db: str) -> None:
    one = written_while_merged(unlocked=True)
    assert one.twin.orders.count() == 1


def test_control_without_the_locks_two_merge_a_pair_in_both_directions(own_db: str) -> None:
    one = pair()
    other = partial(merge, one.twin, one.kept, by=one.agent, reason="twice", key="other")
    answers = at_once(one.merge(), other, unlocked=True)
    assert not [
        answer for answer in answers if isinstance(answer, Refused) and answer.code == "already_merged"
    ]


@pytest.mark.parametrize("after", ["SKIP LOCKED", "customers_notsame"])
def test_who_is_told_apart_while_they_are_compared_is_not_asked_about(own_db: str, after: str) -> None:
    brand = make.make_brand()
    one, other = (set_birthday(make.make_customer(brand=brand, name="Mara Mond"), 5, 17) for _ in range(2))
    by = make.make_agent(brands=[brand])
    compared, told = in_the_middle_of(compare_some, partial(not_the_same, one, other, by=by), after=after)
    assert (compared, type(told)) == (2, NotSame)
    assert not Duplicate.objects.exists()
