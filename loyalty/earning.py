"""What a rule gives for what was bought. Pure: needs no database, all figures are whole numbers.

The formula, for one rule: with the lines that count (not excluded, and named where the rule names any),
`amount` their sum in minor units; nothing below the minimum; else

    base   = amount // 100 × points per unit + bonus
    points = round(base × tier % × campaign %) + campaign bonus, at most what is left below the caps

Given back is the difference of two such results with the same figures, so that parts add up however they fall.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Line:
    """One article that was paid: its whole price in minor units, less what was given back."""

    sku: str
    category: str
    amount_minor: int


@dataclass(frozen=True)
class Terms:
    """A version of a rule, in plain values; the words are those of `RuleVersion`. Empty sets: no matter which."""

    rule: str
    version: int
    points_per_unit: int = 0
    bonus: int = 0
    minimum_minor: int = 0
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    excluded_skus: frozenset[str] = frozenset()
    excluded_categories: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    tier_percents: Mapping[str, int] = field(default_factory=dict)
    rounding: str = "down"
    counts: str = "nothing"
    cap_per_day: int | None = None
    cap_per_customer: int | None = None

    @property
    def looks_at_lines(self) -> bool:
        """Whether it matters which articles were bought, not only what was paid."""
        return bool(self.skus or self.categories or self.excluded_skus or self.excluded_categories)

    @property
    def looks_at_account(self) -> bool:
        """Whether it matters what the member is and was given before."""
        return bool(self.tier_percents) or self.is_capped

    @property
    def is_capped(self) -> bool:
        return self.cap_per_day is not None or self.cap_per_customer is not None

    def counts_line(self, line: Line) -> bool:
        """Whether a line counts for this rule."""
        if line.sku in self.excluded_skus or line.category in self.excluded_categories:
            return False
        if not self.skus and not self.categories:
            return True
        return line.sku in self.skus or line.category in self.categories


@dataclass(frozen=True)
class Boost:
    """A campaign that runs for this member: times `percent`, and `bonus` points besides."""

    campaign: str
    percent: int = 100
    bonus: int = 0


@dataclass(frozen=True)
class Figures:
    """What a result depends on besides rule and lines; `left` below the caps, None: no cap."""

    tier_percent: int = 100
    boost: Boost | None = None
    left: int | None = None


@dataclass(frozen=True)
class Part:
    """What one rule gave: `points`, of which `qualifying` count towards tiers, for `amount_minor` that counted."""

    terms: Terms
    amount_minor: int
    base: int
    points: int
    qualifying: int
    figures: Figures

    def told(self) -> dict[str, Any]:
        """The figures as an entry's breakdown keeps them; `figures_of` reads them again."""
        told: dict[str, Any] = {
            "rule": self.terms.rule,
            "version": self.terms.version,
            "points_per_unit": self.terms.points_per_unit,
            "amount_minor": self.amount_minor,
            "points": self.points,
        }
        figures, boost = self.figures, self.figures.boost
        more = {
            "bonus": self.terms.bonus or None,
            "qualifying": None if self.qualifying == self.points else self.qualifying,
            "tier_percent": None if figures.tier_percent == 100 else figures.tier_percent,
            "campaign": boost and boost.campaign,
            "campaign_percent": boost and boost.percent,
            "campaign_bonus": boost and boost.bonus,
            "left": figures.left,
        }
        return told | {name: value for name, value in more.items() if value is not None}


def figures_of(told: Mapping[str, Any]) -> Figures:
    """The figures that a breakdown tells of one rule."""
    boost = None
    if "campaign" in told:
        boost = Boost(told["campaign"], told["campaign_percent"], told["campaign_bonus"])
    return Figures(told.get("tier_percent", 100), boost, told.get("left"))


def figures_for(
    terms: Terms, base: int, *, tier: str = "", boosts: Iterable[Boost] = (), left: int | None = None
) -> Figures:
    """The figures for a member who holds `tier`: of the campaigns the one that gives the most for `base` counts."""
    percent = int(terms.tier_percents.get(tier, 100))
    best = max(
        boosts,
        key=lambda boost: (_boosted(base, percent, boost, terms.rounding), boost.campaign),
        default=None,
    )
    return Figures(percent, best, left)


def base_of(terms: Terms, lines: Sequence[Line]) -> tuple[int, int]:
    """What the lines that count come to, in minor units, and the points before any multiplier."""
    counting = [line.amount_minor for line in lines if terms.counts_line(line)]
    amount = sum(counting)
    if not counting or amount < terms.minimum_minor:
        return amount, 0
    return amount, amount // 100 * terms.points_per_unit + (terms.bonus if amount > 0 else 0)


def is_enough(terms: Terms, lines: Sequence[Line]) -> bool:
    """Whether what is paid for the lines that count is what an event asks for: more than nothing, and the minimum."""
    amount = sum(line.amount_minor for line in lines if terms.counts_line(line))
    return amount > 0 and amount >= terms.minimum_minor


def give(terms: Terms, lines: Sequence[Line], figures: Figures) -> Part:
    """What the rule gives for these lines by these figures; 0 points where nothing counts."""
    amount, base = base_of(terms, lines)
    points = _boosted(base, figures.tier_percent, figures.boost, terms.rounding)
    if figures.left is not None:
        points = min(points, figures.left)
    return Part(terms, amount, base, points, _qualifying(terms, base, points), figures)


def give_once(terms: Terms, figures: Figures) -> Part:
    """What the rule gives for an event that nothing is paid for: its bonus, by the same multipliers and caps."""
    points = _boosted(terms.bonus, figures.tier_percent, figures.boost, terms.rounding)
    if figures.left is not None:
        points = min(points, figures.left)
    return Part(terms, 0, terms.bonus, points, _qualifying(terms, terms.bonus, points), figures)


def _boosted(base: int, tier_percent: int, boost: Boost | None, rounding: str) -> int:
    if base <= 0:
        return 0
    scaled = base * tier_percent * (boost.percent if boost else 100)
    up = {"down": 0, "nearest": 5_000, "up": 9_999}[rounding]
    return (scaled + up) // 10_000 + (boost.bonus if boost else 0)


def _qualifying(terms: Terms, base: int, points: int) -> int:
    return {"nothing": 0, "base": min(base, points), "all": points}[terms.counts]
