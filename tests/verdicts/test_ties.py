"""Tests of ties in seconds: the critical values, and how often equal strategies are told apart."""

import math
from itertools import product
from random import Random

import pytest
from scipy import stats

from benchmarks.verdicts.ties import compare_seconds, find_critical_range

NAMES = "abcdefghij"


@pytest.mark.parametrize(("count", "freedom"), [*product((2, 3, 10, 30), (2, 5, 45, 300))])
def test_the_critical_range_is_that_of_scipy(count: int, freedom: int) -> None:
    """The probability of exceeding the critical value is 5 % by SciPy, to four digits."""
    assert stats.studentized_range.sf(find_critical_range(count, freedom), count, freedom) == pytest.approx(0.05, 2e-4)


def test_the_degrees_of_freedom_are_limited() -> None:
    """From 1,000 degrees of freedom on, the critical value is that of 1,000."""
    assert find_critical_range(10, 9_000) == find_critical_range(10, 1_000) == pytest.approx(4.4843, abs=1e-4)
    assert find_critical_range(2, 1) == pytest.approx(17.9693, abs=1e-4)


def test_the_margin_is_that_of_a_layout_computed_by_hand() -> None:
    """Two rows of logarithms, 0 2 4 and 1 5 3, have residuals of size 0, 1 and 1, whose squares add up to 4."""
    found = compare_seconds({"b": [math.exp(each) for each in (1, 5, 3)], "a": [math.exp(each) for each in (0, 2, 4)]})
    assert [*found.levels] == ["a", "b"]
    assert [*found.levels.values()] == pytest.approx([2, 3])
    assert found.margin == pytest.approx(6.0849 * math.sqrt(4 / 2 / 3), rel=1e-4)
    assert (found.rounds, found.is_cut) == (3, False)


def draw(rng: Random, factors: dict[str, float], rounds: int = 6) -> dict[str, list[float]]:
    """Return seconds by strategy: a factor, times a load shared by all of a round, times random variation."""
    loads = [rng.lognormvariate(3, 0.5) for _ in range(rounds)]
    return {name: [factor * load * rng.lognormvariate(0, 0.15) for load in loads] for name, factor in factors.items()}


def test_equal_strategies_are_seldom_told_apart_and_others_nearly_always() -> None:
    """About 5 % of 400 runs of ten equal strategies find a false winner; one twice as fast is nearly always found."""
    rng = Random(1)
    equal, different = dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 1.0) | {"j": 0.5}
    tests = [compare_seconds(draw(rng, equal)) for _ in range(400)]
    assert 4 <= sum(len(each.list_fastest(NAMES)) < len(NAMES) for each in tests) <= 36  # 20 are expected
    tests = [compare_seconds(draw(rng, different)) for _ in range(100)]
    assert sum(each.list_fastest(NAMES) == ["j"] for each in tests) >= 95


def test_rounds_that_are_all_alike_tie_only_what_is_equal() -> None:
    """Without variation between rounds, equal seconds tie and all others do not."""
    found = compare_seconds({"a": [3.0, 3.0], "b": [3.0, 3.0], "c": [3.01, 3.01]})
    assert found.list_fastest("abc") == ["a", "b"]
    assert found.list_fastest("c") == ["c"]
    assert found.list_fastest("") == []


def test_without_a_second_round_all_tie() -> None:
    """All strategies tie if one of them has a single round."""
    found = compare_seconds({"slow": [900.0, 900.0], "fast": [1.0]})
    assert (found.margin, found.rounds, found.is_cut) == (None, 1, True)
    assert found.list_fastest(["slow", "fast"]) == ["fast", "slow"]
    assert compare_seconds({}).list_fastest([]) == []
