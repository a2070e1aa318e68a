"""Rewards that go out by hand: marked once, told a little later, and taken back until then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers.models import Customer, Notice
from customers.services import merge
from customers.services.notices import send_next_notice
from loyalty.models import Redemption
from loyalty.services import mark_shipped, redeem_reward, undo_redemption, unmark_shipped
from tests import make


def code_of(deed: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as caught:
        deed(*args, **kwargs)
    return caught.value.code


@pytest.fixture
def redemption(member: Customer, agent: Agent, brand: Brand) -> Redemption:
    """A mug that the member took and nobody has sent yet."""
    member.contact_points.filter(kind="mail").update(value="mara@mail.example")
    mug = make.make_reward(brand=brand, kind="shipped", name="Mug", stock=3)
    return redeem_reward(member.account, mug, by=agent, key="k")


def test_what_is_to_be_sent_is_found_until_it_is_marked(
    redemption: Redemption, member: Customer, agent: Agent, brand: Brand
) -> None:
    voucher = redeem_reward(member.account, make.make_reward(brand=brand, points=10), by=agent, key="v")
    assert list(Redemption.objects.to_send()) == [redemption]
    sent = mark_shipped(redemption, by=agent, key="s")
    assert (sent.shipped_by, list(Redemption.objects.to_send())) == (agent, [])
    assert code_of(mark_shipped, voucher, by=agent, key="s2") == "not_to_ship"


def test_the_customer_is_told_ten_minutes_later_and_not_before(redemption: Redemption, agent: Agent) -> None:
    at = clock.now()
    for _ in range(2):
        mark_shipped(redemption, by=agent, key="s", at=at)
    assert not send_next_notice(at=at + timedelta(minutes=9))
    assert send_next_notice(at=at + timedelta(minutes=10))
    assert not send_next_notice(at=at + timedelta(minutes=11))
    (letter,) = mail.outbox
    assert letter.subject == "Mug is on its way"
    assert letter.to == ["mara@mail.example"]
    assert "“Mug”, which you chose for your points" in letter.body


def test_until_then_it_can_be_taken_back_and_nobody_is_told(redemption: Redemption, agent: Agent) -> None:
    at = clock.now()
    mark_shipped(redemption, by=agent, key="s", at=at)
    for _ in range(2):
        assert unmark_shipped(redemption, by=agent).shipped_at is None
    assert not send_next_notice(at=at + timedelta(hours=1))
    assert list(Redemption.objects.to_send()) == [redemption]
    assert mark_shipped(redemption, by=agent, key="s", at=at).shipped_at is None  # the late echo of a click
    mark_shipped(redemption, by=agent, key="s2", at=at)
    assert send_next_notice(at=at + timedelta(hours=1))
    assert len(mail.outbox) == 1


def test_what_was_told_is_not_taken_back_nor_are_the_points(redemption: Redemption, agent: Agent) -> None:
    mark_shipped(redemption, by=agent, key="s")
    assert code_of(undo_redemption, redemption, by=agent) == "reward_shipped"
    Notice.objects.update(state="sending")
    assert code_of(unmark_shipped, redemption, by=agent) == "already_told"
    Notice.objects.update(state="sent", due_at=None)
    assert code_of(unmark_shipped, redemption, by=agent) == "already_told"
    redemption.refresh_from_db()
    assert redemption.shipped_at


def test_who_cannot_be_written_to_is_sent_the_reward_all_the_same(
    member: Customer, agent: Agent, brand: Brand
) -> None:
    member.contact_points.filter(kind="mail").delete()
    mug = make.make_reward(brand=brand, kind="shipped")
    redemption = redeem_reward(member.account, mug, by=agent, key="k")
    assert mark_shipped(redemption, by=agent, key="s").shipped_at
    assert not Notice.objects.exists()
    assert unmark_shipped(redemption, by=agent).shipped_at is None


def test_who_was_merged_before_it_was_sent_is_told_as_the_one_who_stays(
    redemption: Redemption, member: Customer, agent: Agent, supervisor: Agent, brand: Brand
) -> None:
    stays = make.make_member(brand=brand, mail="")
    merge(stays, member, by=supervisor, reason="twice", key="m")
    mark_shipped(redemption, by=agent, key="s")
    assert Notice.objects.get().customer == stays
    assert send_next_notice(at=clock.now() + timedelta(minutes=11))
    assert [letter.to for letter in mail.outbox] == [["mara@mail.example"]]


def test_what_was_undone_is_not_sent_and_nobody_else_may(
    redemption: Redemption, agent: Agent, other_brand: Brand
) -> None:
    for stranger in (make.make_agent(brands=[other_brand]), make.make_agent(brands=[], role=None)):
        assert code_of(mark_shipped, redemption, by=stranger, key="x") == "not_allowed"
        assert code_of(unmark_shipped, redemption, by=stranger) == "not_allowed"
    undo_redemption(redemption, by=agent)
    assert code_of(mark_shipped, redemption, by=agent, key="s") == "not_to_ship"


def test_what_is_to_be_sent_is_found_by_its_index(redemption: Redemption) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        assert "loyalty_redemption_to_send" in Redemption.objects.to_send().explain()
