"""Which font has a letter: words of any language as markup of reportlab, each part in a font that can show it.

Vera comes with reportlab and goes along in the file; it has the Latin letters of Europe but a few. For Japanese, Korean
and Chinese, and for Greek and Cyrillic, which the Japanese character set has, the file names a font by the standard
of Adobe, which every reader brings or replaces. An accent that no font has is left out, never the letter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

FONT, BOLD = "Vera", "VeraBd"
# A font of the standard, and the character set that it has.
BY_CHARACTER_SET = {
    "HeiseiKakuGo-W5": "shift_jis",
    "HYGothic-Medium": "euc_kr",
    "STSong-Light": "gbk",
    "MSung-Light": "big5",
}


@cache
def register() -> None:
    """Make the fonts known to reportlab, once for the process."""
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    for name in BY_CHARACTER_SET:
        pdfmetrics.registerFont(UnicodeCIDFont(name))


def marked(words: str, *, font: str = FONT) -> str:
    """`words` as markup, in `font` wherever it has the letters; each word in one font, if there is one for it."""
    register()
    shown: list[tuple[str, str]] = []
    for word in re.split(r"(\s+)", unicodedata.normalize("NFC", words)):
        shown += _shown(word, font)
    parts = []
    for name, letters in groupby(shown, key=lambda pair: pair[0]):
        text = escape("".join(letter for _name, letter in letters))
        parts.append(text if name == font else f'<font name="{name}">{text}</font>')
    return "".join(parts)


def _shown(word: str, font: str) -> list[tuple[str, str]]:
    """Its letters, each with a font that has it; without its accent, or as a question mark, where none has."""
    for name in (font, *BY_CHARACTER_SET):
        letters = [_letter_of(name, letter) for letter in word]
        if all(letters):
            return [(name, letter) for letter in letters]
    if len(word) == 1:
        return [(font, "?")]
    return [pair for letter in word for pair in _shown(letter, font)]


def _letter_of(name: str, letter: str) -> str:
    """The letter as a font has it, if need be without its accent; nothing where it has not."""
    for form in (letter, unicodedata.normalize("NFD", letter)[0]):
        if name in BY_CHARACTER_SET:
            has = _has(BY_CHARACTER_SET[name], form)
        else:
            has = ord(form) in pdfmetrics.getFont(name).face.charToGlyph
        if has:
            return form
    return ""


def _has(character_set: str, letter: str) -> bool:
    try:
        letter.encode(character_set)
    except UnicodeEncodeError:
        return False
    return True
