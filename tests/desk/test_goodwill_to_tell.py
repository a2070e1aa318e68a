"""What one click puts into the reply of goodwill that was given: points, a benefit, the code of a voucher."""

from __future__ import annotations

import pytest

import tickets.services
from agents.models import Agent
from desk.panes import pane_of
from goodwill.models import Policy, Reason
from goodwill.services import grant, grant_gift
from loyalty.models import Reward
from tests import make
from tests.desk.deeds import page_of
from tickets.models import Ticket

POINTS = (
    "200 points given, not told yet",
    "We have added 200 points (worth €2.00) for the long wait.",
)
BENEFIT = ("Given, not told yet: Answered first", "We have given you this: Answered first.")


@pytest.fixture
def shipping(ticket: Ticket) -> Reward:
    Policy.objects.update(apart_days=None)
    return make.make_reward(brand=ticket.brand, name="Free shipping", points=400)


def prompts(ticket: Ticket) -> list[tuple[str, str]]:
    """What the desk offers of gifts and points, without what it says of every member."""
    icons = {"gift", "hand-heart"}
    return [(one.text, one.words) for one in pane_of(page_of(ticket))["prompts"] if one.icon in icons]


def test_a_voucher_is_not_told_as_points_and_hides_none(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v1")
    assert "not told yet" not in str(prompts(ticket))
    grant(ticket, 200, by=agent, reason=late_parcel, key="p")
    grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v2")
    assert prompts(ticket)[0] == POINTS


def test_a_benefit_has_words_of_its_own_until_we_wrote(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    benefit = make.make_benefit(ticket.customer.account.programme)
    grant_gift(ticket, benefit, by=agent, reason=late_parcel, key="b")
    assert prompts(ticket) == [BENEFIT]
    tickets.services.reply(ticket, "It is yours.", by=agent, key="r")
    assert prompts(ticket) == []
