"""The radar at work: nights, what was given a moment ago, who is told, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import customers.services
from agents import roles
from agents.models import Agent, Brand, Notification
from contactcenter import clock
from contactcenter.celery import app
from goodwill import services, tasks
from goodwill.models import Finding, Policy, Reason, Watch
from goodwill.radar.facts import Sign
from goodwill.services import conclude, grant, watch_moment, watch_nights, watch_recent, watching
from goodwill.services.watching import BRANDS_AT_ONCE, look, write_down
from tests import make
from tests.goodwill.test_radar_simulated import NOW
from tickets.models import Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def to_own(ticket: Ticket, agent: Agent, reason: Reason, **more: Any) -> None:
    """Given to somebody who turns out to be the agent."""
    grant(ticket, 50, by=agent, reason=reason, key=make.unique(), **more)
    customers.services.add_contact_point(ticket.customer, "mail", agent.email)


def at_night(hour: int = 4, day: int = 18) -> Any:
    """O'clock in Berlin, one hour ahead of UTC in March."""
    return make.instant(f"2026-03-{day:02d}T{hour - 1:02d}:00:00+00:00")


def test_a_night_is_over_at_three_where_the_brand_is_and_looked_at_once(
    brand: Brand, other_brand: Brand
) -> None:
    def nights(of: Brand) -> list[str]:
        return [
            str(night)
            for night in Watch.objects.filter(brand=of).order_by("pk").values_list("night", flat=True)
        ]

    assert watch_nights(at=at_night(2)) == 2
    assert nights(brand) == nights(other_brand) == ["2026-03-17"]  # ten in the evening there
    assert watch_nights(at=at_night(2)) == 0
    assert watch_nights(at=at_night(3)) == 1
    assert nights(brand) == ["2026-03-17", "2026-03-18"]
    assert watch_nights(at=at_night(7)) == 1
    assert nights(other_brand) == ["2026-03-17", "2026-03-18"]


