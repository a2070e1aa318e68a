"""How long answers take is held against what nineteen in twenty of them may take."""

from __future__ import annotations

from bench.tickets import ANSWER_MS, answer


def test_a_page_keeps_its_goal_while_nineteen_in_twenty_answers_are_quick() -> None:
    figure = answer("queue, answer", [40.0] * 39 + [900.0])
    assert (figure.value, figure.reference, figure.ok) == (40.0, ANSWER_MS, True)
    assert figure.spread == (0.4, 9.0)


def test_control_a_page_whose_answers_are_often_slow_misses_it() -> None:
    assert not answer("queue, answer", [40.0] * 36 + [101.0] * 4).ok
