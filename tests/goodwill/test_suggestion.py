"""What is suggested, as tables of cases and as rules that hold for every case: no database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from goodwill.suggestion import COARSE_STEP, Code, Figures, Part, Suggestion, suggest

LOST_PARCEL = Figures(severity=2, min_points=50, default_points=500, max_points=2000)


def case(**changes: Any) -> Suggestion:
    return suggest(replace(LOST_PARCEL, **changes))


def moves(suggestion: Suggestion) -> list[tuple[str, int]]:
    return [(part.code, part.points) for part in suggestion.parts]


def test_the_sum_that_is_drawn_comes_out_line_by_line() -> None:
    suggestion = case(
        tier_rank=3, tier_percent=20, further_mishaps=1, already_given=300, limits=[("per_grant", 400)]
    )
    assert suggestion == Suggestion(
        400,
        (
            Part(Code.SEVERITY, 500, percent=100, number=2),
            Part(Code.TIER, 100, percent=20, number=3),
            Part(Code.MISHAPS, 150, percent=25, number=1),
            Part(Code.ALREADY_GIVEN, -300, number=300),
            Part("per_grant", -50, number=400),
        ),
        bound_by="per_grant",
    )


def test_what_moves_nothing_is_no_part() -> None:
    assert case().parts == (Part(Code.SEVERITY, 500, percent=100, number=2),)


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"severity": 1}, 250),
        ({"severity": 2}, 500),
        ({"severity": 3}, 750),
        ({"severity": 4}, 1000),
        ({"severity": 1, "default_points": 69, "min_points": 30}, 40),  # 34.5, half up twice
        ({"loss": 800}, 800),
        ({"loss": 800, "severity": 4}, 800),  # a loss that is known says more than the severity
        ({"loss": 0}, 0),
        ({"loss": 40}, 50),  # the least, 60 would be allowed
        ({"loss": 33}, 0),  # 49 would be allowed, and the reason gives 50 or nothing
        ({"loss": 34}, 50),
    ],
)
def test_the_base_is_the_loss_or_the_usual_points_by_severity(changes: dict[str, Any], points: int) -> None:
    assert case(**changes).points == points


@pytest.mark.parametrize(
    ("changes", "code", "points", "percent"),
    [
        ({"tier_percent": 0}, Code.TIER, 0, 0),
        ({"tier_percent": 5}, Code.TIER, 25, 5),
        ({"tier_percent": 20}, Code.TIER, 100, 20),
        ({"tier_percent": 100}, Code.TIER, 500, 100),
        ({"further_mishaps": 0}, Code.MISHAPS, 0, 0),
        ({"further_mishaps": 1}, Code.MISHAPS, 125, 25),
        ({"further_mishaps": 2}, Code.MISHAPS, 250, 50),
        ({"further_mishaps": 9}, Code.MISHAPS, 250, 50),
        ({"further_mishaps": 1, "tier_percent": 20}, Code.MISHAPS, 150, 25),
        ({"messages": 2}, Code.MESSAGES, 0, 0),
        ({"messages": 3}, Code.MESSAGES, 50, 10),
        ({"messages": 5}, Code.MESSAGES, 50, 10),
        ({"messages": 6}, Code.MESSAGES, 100, 20),
        ({"messages": 60, "further_mishaps": 2}, Code.MESSAGES, 100, 20),  # of the same amount
        ({"days_waited": 2}, Code.WAITING, 0, 0),
        ({"days_waited": 3}, Code.WAITING, 50, 10),
        ({"days_waited": 7}, Code.WAITING, 100, 20),
        ({"days_waited": 13}, Code.WAITING, 100, 20),
        ({"days_waited": 14}, Code.WAITING, 150, 30),
        ({"days_waited": 400}, Code.WAITING, 150, 30),
        ({"affected": 0}, Code.INCIDENT, 0, 0),
        ({"affected": 9}, Code.INCIDENT, 0, 0),
        ({"affected": 10}, Code.INCIDENT, -50, -10),
        ({"affected": 99}, Code.INCIDENT, -50, -10),
        ({"affected": 100}, Code.INCIDENT, -125, -25),
        ({"affected": 1000}, Code.INCIDENT, -250, -50),
        ({"affected": 10**6}, Code.INCIDENT, -250, -50),
        ({"affected": 1000, "tier_percent": 20}, Code.INCIDENT, -300, -50),
    ],
)
def test_a_factor_adds_or_takes_its_percent(
    changes: dict[str, Any], code: Code, points: int, percent: int
) -> None:
    found = [(part.points, part.percent) for part in case(**changes).parts if part.code == code]
    assert found == ([(points, percent)] if points else [])


def test_a_factor_says_what_it_counted() -> None:
    suggestion = case(
        tier_rank=2, tier_percent=10, further_mishaps=3, messages=7, days_waited=15, affected=120
    )
    assert {part.code: part.number for part in suggestion.parts[:6]} == {
        Code.SEVERITY: 2,
        Code.TIER: 2,
        Code.MISHAPS: 3,
        Code.MESSAGES: 7,
        Code.WAITING: 15,
        Code.INCIDENT: 120,
    }


def test_trouble_of_all_kinds_doubles_and_no_more() -> None:
    assert case(further_mishaps=99, messages=99, days_waited=99).points == 1000


@pytest.mark.parametrize(
    ("loss", "points"),
    [
        (20, 20),
        (24, 20),
        (25, 30),
        (94, 90),
        (95, 100),
        (100, 100),
        (101, 100),
        (124, 100),
        (125, 150),
        (149, 150),
        (174, 150),
        (175, 200),
        (1024, 1000),
        (1025, 1050),
    ],
)
def test_it_is_rounded_to_tens_and_above_100_to_fifties(loss: int, points: int) -> None:
    suggestion = case(min_points=10, loss=loss)
    assert (suggestion.points, suggestion.bound_by) == (points, "")
    assert moves(suggestion)[1:] == ([(Code.ROUNDING, points - loss)] if points != loss else [])


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"min_points": 400, "severity": 1}, [(Code.SEVERITY, 250), (Code.REASON_MINIMUM, 150)]),
        ({"min_points": 500, "affected": 10}, [("severity", 500), ("incident", -50), ("reason_minimum", 50)]),
        # Rounding would go below the least.
        ({"min_points": 420, "severity": 1}, [(Code.SEVERITY, 250), (Code.REASON_MINIMUM, 170)]),
        ({"min_points": 120, "loss": 122}, [(Code.LOSS, 122), (Code.ROUNDING, -2)]),
    ],
)
def test_it_is_no_less_than_the_least_of_the_reason(
    changes: dict[str, Any], parts: list[tuple[str, int]]
) -> None:
    assert moves(case(**changes)) == parts


@pytest.mark.parametrize(
    ("given_before", "parts"),
    [
        (100, [(Code.ALREADY_GIVEN, -100)]),
        (130, [(Code.ALREADY_GIVEN, -130), (Code.ROUNDING, -20)]),
        (450, [(Code.ALREADY_GIVEN, -450)]),
        (451, [(Code.ALREADY_GIVEN, -451), (Code.BELOW_MINIMUM, -49)]),
        (500, [(Code.ALREADY_GIVEN, -500)]),
        (900, [(Code.ALREADY_GIVEN, -500)]),  # it takes what is there
    ],
)
def test_what_was_given_on_the_ticket_is_taken_off(given_before: int, parts: list[tuple[str, int]]) -> None:
    suggestion = case(already_given=given_before)
    assert moves(suggestion)[1:] == parts
    assert suggestion.parts[1].number == given_before
    assert suggestion.bound_by == ""


@pytest.mark.parametrize(
    ("changes", "points", "cap"),
    [
        ({"max_points": 600, "severity": 3}, 600, Part(Code.REASON_MAXIMUM, -150, number=600)),
        # Given before counts against it: 700 of it are left.
        (
            {"max_points": 1000, "severity": 4, "tier_percent": 50, "already_given": 300},
            700,
            Part(Code.REASON_MAXIMUM, -500, number=700),
        ),
        ({"loss": 400, "tier_percent": 100}, 600, Part(Code.LOSS_CAP, -200, percent=150, number=600)),
        ({"loss": 415, "tier_percent": 100}, 600, Part(Code.LOSS_CAP, -250, percent=150, number=622)),
        (
            {"loss": 400, "tier_percent": 100, "already_given": 300},
            300,
            Part(Code.LOSS_CAP, -200, percent=150, number=300),
        ),
        ({"loss": 0}, 0, Part(Code.LOSS_CAP, -50, percent=150, number=0)),
        ({"spend": 4000, "spend_percent": 10}, 400, Part(Code.SPEND_CAP, -100, percent=10, number=400)),
        ({"spend": 3999, "spend_percent": 10}, 350, Part(Code.SPEND_CAP, -150, percent=10, number=399)),
        (
            {"spend": 4000, "spend_percent": 10, "already_given": 100},
            300,
            Part(Code.SPEND_CAP, -100, percent=10, number=300),
        ),
        ({"spend": 0, "spend_percent": 10}, 0, Part(Code.SPEND_CAP, -500, percent=10, number=0)),
        ({"spend": -50, "spend_percent": 10}, 0, Part(Code.SPEND_CAP, -500, percent=10, number=0)),
        ({"spend": 4000}, 0, Part(Code.SPEND_CAP, -500, percent=0, number=0)),
        ({"limits": [("per_grant", 400)]}, 400, Part("per_grant", -100, number=400)),
        ({"limits": [("agent_day", 449)]}, 400, Part("agent_day", -100, number=449)),
        ({"limits": [("agent_day", 101)]}, 100, Part("agent_day", -400, number=101)),
        ({"limits": [("agent_day", 99)]}, 90, Part("agent_day", -410, number=99)),
        ({"limits": [("agent_day", 50)]}, 50, Part("agent_day", -450, number=50)),
        ({"limits": [("agent_day", 49)]}, 0, Part("agent_day", -500, number=49)),
        ({"limits": [("budget", 0)]}, 0, Part("budget", -500, number=0)),
        ({"limits": [("budget", -70)]}, 0, Part("budget", -500, number=0)),  # overspent
        # Rounding down would go below the least, which the cap allows.
        ({"min_points": 55, "limits": [("budget", 58)]}, 55, Part("budget", -445, number=58)),
        # The tightest binds, and of two that are as tight the first.
        ({"limits": [("day", 300), ("month", 200), ("year", 900)]}, 200, Part("month", -300, number=200)),
        ({"limits": [("day", 300), ("month", 300)]}, 300, Part("day", -200, number=300)),
        ({"severity": 4, "max_points": 700, "limits": [("day", 650)]}, 650, Part("day", -350, number=650)),
        # Rounded up above a cap, it is cut down below it.
        ({"loss": 330, "limits": [("day", 340)]}, 300, Part("day", -50, number=340)),
    ],
)
def test_a_cap_that_binds_is_named_and_takes_the_rest(
    changes: dict[str, Any], points: int, cap: Part
) -> None:
    suggestion = case(**changes)
    assert (suggestion.points, suggestion.bound_by, suggestion.parts[-1]) == (points, cap.code, cap)


@pytest.mark.parametrize(
    "changes",
    [
        {"max_points": 500},
        {"loss": 500},
        {"spend": 5000, "spend_percent": 10},
        {"spend": None, "spend_percent": 0},
        {"limits": [("day", 500), ("month", 501)]},
        {"already_given": 500, "limits": [("day", 0)]},  # there is nothing to cut
    ],
)
def test_a_cap_that_leaves_enough_is_not_named(changes: dict[str, Any]) -> None:
    assert case(**changes).bound_by == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": 0},
        {"severity": 5},
        {"min_points": 0},
        {"min_points": 501},
        {"max_points": 499},
        {"loss": -1},
        {"tier_percent": -1},
        {"already_given": -1},
        {"spend_percent": -1},
    ],
)
def test_figures_that_no_ticket_can_have_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"severity|order|negative"):
        replace(LOST_PARCEL, **changes)


points_of = st.integers(0, 3000)
left_of = st.integers(-200, 3000)


@st.composite
def any_figures(draw: st.DrawFn) -> Figures:
    least, usual, most = sorted(draw(st.lists(st.integers(1, 3000), min_size=3, max_size=3)))
    return Figures(
        severity=draw(st.integers(1, 4)),
        min_points=least,
        default_points=usual,
        max_points=most,
        loss=draw(st.none() | points_of),
        tier_rank=draw(st.integers(0, 5)),
        tier_percent=draw(st.integers(0, 200)),
        further_mishaps=draw(st.integers(0, 4)),
        messages=draw(st.integers(0, 9)),
        days_waited=draw(st.integers(0, 30)),
        affected=draw(st.integers(0, 2000)),
        already_given=draw(st.just(0) | points_of),
        spend=draw(st.none() | st.integers(-500, 50_000)),
        spend_percent=draw(st.integers(0, 100)),
        limits=tuple(
            draw(st.lists(st.tuples(st.sampled_from(["grant", "day", "budget"]), left_of), max_size=4))
        ),
    )


@given(any_figures())
def test_the_parts_add_up_to_the_points_which_are_none_or_what_the_reason_gives(figures: Figures) -> None:
    suggestion = suggest(figures)
    assert sum(part.points for part in suggestion.parts) == suggestion.points
    assert suggestion.points == 0 or figures.min_points <= suggestion.points <= figures.max_points
    assert all(part.points for part in suggestion.parts[1:])


@given(any_figures())
def test_it_is_above_no_cap_with_what_was_given_before(figures: Figures) -> None:
    points = suggest(figures).points
    on_the_ticket = points + figures.already_given
    assert points == 0 or on_the_ticket <= figures.max_points
    assert points == 0 or figures.loss is None or on_the_ticket * 100 <= figures.loss * 150
    assert (
        points == 0 or figures.spend is None or on_the_ticket * 100 <= figures.spend * figures.spend_percent
    )
    assert all(points <= max(0, left) for _, left in figures.limits)


@given(any_figures())
def test_only_the_cap_that_bound_it_is_a_part_and_the_last_one(figures: Figures) -> None:
    suggestion = suggest(figures)
    caps = {Code.REASON_MAXIMUM, Code.LOSS_CAP, Code.SPEND_CAP, "grant", "day", "budget"}
    assert [part.code for part in suggestion.parts if part.code in caps] == (
        [suggestion.bound_by] if suggestion.bound_by else []
    )
    if suggestion.bound_by:
        assert suggestion.parts[-1].code == suggestion.bound_by
        assert suggestion.parts[-1].points < 0
        assert suggestion.points <= suggestion.parts[-1].number


@given(any_figures())
def test_the_same_figures_give_the_same_suggestion(figures: Figures) -> None:
    assert suggest(figures) == suggest(replace(figures, limits=list(figures.limits)))


@given(any_figures(), st.integers(1, 4))
def test_a_graver_mishap_never_gives_less(figures: Figures, severity: int) -> None:
    light, grave = sorted([figures.severity, severity])
    less, more = replace(figures, severity=light), replace(figures, severity=grave)
    assert suggest(less).points <= suggest(more).points


@given(any_figures(), points_of, points_of)
@example(replace(LOST_PARCEL, min_points=10), 100, 101)
@example(replace(LOST_PARCEL, min_points=10, already_given=30), 124, 125)
def test_a_greater_loss_never_gives_less(figures: Figures, loss: int, other: int) -> None:
    less, more = (replace(figures, loss=points) for points in sorted([loss, other]))
    assert suggest(less).points <= suggest(more).points


@given(any_figures(), left_of, left_of)
@example(LOST_PARCEL, 100, 101)
@example(replace(LOST_PARCEL, min_points=55), 58, 60)
def test_more_left_of_a_limit_never_gives_less(figures: Figures, left: int, other: int) -> None:
    less, more = (
        replace(figures, limits=(*figures.limits, ("year", points))) for points in sorted([left, other])
    )
    assert suggest(less).points <= suggest(more).points


@given(any_figures(), st.integers(0, 3000))
def test_a_higher_maximum_of_the_reason_never_gives_less(figures: Figures, more: int) -> None:
    higher = replace(figures, max_points=figures.max_points + more)
    assert suggest(figures).points <= suggest(higher).points


@given(any_figures(), st.integers(0, 50_000), st.integers(0, 50_000), st.integers(0, 100))
def test_more_spend_and_a_greater_share_of_it_never_give_less(
    figures: Figures, spend: int, other: int, share: int
) -> None:
    small, great = sorted([spend, other])
    few, many = sorted([figures.spend_percent, share])
    less, more = (
        replace(figures, spend=small, spend_percent=few),
        replace(figures, spend=great, spend_percent=many),
    )
    assert suggest(less).points <= suggest(more).points


@given(any_figures(), st.integers(0, 5), st.integers(0, 12), st.integers(0, 40), st.integers(0, 100))
def test_more_trouble_and_a_higher_tier_never_give_less(
    figures: Figures, mishaps: int, messages: int, days: int, percent: int
) -> None:
    more = replace(
        figures,
        further_mishaps=figures.further_mishaps + mishaps,
        messages=figures.messages + messages,
        days_waited=figures.days_waited + days,
        tier_percent=figures.tier_percent + percent,
    )
    assert suggest(figures).points <= suggest(more).points


@given(any_figures(), st.integers(0, 3000))
def test_more_customers_affected_never_give_more_to_each(figures: Figures, more: int) -> None:
    assert suggest(replace(figures, affected=figures.affected + more)).points <= suggest(figures).points


@given(any_figures())
def test_once_it_is_given_hardly_anything_is_suggested_again(figures: Figures) -> None:
    """Only what rounding left, which is less than a step; the limits of the caller are what renews itself."""
    first = suggest(replace(figures, already_given=0, limits=()))
    again = suggest(replace(figures, already_given=first.points, limits=()))
    assert again.points < COARSE_STEP


@given(any_figures(), st.integers(0, 3000))
def test_the_more_was_given_on_the_ticket_the_less_is_suggested(figures: Figures, more: int) -> None:
    after = replace(figures, already_given=figures.already_given + more)
    assert suggest(after).points <= suggest(figures).points
