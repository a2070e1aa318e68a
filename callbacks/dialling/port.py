"""What every dialler can do, and the words in which it answers. Needs no database."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class Stage(StrEnum):
    """How far a call has come; what comes later stands later."""

    PLACED = "placed"  # the agent's own line rings, or has been picked up
    RINGING = "ringing"  # the customer's does
    ANSWERED = "answered"
    ENDED = "ended"


class Why(StrEnum):
    """Why a call ended in which nobody talked."""

    TALKED = ""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"  # no such number, nobody registered, a fault on the way
    AGENT = "agent"  # the agent's own line was not picked up: the customer's never rang


@dataclass(frozen=True)
class Order:
    """A call to place: the `agent`'s line is rung first, then the `customer`'s number (E.164).

    `agent` is a number, the name of a line at the telephone system, or a whole `sip:` address. `ref` is our own name
    for the call, which nobody can guess; `hook` is our address for what becomes of it, if the dialler tells by itself.
    """

    agent: str
    customer: str
    ref: str = field(default_factory=lambda: secrets.token_hex(16))
    hook: str = ""


@dataclass(frozen=True)
class Placed:
    """Under which `ref` to ask for the call; `link` is what the agent's device opens where we can only offer that."""

    ref: str = ""
    link: str = ""


@dataclass(frozen=True)
class Standing:
    """How a call stands. `seconds`: how long they talked, None while nobody can say; `why` of one that ended."""

    stage: Stage
    seconds: int | None = None
    why: Why = Why.TALKED


class DiallerDown(Exception):  # noqa: N818  an answer we have to live with, as Refused is
    """The dialler did not do what it was asked, with a sentence for the agent.

    `unsure`: it was asked and did not answer, so the call may have been placed all the same.
    """

    def __init__(self, code: str, sentence: str, *, unsure: bool = False) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = str(sentence)
        self.unsure = unsure


class Dialer(Protocol):
    """A way to bring agent and customer together. Each deed raises DiallerDown, and nothing else, after 3 s at most."""

    @property
    def EVERY(self) -> timedelta | None:  # noqa: N802  a constant of each module
        """How often it is asked how a call stands; None: it does not know."""

    def place(self, order: Order) -> Placed:
        """Ring the agent's line, then the customer's; returns at once, while the agent's line rings."""

    def standing(self, ref: str) -> Standing | None:
        """How the call stands, None where the dialler does not know it (never did, or does not any more)."""

    def hang_up(self, ref: str) -> None:
        """End the call, whatever its stage; one that is over, or that is not known, stays as it is."""

    def faults(self) -> Mapping[str, str]:
        """What is wrong with its settings: a sentence by the name of each setting."""
