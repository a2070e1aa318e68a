"""How many points would put it right, and why. Pure: needs no database, all figures are whole numbers of points.

The formula, each step a part that the desk shows:

    base   = the loss where it is known, else the reason's usual points × severity %
    wanted = base × tier % × effort % × incident %, no less than the reason's least
    rest   = wanted − given on this ticket already, rounded; 0 where that is less than the reason's least
    points = rest, or what the tightest cap leaves, rounded down; 0 where that is less than the reason's least

Three caps are for the ticket as a whole, so that asking again and again reaches no more: the reason's maximum,
`LOSS_CAP_PERCENT` of the loss, and a share of what the customer spent in twelve months. What was given on the
ticket counts against them. The limits that the caller names are what is left of them, and taken as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# 2 is the everyday mishap that the reason's usual points are made for; each step is half of those.
SEVERITY_PERCENT = {1: 50, 2: 100, 3: 150, 4: 200}
LOSS_CAP_PERCENT = 150  # makes good the loss and the bother; above it an apology is a reason to complain

# What the customer's trouble adds, as (from this many on, percent). All three together at most double it.
MISHAP_STEPS = ((1, 25), (2, 50))  # a second in 90 days hurts more than the first; from the third on it is us
MESSAGE_STEPS = ((3, 10), (6, 20))  # to ask and to answer once is normal; with the third they run after us
WAITING_STEPS = ((3, 10), (7, 20), (14, 30))  # days: longer than a reply takes, a week, two weeks

# What an incident takes off each, by customers hit: it is put right in public too, and each point given so often.
INCIDENT_STEPS = ((10, 10), (100, 25), (1000, 50))

COARSE_STEP, FINE_STEP, FINE_UP_TO = 50, 10, 100  # a round figure reads as meant; small ones need finer


class Code(StrEnum):
    """What a part is about; the caller has a sentence for each."""

    LOSS = "loss"
    SEVERITY = "severity"
    TIER = "tier"
    MISHAPS = "mishaps"
    MESSAGES = "messages"
    WAITING = "waiting"
    INCIDENT = "incident"
    REASON_MINIMUM = "reason_minimum"
    ALREADY_GIVEN = "already_given"
    BELOW_MINIMUM = "below_minimum"
    ROUNDING = "rounding"
    REASON_MAXIMUM = "reason_maximum"
    LOSS_CAP = "loss_cap"
    SPEND_CAP = "spend_cap"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a suggestion depends on. Refuses (ValueError) what no ticket can have."""

    severity: int  # 1 light to 4 grave; counts where the loss is not known
    min_points: int  # of the reason: the least, the usual and the most points
    default_points: int
    max_points: int
    loss: int | None = None  # money lost, as points; None: not known, or not about money
    tier_rank: int = 0  # only to name the tier
    tier_percent: int = 0  # what the tier adds
    further_mishaps: int = 0  # of this customer in 90 days, without this one
    messages: int = 0  # the customer's own on this ticket, the first one too
    days_waited: int = 0  # whole days until now
    affected: int = 1  # customers whom the same incident hit, this one too
    already_given: int = 0  # points given on this ticket and not taken back
    spend: int | None = None  # of twelve months, as points; None: not known, then it caps nothing
    spend_percent: int = 0  # the share of `spend` that may be given
    limits: Sequence[tuple[str, int]] = ()  # (code, points left); the codes are none of `Code`

    def __post_init__(self) -> None:
        if self.severity not in SEVERITY_PERCENT:
            raise ValueError(f"severity is 1 to 4, not {self.severity}")
        if not 0 < self.min_points <= self.default_points <= self.max_points:
            raise ValueError("the least, the usual and the most points stand in this order, above 0")
        if min(self.loss or 0, self.tier_percent, self.already_given, self.spend_percent) < 0:
            raise ValueError("loss, tier_percent, already_given and spend_percent are never negative")


@dataclass(frozen=True)
class Part:
    """One line of the sum: `points` it adds or takes, and the figures for its sentence.

    `percent`: what it adds or takes (negative); of SEVERITY, LOSS_CAP and SPEND_CAP the share itself.
    `number`: the severity, the tier's rank, mishaps, messages, days or customers; else points: the loss, the
    reason's least, what was given, the step rounded to; of a cap what it leaves for this grant.
    """

    code: str
    points: int
    percent: int = 0
    number: int = 0


@dataclass(frozen=True)
class Suggestion:
    """What to give, and how it came about."""

    points: int  # 0 or more, exactly the sum of the parts
    parts: tuple[Part, ...]  # in the order of the formula; a cap that bound it is the last
    bound_by: str = ""  # the code of that cap; "" where none did


