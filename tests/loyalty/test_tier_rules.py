"""Which tier was earned, and what a review leaves: pure rules, by tables."""

from __future__ import annotations

import pytest

from loyalty.tier_rules import Level, Measures, Review, reached, reviewed

BY_POINTS = [Level(1, points=0), Level(2, points=500), Level(3, points=2000), Level(4, points=5000)]
BY_ALL = [Level(1, points=0), Level(2, points=500, spend_minor=10_000), Level(3, points=2000, orders=5)]
BY_SPEND = [Level(2, spend_minor=50_000)]


@pytest.mark.parametrize(
    ("levels", "measures", "all_of_them", "rank"),
    [
        (BY_POINTS, Measures(0), True, 1),
        (BY_POINTS, Measures(499), True, 1),
        (BY_POINTS, Measures(500), True, 2),
        (BY_POINTS, Measures(6000), True, 4),  # one large order skips what lies between
        (BY_POINTS, Measures(-20), True, 0),  # more taken back than earned in the window
        (BY_ALL, Measures(500, 9_999), True, 1),
        (BY_ALL, Measures(500, 10_000), True, 2),
        (BY_ALL, Measures(0, 10_000), False, 2),
        (BY_ALL, Measures(2000, 0, 4), True, 1),
        (BY_ALL, Measures(2000, 0, 5), True, 3),
        (BY_ALL, Measures(0, 0, 5), False, 3),
        (BY_SPEND, Measures(9000, 49_999, 50), True, 0),
        (BY_SPEND, Measures(0, 50_000), True, 2),
        ([], Measures(9000), True, 0),
    ],
)
def test_the_highest_tier_whose_criteria_are_met_is_reached(
    levels: list[Level], measures: Measures, all_of_them: bool, rank: int
) -> None:
    assert reached(levels, measures, all_of_them=all_of_them) == rank


@pytest.mark.parametrize(
    ("held", "earned", "review", "floor", "rank"),
    [
        (3, 3, Review.DROP_TO_EARNED, 0, 3),
        (3, 1, Review.DROP_TO_EARNED, 0, 1),
        (4, 2, Review.DROP_TO_EARNED, 0, 2),
        (3, 0, Review.DROP_TO_EARNED, 0, 0),
        (4, 1, Review.ONE_LEVEL, 0, 3),
        (2, 1, Review.ONE_LEVEL, 0, 1),
        (4, 4, Review.ONE_LEVEL, 0, 4),
        (1, 0, Review.ONE_LEVEL, 0, 0),
        (4, 1, Review.NONE, 0, 4),
        (2, 4, Review.NONE, 0, 4),
        (3, 1, Review.DROP_TO_EARNED, 2, 2),  # the floor set by hand
        (3, 1, Review.DROP_TO_EARNED, 4, 4),
        (4, 1, Review.ONE_LEVEL, 2, 3),
        (2, 3, Review.DROP_TO_EARNED, 0, 3),  # earned meanwhile
        (7, 1, Review.NONE, 0, 4),  # a rank that is no longer there becomes the next lower
        (7, 1, Review.ONE_LEVEL, 0, 3),
        (0, 0, Review.NONE, 0, 0),
    ],
)
def test_a_review_keeps_what_was_earned_and_lowers_as_far_as_the_rule_says(
    held: int, earned: int, review: Review, floor: int, rank: int
) -> None:
    assert reviewed(held, earned, [1, 2, 3, 4], review, floor=floor) == rank
