"""What a rule gives, as tables: no database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.earning import Boost, Figures, Line, Terms, base_of, figures_for, figures_of, give, give_once

JACKET, CARD = Line("J", "clothes", 4990), Line("G", "gift cards", 5000)
RATE = Terms("orders", 1, points_per_unit=5, counts="all")


def terms(**fields: object) -> Terms:
    return Terms("orders", 1, **{"points_per_unit": 5, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "lines", "points"),
    [
        ({}, [JACKET], 245),
        ({}, [Line("", "", 99)], 0),
        ({"bonus": 50}, [JACKET], 295),
        ({"bonus": 50}, [Line("", "", 99)], 50),  # something was paid
        ({"bonus": 50}, [Line("", "", 0)], 0),
        ({"minimum_minor": 4990}, [JACKET], 245),
        ({"minimum_minor": 4991}, [JACKET], 0),
        ({"minimum_minor": 4991, "bonus": 50}, [JACKET], 0),
        ({"excluded_categories": frozenset(["gift cards"])}, [JACKET, CARD], 245),
        ({"excluded_skus": frozenset("J")}, [JACKET, CARD], 250),
        ({"skus": frozenset("G")}, [JACKET, CARD], 250),
        ({"categories": frozenset(["clothes"])}, [JACKET, CARD], 245),
        ({"skus": frozenset("G"), "categories": frozenset(["clothes"])}, [JACKET, CARD], 495),
        ({"categories": frozenset(["clothes"]), "excluded_skus": frozenset("J")}, [JACKET, CARD], 0),
        ({"categories": frozenset(["shoes"]), "bonus": 9}, [JACKET], 0),
    ],
)
def test_a_rule_counts_its_lines_in_whole_units(
    fields: dict[str, object], lines: list[Line], points: int
) -> None:
    assert give(terms(**fields), lines, Figures()).points == points


@pytest.mark.parametrize(
    ("rounding", "points"),
    [("down", 367), ("nearest", 368), ("up", 368)],  # 245 × 1.5 = 367.5
)
def test_what_a_multiplier_gives_is_rounded_as_the_rule_says(rounding: str, points: int) -> None:
    rule = terms(rounding=rounding, tier_percents={"gold": 150})
    assert give(rule, [JACKET], figures_for(rule, 245, tier="gold")).points == points
    assert give(rule, [JACKET], figures_for(rule, 245, tier="silver")).points == 245


def test_tier_and_campaign_multiply_and_of_campaigns_the_best_counts_alone() -> None:
    rule = terms(tier_percents={"gold": 150}, counts="base")
    boosts = [Boost("double", 200), Boost("plus", 100, 300), Boost("triple", 300, 10)]
    figures = figures_for(rule, 245, tier="gold", boosts=boosts)
    part = give(rule, [JACKET], figures)
    assert (part.points, part.qualifying, figures.boost) == (245 * 450 // 100 + 10, 245, boosts[2])
    small = figures_for(rule, 5, tier="", boosts=boosts)
    assert small.boost == boosts[1]


def test_a_cap_bounds_what_is_given_and_what_counts() -> None:
    part = give(terms(counts="base"), [JACKET], Figures(left=100))
    assert (part.points, part.qualifying) == (100, 100)
    assert give(RATE, [JACKET], Figures(left=0)).points == 0


@pytest.mark.parametrize(("counts", "qualifying"), [("nothing", 0), ("base", 245), ("all", 490)])
def test_what_counts_towards_tiers_is_said_by_the_rule(counts: str, qualifying: int) -> None:
    assert give(terms(counts=counts), [JACKET], Figures(boost=Boost("double", 200))).qualifying == qualifying


def test_an_event_gives_its_bonus_once() -> None:
    rule = Terms("birthday", 1, bonus=100, tier_percents={"gold": 200})
    part = give_once(rule, figures_for(rule, 100, tier="gold"))
    assert (part.points, part.qualifying) == (200, 0)


@pytest.mark.parametrize(
    "figures", [Figures(), Figures(150), Figures(150, Boost("double", 200, 10), 400), Figures(left=0)]
)
def test_a_breakdown_says_the_figures_again(figures: Figures) -> None:
    part = give(RATE, [JACKET], figures)
    assert figures_of(part.told()) == figures


@given(
    amounts=st.lists(st.integers(0, 20_000), min_size=1, max_size=5),
    cuts=st.lists(st.integers(0, 4), max_size=12),
    left=st.none() | st.integers(0, 900),
    minimum=st.integers(0, 9_000),
    rounding=st.sampled_from(["down", "nearest", "up"]),
)
def test_less_never_gives_more_so_parts_given_back_add_up(
    amounts: list[int], cuts: list[int], left: int | None, minimum: int, rounding: str
) -> None:
    rule = terms(
        minimum_minor=minimum, bonus=20, rounding=rounding, excluded_skus=frozenset("1"), counts="base"
    )
    figures = Figures(130, Boost("b", 150, 7), left)
    lines = [Line(str(number), "", amount) for number, amount in enumerate(amounts)]
    had = give(rule, lines, figures)
    for cut in cuts:
        place = cut % len(lines)
        lines[place] = Line(lines[place].sku, "", lines[place].amount_minor // 2)
        keeps = give(rule, lines, figures)
        assert 0 <= keeps.points <= had.points
        assert 0 <= keeps.qualifying <= had.qualifying
        had = keeps


def test_nothing_that_counts_is_worth_nothing() -> None:
    assert base_of(RATE, []) == (0, 0)
