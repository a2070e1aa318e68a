"""Each sign of the radar on hand-made gifts: found, and just not found. Needs no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from goodwill.radar import pairs, peers, shares
from goodwill.radar.chance import both, is_far_above, spread, tail
from goodwill.radar.facts import Gift, Sign
from goodwill.radar.whole import decisions, stand_out, unjudged
from tests import make

NOW = make.instant("2026-03-18T02:30:00+00:00")
SUSPECT, QUEUE = 99, 1
Shares = Callable[[Iterable[Gift]], list[Sign]]
numbers = count(1)


def gift(agent: int = SUSPECT, days: float = 5, **fields: Any) -> Gift:
    """100 points so many days ago, on a ticket and for a customer of its own."""
    pk = next(numbers)
    told = {"customer": pk, "ticket": pk, "number": pk, "queue": QUEUE, "channel": "mail", "points": 100}
    return Gift(pk=pk, agent=agent, at=NOW - timedelta(days=days), **({"limit": 500} | told | fields))


def gifts(times: int, agent: int = SUSPECT, **fields: Any) -> list[Gift]:
    return [gift(agent, **fields) for _ in range(times)]


def others(agents: int = 10, each: int = 20, **fields: Any) -> list[Gift]:
    return [one for agent in range(1, agents + 1) for one in gifts(each, agent, **fields)]


def whom(signs: list[Sign]) -> list[tuple[str, int]]:
    return [(sign.kind, sign.agent) for sign in signs]


# A kind, its function, and what a gift has that counts for it.
KINDS: dict[str, tuple[Shares, dict[str, Any]]] = {
    "silent": (shares.silent, {"said": False}),
    "alone": (shares.alone, {"opened": True, "closed": True}),
    "new_accounts": (shares.new_accounts, {"joined_at": NOW - timedelta(days=6)}),
    "just_under": (shares.just_under, {"points": 480}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_five_of_twenty_that_others_never_have_are_found_and_four_are_not(kind: str) -> None:
    sign, has = KINDS[kind]
    assert whom(sign([*others(), *gifts(15), *gifts(5, **has)])) == [(kind, SUSPECT)]
    assert sign([*others(), *gifts(16), *gifts(4, **has)]) == []
    assert sign([*others(), *gifts(20)]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_usual_where_it_was_given_is_held_against_nobody(kind: str) -> None:
    sign, has = KINDS[kind]
    suspect = [*gifts(15), *gifts(5, **has)]
    half = [one for agent in range(1, 11) for one in [*gifts(10, agent), *gifts(10, agent, **has)]]
    assert sign([*half, *suspect]) == []
    assert sign([*others(2), *suspect]) == []  # too few to compare with
    assert sign([*others(3, 9), *suspect]) == []
    assert whom(sign([*others(3, 10), *suspect])) == [(kind, SUSPECT)]


def test_who_works_the_phone_is_not_held_against_mail() -> None:
    called = {"said": False, "channel": "phone"}
    on_the_phone = [one for agent in range(1, 11) for one in gifts(20, agent, **called)]
    assert shares.silent([*others(), *on_the_phone, *gifts(20, **called)]) == []
    assert whom(shares.silent([*others(), *on_the_phone, *gifts(20, said=False)])) == [("silent", SUSPECT)]


def test_people_differ_and_a_share_within_their_spread_is_no_sign() -> None:
    def has(agent: int, of: int) -> list[Gift]:
        return [*gifts(100 - of, agent), *gifts(of, agent, said=False)]

    differ = [
        one for agent, of in enumerate([0, 0, 5, 5, 10, 20, 25, 30, 30, 35], 1) for one in has(agent, of)
    ]
    alike = [
        one for agent, of in enumerate([15, 16, 15, 17, 16, 15, 16, 17, 16, 15], 1) for one in has(agent, of)
    ]
    suspect = has(SUSPECT, 40)
    assert shares.silent([*differ, *suspect]) == []
    assert whom(shares.silent([*alike, *suspect])) == [("silent", SUSPECT)]


def test_opened_and_closed_by_who_gave_takes_both() -> None:
    rest = [*others(), *gifts(10)]
    assert shares.alone([*rest, *gifts(10, opened=True), *gifts(10, closed=True)]) == []


def test_an_account_is_new_for_seven_days() -> None:
    rest = [*others(), *gifts(15)]
    week = NOW - timedelta(days=5 + 7)
    assert shares.new_accounts([*rest, *gifts(5, joined_at=week)]) == []
    assert whom(shares.new_accounts([*rest, *gifts(5, joined_at=week + timedelta(seconds=1))]))


def test_who_is_no_member_has_no_new_account() -> None:
    """A voucher may be given to somebody who has none at all."""
    assert shares.new_accounts([*others(), *gifts(15), *gifts(9, joined_at=None)]) == []


def test_just_under_the_limit_begins_at_nine_tenths_and_counts_only_what_nobody_was_asked_for() -> None:
    rest = [*others(), *gifts(15)]
    assert whom(shares.just_under([*rest, *gifts(5, points=450)])) == [("just_under", SUSPECT)]
    assert shares.just_under([*rest, *gifts(5, points=449)]) == []
    assert shares.just_under([*rest, *gifts(5, points=500, approver=7)]) == []
    assert shares.just_under([*rest, *gifts(5, points=500, waits=True)]) == []
    assert shares.just_under([*rest, *gifts(5, points=500, limit=None)]) == []


def in_parts(
    times: int = 5, apart: timedelta = timedelta(days=7), first: int = 300, then: int = 201, **fields: Any
) -> list[Gift]:
    """So often two gifts to one customer, a little less than `apart`."""
    found = []
    for _ in range(times):
        one = gift(points=first, days=20)
        more = {"customer": one.customer, "points": then} | fields
        found += [one, replace(gift(**more), at=one.at + apart - timedelta(seconds=1))]
        if fields.get("ticket") == 0:
            found[-1] = replace(found[-1], ticket=one.ticket)
    return found


def test_what_is_over_the_limit_with_what_went_before_on_other_tickets_is_split() -> None:
    rest = [*others(), *gifts(10)]
    (sign,) = shares.split([*rest, *in_parts()])
    assert (sign.kind, sign.agent, sign.figures["hits"], len(sign.gifts)) == ("split", SUSPECT, 5, 10)
    for honest in (
        in_parts(4),
        in_parts(apart=timedelta(days=7, seconds=1)),
        in_parts(then=200),  # the limit itself is within it
        in_parts(ticket=0),  # on one ticket the limit of the ticket counts
        in_parts(agent=1),  # by two agents
    ):
        assert shares.split([*rest, *honest]) == []


def test_parts_are_used_up_by_the_gift_they_make() -> None:
    one = gift(points=300, days=3)
    rows = [
        one,
        *(replace(gift(points=300), customer=one.customer, at=one.at + timedelta(hours=n)) for n in (1, 2)),
    ]
    assert {pk: [part.pk for part in parts] for pk, parts in shares.parts_of(rows).items()} == {
        rows[1].pk: [one.pk]
    }


def to_one(times: int = 5, *, by_others: int = 0) -> list[Gift]:
    return [*gifts(times, customer=7), *(gift(number, customer=7) for number in range(1, by_others + 1))]


def test_the_same_customer_again_and_again_is_found_by_two_that_are_unlikely() -> None:
    rest = [*others(), *gifts(20)]
    rates = {QUEUE: 0.2}
    (sign,) = pairs.one_customer([*rest, *to_one()], {(SUSPECT, 7): 5}, rates)
    assert (sign.agent, sign.customer, sign.figures["hits"], sign.figures["of"]) == (SUSPECT, 7, 5, 5)
    assert pairs.one_customer([*rest, *to_one(2)], {(SUSPECT, 7): 2}, rates) == []
    # Who looks after the customer has had many tickets of theirs; who has a generous queue always gives.
    assert pairs.one_customer([*rest, *to_one()], {(SUSPECT, 7): 25}, rates) == []
    assert pairs.one_customer([*rest, *to_one()], {(SUSPECT, 7): 5}, {QUEUE: 0.8}) == []
    # Nobody else works there, or everybody gives to this customer.
    assert pairs.one_customer([*gifts(20), *to_one()], {(SUSPECT, 7): 5}, rates) == []
    assert pairs.one_customer([*rest, *to_one(3, by_others=9)], {(SUSPECT, 7): 3}, rates) == []


def test_how_many_tickets_of_a_queue_end_with_a_gift_is_never_above_all() -> None:
    assert pairs.rates_of(gifts(3), {(QUEUE, SUSPECT): 12}) == {QUEUE: 0.25}
    assert pairs.rates_of(gifts(3), {(QUEUE, SUSPECT): 2, (5, 1): 0}) == {QUEUE: 1.0}


def agreed(times: int, by: int, approver: int) -> list[Gift]:
    return gifts(times, by, approver=approver)


def test_two_who_agree_to_each_other_are_found_where_others_would_agree_too() -> None:
    usual = [one for by in range(10, 20) for approver in (1, 2, 3, 4) for one in agreed(5, by, approver)]
    (sign,) = pairs.each_other([*usual, *agreed(8, 1, 2), *agreed(8, 2, 1)])
    assert (sign.agent, sign.approver, sign.figures) == (1, 2, {"there": 8, "back": 8, "approvers": 4})
    assert pairs.each_other([*usual, *agreed(8, 1, 2), *agreed(2, 2, 1)]) == []
    assert pairs.each_other([*usual, *agreed(8, 1, 2)]) == []
    waiting = [replace(one, waits=True) for one in agreed(8, 2, 1)]
    assert pairs.each_other([*usual, *agreed(8, 1, 2), *waiting]) == []
    shared = [
        one for by in (1, 2, 3, 4) for approver in {1, 2, 3, 4} - {by} for one in agreed(8, by, approver)
    ]
    assert pairs.each_other([*usual, *shared]) == []


def test_who_is_the_only_other_supervisor_agrees_to_everything() -> None:
    usual = [one for by in range(10, 20) for approver in (1, 2) for one in agreed(5, by, approver)]
    assert pairs.each_other([*usual, *agreed(30, 1, 2), *agreed(30, 2, 1)]) == []


def test_a_second_who_agreed_counts_as_the_first_does() -> None:
    usual = [one for by in range(10, 20) for approver in (1, 2, 3, 4) for one in agreed(5, by, approver)]
    rows = [*agreed(8, 1, 2), *(replace(one, second=1) for one in agreed(8, 2, 3))]
    assert [(sign.agent, sign.approver) for sign in pairs.each_other([*usual, *rows])] == [(1, 2)]


def a_queue(agents: int = 9, tickets: int = 100) -> tuple[list[Gift], Counter[tuple[int, int]]]:
    """Agents who give 18 to 22 points a ticket."""
    rows = [one for agent in range(1, agents + 1) for one in gifts(18 + agent % 5, agent)]
    return rows, Counter({(QUEUE, agent): tickets for agent in range(1, agents + 1)})


def test_who_gives_far_more_a_ticket_than_the_peers_of_the_queue_is_found() -> None:
    rows, worked = a_queue()
    worked[QUEUE, SUSPECT] = 100
    (sign,) = peers.above_peers([*rows, *gifts(60)], worked)
    assert (sign.agent, sign.figures["a_ticket"], sign.figures["median"], sign.figures["peers"]) == (
        SUSPECT, 60.0, 20.0, 9
    )  # fmt: skip
    # More by so little that it may be chance: 28 points a ticket, with an error of 5.3.
    assert peers.above_peers([*rows, *gifts(28)], worked) == []
    assert peers.above_peers([*rows, *gifts(4, points=1500)], worked) == []  # a few large ones
    assert peers.above_peers([*rows, *gifts(60)], worked | {(QUEUE, SUSPECT): 39}) == []
    assert (
        peers.above_peers([*rows, *gifts(60)], worked | {(QUEUE, SUSPECT): 300}) == []
    )  # works three times as much
    few, of_few = a_queue(7)
    assert peers.above_peers([*few, *gifts(60)], of_few | {(QUEUE, SUSPECT): 100}) == []


def test_three_spreads_are_not_far_and_a_liar_does_not_move_them() -> None:
    honest = [9.0, 10.0, 10.0, 11.0, 10.0, 9.0, 11.0, 10.0, 12.0]
    assert spread(honest) == pytest.approx(1.4826)
    assert not is_far_above(10 + 3 * 1.4826, honest)
    assert is_far_above(10 + 3 * 1.4826 + 0.001, honest)
    assert is_far_above(50, [*honest, 1_000_000.0])
    assert not is_far_above(50, honest[:7])


def test_the_tail_is_that_of_the_binomial() -> None:
    assert tail(0, 10, 0.3) == 1.0
    assert tail(3, 3, 0.2) == pytest.approx(0.008)
    assert tail(2, 3, 0.5) == pytest.approx(0.5)
    assert (tail(4, 3, 0.5), tail(1, 3, 0.0), tail(3, 3, 1.0)) == (0.0, 0.0, 1.0)
    assert tail(6000, 10_000, 0.5) < 1e-80
    assert both(0.05, 0.05) == pytest.approx(0.0175, abs=1e-4)
    assert both(1.0, 1.0) == 1.0


def look(rows: list[Gift], worked: Any = None, judged: Any = None) -> list[Sign]:
    return stand_out(rows, worked or {}, lambda wanted: dict.fromkeys(wanted, 5), judged or {}, at=NOW)


def test_what_was_given_to_all_whom_an_incident_hit_is_no_habit_and_one_decision() -> None:
    """One deed of 60: people who never wrote, tickets one opened and closed, in parts with what went before."""
    calm, worked = a_queue()
    worked[QUEUE, SUSPECT] = 100
    told = {
        "said": False,
        "opened": True,
        "closed": True,
        "points": 480,
        "joined_at": NOW - timedelta(days=6),
    }
    hit = gifts(60, **told, approver=3)
    before = [replace(gift(points=300, days=7), customer=one.customer) for one in hit[:8]]
    by_incident = [replace(one, deed=1) for one in hit]
    wrong = {sign.kind for sign in look([*calm, *before, *hit], worked)}
    assert wrong == {
        "silent",
        "alone",
        "new_accounts",
        "split",
        "above_peers",
    }  # the control: each on its own
    assert look([*calm, *before, *by_incident], worked) == []
    back = [replace(one, deed=2) for one in agreed(60, 3, SUSPECT)]
    usual = [
        one for by in range(10, 20) for approver in (1, 2, 3, SUSPECT) for one in agreed(5, by, approver)
    ]
    assert look([*usual, *by_incident, *back]) == []
    assert len(decisions([*calm, *by_incident, *back])) == len(calm) + 2


def test_what_was_decided_about_counts_no_more_and_what_came_after_does() -> None:
    rows = [*others(), *gifts(15), *gifts(5, said=False)]
    judged = {("silent", SUSPECT, None, None): NOW - timedelta(days=1)}
    assert ("silent", SUSPECT) in whom(look(rows))
    assert ("silent", SUSPECT) not in whom(look(rows, judged=judged))
    again = [*rows, *gifts(15, days=0.5), *gifts(5, days=0.5, said=False)]
    assert ("silent", SUSPECT) in whom(look(again, judged=judged))


def test_a_decision_about_two_holds_for_whoever_of_them_asked() -> None:
    rows = [*agreed(2, 1, 2), *agreed(2, 2, 1), *agreed(2, 2, 3)]
    judged = {("each_other", 1, None, 2): NOW}
    assert [one.approver for one in unjudged(rows, "each_other", judged)] == [3, 3]


def test_some_signs_look_back_thirty_days_and_some_ninety() -> None:
    rows = [*others(), *gifts(15), *gifts(5, said=False, days=30)]
    assert look(rows) == []
    rows = [*others(), *gifts(15), *gifts(5, said=False, days=29.9)]
    assert whom(look(rows)) == [("silent", SUSPECT)]
