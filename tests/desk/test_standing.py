"""What the desk says of an account as it stands: frozen or not, what was taken, what a deed would bring near."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import loyalty.services
from agents.models import Agent, Brand
from contactcenter import clock
from goodwill.models import Reason
from loyalty.models import Account, Voucher
from loyalty.services import (
    freeze,
    mark_shipped,
    redeem,
    redeem_reward,
    undo_redemption,
    unfreeze,
    use_voucher,
)
from tests import make
from tests.desk.deeds import post
from tickets.models import Ticket

CALM = "No points are given or spent until a supervisor unfreezes it. Replies, callbacks and refunds go on."


def shown(client: Client, ticket: Ticket, page: str) -> str:
    return client.get(reverse(f"desk:{page}", args=[ticket.reference])).content.decode()


def test_a_frozen_account_says_since_when_why_and_what_that_stops_beside_the_deeds(
    desk: Client, ticket: Ticket, supervisor: Agent, late_parcel: Reason, brand: Brand
) -> None:
    make.make_reward(brand=brand)
    account = ticket.customer.account
    assert CALM not in shown(desk, ticket, "customer")
    freeze(account, by=supervisor, reason="asked", at=make.instant("2026-11-24T10:00:00+01:00"))
    for page in ("customer", "goodwill", "redeem"):
        content = shown(desk, ticket, page)
        assert "Frozen since 24 November 2026 because the member asked for it." in content, page
        assert CALM in content, page
    refused = post(desk, "goodwill", ticket.reference, key="g", reason=late_parcel.pk, points=100)
    assert "This account is frozen; no points move on it." in refused.content.decode()
    person = desk.get(reverse("desk:person_pane", args=[ticket.customer_id])).content.decode()
    assert CALM in person
    unfreeze(account, by=supervisor, reason="cleared")
    assert CALM not in shown(desk, ticket, "customer")


def test_a_frozen_account_costs_no_query_more_than_any_other(
    desk: Client, ticket: Ticket, supervisor: Agent
) -> None:
    counts = []
    for deed in (unfreeze, freeze):
        deed(ticket.customer.account, by=supervisor, reason="asked")
        shown(desk, ticket, "customer")
        with CaptureQueriesContext(connection) as queries:
            shown(desk, ticket, "customer")
        counts.append(len(queries))
    assert counts[1] == counts[0]


def test_the_pane_lists_what_was_taken_and_how_it_stands(
    desk: Client, ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    account = ticket.customer.account
    names = ("Used", "Over", "Back", "Valid", "Mug", "Lamp")
    rewards = {
        name: make.make_reward(
            brand=brand, name=name, points=10, kind="shipped" if name in ("Mug", "Lamp") else "voucher"
        )
        for name in names
    }
    taken = {name: redeem_reward(account, rewards[name], by=agent, key=name) for name in names}
    assert "to be sent" in shown(desk, ticket, "customer")
    use_voucher(taken["Used"].voucher.code, by=agent, key="u")
    Voucher.objects.filter(redemption=taken["Over"]).update(valid_until=clock.now() - timedelta(days=2))
    undo_redemption(taken["Back"], by=agent)
    mark_shipped(taken["Mug"], by=agent, key="m")
    content = shown(desk, ticket, "customer")
    listed = content[content.index('id="taken"') :].partition("</section>")[0]
    assert listed.index("Valid") < listed.index("Lamp") < listed.index("Mug") < listed.index("Back")
    assert taken["Valid"].voucher.code in listed
    for words in ("until ", "to be sent", "sent on ", "undone, points back", "over since "):
        assert words in listed
    assert taken["Over"].voucher.code not in listed
    assert "Used" not in listed  # five are shown: the one that can be used, then the newest


def test_a_used_voucher_says_when_and_keeps_its_code_to_itself(
    desk: Client, ticket: Ticket, agent: Agent, brand: Brand
) -> None:
    voucher = redeem_reward(ticket.customer.account, make.make_reward(brand=brand), by=agent, key="k").voucher
    use_voucher(voucher.code, by=agent, key="u")
    content = shown(desk, ticket, "customer")
    assert "used on " in content
    assert voucher.code not in content
    assert f"…{voucher.code[-4:]}" in content


def test_goodwill_says_which_reward_it_reaches_and_which_is_nearest_then(
    desk: Client, ticket: Ticket, late_parcel: Reason, brand: Brand
) -> None:
    for name, points in (("Mug", 900), ("Lamp", 1100), ("Rug", 1150), ("Tent", 1280)):
        make.make_reward(brand=brand, name=name, points=points)
    where = reverse("desk:goodwill_effect", args=[ticket.reference])
    content = desk.get(where, {"reason": late_parcel.pk, "points": "200", "for": late_parcel.pk}).text
    assert "Enough for <b>Rug</b> then, 1,150 points" in content
    assert "80 points short of Tent then" in content
    assert "goodwill does not count for tiers" in content
    content = desk.get(where, {"reason": late_parcel.pk, "points": "50", "for": late_parcel.pk}).text
    assert "Enough for" not in content
    assert "50 points short of Lamp then" in content


def test_what_is_owed_is_paid_before_anything_is_reached(
    desk: Client, ticket: Ticket, late_parcel: Reason, brand: Brand
) -> None:
    make.make_reward(brand=brand, name="Pin", points=100)
    account = ticket.customer.account
    redeem(account, 1000, by=None, key="all")
    loyalty.services.reverse(account, account.entries.get(kind="earn"), 150, by=None, key="back")
    where = reverse("desk:goodwill_effect", args=[ticket.reference])
    content = desk.get(where, {"reason": late_parcel.pk, "points": "200", "for": late_parcel.pk}).text
    assert "0 to <b>50</b> points" in content
    assert "50 points short of Pin then" in content


def test_missing_points_of_an_order_say_what_they_would_make_of_the_tier(
    desk: Client, ticket: Ticket, brand: Brand
) -> None:
    member = ticket.customer
    Account.objects.filter(customer=member).update(status="frozen", joined_at=clock.now() - timedelta(days=9))
    small = make.make_order(customer=member, amount_minor=4_000)
    large = make.make_order(customer=member, amount_minor=20_000)
    Account.objects.filter(customer=member).update(status="active")
    said = {
        order: desk.get(reverse("desk:absent", args=[member.pk]), {"order": order.number}).text
        for order in (small, large)
    }
    assert "They would leave 300 points to Silver." in said[small]
    assert f"They would bring Silver, to 31 December {clock.now().year + 1}." in said[large]
