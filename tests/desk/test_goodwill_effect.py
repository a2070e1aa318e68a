"""What the goodwill panel says before the click: what is suggested and why, what it changes, and what is left."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import normalize_newlines

import goodwill.services
import loyalty.services
from agents.models import Agent, Brand
from customers.models import Customer
from goodwill.models import Policy, Reason, ReasonSentence, Request
from tests import make
from tests.desk.conftest import signed_in
from tests.desk.deeds import post
from tickets.models import Channel, Queue, Ticket


def text(answer: Any) -> str:
    """What is read of an answer, in one line."""
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", strip_tags(normalize_newlines(answer.content.decode())))


def effect(client: Client, ticket: Ticket, reason: Reason | None = None, **asked: Any) -> str:
    own = {"reason": reason.pk, "for": reason.pk} if reason else {}
    return text(client.get(reverse("desk:goodwill_effect", args=[ticket.reference]), own | asked))


def panel(client: Client, ticket: Ticket) -> str:
    return client.get(reverse("desk:goodwill", args=[ticket.reference])).content.decode()


def test_the_suggestion_is_shown_with_its_parts_and_their_sum(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    grave = make.make_reason(brand=brand, label="Lost", severity=4, default_points=130, min_points=50)
    for _ in range(2):
        make.hear(ticket)
    shown = effect(desk, ticket, grave)
    assert "Lost, grave260Wrote 3 times+26Rounded+14Suggested300" in shown
    assert 'value="300"' in panel(desk, ticket)


def test_the_cap_that_bound_it_is_shown_last(desk: Client, ticket: Ticket, late_parcel: Reason) -> None:
    make.make_order(customer=ticket.customer, amount_minor=1200)  # a tenth of it may be given
    shown = effect(desk, ticket, late_parcel)
    assert re.search(
        r"Capped: 10% of twelve months’ spend, 120 left ?-100 ?Suggested ?100", shown.replace("−", "-")
    )


def test_what_was_lost_is_the_base_and_half_as_much_again_the_cap(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    assert re.search(r"What was lost ?340.*Suggested ?350", effect(desk, ticket, late_parcel, loss="3.40"))
    for nothing in ("", "x", "-1", "1e9", "9" * 40, "\x00"):
        assert "What was lost" not in effect(desk, ticket, late_parcel, loss=nothing)


def test_it_says_what_is_left_by_grant_ticket_day_customer_and_budget(
    desk: Client, ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    make.make_budget(brand=brand, name="Autumn", points=400, spent=100)
    shown = effect(desk, ticket, late_parcel, points="200")
    for meter in (
        "This grant ?300 of 500", "This ticket ?800 of 1,000", "You today ?4,800 of 5,000",
        "Customer, 90 days ?2,800 of 3,000", "Autumn ?100 of 400",
    ):  # fmt: skip
        assert re.search(meter, shown), meter
    assert re.search("Autumn ?50 over", effect(desk, ticket, late_parcel, points="350"))


def test_a_hard_budget_that_has_no_room_is_said_before_the_click_and_not_asked_for(
    desk: Client, ticket: Ticket, late_parcel: Reason, brand: Brand
) -> None:
    make.make_budget(brand=brand, name="Autumn", points=400, spent=100)
    shown = effect(desk, ticket, late_parcel, points="350")
    assert "The budget “Autumn” has 300 points left" in shown
    assert "Ask for approval" not in effect(desk, ticket, late_parcel, points="600")


def test_it_says_what_it_changes_tier_next_reward_and_the_last_day(
    desk: Client, ticket: Ticket, late_parcel: Reason, brand: Brand
) -> None:
    make.make_reward(brand=brand, name="Tea", points=1100)
    make.make_reward(brand=brand, name="Lamp", points=1500)
    shown = effect(desk, ticket, late_parcel, points="200")
    assert "1,000 to 1,200 points" in shown
    assert "Bronze stays; goodwill does not count for tiers" in shown
    assert "Enough for Tea then, 1,100 points" in shown
    assert "300 points short of Lamp then" in shown
    given = goodwill.services.grant(
        ticket, 200, by=make.make_agent(brands=[brand]), reason=late_parcel, key="k"
    )
    zone = ticket.customer.account.programme.zone
    last = (given.account.lots.get(entry=given.entry).expires_at.astimezone(zone) - timedelta(days=1)).date()
    assert f"They can be spent until {last.day} {last:%B %Y}" in shown


def test_it_follows_the_months_and_the_tiers_of_the_reason(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    lasting = make.make_reason(brand=brand, months=60, counts_for_tiers=True)
    shown = effect(desk, ticket, lasting)
    assert re.search(r"These points count for tiers\. They would (bring|leave)", shown)
    short = make.make_reason(brand=brand, months=1)
    until = r"They can be spent until \d+ \w+ (\d{4})"
    years = [int(re.search(until, one)[1]) for one in (shown, effect(desk, ticket, short))]  # type: ignore[index]
    assert years[0] - years[1] in (4, 5)


def test_the_customer_would_read_it_in_their_language(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    ReasonSentence.objects.create(
        brand=late_parcel.brand, reason=late_parcel, language="de", sentence="{points} Punkte ({worth})"
    )
    assert "We have added 200 points" in effect(desk, ticket, late_parcel)
    Customer.objects.filter(pk=ticket.customer_id).update(language="de-AT")
    assert "200 Punkte (€2.00)" in effect(desk, ticket, late_parcel)
    goodwill.services.grant(
        ticket, 200, by=make.make_agent(brands=[ticket.brand]), reason=late_parcel, key="k"
    )
    page = desk.get(reverse("desk:ticket", args=[ticket.reference])).content.decode()
    assert "200 Punkte (€2.00)" in page


def test_delight_asks_for_no_loss(desk: Client, ticket: Ticket, late_parcel: Reason, brand: Brand) -> None:
    delight = make.make_reason(brand=brand, kind="delight")
    assert "Lost" in effect(desk, ticket, late_parcel)
    assert "Lost" not in effect(desk, ticket, delight)


def test_the_order_is_chosen_among_those_of_the_customer_and_kept(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    reason = make.make_reason(brand=brand, needs_order=True)
    order = make.make_order(customer=ticket.customer, number="A-77")
    somebodys = make.make_order(customer=make.make_member(brand=brand), number="B-1")
    shown = effect(desk, ticket, reason)
    assert ("A-77" in shown, "B-1" in shown, "This reason asks for the order." in shown) == (
        True,
        False,
        True,
    )
    give = {"key": "g", "reason": reason.pk, "points": 100}
    assert post(desk, "goodwill", ticket.reference, **give).status_code == 409
    assert post(desk, "goodwill", ticket.reference, **give, order=somebodys.pk).status_code == 422
    assert post(desk, "goodwill", ticket.reference, **give, order=order.pk, loss="12,50").status_code == 200
    request = Request.objects.get()
    assert (request.order, request.loss_minor, request.suggested) == (order, 1250, 500)


def test_the_panel_asks_as_much_of_the_database_with_much_as_with_little(
    desk: Client, ticket: Ticket, agent: Agent, late_parcel: Reason, brand: Brand
) -> None:
    Policy.objects.update(apart_days=None, grants_customer_90=None)
    make.make_budget(brand=brand)

    def questions() -> list[int]:
        found = []
        for name in ("goodwill", "goodwill_effect"):
            with CaptureQueriesContext(connection) as asked:
                desk.get(reverse(f"desk:{name}", args=[ticket.reference]), {"loss": "3.40"})
            found.append(len(asked))
        return found

    goodwill.services.grant(ticket, 50, by=agent, reason=late_parcel, key="k")
    make.make_order(customer=ticket.customer)
    make.make_reward(brand=brand)
    few = questions()
    for number in range(6):
        reason = make.make_reason(brand=brand)
        ReasonSentence.objects.create(brand=brand, reason=reason, language="en", sentence="{points}")
        goodwill.services.grant(
            make.make_ticket(customer=ticket.customer), 50, by=agent, reason=reason, key=f"k{number}"
        )
        make.make_order(customer=ticket.customer)
        make.make_reward(brand=brand)
        make.make_budget(brand=brand)
        make.hear(ticket)
    assert questions() == few


def test_who_is_no_member_is_offered_enrolment_and_a_voucher_instead(
    desk: Client, customer: Customer, queue: Queue, late_parcel: Reason, brand: Brand, programme: Any
) -> None:
    shipping = make.make_reward(brand=brand, points=400)
    ticket = make.make_ticket(customer=customer, queue=queue)
    shown = panel(desk, ticket)
    enrol = f"{reverse('desk:enrol', args=[customer.pk])}?ticket={ticket.reference}"
    instead = reverse("desk:remedies", args=[ticket.reference])
    assert "no member yet" in shown
    for where in (enrol, instead):
        assert f'hx-get="{where}"' in shown
        assert desk.get(where).status_code == 200
    voucher = {"key": "v", "reason": late_parcel.pk, "remedy": [f"reward:{shipping.pk}"], "deed": "give"}
    assert post(desk, "remedies", ticket.reference, **voucher).status_code == 200
    assert Request.objects.get().account is None
    loyalty.services.enrol(customer)
    assert "no member yet" not in panel(desk, Ticket.objects.get(pk=ticket.pk))


def test_over_the_limit_words_a_message_and_urgency_go_with_it(
    desk: Client, ticket: Ticket, supervisor: Agent, late_parcel: Reason
) -> None:
    shown = panel(desk, ticket)
    assert 'name="message"' not in shown
    more = desk.get(
        reverse("desk:goodwill_effect", args=[ticket.reference]),
        {"reason": late_parcel.pk, "for": late_parcel.pk, "points": "600"},
    ).content.decode()
    assert all(f'name="{name}"' in more for name in ("words", "message", "urgent", "ask"))
    make.come(supervisor)
    fields = {"words": "On the phone", "message": "600 are yours.", "urgent": "1", "ask": "1", "points": 600}
    answer = post(desk, "goodwill", ticket.reference, key="k", reason=late_parcel.pk, **fields)
    assert answer.status_code == 200
    request = Request.objects.get()
    assert (request.words, request.message, request.asked_of) == (
        "On the phone",
        "600 are yours.",
        supervisor,
    )


def test_above_what_two_people_have_to_agree_to_the_panel_asks(
    desk: Client, ticket: Ticket, late_parcel: Reason
) -> None:
    Policy.objects.filter(role="agent").update(second_above=300)
    where = reverse("desk:goodwill_effect", args=[ticket.reference])
    own = {"reason": late_parcel.pk, "for": late_parcel.pk}
    below, above, both = (desk.get(where, own | {"points": points}).text for points in (300, 301, 600))
    assert ("Give the points" in below, 'name="ask"' in below) == (True, False)
    for shown in (above, both):
        assert ("Give the points" in shown, 'name="ask"' in shown) == (False, True)
        assert "Two people have to agree to so many points" in shown
        assert "Up to 300 you give without asking." in shown
    assert ("At most 500 points at once." in above, "At most 500 points at once." in both) == (False, True)
    fields = {"key": "k", "reason": late_parcel.pk, "points": 301}
    assert post(desk, "goodwill", ticket.reference, **fields).status_code == 409
    assert post(desk, "goodwill", ticket.reference, ask="1", **fields).status_code == 200
    request = Request.objects.get()
    assert (request.state, request.takes_two) == ("waiting", True)


@pytest.mark.parametrize(("channel", "ticked"), [(Channel.PHONE, True), (Channel.MAIL, False)])
def test_who_is_on_the_phone_is_urgent_by_itself(
    desk: Client, ticket: Ticket, late_parcel: Reason, channel: str, ticked: bool
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(channel=channel)
    where = reverse("desk:goodwill_effect", args=[ticket.reference])
    shown = desk.get(
        where, {"reason": late_parcel.pk, "for": late_parcel.pk, "points": "600"}
    ).content.decode()
    assert (re.search(r'name="urgent" value="1" checked', shown) is not None) == ticked


def test_who_asked_sees_who_is_asked_has_honest_words_and_a_call_to_promise(
    desk: Client, ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    make.come(supervisor)
    goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="k", is_urgent=True)
    shown = panel(desk, ticket)
    assert "Sol Specht is asked until" in shown
    assert "I am asking my supervisor while we speak." in shown
    assert f'href="{reverse("desk:promise", args=[ticket.reference])}"' in shown
    theirs = panel(signed_in(supervisor), ticket)
    assert ("Agree" in theirs, "I am asking my supervisor" in theirs) == (True, False)
    assert ("The customer is on the line." in theirs, "The customer is on the line." in shown) == (
        True,
        False,
    )


def test_who_decides_reads_what_it_is_about_what_was_suggested_and_what_goes_out(
    desk: Client, ticket: Ticket, agent: Agent, supervisor: Agent, late_parcel: Reason
) -> None:
    order = make.make_order(customer=ticket.customer, number="A-77")
    request = goodwill.services.ask(
        ticket, 600, by=agent, reason=late_parcel, key="k", order=order, loss_minor=340,
        message="600 are <b>yours</b>.",
    )  # fmt: skip
    theirs, mine = (panel(one, ticket) for one in (signed_in(supervisor), desk))
    for shown in (theirs, mine):
        assert all(
            word in shown for word in ("About order A-77", "€3.40 were lost", "600 are &lt;b&gt;yours")
        )
    assert f"Suggested then: {request.suggested} points" in theirs
    where = reverse("admin:goodwill_request_decide", args=[request.pk])
    assert (f'href="{where}"' in theirs, f'href="{where}"' in mine) == (True, False)
    assert signed_in(supervisor).get(where).status_code == 200


def test_with_nobody_there_the_words_are_honest_too(
    desk: Client, ticket: Ticket, agent: Agent, late_parcel: Reason
) -> None:
    goodwill.services.ask(ticket, 600, by=agent, reason=late_parcel, key="k", is_urgent=True)
    shown = panel(desk, ticket)
    assert "Nobody who may agree is at their desk now." in shown
    assert "nobody who may is free right now" in shown
    assert "Promise a call" in shown
