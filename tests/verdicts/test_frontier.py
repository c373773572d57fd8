"""The frontier: whom nothing beats in time, cost and right answers."""

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
    """Return the names on the frontier of these."""
    return [each.name for each in find_frontier(contestants)]


def test_who_is_best_in_anything_is_never_beaten() -> None:
    """The fastest stands first."""
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
def test_who_is_worse_in_something_and_better_in_nothing_is_beaten(worse: Contestant) -> None:
    """Equal in the other two is no defence."""
    assert find_names(worse, FAST) == ["fast"]


def test_a_compromise_stands_beside_the_extremes() -> None:
    """It is the best in nothing, and nobody beats it."""
    assert "between" in find_names(FAST, CHEAP, RIGHT, Contestant("between", 2.0, 0.5, 0.9))


def test_two_that_are_alike_are_both_on_it() -> None:
    """Neither is better in anything."""
    assert find_names(FAST, Contestant("twin", 1.0, 0.9, 0.5)) == ["fast", "twin"]


def test_what_is_not_known_is_not_compared() -> None:
    """Without prices and truths, it is the fastest alone."""
    assert find_names(Contestant("a", 2.0, None, None), Contestant("b", 1.0, None, None)) == ["b"]
    assert find_names(Contestant("a", 2.0, 0.1, None), Contestant("b", 1.0, 0.2, None)) == ["b", "a"]


NUMBER = st.integers(0, 4)


@given(st.lists(st.tuples(NUMBER, NUMBER, NUMBER), min_size=1, max_size=12))
def test_whoever_is_left_out_is_beaten_by_one_that_is_in(points: list[tuple[int, int, int]]) -> None:
    """So no choice outside the frontier makes sense."""
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
    """Of two, the sentences on the fastest and the cheapest say it all."""
    made = {name: read_made(name) for name in ("a", "b", "c")}
    assert find_strategy_frontier(made)
    assert find_strategy_frontier({name: made[name] for name in ("a", "b")}) == []
    failed = read_made("fastest", rounds=1, errors={"a.jpg": "no"}, cost_usd=0.0)
    assert "fastest" not in {each.name for each in find_strategy_frontier({**made, "fastest": failed})}
