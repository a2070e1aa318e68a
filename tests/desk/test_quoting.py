"""What a mail says is parted from what it only repeats, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk.quoting import split_quoted

WROTE = "On Tue, 24 Nov 2026 at 09:14, Ada <ada@ff.example> wrote:"
LINES = st.sampled_from(
    ["", "  ", "Hello", "> so you said", ">> and before", ">", WROTE, "Two things:", "Bye  "]
)


@pytest.mark.parametrize(
    ("text", "said", "quoted"),
    [
        ("", "", ""),
        ("Hello", "Hello", ""),
        ("Thanks!\n\n> It is on its way.", "Thanks!", "> It is on its way."),
        ("Thanks!\n> one\n\n> two\n\n", "Thanks!", "> one\n\n> two"),
        (f"Thanks!\n\n{WROTE}\n> It is on its way.", "Thanks!", f"{WROTE}\n> It is on its way."),
        (f"Thanks!\n\n{WROTE}\n\n> It is on its way.", "Thanks!", f"{WROTE}\n\n> It is on its way."),
        ("Two things I asked:\n> where is it", "Two things I asked:", "> where is it"),
        (f"{WROTE}\n> all of it is quoted", f"{WROTE}\n> all of it is quoted", ""),
        ("> all of it is quoted", "> all of it is quoted", ""),
        ("> a question\nan answer", "> a question\nan answer", ""),
        ("> one?\nyes\n> two?\nno\n> three?", "> one?\nyes\n> two?\nno", "> three?"),
        ("5 > 3 is what I mean", "5 > 3 is what I mean", ""),
    ],
)
def test_only_the_block_that_ends_a_mail_is_folded(text: str, said: str, quoted: str) -> None:
    assert split_quoted(text) == (said, quoted)


@given(st.lists(LINES, max_size=12).map("\n".join))
@example("> a\n\nb\n\n> c")
def test_every_line_of_a_mail_is_shown_once_and_in_its_order(text: str) -> None:
    said, quoted = split_quoted(text)
    shown = [line.rstrip() for line in f"{said}\n{quoted}".split("\n") if line.strip()]
    assert shown == [line.rstrip() for line in text.split("\n") if line.strip()]


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_an_answer_never_disappears_into_the_fold(text: str) -> None:
    said, quoted = split_quoted(text)
    hidden = [line for line in quoted.split("\n") if line.strip() and not line.startswith(">")]
    assert hidden in ([], [WROTE])
    assert bool(said.strip()) == bool(text.strip())


def test_a_mail_of_a_megabyte_on_one_line_or_of_quotes_only_costs_no_time() -> None:
    assert split_quoted("a" * 1_000_000 + ":") == ("a" * 1_000_000 + ":", "")
    assert split_quoted("Hi\n" + "> x\n" * 250_000)[0] == "Hi"
