from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from contactcenter.errors import Refused
from customers.models import Customer
from loyalty.models import Account, Hold, Programme
from loyalty.services import (
    adjust,
    capture,
    earn,
    enrol,
    expire,
    expire_some,
    hold,
    redeem,
    release,
    release_next,
    reverse,
)
from tests import make

START = make.instant("2023-01-01T12:00+01:00")  # a story of three years is over by now
POINTS = st.integers(1, 300)
KEYS = st.sampled_from(["k1", "k2", "k3", "k4", "k5", "k6"])
DEEDS = st.one_of(
    st.tuples(st.just("earn"), POINTS, st.integers(1, 4), KEYS),
    st.tuples(st.just("redeem"), POINTS, st.just(0), KEYS),
    st.tuples(st.just("adjust"), st.integers(-200, 200), st.just(0), KEYS),
    st.tuples(st.just("hold"), st.integers(0, 200), st.integers(1, 3), KEYS),
    st.tuples(st.sampled_from(["capture", "release", "undo"]), st.integers(1, 200), st.just(0), KEYS),
    st.tuples(st.just("reverse"), POINTS, st.integers(0, 3), KEYS),
    st.tuples(st.just("expire"), st.just(0), st.just(0), KEYS),
    st.tuples(st.just("sweep"), st.just(0), st.just(0), KEYS),
)
STORIES = st.lists(
    st.tuples(DEEDS, st.integers(0, 40)), max_size=25
)  # each deed, and the days that pass after it


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORIES, clawback=st.sampled_from(Programme.Clawback.values))
def test_whatever_is_done_the_ledger_adds_up(
    story: list[Any], clawback: str, supervisor: Agent, brand: object, programme: object
) -> None:
    Programme.objects.update(clawback=clawback)
    account = enrol(make.make_customer(brand=brand))
    at, story_name = START, make.unique("story")
    for (deed, points, months, key), days in story:
        do(deed, account, points, months=months, key=f"{story_name}:{key}", by=supervisor, at=at)
        expect_sound(account)
        at += timedelta(days=days)
    expire(account, at=at)
    expect_sound(account)


def do(deed: str, account: Account, points: int, *, months: int, key: str, by: Agent, at: Any) -> None:
    """One deed; a refusal is an answer, everything else that is raised is a bug."""
    try:
        if deed == "earn":
            earn(
                account,
                points,
                contra="issue.order",
                by=None,
                key=key,
                at=at,
                months=months,
                qualifying=points,
            )
        elif deed == "redeem":
            redeem(account, points, by=by, key=key, at=at)
        elif deed == "adjust":
            adjust(account, points, by=by, reason="typo", key=key, at=at)
        elif deed == "hold":
            hold(account, points, by=by, key=key, at=at, until=at + timedelta(days=20 * months))
        elif deed in ("capture", "release"):
            if held := Hold.objects.filter(account=account).order_by("-id").first():
                capture(held, by=by, key=key, at=at) if deed == "capture" else release(held, by=by, at=at)
        elif deed == "undo":
            if spent := account.entries.filter(kind="redeem").order_by("-seq").first():
                reverse(account, spent, points, by=None, key=key, at=at)
        elif deed == "reverse":
            if given := account.entries.filter(kind="earn").order_by("-seq")[months:].first():
                points = min(points, given.qualifying)
                reverse(account, given, points, by=None, key=key, at=at, qualifying=points)
        elif deed == "expire":
            expire(account, at=at)
        else:
            for _ in range(50):
                if not release_next(at=at) and not expire_some(at=at):
                    return
            pytest.fail("the sweep never ends")
    except Refused:
        return


def expect_sound(account: Account) -> None:
    """The invariants of the ledger: every figure that is kept is the one that can be counted."""
    account = Account.objects.get(pk=account.pk)
    entries = list(account.entries.order_by("seq"))
    lots = list(account.lots.annotate(used=Sum("uses__points")))
    assert account.balance == sum(entry.points for entry in entries)
    assert [entry.seq for entry in entries] == list(range(1, account.version + 1))
    assert max(account.balance, 0) == sum(lot.remaining for lot in lots)
    assert account.held == (account.holds.filter(state="open").aggregate(sum=Sum("points"))["sum"] or 0)
    assert account.available == max(0, account.balance - account.held)
    running = 0
    for entry in entries:
        running += entry.points
        assert entry.balance_after == running
    for entry in entries:
        back = [reversal for reversal in entries if reversal.reverses_id == entry.pk]
        undone = -sum(reversal.points for reversal in back)
        assert 0 <= undone * (1 if entry.points > 0 else -1) <= abs(entry.points)
        assert 0 <= -sum(reversal.qualifying for reversal in back) <= entry.qualifying or not back
        assert {reversal.counts_at for reversal in back} <= {entry.counts_at}
        if entry.kind not in ("reverse", "transfer") or account.programme.clawback == "clamp":
            assert entry.balance_after >= min(0, entry.balance_after - entry.points)
    for lot in lots:
        assert lot.remaining == lot.granted - (lot.used or 0)
    open_ends = [lot.expires_at for lot in lots if lot.is_open]
    assert account.next_expiry == min(open_ends, default=None)
    by_kind = {
        kind: sum(e.points for e in entries if e.kind == kind) for kind in ("earn", "redeem", "expire")
    }
    assert account.lifetime_earned == by_kind["earn"]
    assert account.lifetime_redeemed == -by_kind["redeem"]
    assert account.lifetime_expired == -by_kind["expire"]


def test_control_a_balance_changed_behind_the_ledgers_back_is_noticed(member: Customer) -> None:
    expect_sound(member.account)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('loyalty.check', 'off', true)")  # else the database would refuse it
    Account.objects.filter(pk=member.account.pk).update(balance=999)
    with pytest.raises(AssertionError):
        expect_sound(member.account)
