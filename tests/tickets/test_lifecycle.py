"""What a ticket can become from what it is, and what becomes of a word that comes late."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.lifecycle import MOVES, may_move
from tickets.models import Ticket
from tickets.thanks import is_plain_thanks


def test_the_table_knows_every_status_and_nothing_leaves_closed() -> None:
    assert set(MOVES) == set(Ticket.Status.values)
    assert set().union(*MOVES.values()) <= set(Ticket.Status.values)
    assert [after for after in Ticket.Status.values if may_move("closed", after)] == ["closed"]
    assert [before for before in Ticket.Status.values if may_move(before, "new")] == ["new"]


@pytest.mark.parametrize(
    "text",
    [
        "Thanks",
        "thank you very much!",
        "Danke, super!",
        "Vielen Dank 🙏",
        "Merci beaucoup.",
        "Ok, thanks a lot",
        "Grazie mille",
    ],
)
def test_plain_thanks_are_known(text: str) -> None:
    assert is_plain_thanks(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Ok", "Great", "No thanks to you", "Thanks, but it is broken", "Thank you. When does it come?",
        "Danke für nichts", "Thanks?", "Thanks " * 20, "Thank you\n\nMara",
    ],
)  # fmt: skip
def test_whatever_says_more_is_no_plain_thanks(text: str) -> None:
    assert not is_plain_thanks(text)


@given(st.text(max_size=80))
def test_any_words_can_be_asked_about(text: str) -> None:
    assert is_plain_thanks(text) in (True, False)
