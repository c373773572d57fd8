"""Tests of the frontier: contestants that are Pareto-optimal in time, cost and right answers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.verdicts.contest import Contestant
from benchmarks.verdicts.frontier import find_frontier, find_strategy_frontier
from tests.helpers.runs import read_made

FAST = Contestant("fast", 1.0, 0.9, 0.5)
CHEAP = Contestant("cheap", 9.0, 0.1, 0.5)
RIGHT = Contestant("right", 9.0, 0.9, 1.0)


def find_names(*contestants: Contestant) -> list[str]:
    """Return the names of the contestants on the frontier."""
    return [each.name for each in find_frontier(contestants)]


def test_the_best_in_any_criterion_is_on_the_frontier() -> None:
    """The fastest, the cheapest and the most right are on the frontier, the fastest first."""
    assert find_names(RIGHT, CHEAP, FAST) == ["fast", "right", "cheap"]


@pytest.mark.parametrize(
    "worse",
    [
        Contestant("worse", 1.1, 0.9, 0.5),
        Contestant("worse", 1.0, 1.0, 0.5),
        Contestant("worse", 1.0, 0.9, 0.4),
        Contestant("worse", 2.0, 2.0, 0.1),
    ],
    ids=["slower", "dearer", "less right", "all of it"],
)
def test_one_that_is_worse_in_something_and_better_in_nothing_is_beaten(worse: Contestant) -> None:
    """A contestant that is worse in one criterion and equal in the others is not on the frontier."""
    assert find_names(worse, FAST) == ["fast"]


def test_a_compromise_is_on_the_frontier() -> None:
    """A contestant that is the best in nothing is on the frontier if no other beats it."""
    assert "between" in find_names(FAST, CHEAP, RIGHT, Contestant("between", 2.0, 0.5, 0.9))


def test_two_equal_contestants_are_both_on_the_frontier() -> None:
    """Two contestants with equal figures do not beat each other."""
    assert find_names(FAST, Contestant("twin", 1.0, 0.9, 0.5)) == ["fast", "twin"]


def test_unknown_amounts_are_not_compared() -> None:
    """Without prices and truths, only the fastest is on the frontier."""
    assert find_names(Contestant("a", 2.0, None, None), Contestant("b", 1.0, None, None)) == ["b"]
    assert find_names(Contestant("a", 2.0, 0.1, None), Contestant("b", 1.0, 0.2, None)) == ["b", "a"]


NUMBER = st.integers(0, 4)


@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=1, max_size=12))
def test_each_contestant_off_the_frontier_is_beaten_by_one_on_it(points: list[tuple[int, int, int]]) -> None:
    """For each contestant off the frontier, one on it is at least as good in everything; the order does not matter."""
    every = [Contestant(str(index), float(x), float(y), float(z)) for index, (x, y, z) in enumerate(points)]
    found = find_frontier(every)
    assert found
    for each in every:
        if each not in found:
            assert any(
                one.seconds <= each.seconds
                and (one.cost_usd or 0) <= (each.cost_usd or 0)
                and (one.right or 0) >= (each.right or 0)
                for one in found
            )
    Random(0).shuffle(every)
    assert {each.name for each in find_frontier(every)} == {each.name for each in found}


def test_two_strategies_have_no_frontier_and_missing_answers_are_left_out() -> None:
    """The frontier is empty for two strategies, and never has a strategy with missing answers."""
    made = {name: read_made(name) for name in ("a", "b", "c")}
    assert find_strategy_frontier(made)
    assert find_strategy_frontier({name: made[name] for name in ("a", "b")}) == []
    failed = read_made("fastest", rounds=1, errors={"a.jpg": "no"}, cost_usd=0.0)
    assert "fastest" not in {each.name for each in find_strategy_frontier({**made, "fastest": failed})}
