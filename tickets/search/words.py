"""What somebody typed into the search, taken apart: words, "phrases", -exclusions and operator:values.

Nothing that can be typed is an error: what is no operator is a word, and the answer says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 400  # characters that are read
MOST_WORDS = 16
MOST_FILTERS = 12
OPERATORS = (
    "tier",
    "status",
    "is",
    "from",
    "before",
    "after",
    "queue",
    "assignee",
    "channel",
    "priority",
    "type",
    "tag",
    "reason",
    "field",
    "language",
    "points",
    "spend",
    "last",
    "due",
)
QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
TOKEN = re.compile(r'(?P<no>-?)(?:(?P<name>[^\W\d_]+):)?(?:"(?P<said>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True)
class Word:
    """A word or, in quotes, several in this order; with `begins` every word that begins so (lamp*)."""

    text: str
    begins: bool = False


@dataclass(frozen=True)
class Filter:
    """tier:gold, or with a minus before it everything else."""

    name: str
    value: str
    negated: bool = False


@dataclass(frozen=True)
class Asked:
    """What is looked for; `unknown` are operators that are none and were taken for words."""

    typed: str
    words: tuple[Word, ...] = ()
    excluded: tuple[Word, ...] = ()
    filters: tuple[Filter, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The words as one: a number, an address or a name may have been typed in several."""
        return " ".join(word.text for word in self.words if not word.begins)


def clean(typed: str) -> str:
    """The first 400 characters without what no database takes, white space made one."""
    sound = typed[: 4 * LONGEST].encode("utf-8", "replace").decode().replace("\0", " ")
    return " ".join(sound.split())[:LONGEST].rstrip()


def parse(typed: str) -> Asked:
    """Take apart whatever was typed; never raises."""
    typed = clean(typed)
    words: list[Word] = []
    excluded: list[Word] = []
    filters: list[Filter] = []
    unknown: list[str] = []
    for token in TOKEN.finditer(typed.translate(QUOTES)):
        name, negated = (token["name"] or "").lower(), bool(token["no"])
        value = token["said"] if token["said"] is not None else token["word"]
        if name in OPERATORS:
            if value.strip():
                filters.append(Filter(name, value.strip(), negated))
            continue
        if not name and value.lower().rstrip(":") in OPERATORS and value.endswith(":"):
            continue  # an operator whose value is still being typed
        if name:
            if not value.startswith("//"):
                unknown.append(name)
            value = f"{token['name']}:{value}"
        if word := _word(value, quoted=token["said"] is not None):
            (excluded if negated else words).append(word)
    return Asked(
        typed,
        tuple(words[:MOST_WORDS]),
        tuple(excluded[:MOST_WORDS]),
        tuple(filters[:MOST_FILTERS]),
        tuple(dict.fromkeys(unknown)),
    )


def _word(text: str, *, quoted: bool) -> Word | None:
    """None for what has no letter and no figure."""
    text = text.strip()
    if not any(sign.isalnum() for sign in text):
        return None
    stem = text.rstrip("*")
    if not quoted and stem != text and len(stem) > 1 and stem.isalnum():
        return Word(stem, begins=True)
    return Word(text)
