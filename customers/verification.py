"""Who is this really: levels of verification, the deeds that ask for one, and how an answer is compared. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from enum import IntEnum

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Level(IntEnum):
    """How sure we are of who asks, the surest last; a machine code, kept as its number."""

    UNKNOWN = 0
    KNOWN = 1  # the agent is satisfied by what they said
    ANSWERED = 2  # questions whose answers the system has compared
    CODE = 3  # a code that went to a verified address of theirs came back


class Deed(TextChoices):
    """What names the level it needs."""

    SEE = "see", gettext_lazy("see whole addresses")
    CHANGE = "change", gettext_lazy("change addresses, name or birthday")
    REDEEM = "redeem", gettext_lazy("spend points for the customer")
    TRANSFER = "transfer", gettext_lazy("move points to another account")
    ADJUST = "adjust", gettext_lazy("give goodwill or adjust points")
    MERGE = "merge", gettext_lazy("merge two customers")
    STATEMENT = "statement", gettext_lazy("send the monthly statement")


# What a brand asks for while its supervisors have set nothing. What only gives is asked nothing, nor is what is done
# with nobody on the line; what can be stolen by it needs answers that the caller's post does not tell, or a code.
DEFAULTS = {
    Deed.SEE: Level.UNKNOWN,
    Deed.CHANGE: Level.ANSWERED,
    Deed.REDEEM: Level.ANSWERED,
    Deed.TRANSFER: Level.CODE,
    Deed.ADJUST: Level.UNKNOWN,
    Deed.MERGE: Level.UNKNOWN,
    Deed.STATEMENT: Level.ANSWERED,
}
CODE_LIVES = timedelta(minutes=10)
CODE_TRIES = 5
WRONG_ANSWERS = 3  # so many times too few right answers, then questions are locked
LOCKED_FOR = timedelta(hours=1)  # counted from each of those times


def level_name(level: int) -> str:
    """A level in words, as it stands after *verified by*."""
    return {
        Level.UNKNOWN: _("not verified"),
        Level.KNOWN: _("the agent’s own judgement"),
        Level.ANSWERED: _("questions"),
        Level.CODE: _("a code"),
    }[Level(level)]


def way_to(level: int) -> str:
    """What reaches a level, as a sentence for the agent."""
    return {
        Level.UNKNOWN: "",
        Level.KNOWN: _("Ask who they are, and say that you are satisfied."),
        Level.ANSWERED: _("Ask the questions, or send a code to a confirmed address."),
        Level.CODE: _("Send a code to a confirmed address."),
    }[Level(level)]


def plain(answer: str) -> str:
    """An answer as it is compared: letters and figures only, no accents, no case: `#A-20 931` is `a20931`."""
    spread = unicodedata.normalize("NFKD", answer).casefold()
    return "".join(sign for sign in spread if sign.isalnum())


def birthday_forms(birthday: str) -> set[str]:
    """The plain answers that mean a birthday written as 02-29: the figures in either order, with or without zeros."""
    if not birthday:
        return set()
    month, day = birthday.split("-")
    padded = {month + day, day + month}
    return padded | {f"{int(month)}{int(day)}", f"{int(day)}{int(month)}"}


def masked(kind: str, value: str) -> str:
    """An address of which enough is left to be recognised by its owner: `m•••@post.example`, `•••142`."""
    if kind == "phone":
        return f"•••{value[-3:]}"
    head, sign, tail = value.partition("@" if kind == "mail" else ":")
    return f"{head[:1]}•••{sign}{tail}" if kind == "mail" else f"{head}{sign}{tail[:1]}•••"


def is_code(typed: str) -> bool:
    """Whether it can be a code at all: six figures, blanks between them do not matter."""
    return re.fullmatch(r"[0-9]{6}", "".join(typed.split())) is not None