def test_nights_in_which_nobody_looked_are_made_good_by_the_next(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    at = clock.now()
    watch_nights(at=at)
    to_own(ticket, agent, generous, at=at + HOUR)
    assert watch_nights(at=at + 20 * DAY) == 1  # nothing ran for three weeks
    assert (Finding.objects.get().kind, Watch.objects.count()) == ("related", 2)
    assert watch_nights(at=at + 20 * DAY) == 0


def test_a_night_that_breaks_off_leaves_nothing_and_begins_anew(
    ticket: Ticket, agent: Agent, generous: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_own(ticket, agent, generous)

    def breaks(*_arguments: Any, **_more: Any) -> int:
        write_down(*_arguments, **_more)
        raise RuntimeError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(watching, "write_down", breaks)
        assert watch_nights() == 0
    assert (Finding.objects.count(), Watch.objects.count(), Notification.objects.count()) == (0, 0, 0)
    assert (watch_nights(), Finding.objects.count(), Watch.objects.count()) == (1, 1, 1)


def test_an_error_of_ours_stands_before_one_brand_and_before_no_other_and_a_run_is_bounded(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    brands = [make.make_brand() for _ in range(BRANDS_AT_ONCE + 2)]
    real: Callable[..., Any] = watching.look

    def fails(brand: Brand, **more: Any) -> Any:
        if brand == brands[0]:
            raise RuntimeError("ours")
        return real(brand, **more)

    monkeypatch.setattr(watching, "look", fails)
    assert [watch_nights() for _ in range(3)] == [BRANDS_AT_ONCE, 1, 0]
    assert set(Watch.objects.values_list("brand", flat=True)) == {brand.pk for brand in brands[1:]}


def test_what_was_given_of_late_is_looked_at_brand_by_brand_too(
    ticket: Ticket, agent: Agent, generous: Reason, other_brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = make.make_agent(brands=[other_brand])
    there = make.make_ticket(customer=make.make_member(brand=other_brand))
    to_own(ticket, agent, generous)
    to_own(there, elsewhere, make.make_reason(brand=other_brand))
    real: Callable[..., Any] = watching.related

    def fails(gifts: Any, brand: int) -> Any:
        if brand == ticket.brand_id:
            raise RuntimeError("ours")
        return real(gifts, brand)

    monkeypatch.setattr(watching, "related", fails)
    assert watch_recent() == 1
    assert Finding.objects.get().brand == other_brand


def test_what_a_grant_shows_by_itself_is_found_at_once_and_once(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    to_own(ticket, agent, generous)
    assert [watch_moment(), watch_moment(), watch_recent(), watch_recent()] == [1, 0, 0, 0]
    finding = Finding.objects.get()
    assert (finding.kind, finding.agent, finding.customer, finding.state) == (
        "related",
        agent,
        ticket.customer,
        "open",
    )
    told = Notification.objects.get(agent=supervisor)
    assert (told.kind, told.subject, told.data["finding"]) == (
        "goodwill_finding",
        ticket.reference,
        finding.pk,
    )


def test_a_moment_is_two_minutes_and_what_it_missed_the_next_run_finds(
    ticket: Ticket, agent: Agent, generous: Reason
) -> None:
    at = clock.now()
    to_own(ticket, agent, generous, at=at)
    assert watch_moment(at=at + timedelta(minutes=2)) == 0
    assert watch_recent(at=at + timedelta(hours=25)) == 0
    assert watch_recent(at=at + timedelta(hours=24)) == 1


def test_the_night_refreshes_what_nobody_has_decided_and_tells_nobody_again(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason, own: Policy
) -> None:
    at = clock.now()
    to_own(ticket, agent, generous, at=at)
    watch_nights(at=at)
    Policy.objects.update(apart_days=None)
    ticket.customer.contact_points.filter(value=agent.email).update(removed_at=at)
    write_down_of(ticket.brand, agent, ticket, at + DAY)
    finding = Finding.objects.get()
    assert (finding.evidence["hits"], finding.found_at, finding.seen_at) == (1, at, at + DAY)
    assert Notification.objects.filter(agent=supervisor).count() == 1


def write_down_of(brand: Brand, agent: Agent, ticket: Ticket, at: Any) -> None:
    signs, judged, _gifts = look(brand, at=at)
    assert [sign.subject for sign in signs] == [("related", agent.pk, ticket.customer_id, None)]
    assert write_down(brand, signs, judged, at=at) == 0


def test_what_was_decided_is_asked_again_only_for_what_was_given_since(
    ticket: Ticket, agent: Agent, supervisor: Agent, generous: Reason
) -> None:
    at = clock.now()
    to_own(ticket, agent, generous, at=at - 2 * DAY)
    watch_nights(at=at - DAY)
    first = conclude(Finding.objects.get(), "dismissed", note="Her brother", by=supervisor, at=at - HOUR)
    assert watch_nights(at=at) == 1
    assert Finding.objects.count() == 1
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("goodwill.services.checking.expect_somebody_else", lambda by, ticket: None)
        Policy.objects.update(apart_days=None)
        grant(ticket, 60, by=agent, reason=generous, key="again", at=at)
    assert watch_recent(at=at) == 1
    again = Finding.objects.exclude(pk=first.pk).get()
    assert (again.state, again.agent) == ("open", agent)


def test_whoever_is_concerned_is_not_told_and_where_one_supervisor_is_the_administrators_are_too(
    ticket: Ticket, supervisor: Agent, generous: Reason
) -> None:
    administrator = make.make_agent(brands=[ticket.brand], role=roles.ADMINISTRATOR)
    to_own(ticket, supervisor, generous)
    assert watch_moment() == 1
    assert list(Notification.objects.values_list("agent", flat=True)) == [administrator.pk]
    second = make.make_agent(brands=[ticket.brand], role=roles.SUPERVISOR)
    third = make.make_agent(brands=[ticket.brand], role=roles.SUPERVISOR)
    sign = Sign("each_other", supervisor.pk, tuple(services.watching.gifts_of(ticket.brand, since=NOW, at=clock.now())),
                {"there": 3, "back": 3, "approvers": 3}, approver=second.pk)  # fmt: skip
    assert write_down(ticket.brand, [sign], {}, at=clock.now()) == 1
    told = Notification.objects.filter(data__what="each_other")
    assert list(told.values_list("agent", flat=True)) == [third.pk]


def test_each_brand_is_told_of_its_own_alone(
    ticket: Ticket, agent: Agent, generous: Reason, other_brand: Brand
) -> None:
    elsewhere = make.make_agent(brands=[other_brand], role=roles.SUPERVISOR)
    to_own(ticket, agent, generous)
    watch_nights()
    assert not Finding.objects.filter(brand=other_brand).exists()
    assert not Notification.objects.filter(agent=elsewhere).exists()


def test_beat_runs_nights_and_what_was_given_of_late_and_a_grant_wakes_a_worker(
    ticket: Ticket, agent: Agent, generous: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"goodwill.tasks.watch_nights", "goodwill.tasks.watch_recent"} <= runs
    woken: list[str] = []
    monkeypatch.setattr("goodwill.services.posting.nudge", woken.append)
    to_own(ticket, agent, generous)
    assert woken == ["goodwill.tasks.watch_moment"]
    assert (tasks.watch_moment(), tasks.watch_recent(), tasks.watch_nights()) == (1, 0, 1)
