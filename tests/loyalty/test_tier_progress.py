"""What an agent can say of a member's tier: how far to the next, what keeps this one, what a purchase would change."""

from __future__ import annotations

from datetime import date

import pytest

from agents.models import Agent, Brand
from loyalty import progress
from loyalty.models import Account
from loyalty.progress import Missing
from loyalty.services import set_tier
from tests.loyalty.tiering import climber, day, held, qualify, review, rule


@pytest.fixture
def account(brand: Brand) -> Account:
    return climber(brand)


def of(account: Account, at: str) -> progress.Progress:
    account = Account.objects.select_related("programme", "tier").get(pk=account.pk)
    return progress.of_tier(account, day(at))


def test_whoever_does_nothing_more_falls_on_the_last_day_and_this_much_would_keep_the_tier(
    account: Account,
) -> None:
    qualify(account, 600, "2025-06-01")
    qualify(account, 210, "2026-03-01")
    keeping = of(account, "2026-06-01").keeping
    assert keeping is not None
    assert keeping.falls_to is not None
    assert (keeping.last_day, keeping.first_day, keeping.has_begun) == (
        date(2026, 12, 31),
        date(2026, 1, 1),
        True,
    )
    assert (keeping.missing, keeping.falls_to.code, keeping.is_kept) == (Missing(points=290), "silver", False)
    review("2027-01-01")
    assert held(account)[0] == "silver"  # as it was said


def test_what_is_kept_already_is_said_to_be_kept_and_to_when(account: Account) -> None:
    qualify(account, 500, "2025-06-01")
    qualify(account, 500, "2026-03-01")
    keeping = of(account, "2026-06-01").keeping
    assert keeping is not None
    assert (keeping.is_kept, keeping.kept_to, bool(keeping.missing)) == (True, date(2027, 12, 31), False)
    review("2027-01-01")
    assert held(account) == ("gold", "2028-01-01")


def test_a_tier_reached_this_year_is_kept_by_what_is_earned_next_year(account: Account) -> None:
    qualify(account, 500, "2026-03-01")
    keeping = of(account, "2026-06-01").keeping
    assert keeping is not None
    assert (keeping.last_day, keeping.first_day, keeping.has_begun) == (
        date(2027, 12, 31),
        date(2027, 1, 1),
        False,
    )


def test_of_rolling_months_what_ends_with_the_tier_counts(account: Account) -> None:
    rule(window="rolling")
    qualify(account, 500, "2025-06-10")
    qualify(account, 100, "2025-08-01")
    keeping = of(account, "2026-06-01").keeping
    assert keeping is not None
    assert (keeping.missing, keeping.last_day) == (Missing(points=400), date(2026, 6, 10))


def test_a_floor_set_by_hand_is_known_of(account: Account, supervisor: Agent) -> None:
    qualify(account, 500, "2025-06-01")
    gold, until = account.programme.tiers.get(code="gold"), date(2027, 3, 1)
    set_tier(account, gold, by=supervisor, until=until, reason="partner", key="f", at=day("2026-05-01"))
    keeping = of(account, "2026-06-01").keeping
    assert keeping is not None
    assert keeping.is_kept


def test_the_first_tier_needs_no_keeping(account: Account) -> None:
    now = of(account, "2026-06-01")
    assert now.next is not None
    assert (now.keeping, now.next.code, now.more) == (None, "silver", Missing(points=200))


def test_what_a_purchase_would_change_is_what_it_then_does(account: Account) -> None:
    qualify(account, 150, "2026-02-01")
    member = Account.objects.select_related("programme", "tier").get(pk=account.pk)
    for points, code in ((49, "basic"), (50, "silver"), (350, "gold")):
        outlook = progress.if_earned(member, points=points, at=day("2026-06-01"))
        assert outlook.tier is not None
        assert (outlook.tier.code, outlook.is_raised) == (code, code != "basic")
    assert outlook.last_day == date(2027, 12, 31)
    assert outlook.missing == Missing(points=1500)
    qualify(account, 350, "2026-06-01")
    assert held(account) == ("gold", "2028-01-01")
