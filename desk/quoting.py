"""What a mail says and what it only repeats. Needs no database."""

from __future__ import annotations

import re

# The line a mail program writes above what it quotes ends in a colon, and names a time or an address.
INTRODUCTION = re.compile(r"^(?!>).{4,300}:\s*$")
NAMES = re.compile(r"\d{4}|@|\d:\d\d")


def split_quoted(text: str) -> tuple[str, str]:
    """`text` as (what is said, what is quoted below it): every line once, in order; blank space between may go.

    Only a block of quoted lines that ends the mail is parted: answers between quoted lines stay where they are.
    """
    lines = text.rstrip().split("\n")
    start = len(lines)
    while start and (lines[start - 1].startswith(">") or not lines[start - 1].strip()):
        start -= 1
    if not any(line.startswith(">") for line in lines[start:]):
        return text, ""
    if start and INTRODUCTION.match(lines[start - 1]) and NAMES.search(lines[start - 1]):
        start -= 1
    said = "\n".join(lines[:start]).rstrip()
    if not said:
        return text, ""
    return said, "\n".join(lines[start:]).strip("\n")
