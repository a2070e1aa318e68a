"""What a chart of the admin draws: lines or bars over the same labels, in the colours of the house."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

FIRST, SECOND = "var(--color-primary-500)", "var(--start-second)"


def chart(labels: Iterable[str], lines: Iterable[tuple[Any, Sequence[Any], str]], **look: Any) -> str:
    """`lines` (their words, a figure for each label, colour) for Chart.js; `look` is more that holds for each of them.

    A table beside it says the same in words.
    """
    sets = [
        {
            "label": str(words),
            "data": list(data),
            "backgroundColor": colour,
            "borderColor": colour,
            "displayYAxis": True,
            **look,
        }
        for words, data, colour in lines
    ]
    return json.dumps({"labels": list(labels), "datasets": sets})
