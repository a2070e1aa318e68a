"""Erlang C against published figures, and against what must hold for any figures."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks import erlang

loads = st.floats(0.01, 300, allow_nan=False)
crews = st.integers(1, 400)
handlings = st.floats(1, 3600)
waits = st.floats(0, 600)


def test_a_hundred_calls_in_half_an_hour_take_fourteen_agents() -> None:
    """The worked example of most textbooks: 180 s each, 80 % within 20 s."""
    load = erlang.load(100, 180, 30 * 60)
    assert load == 10
    assert erlang.agents_needed(load, 180, share=0.8, within=20) == 14
    assert erlang.waiting(14, load) == pytest.approx(0.174, abs=0.0005)
    assert erlang.service_level(14, load, 180, 20) == pytest.approx(0.888, abs=0.0005)
    assert erlang.wait(14, load, 180) == pytest.approx(7.8, abs=0.05)
    assert erlang.occupancy(14, load) == pytest.approx(0.714, abs=0.0005)
    assert erlang.service_level(13, load, 180, 20) < 0.8


@pytest.mark.parametrize(
    ("trunks", "load", "lost"),
    [  # tables of Erlang B: the load at which so much is lost
        (1, 0.0101, 0.01), (2, 0.153, 0.01), (5, 1.36, 0.01), (10, 4.46, 0.01), (20, 12.03, 0.01),
        (50, 37.90, 0.01), (100, 84.06, 0.01), (10, 5.08, 0.02), (20, 13.18, 0.02), (10, 6.22, 0.05),
        (10, 7.51, 0.10), (10, 10.0, 0.2146),
    ],
)  # fmt: skip
def test_what_is_lost_is_what_the_tables_of_erlang_b_say(trunks: int, load: float, lost: float) -> None:
    assert erlang.blocking(trunks, load) == pytest.approx(lost, rel=0.01)


@pytest.mark.parametrize(
    ("agents", "load", "share"),
    [  # as fractions, from the closed form
        (1, 0.5, 1 / 2), (1, 0.9, 9 / 10), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (4, 3.0, 27 / 53), (2, 1.5, 9 / 14),
    ],
)  # fmt: skip
def test_who_has_to_wait_is_what_the_closed_form_says(agents: int, load: float, share: float) -> None:
    assert erlang.waiting(agents, load) == pytest.approx(share, rel=1e-12)


def test_one_agent_is_the_line_of_every_textbook() -> None:
    """M/M/1: the wait is load x handling / (1 - load), the share within t is 1 - load exp(-(1 - load) t)."""
    assert erlang.wait(1, 0.75, 60) == pytest.approx(180)
    assert erlang.service_level(1, 0.75, 60, 120) == pytest.approx(1 - 0.75 * math.exp(-0.5))


@given(crews, loads)
def test_the_recursion_is_the_closed_form(agents: int, load: float) -> None:
    """By logarithms, for the figures themselves run over."""
    terms = [n * math.log(load) - math.lgamma(n + 1) for n in range(agents + 1)]
    highest = max(terms)
    total = sum(math.exp(term - highest) for term in terms)
    assert erlang.blocking(agents, load) == pytest.approx(math.exp(terms[-1] - highest) / total, rel=1e-6)


@given(crews, loads, handlings, waits)
def test_more_agents_never_make_anybody_wait_longer(
    agents: int, load: float, handling: float, within: float
) -> None:
    assert erlang.waiting(agents + 1, load) <= erlang.waiting(agents, load)
    assert erlang.wait(agents + 1, load, handling) <= erlang.wait(agents, load, handling)
    assert erlang.occupancy(agents + 1, load) <= erlang.occupancy(agents, load)
    fewer, more = (erlang.service_level(n, load, handling, within) for n in (agents, agents + 1))
    assert 0 <= fewer <= more <= 1


@given(crews, loads, st.floats(1.001, 2), handlings, waits)
def test_more_calls_never_let_anybody_through_sooner(
    agents: int, load: float, factor: float, handling: float, within: float
) -> None:
    more = load * factor
    assert 0 <= erlang.waiting(agents, load) <= erlang.waiting(agents, more) + 1e-12 <= 1 + 1e-12
    assert erlang.wait(agents, load, handling) <= erlang.wait(agents, more, handling) + 1e-9
    calm, busy = (erlang.service_level(agents, one, handling, within) for one in (load, more))
    assert busy <= calm + 1e-12


@given(loads, handlings, st.floats(0.01, 0.999), waits)
def test_the_agents_needed_are_enough_and_one_fewer_is_not(
    load: float, handling: float, share: float, within: float
) -> None:
    needed = erlang.agents_needed(load, handling, share=share, within=within)
    assert erlang.service_level(needed, load, handling, within) >= share
    assert erlang.service_level(needed - 1, load, handling, within) < share


@given(st.integers(0, 50), st.floats(0, 20))
def test_a_load_of_all_agents_waits_for_ever(agents: int, more: float) -> None:
    load = agents + more
    assert erlang.wait(agents, load, 180) == math.inf
    assert erlang.waiting(agents, load) == 1
    assert erlang.service_level(agents, load, 180, 20) == 0
    assert erlang.occupancy(agents, load) == 1


def test_without_calls_nobody_waits_and_nobody_is_needed() -> None:
    assert erlang.load(0, 180, 1800) == 0
    assert erlang.waiting(1, 0) == 0
    assert erlang.wait(1, 0, 180) == 0
    assert erlang.service_level(1, 0, 180, 0) == 1
    assert erlang.agents_needed(0, 180, share=0.8, within=20) == 0


@pytest.mark.parametrize("nonsense", [-1, -0.001, math.nan, math.inf, -math.inf])
def test_nonsense_is_refused(nonsense: float) -> None:
    for refused in (
        lambda: erlang.load(nonsense, 180, 1800),
        lambda: erlang.load(100, nonsense, 1800),
        lambda: erlang.load(100, 180, nonsense),
        lambda: erlang.blocking(5, nonsense),
        lambda: erlang.waiting(5, nonsense),
        lambda: erlang.occupancy(5, nonsense),
        lambda: erlang.wait(5, nonsense, 180),
        lambda: erlang.wait(5, 3, nonsense),
        lambda: erlang.wait(nonsense, 3, 180),  # type: ignore[arg-type]
        lambda: erlang.service_level(5, 3, 180, nonsense),
        lambda: erlang.agents_needed(nonsense, 180, share=0.8, within=20),
        lambda: erlang.agents_needed(3, 180, share=nonsense, within=20),
        lambda: erlang.agents_needed(3, 180, share=0.8, within=nonsense),
    ):
        with pytest.raises(ValueError, match=r"must|whole"):
            refused()


@pytest.mark.parametrize("agents", [-1, 1.5, True])
def test_agents_are_whole_people(agents: int) -> None:
    with pytest.raises(ValueError, match="whole"):
        erlang.waiting(agents, 3)


@pytest.mark.parametrize("share", [0, 1, 1.2])
def test_a_share_of_all_calls_is_more_than_any_number_of_agents_can_promise(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        erlang.agents_needed(3, 180, share=share, within=20)


def test_a_share_of_none_or_no_time_is_no_period() -> None:
    for handling, period in ((0, 60), (60, 0)):
        with pytest.raises(ValueError, match="longer"):
            erlang.load(1, handling, period)
