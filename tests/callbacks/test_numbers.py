from __future__ import annotations

import pytest

from agents.models import Agent
from callbacks.models import Callback
from callbacks.services import cancel
from contactcenter.errors import Refused
from customers.models import Customer
from customers.services import correct_contact_point, remove_contact_point
from tests import make


def test_a_promised_call_follows_the_corrected_number_and_an_ended_one_does_not(
    member: Customer, agent: Agent
) -> None:
    wrong = member.contact_points.get(kind="phone")
    ended, open_ = (make.make_callback(customer=member, by=agent, contact_point=wrong) for _ in range(2))
    cancel(ended, by=agent)
    right = correct_contact_point(wrong, "+493087654321", by=agent)
    assert Callback.objects.get(pk=open_.pk).contact_point == right
    assert Callback.objects.get(pk=ended.pk).contact_point_id == wrong.pk


def test_a_number_that_was_promised_a_call_stays_until_the_call_is_cancelled(
    member: Customer, agent: Agent
) -> None:
    number = member.contact_points.get(kind="phone")
    promise = make.make_callback(customer=member, by=agent, contact_point=number)
    with pytest.raises(Refused) as refusal:
        remove_contact_point(number, by=agent)
    assert refusal.value.code == "promised"
    cancel(promise, by=agent)
    assert remove_contact_point(number, by=agent).removed_at is not None


def test_no_call_is_promised_to_a_number_that_was_taken_away(member: Customer, agent: Agent) -> None:
    number = remove_contact_point(member.contact_points.get(kind="phone"), by=agent)
    with pytest.raises(Refused) as refusal:
        make.make_callback(customer=member, by=agent, contact_point=number)
    assert refusal.value.code == "address_gone"
