"""Why an order earned nothing, or less than was hoped for. Pure: it weighs facts, and asks no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from loyalty.earning import Line, Part


@dataclass(frozen=True)
class Facts:
    """What is known of an order and of the account it should have come to; points are those of the ledger.

    `parts` is what each rule of the order's day gives for what stays paid, `missing` what of it nobody was given.
    """

    placed_at: datetime
    is_cancelled: bool = False  # or first recorded as come back
    is_of_another: bool = False  # bought by another customer than the one who asks
    joined_at: datetime | None = None  # None: no member
    is_active: bool = True
    given: int = 0
    taken_back: int = 0
    pending: int = 0
    matures_at: datetime | None = None
    last_day: date | None = None  # on which they are still pending, in the programme's zone
    parts: Sequence[Part] = ()
    lines: Sequence[Line] = ()
    missing: int = 0
    missing_qualifying: int = 0


@dataclass(frozen=True)
class Said:
    """What one rule says: `code` is gives, excluded, minimum, cap or too_little."""

    code: str
    rule: str
    version: int
    points: int
    minimum_minor: int = 0


@dataclass(frozen=True)
class Why:
    """The answer: `code` names the sentence, `due` points are missing and may be posted.

    Codes: other_customer, cancelled, no_member, before_joining, frozen, missing, pending, given_back, no_rule,
    nothing (the rules give none: see `rules`), less (some rule is bounded: see `rules`), given (all there is).
    """

    code: str
    facts: Facts
    due: int = 0
    rules: Sequence[Said] = ()


def explain(facts: Facts) -> Why:
    """The first reason that holds, from what lies furthest away from the rules to what the rules say."""
    rules = [said(part, facts.lines) for part in facts.parts]
    for code, holds in (
        ("other_customer", facts.is_of_another),
        ("cancelled", facts.is_cancelled),
        ("no_member", facts.joined_at is None),
        ("before_joining", _is_before_joining(facts)),
        ("frozen", not facts.is_active),
    ):
        if holds:
            return Why(code, facts, rules=rules)
    if facts.missing > 0:
        return Why("missing", facts, facts.missing, rules)
    for code, holds in (
        ("pending", facts.pending > 0),
        ("given_back", facts.taken_back > 0),
        ("no_rule", not facts.given and not rules),
        ("nothing", not facts.given),
        ("less", any(one.code != "gives" for one in rules)),
    ):
        if holds:
            return Why(code, facts, rules=rules)
    return Why("given", facts, rules=rules)


def said(part: Part, lines: Sequence[Line]) -> Said:
    """What bounded one rule, or that it gives."""
    terms = part.terms
    if not any(terms.counts_line(line) for line in lines):
        code = "excluded"
    elif part.amount_minor < terms.minimum_minor:
        code = "minimum"
    elif part.figures.left is not None and part.points >= part.figures.left:
        code = "cap"
    elif part.points == 0:
        code = "too_little"
    else:
        code = "gives"
    return Said(code, terms.rule, terms.version, part.points, terms.minimum_minor)


def _is_before_joining(facts: Facts) -> bool:
    """Placed before they were a member, and nothing was given all the same."""
    nothing = not (facts.given or facts.pending)
    return nothing and facts.joined_at is not None and facts.placed_at < facts.joined_at