def suggest(figures: Figures) -> Suggestion:
    """What to give for these figures. The first part is the base; others that would move nothing are left out."""
    parts = [_base(figures)]
    for step in (_tier, _effort, _incident, _minimum, _already_given, _rounding):
        parts += [part for part in step(figures, _sum(parts)) if part.points]
    cut = _cut(figures, _sum(parts))
    parts += cut
    return Suggestion(_sum(parts), tuple(parts), bound_by=cut[0].code if cut else "")


def _base(figures: Figures) -> Part:
    if figures.loss is not None:
        return Part(Code.LOSS, figures.loss, number=figures.loss)
    percent = SEVERITY_PERCENT[figures.severity]
    return Part(Code.SEVERITY, _percent_of(figures.default_points, percent), percent, figures.severity)


def _tier(figures: Figures, amount: int) -> list[Part]:
    points = _percent_of(amount, figures.tier_percent)
    return [Part(Code.TIER, points, figures.tier_percent, figures.tier_rank)]


def _effort(figures: Figures, amount: int) -> list[Part]:
    """The customer's trouble: one factor, to which each kind adds its percent."""
    kinds = (
        (Code.MISHAPS, figures.further_mishaps, _reached(MISHAP_STEPS, figures.further_mishaps)),
        (Code.MESSAGES, figures.messages, _reached(MESSAGE_STEPS, figures.messages)),
        (Code.WAITING, figures.days_waited, _reached(WAITING_STEPS, figures.days_waited)),
    )
    return [Part(code, _percent_of(amount, percent), percent, number) for code, number, percent in kinds]


def _incident(figures: Figures, amount: int) -> list[Part]:
    percent = _reached(INCIDENT_STEPS, figures.affected)
    return [Part(Code.INCIDENT, -_percent_of(amount, percent), -percent, figures.affected)]


def _minimum(figures: Figures, amount: int) -> list[Part]:
    return [Part(Code.REASON_MINIMUM, max(0, figures.min_points - amount), number=figures.min_points)]


def _already_given(figures: Figures, amount: int) -> list[Part]:
    return [Part(Code.ALREADY_GIVEN, -min(figures.already_given, amount), number=figures.already_given)]


def _rounding(figures: Figures, amount: int) -> list[Part]:
    """To the nearest step, half up, but no less than the reason's least; a rest below that is let go."""
    if amount < figures.min_points:
        return [Part(Code.BELOW_MINIMUM, -amount, number=figures.min_points)]
    step = _step(amount)
    rounded = (amount + step // 2) // step * step
    return [Part(Code.ROUNDING, max(rounded, figures.min_points) - amount, number=step)]


def _cut(figures: Figures, amount: int) -> list[Part]:
    """What the tightest cap takes, of equals the first: rounded down, but no less than the reason's least."""
    code, left, percent = min(_caps(figures), key=lambda cap: cap[1])
    if amount <= left:
        return []
    rounded = left // _step(left) * _step(left)
    kept = max(rounded, figures.min_points) if left >= figures.min_points else 0
    return [Part(code, kept - amount, percent, left)]


def _caps(figures: Figures) -> list[tuple[str, int, int]]:
    """Every cap as (code, points it leaves for this grant, percent)."""
    given, share = figures.already_given, figures.spend_percent
    caps: list[tuple[str, int, int]] = [(Code.REASON_MAXIMUM, figures.max_points - given, 0)]
    if figures.loss is not None:
        caps.append((Code.LOSS_CAP, figures.loss * LOSS_CAP_PERCENT // 100 - given, LOSS_CAP_PERCENT))
    if figures.spend is not None:
        caps.append((Code.SPEND_CAP, figures.spend * share // 100 - given, share))
    caps += [(code, left, 0) for code, left in figures.limits]
    return [(code, max(0, left), percent) for code, left, percent in caps]


def _percent_of(amount: int, percent: int) -> int:
    """`percent` of `amount`, both 0 or more, to the nearest whole point, half up."""
    return (amount * percent + 50) // 100


def _reached(steps: Sequence[tuple[int, int]], number: int) -> int:
    """The percent of the last step that `number` reaches; 0 before the first."""
    return max((percent for start, percent in steps if number >= start), default=0)


def _step(amount: int) -> int:
    return COARSE_STEP if amount > FINE_UP_TO else FINE_STEP


def _sum(parts: Sequence[Part]) -> int:
    return sum(part.points for part in parts)
