"""Which tier was earned, and what a review makes of the one that is held. Needs no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Review(StrEnum):
    """What becomes of a tier that was not earned again."""

    DROP_TO_EARNED = "drop_to_earned"
    ONE_LEVEL = "one_level"
    NONE = "none"


class Refunds(StrEnum):
    """What becomes of a tier whose money came back."""

    KEEP_UNTIL_EXPIRY = "keep_until_expiry"
    IMMEDIATE = "immediate"
    WITHIN_DAYS = "within_days"


@dataclass(frozen=True)
class Measures:
    """What a member did in a window: qualifying points, money spent (minor units), orders."""

    points: int = 0
    spend_minor: int = 0
    orders: int = 0


@dataclass(frozen=True)
class Level:
    """What the tier of this rank takes; None: that measure is not asked for."""

    rank: int
    points: int | None = None
    spend_minor: int | None = None
    orders: int | None = None

    @property
    def is_open_to_all(self) -> bool:
        """Whether nothing at all is needed: such a tier never ends."""
        return not (self.points or self.spend_minor or self.orders)

    def reached_with(self, measures: Measures, *, all_of_them: bool) -> bool:
        """Whether what is asked for was done, all of it or any."""
        asked = [
            done >= needed
            for done, needed in (
                (measures.points, self.points),
                (measures.spend_minor, self.spend_minor),
                (measures.orders, self.orders),
            )
            if needed is not None
        ]
        return bool(asked) and (all(asked) if all_of_them else any(asked))


def reached(levels: Sequence[Level], measures: Measures, *, all_of_them: bool) -> int:
    """The highest rank that was reached, 0 for none."""
    return max((one.rank for one in levels if one.reached_with(measures, all_of_them=all_of_them)), default=0)


def reviewed(held: int, earned: int, ranks: Sequence[int], review: Review, *, floor: int = 0) -> int:
    """The rank after a review of `held`; never below what was `earned`, nor below a `floor` set by hand.

    `ranks` are those of the set in force: one level down is the next lower of them, a rank that is no longer
    there becomes the next lower one that is. 0 stands for no tier.
    """
    at_most = max((rank for rank in ranks if rank <= held), default=0)
    below = max((rank for rank in ranks if rank < at_most), default=0)
    left = {Review.DROP_TO_EARNED: 0, Review.ONE_LEVEL: below, Review.NONE: at_most}[review]
    return max(left, earned, floor)
