"""Days in words: a page tells many instants of few days. Needs no database."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language


def in_words(day: date, pattern: str) -> str:
    """A day as `pattern` (Django's letters for days, months and years) reads in the reader's language."""
    return _in_words(day, pattern, get_language() or "")


@lru_cache(maxsize=4096)
def _in_words(day: date, pattern: str, language: str) -> str:
    """Always the same for the same words: `language` is the one that is active."""
    return date_format(day, pattern)
