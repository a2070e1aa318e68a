"""What is typed into the search, taken apart: tables, and that nothing typed is ever an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.search.shelves import LEVELS, blocks, shelves, stretches
from tickets.search.words import LONGEST, MOST_FILTERS, MOST_WORDS, OPERATORS, Filter, Word, parse

SIGNS = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(['"', "-", ":", "*", " ", "tier:", "from:", "a", "“", "\0", "\ud800", "before:2026"])).map(
        "".join
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "words", "excluded"),
    [
        ("", [], []),
        ("lamp", [Word("lamp")], []),
        ("lamp  broken", [Word("lamp"), Word("broken")], []),
        ('"never came"', [Word("never came")], []),
        ('say "never came', [Word("say"), Word("never came")], []),
        ("“never came”", [Word("never came")], []),
        ("lamp -refund", [Word("lamp")], [Word("refund")]),
        ('-"late again" lamp', [Word("lamp")], [Word("late again")]),
        ("A-20931", [Word("A-20931")], []),
        ("deliver*", [Word("deliver", begins=True)], []),
        ("d*", [Word("d*")], []),
        ("de.liver*", [Word("de.liver*")], []),
        ("- — * ::", [], []),
        ("http://shop.example/a", [Word("http://shop.example/a")], []),
        ("12:30", [Word("12:30")], []),
        ("tier:", [], []),
        ("lamp\0bulb", [Word("lamp"), Word("bulb")], []),
    ],
)
def test_words_phrases_and_exclusions(typed: str, words: list[Word], excluded: list[Word]) -> None:
    asked = parse(typed)
    assert (list(asked.words), list(asked.excluded)) == (words, excluded)


@pytest.mark.parametrize(
    ("typed", "filters"),
    [
        ("tier:gold", [Filter("tier", "gold")]),
        ("TIER:Gold", [Filter("tier", "Gold")]),
        ("-status:closed", [Filter("status", "closed", negated=True)]),
        ('from:"maria rossi" lamp', [Filter("from", "maria rossi")]),
        ("before:2026-01-01", [Filter("before", "2026-01-01")]),
        ('queue:""', []),
    ],
)
def test_operators(typed: str, filters: list[Filter]) -> None:
    assert list(parse(typed).filters) == filters


def test_what_the_issue_shows_is_four_filters() -> None:
    asked = parse("tier:gold status:open from:maria before:2026-01-01")
    assert [one.name for one in asked.filters] == ["tier", "status", "from", "before"]
    assert not asked.words


def test_an_unknown_operator_is_a_word_and_is_told() -> None:
    asked = parse("colour:red colour:blue lamp")
    assert asked.words == (Word("colour:red"), Word("colour:blue"), Word("lamp"))
    assert asked.unknown == ("colour",)


def test_a_key_typed_in_several_words_is_one() -> None:
    assert parse("030 / 1234 56 78 is:open").key == "030 1234 56 78"


@given(SIGNS)
def test_nothing_that_can_be_typed_is_an_error(typed: str) -> None:
    asked = parse(typed)
    asked.typed.encode()
    assert "\0" not in asked.typed
    assert len(asked.typed) <= LONGEST
    assert all(any(sign.isalnum() for sign in word.text) for word in (*asked.words, *asked.excluded))
    assert all(one.name in OPERATORS and one.value for one in asked.filters)


def test_a_book_pasted_into_the_box_is_cut() -> None:
    asked = parse("a" * 10**6 + " b" * 10**6)
    assert len(asked.words) <= MOST_WORDS
    assert len(parse("is:open " * 1000).filters) <= MOST_FILTERS


@given(st.integers(0, 20_000_000))
def test_the_stretches_hold_every_ticket_once_the_newest_first(last: int) -> None:
    high_before = last + 1
    count = 0
    for low, high in stretches(last):
        assert high == high_before
        assert low < high
        assert low % (1 << LEVELS[0]) == 0
        high_before, count = low, count + 1
    assert high_before == 0
    assert count <= 7


@given(st.integers(0, 3_000_000))
def test_the_shelves_of_a_stretch_hold_its_tickets_and_no_older_one(last: int) -> None:
    for low, high in stretches(last):
        runs = [
            (number << LEVELS[level], (number + 1) << LEVELS[level]) for level, number in blocks(low, high)
        ]
        assert runs[0][0] == low
        assert [begin for begin, _end in runs[1:]] == [end for _begin, end in runs[:-1]]
        assert runs[-1][1] >= high
        assert runs[-1][1] - high < 1 << LEVELS[0]
        assert len(runs) < 50


def test_shelves_of_two_brands_are_never_the_same() -> None:
    assert not set(shelves([1], 0, 10**6)) & set(shelves([2], 0, 10**6))
