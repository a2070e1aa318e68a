"""When customers want to be called, and promises that follow each other, in a merge and its undoing."""

from __future__ import annotations

from datetime import timedelta

from agents.models import Agent
from callbacks.models import Callback, ContactHours
from callbacks.services import claim_due, look_at_next
from customers.models import Customer
from customers.services import merge, record_consent, since, unmerge
from tests import make
from tests.merging.sound import expect_sound
from tests.merging.test_unmerge import decided


def says(customer: Customer, *hours: tuple[int, str, str]) -> None:
    for weekday, opens, closes in hours:
        ContactHours.objects.create(
            brand=customer.brand, customer=customer, weekday=weekday, opens=opens, closes=closes
        )


def said(customer: Customer) -> list[tuple[int, str]]:
    rows = ContactHours.objects.filter(customer=customer).order_by("weekday", "opens")
    return [(row.weekday, f"{row.opens:%H:%M}-{row.closes:%H:%M}") for row in rows]


def test_hours_follow_to_who_has_said_none_and_go_back_with_them(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    says(twin, (0, "08:00", "12:00"), (2, "17:00", "20:00"))
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert said(kept) == [(0, "08:00-12:00"), (2, "17:00-20:00")]
    assert said(twin) == []
    says(kept, (4, "09:00", "10:00"))  # said since: it is theirs who stay
    unmerge(one, by=supervisor, key="u1", choices=decided(one))
    assert said(twin) == [(0, "08:00-12:00"), (2, "17:00-20:00")]
    assert said(kept) == [(4, "09:00-10:00")]
    expect_sound()


def test_hours_of_who_stays_hold_also_where_both_begin_at_the_same_hour(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    says(kept, (0, "08:00", "10:00"))
    says(twin, (0, "08:00", "12:00"), (3, "08:00", "12:00"))
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    assert said(kept) == [(0, "08:00-10:00")]
    unmerge(one, by=supervisor, key="u1", choices=decided(one))
    assert said(twin) == [(0, "08:00-12:00"), (3, "08:00-12:00")]
    assert said(kept) == [(0, "08:00-10:00")]


def test_what_makes_up_for_a_promise_that_came_along_is_likely_theirs(
    kept: Customer, twin: Customer, supervisor: Agent
) -> None:
    record_consent(twin, "calls", given=True, source="call")
    missed = make.make_callback(customer=twin)
    one = merge(kept, twin, by=supervisor, reason="twice", key="m1")
    for number in (1, 2):  # it is missed, and so is what made up for it
        missed = Callback.objects.get(pk=missed.pk)
        claim_due(at=missed.window_from)
        look_at_next(at=missed.window_to + timedelta(minutes=1))
        missed = Callback.objects.get(follows=missed)
        assert missed.customer == kept, number
    own = make.make_callback(customer=kept)
    advice = {item.key: item.advice for item in since(one) if item.key.startswith("promise:")}
    first = Callback.objects.get(followed_by=missed)
    assert advice == {
        f"promise:{first.pk}": "back",
        f"promise:{missed.pk}": "back",
        f"promise:{own.pk}": "kept",
    }
    unmerge(one, by=supervisor, key="u1", choices=decided(one))
    assert set(Callback.objects.filter(customer=kept)) == {own}
    expect_sound()
