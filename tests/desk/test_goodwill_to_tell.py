"""What one click puts into the reply of goodwill that was given: points, a benefit, the code of a voucher."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.formats import date_format

import tickets.services
from agents.models import Agent
from contactcenter import clock
from customers.models import Customer
from desk.panes import pane_of
from goodwill.models import Policy, Reason
from goodwill.services import grant, grant_gift, undo
from loyalty.models import Reward, Voucher
from loyalty.services import use_voucher
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


def test_the_code_goes_into_the_reply_also_of_who_is_no_member_while_it_can_be_used(
    desk: Client, customer: Customer, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    ticket = make.make_ticket(customer=customer)
    assert prompts(ticket) == []
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    code, until = given.redemption.voucher.code, date_format(given.redemption.voucher.last_day, "j F Y")
    told = (f"Free shipping · {code}", f"Your code is {code}, to be used until {until}.")
    assert prompts(ticket) == [told]
    page = desk.get(reverse("desk:ticket", args=[ticket.reference])).text
    assert f'data-insert="{told[1]}"' in page
    tickets.services.reply(ticket, "It comes.", by=agent, key="r")  # and the code was forgotten
    assert prompts(ticket) == [told]
    into = make.make_ticket(customer=customer)
    tickets.services.merge(ticket, into, by=agent)
    assert prompts(into) == [told]
    use_voucher(code, by=agent, key="u")
    assert prompts(into) == []


def test_a_voucher_that_was_taken_back_or_is_over_is_not_told(
    customer: Customer, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    ticket = make.make_ticket(customer=customer)
    undo(grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v1"), by=agent)
    assert prompts(ticket) == []
    grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v2")
    Voucher.objects.filter(cancelled_at=None).update(valid_until=clock.now())
    assert prompts(ticket) == []


def test_a_member_s_voucher_is_told_once(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    given = grant_gift(ticket, shipping, by=agent, reason=late_parcel, key="v")
    ((text, _words),) = prompts(ticket)
    assert text == f"Free shipping · {given.redemption.voucher.code}"


def test_it_costs_no_further_question(
    desk: Client, customer: Customer, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    Policy.objects.update(grants_customer_90=None)
    ticket = make.make_ticket(customer=customer)
    asked, fragment = [], {"HX-Request": "true", "HX-Target": "conversation"}
    for number in range(4):
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("desk:ticket", args=[ticket.reference]), headers=fragment)
        asked.append(len(queries))
        grant_gift(
            ticket,
            make.make_reward(brand=ticket.brand, points=50),
            by=agent,
            reason=late_parcel,
            key=f"v{number}",
        )
    assert asked == [asked[1]] * 4
    assert len(prompts(ticket)) == 3


def test_a_benefit_has_words_of_its_own_until_we_wrote(
    ticket: Ticket, agent: Agent, late_parcel: Reason, shipping: Reward
) -> None:
    benefit = make.make_benefit(ticket.customer.account.programme)
    grant_gift(ticket, benefit, by=agent, reason=late_parcel, key="b")
    assert prompts(ticket) == [BENEFIT]
    tickets.services.reply(ticket, "It is yours.", by=agent, key="r")
    assert prompts(ticket) == []
