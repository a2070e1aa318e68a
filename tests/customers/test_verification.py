"""Who is this really: codes, questions, the agent's word, and what each of them opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from agents.models import Agent, Brand
from contactcenter import clock
from contactcenter.errors import Refused
from customers import services
from customers.models import ContactPoint, Customer, Notice, SentCode, VerificationPolicy
from customers.services.notices import send_next_notice
from customers.services.verifying import digits_of
from customers.verification import CODE_TRIES, Level
from tests import make


def refusal(deed: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        deed(*args, **kwargs)
    return caught.value


def code_of(deed: Any, *args: Any, **kwargs: Any) -> str:
    return refusal(deed, *args, **kwargs).code


@pytest.fixture
def wary(brand: Brand) -> VerificationPolicy:
    return make.make_wary(brand)


@pytest.fixture
def point(member: Customer) -> ContactPoint:
    """A confirmed address of the member."""
    point = member.contact_points.get(kind="mail")
    return services.verify_contact_point(point, by=make.make_agent(brands=[member.brand]))


def level(customer: Customer, by: Agent, **words: Any) -> int:
    return services.standing(customer, by=by, **words).level


def other_than(code: SentCode) -> str:
    return f"{(int(digits_of(code)) + 1) % 1_000_000:06d}"


def test_a_code_goes_to_a_confirmed_address_and_verifies_who_reads_it_out(
    point: ContactPoint, member: Customer, agent: Agent
) -> None:
    code = services.send_code(point, by=agent)
    assert send_next_notice()
    assert mail.outbox[0].to == [point.value]
    assert digits_of(code) in mail.outbox[0].body
    assert digits_of(code) not in str([*Notice.objects.values(), *SentCode.objects.values()])

    fact = services.confirm_code(code, f" {digits_of(code)[:3]} {digits_of(code)[3:]} ", by=agent)
    assert (fact.level, fact.method, fact.until - fact.at) == (Level.CODE, "code", timedelta(hours=1))
    assert level(member, agent) == Level.CODE
    assert code_of(services.confirm_code, code, digits_of(code), by=agent) == "not_waiting"


def test_after_five_wrong_tries_a_code_is_void_and_the_right_one_too_late(
    point: ContactPoint, member: Customer, agent: Agent
) -> None:
    code = services.send_code(point, by=agent)
    codes = [code_of(services.confirm_code, code, other_than(code), by=agent) for _ in range(CODE_TRIES)]
    assert codes == ["wrong_code"] * 4 + ["too_many_tries"]
    assert code_of(services.confirm_code, code, digits_of(code), by=agent) == "not_waiting"
    assert level(member, agent) == Level.UNKNOWN


def test_a_code_lives_ten_minutes_and_only_the_last_one_of_a_conversation_waits(
    point: ContactPoint, agent: Agent
) -> None:
    now = clock.now()
    first = services.send_code(point, by=agent, at=now)
    assert services.send_code(point, by=agent, at=now + timedelta(seconds=5)) == first  # a second click
    second = services.send_code(point, by=agent, at=now + timedelta(minutes=1))
    assert code_of(services.confirm_code, first, digits_of(first), by=agent) == "not_waiting"
    late = now + timedelta(minutes=11)
    assert code_of(services.confirm_code, second, digits_of(second), by=agent, at=late) == "code_over"
    third = services.send_code(point, by=agent, at=late)
    assert third.until == late + timedelta(minutes=10)


def test_no_more_codes_go_out_in_an_hour_than_the_brand_says_nor_to_an_address_nobody_confirmed(
    point: ContactPoint, member: Customer, agent: Agent, wary: VerificationPolicy
) -> None:
    now = clock.now()
    for minutes in (0, 5, 10):
        services.send_code(point, by=agent, at=now + timedelta(minutes=minutes))
    at = now + timedelta(minutes=15)
    assert (
        code_of(services.send_code, point, by=make.make_agent(brands=[member.brand]), at=at)
        == "too_many_codes"
    )
    assert services.send_code(point, by=agent, at=now + timedelta(minutes=61))
    unconfirmed = make.make_mail(customer=member)
    assert code_of(services.send_code, unconfirmed, by=agent) == "not_confirmed"
    assert code_of(services.send_code, member.contact_points.get(kind="phone"), by=agent) == "not_confirmed"
