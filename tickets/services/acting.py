"""Who acts: while a rule does, the deeds are recorded as the rule's, whoever answers for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from tickets.models import RuleVersion

_rule: ContextVar[RuleVersion | None] = ContextVar("rule", default=None)


@contextmanager
def acting(version: RuleVersion) -> Iterator[None]:
    """Inside, deeds are those of the rule: audit lines name it, words bear it, and nobody takes the ticket by them."""
    token = _rule.set(version)
    try:
        yield
    finally:
        _rule.reset(token)


def acting_rule() -> RuleVersion | None:
    """The version of the rule that acts; None while people do."""
    return _rule.get()
