"""What the tests of tiers share: a member who climbs, in days of Berlin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from agents.models import Brand
from contactcenter import clock
from contactcenter.demo.moving import guards_set_aside
from loyalty.models import Account, TierSet
from loyalty.tasks import review_tiers
from tests import make

STEPS = {"basic": 0, "silver": 200, "gold": 500, "platinum": 2000}


def climber(brand: Brand) -> Account:
    """A member since 2020; silver takes 200 qualifying points, gold 500, platinum 2,000."""
    make.make_programme(brand=brand, tiers=STEPS, time_zone="Europe/Berlin")
    account: Account = make.make_member(brand=brand).account
    Account.objects.update(joined_at=day("2020-05-05"))
    return account


def day(text: str) -> datetime:
    """Noon of a day in Berlin; with an hour that hour."""
    return make.instant(text if "T" in text else f"{text}T12:00+01:00")


@contextmanager
def guards_down() -> Iterator[None]:
    """Inside, the version in force can be changed, which the database refuses otherwise."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a trigger is not switched while a check is owed
    with guards_set_aside():
        yield


def rule(**fields: Any) -> None:
    """The version in force is of this kind."""
    with guards_down():
        TierSet.objects.update(**fields)


def qualify(account: Account, points: int, at: str) -> None:
    """An order of that day, recorded when it was placed."""
    with clock.standing_at(day(at)):
        make.give(account, points, qualifying=points, at=day(at))


def late(account: Account, points: int, at: str, *, recorded: str) -> None:
    with clock.standing_at(day(recorded)):
        make.give(account, points, qualifying=points, at=day(at))


def held(account: Account) -> tuple[str, str]:
    """The tier and the last local day it is valid on."""
    account = Account.objects.select_related("tier", "programme").get(pk=account.pk)
    assert account.tier
    until = account.tier_valid_until
    local = until and until.astimezone(account.programme.zone)
    assert local is None or (local.hour, local.minute) == (0, 0)
    return account.tier.code, str(local.date()) if local else "for ever"


def causes(account: Account) -> list[str]:
    return list(account.tier_changes.order_by("id").values_list("cause", flat=True))


def review(at: str) -> None:
    with clock.standing_at(day(at)):
        review_tiers()
