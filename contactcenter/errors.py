"""How a deed says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refused(Exception):  # noqa: N818  a refusal is an answer, not an error
    """A deed that is not allowed, with a sentence for the person who asked.

    `code` is for machines and tests, `sentence` is read by people, `details` holds
    the figures or ids that a screen needs to show the refusal well.
    """

    def __init__(self, code: str, sentence: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = str(sentence)
        self.details = dict(details or {})


class Invalid(Refused):
    """What was sent in makes no sense as it stands; the sentence says what to mend."""
