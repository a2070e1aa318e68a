"""The same with the processes as they run: beat, worker and Redis, a worker killed and Redis away for a while."""

from __future__ import annotations

from datetime import timedelta
from time import sleep

import pytest
from django.db.models import Max

from agents import roles
from callbacks.models import Callback, CallbackEvent, CallbackPolicy
from contactcenter import clock
from tests import make
from tests.callbacks import week
from tests.house import House
from tests.infra.production import until

pytestmark = pytest.mark.house

PROMISES, SECONDS = 60, 25


def zone_at_noon() -> str:
    """Where it is about noon now, so that calls may be promised whenever the test runs."""
    ahead = 12 - clock.now().hour
    return f"Etc/GMT{'-' if ahead >= 0 else '+'}{abs(ahead)}"  # these names count westwards


def test_promises_are_handed_out_once_and_missed_ones_told_whatever_is_killed(house: House) -> None:
    house.kill("worker")
    brand, zone = make.make_brand(), zone_at_noon()
    supervisor = make.make_agent(brands=[brand], role=roles.SUPERVISOR)
    agents = [make.make_agent(brands=[brand]) for _ in range(8)]
    CallbackPolicy.objects.create(brand=brand, per_quarter=15)  # that all have room
    customer = make.make_customer(brand=brand, time_zone=zone, phone="+493012345678")
    start = clock.now()
    for number in range(PROMISES):
        opens = start + timedelta(seconds=number * SECONDS / PROMISES)
        is_short = number % 6 == 0  # over before anybody calls
        closes = start + timedelta(seconds=SECONDS + 3) if is_short else opens + timedelta(minutes=30)
        make.make_callback(customer=customer, by=agents[number % 8], window=(opens, closes), at=start)
    make.come(*agents)
    house.restart("worker")
    sleep(4)
    house.kill("worker")
    house.redis.stop()
    sleep(3)
    house.redis.start()
    house.restart("worker")
    until(lambda: due() == PROMISES, "not every promise was handed out")
    until(lambda: missed() == PROMISES // 6, "not every missed promise was found")
    assert week.handed_out_twice() == []
    assert week.wrongly_kept_quiet(brand, [supervisor]) == []
    assert Callback.objects.filter(follows__isnull=False).count() == PROMISES // 6
    first = CallbackEvent.objects.filter(kind="offered")
    until(first.exists, "nothing was offered")
    held = Callback.objects.filter(offered_to__isnull=False).values_list("offered_to", flat=True)
    assert len(held) == len(set(held))
    late = CallbackEvent.objects.filter(kind="due").aggregate(last=Max("at"))["last"]
    assert late < start + timedelta(seconds=SECONDS + 60)


def due() -> int:
    return CallbackEvent.objects.filter(kind="due").count()


def missed() -> int:
    return Callback.objects.filter(state="missed").count()
