"""Random deeds on several accounts, one after the other, against the ledger in plain Python."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agents.models import Agent
from contactcenter import clock
from contactcenter.errors import Refused
from loyalty import services
from loyalty.models import Account, Entry, Hold, Programme
from tests import make
from tests.loyalty.plain_ledger import Line, Lot, No, Plain
from tests.loyalty.test_ledger_property import expect_sound

START = make.instant("2024-02-27T22:30+01:00")
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
WHO, POINTS = st.integers(0, 2), st.integers(1, 300)
COUNT = 3
Undoable = tuple[int, Entry, Line]  # whose it is, the real entry, the plain one


class Ledgers(RuleBasedStateMachine):
    """Three accounts of one programme, each beside its plain twin."""

    by: Agent
    twin: type[Plain] = Plain

    @initialize(clawback=st.sampled_from(Programme.Clawback.values))
    def open_accounts(self, clawback: str) -> None:
        brand = make.make_brand()
        programme = make.make_programme(
            brand=brand, time_zone="Europe/Berlin", clawback=clawback, adjust_limit=10**6
        )
        self.by = make.make_agent(role="supervisor", brands=[brand])
        self.real = [make.make_member(brand=brand).account for _ in range(COUNT)]
        self.plain = [self.twin(programme.zone, clawback == "clamp") for _ in range(COUNT)]
        self.holds: list[tuple[Hold, Any, int]] = []
        self.lines: list[Undoable] = []
        self.now = START

    def both(
        self, real: Callable[[str, int], Any], plain: Callable[[], Any], points: int = 1
    ) -> tuple[Any, Any]:
        """Do one deed on both sides; both give or both refuse with the same code. The real one twice by its key."""
        key = make.unique("step")
        with clock.standing_at(self.now):
            code, expected = outcome(plain)
            answer = outcome(lambda: real(key, points))
            assert answer[0] == code
            if not code:
                assert outcome(lambda: real(key, points)) == answer, "a repeat gives what is there"
            if isinstance(answer[1], Entry | Hold):
                assert outcome(lambda: real(key, points + 1))[0] == "key_conflict"
        return answer[1], expected

    @rule(who=WHO, points=POINTS, months=st.integers(1, 4))
    def earn(self, who: int, points: int, months: int) -> None:
        account, plain = self.real[who], self.plain[who]
        entry, line = self.both(
            lambda key, n: services.earn(account, n, contra="issue.order", by=None, key=key, months=months),
            lambda: plain.give(points, months, self.now),
            points,
        )
        self._note(who, entry, line)

    @rule(who=WHO, points=POINTS)
    def redeem(self, who: int, points: int) -> None:
        account, plain = self.real[who], self.plain[who]
        entry, line = self.both(
            lambda key, n: services.redeem(account, n, by=None, key=key),
            lambda: plain.spend(points, self.now),
            points,
        )
        self._note(who, entry, line)

    def _note(self, who: int, entry: Entry | None, line: Line | None) -> None:
        if entry is not None and line is not None:
            self.lines.append((who, entry, line))

    @rule(who=WHO, points=st.integers(-200, 200).filter(bool))
    def adjust(self, who: int, points: int) -> None:
        account, plain = self.real[who], self.plain[who]
        self.both(
            lambda key, n: services.adjust(account, n or 1, by=self.by, reason="typo", key=key),
            lambda: plain.adjust(points, self.now),
            points,
        )

    @rule(which=st.integers(0, 8), points=POINTS)
    def undo(self, which: int, points: int) -> None:
        if not self.lines:
            return
        who, entry, line = self.lines[-1 - which % len(self.lines)]
        points = min(points, max(1, line.points - line.undone))
        account, plain = self.real[who], self.plain[who]
        key = make.unique("undo")
        with clock.standing_at(self.now):
            code, _none = outcome(lambda: plain.undo(line, points, self.now))
            assert outcome(lambda: services.reverse(account, entry, points, by=None, key=key))[0] == code

    @rule(who=WHO, points=POINTS, days=st.integers(1, 60))
    def hold(self, who: int, points: int, days: int) -> None:
        account, plain, until = self.real[who], self.plain[who], self.now + timedelta(days=days)
        held, _none = self.both(
            lambda key, n: services.hold(account, n, by=None, key=key, until=until),
            lambda: plain.hold(points, until, self.now),
            points,
        )
        if held is not None:
            self.holds.append((held, plain.holds[-1], who))

    @rule(which=st.integers(0, 4), captured=st.booleans())
    def end_hold(self, which: int, captured: bool) -> None:
        if not self.holds:
            return
        held, twin, _who = self.holds[-1 - which % len(self.holds)]
        plain = next(plain for plain in self.plain if twin in plain.holds)
        key = make.unique("end")
        end = plain.capture if captured else plain.release
        with clock.standing_at(self.now):
            code, _none = outcome(lambda: end(twin, self.now))
            answers = [outcome(lambda: self._end(held, captured, key)) for _ in range(2)]
        assert [answer[0] for answer in answers] == [code, code]
        assert answers[0][1] == answers[1][1]
        if captured and not code:
            self.lines.append((self.plain.index(plain), answers[0][1], plain.lines[-1]))

    def _end(self, held: Hold, captured: bool, key: str) -> Any:
        return services.capture(held, by=None, key=key) if captured else services.release(held, by=None)

    @rule(who=WHO, other=st.integers(1, 2), points=POINTS)
    def transfer(self, who: int, other: int, points: int) -> None:
        to = (who + other) % COUNT
        self.both(
            lambda key, n: services.transfer(self.real[who], self.real[to], n, by=None, key=key),
            lambda: self.plain[who].send(self.plain[to], points, self.now),
            points,
        )

    @rule(who=WHO, other=st.integers(1, 2), sure=st.integers(0, 5))
    def merge(self, who: int, other: int, sure: int) -> None:
        to = (who + other) % COUNT
        if sure or self.plain[who].heir:  # seldom: it ends an account
            return
        self.both(
            lambda key, _n: services.merge_accounts(self.real[who], self.real[to], by=None, key=key),
            lambda: self.plain[who].merge(self.plain[to], self.now),
        )

    @rule(who=WHO, cold=st.booleans())
    def freeze(self, who: int, cold: bool) -> None:
        plain = self.plain[who]
        if plain.status == "merged":
            return
        plain.status = "frozen" if cold else "active"
        (services.freeze if cold else services.unfreeze)(self.real[who], by=self.by, reason="look")

    @rule(days=st.integers(1, 40))
    def pass_time(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(who=WHO)
    def expire(self, who: int) -> None:
        services.expire(self.real[who], at=self.now)
        self.plain[who].expire(self.now)

    @rule()
    def sweep(self) -> None:
        with clock.standing_at(self.now):
            while services.release_next():
                pass
            while services.expire_some():
                pass
        for plain in self.plain:
            plain.end_holds(self.now)
            plain.expire(self.now)

    @invariant()
    def both_ledgers_say_the_same(self) -> None:
        for account, plain in zip(getattr(self, "real", []), getattr(self, "plain", []), strict=True):
            expect_sound(account)
            account = Account.objects.get(pk=account.pk)
            lots = (
                account.lots.filter(is_open=True)
                .order_by("expires_at", "id")
                .values_list("remaining", "expires_at")
            )
            assert list(lots) == [(lot.remaining, lot.ends) for lot in plain.open_lots()]
            assert (account.balance, account.held, account.version, account.status) == (
                plain.balance, plain.held, plain.version, plain.status,
            )  # fmt: skip


def outcome(deed: Callable[[], Any]) -> tuple[str, Any]:
    """The code of a refusal, or "" and what was given."""
    try:
        return "", deed()
    except Refused as refusal:
        return refusal.code, None
    except No as refusal:
        return str(refusal), None


def test_random_deeds_on_three_accounts_leave_what_plain_python_leaves(db: None) -> None:
    run_state_machine_as_test(
        Ledgers,
        settings=settings(
            max_examples=250 if LONG else 10,
            stateful_step_count=40 if LONG else 20,
            suppress_health_check=list(HealthCheck),
        ),
    )


class NewestFirst(Plain):
    """Spends what was earned last."""

    def open_lots(self) -> list[Lot]:
        return sorted((lot for lot in self.lots if lot.remaining), key=lambda lot: -lot.number)


class KeepsNoHolds(Plain):
    """Lets held points be spent by others."""

    @property
    def available(self) -> int:
        return max(0, self.balance)

    def expect(self, points: int, now: datetime) -> None:
        if self.balance - self.due(now) < points:
            raise No("not_enough_points")


@pytest.mark.parametrize("wrong", [NewestFirst, KeepsNoHolds])
def test_control_a_ledger_that_follows_other_rules_is_told_apart(db: None, wrong: type[Plain]) -> None:
    machine = type("Wrong", (Ledgers,), {"twin": wrong})
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=60,
                report_multiple_bugs=False,
                stateful_step_count=30,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
