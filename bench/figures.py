"""What a benchmark gives back, how it reads, and where it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SMALL = 0.01  # a ratio below it is told to more places
LATEST = Path(__file__).parent / "results" / "latest.json"


@dataclass(frozen=True)
class Figure:
    """`value` and `reference` in the same unit, `ratio` of the two and the `goal` it has to keep to (at most).

    `spread` is the lowest and the highest ratio of the rounds, `reach` what we would like best. Where more is
    better, `at_least` turns the goal round.
    """

    name: str
    unit: str
    value: float
    reference: float
    ratio: float
    goal: float
    reach: float
    spread: tuple[float, float]
    detail: str = ""
    at_least: bool = False

    @property
    def ok(self) -> bool:
        """Whether the goal is kept."""
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def as_json(self) -> dict[str, object]:
        """The row of `latest.json`."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "reference": round(self.reference, 3),
            "ratio": round(self.ratio, 5 if self.ratio < SMALL else 3),
            "goal": self.goal,
            "ok": self.ok,
        }


def as_table(figures: Iterable[Figure]) -> str:
    """The figures for people."""
    lines = [
        f"{'':<24}{'product':>12}{'floor':>12}{'ratio':>8}{'rounds':>14}{'goal':>8}{'reach':>8}",
    ]
    for one in figures:
        low, high = one.spread
        sign = "≥" if one.at_least else "≤"
        places = 4 if one.ratio < SMALL else 2
        lines.append(
            f"{one.name:<24}{one.value:>9.2f} {one.unit}{one.reference:>9.2f} {one.unit}{one.ratio:>8.{places}f}"
            f"{f'{low:.{places}f}–{high:.{places}f}':>14}{f'{sign} {one.goal}':>8}{f'{sign} {one.reach}':>8}"
            f"  {'ok' if one.ok else 'GOAL MISSED'}"
        )
        if one.detail:
            lines.append(f"  {one.detail}")
    return "\n".join(lines)


def keep(figures: Sequence[Figure], *, path: Path = LATEST) -> None:
    """Write the figures to `latest.json`; rows of other names that stand there stay."""
    rows = {row["name"]: row for row in json.loads(path.read_text())} if path.exists() else {}
    rows |= {one.name: one.as_json() for one in figures}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(list(rows.values()), indent=2) + "\n")
