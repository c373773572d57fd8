"""Tests of ties in seconds: the exact p values, and how often equal and different strategies are told apart."""

from itertools import product
from random import Random

import pytest
from scipy import stats

from benchmarks.verdicts.ties import EXACT, compare_seconds, find_p

NAMES = "abcdefghijklm"


@pytest.mark.parametrize(("size", "other"), [*product((1, 3, 6, 20), (1, 4, 6, 30))])
def test_the_p_value_is_that_of_scipy(size: int, other: int) -> None:
    """The probability of each number of wins is exact."""
    wins = range(0, size * other + 1, max(1, size * other // 7))
    ours = [find_p(each, size, other) for each in wins]
    lower = stats.mannwhitneyu([0.0] * size, [1.0] * other, method="exact", alternative="less")
    assert find_p(0, size, other) == pytest.approx(lower.pvalue)
    orders = [_make_order(each, size, other) for each in wins]
    theirs = [stats.mannwhitneyu(*order, method="exact", alternative="less").pvalue for order in orders]
    assert ours == pytest.approx(theirs)


def _make_order(wins: int, size: int, other: int) -> tuple[list[float], list[float]]:
    """Return two samples of which the second has so many wins over the first."""
    full, rest = divmod(wins, other)
    others = [float(each) for each in range(1, other + 1)]
    # A value above k of the others gives them k wins.
    return [other + 1.0] * full + ([rest + 0.5] if full < size else []) + [0.0] * (size - full - 1), others


def draw(rng: Random, factors: dict[str, float], rounds: int = 6) -> dict[str, list[float]]:
    """Return seconds by strategy: lognormal, and one round in twenty takes 2 to 6 times as long."""
    return {
        name: [
            factor * rng.lognormvariate(3, 0.3) * (rng.uniform(2, 6) if rng.random() < 0.05 else 1)
            for _ in range(rounds)
        ]
        for name, factor in factors.items()
    }


def test_the_fastest_strategy_is_kept_and_others_are_told_apart() -> None:
    """Of equal strategies each is kept in 95 % of runs; few of twelve others with three times the seconds are kept."""
    rng = Random(1)
    equal, different = dict.fromkeys(NAMES, 1.0), dict.fromkeys(NAMES, 3.0) | {"j": 1.0}
    found = [compare_seconds(draw(rng, equal)).list_fastest(NAMES) for _ in range(400)]
    assert all(sum(name in each for each in found) >= 380 for name in NAMES)
    found = [compare_seconds(draw(rng, different)).list_fastest(NAMES) for _ in range(200)]
    assert all("j" in each for each in found)
    assert sum(len(each) - 1 for each in found) / len(found) <= 4  # of 12


def test_rounds_that_do_not_overlap_are_told_apart_beside_any_other_strategy() -> None:
    """A strategy with a slow outlier does not hide the difference of two others."""
    steady = {"fast": [30.5, 62.2, 36.0, 40.1, 33.3, 36.1], "slow": [70.4, 95.9, 88.1, 87.6, 84.2, 93.1]}
    others = {name: [40.0, 35.0, 60.0, 50.0, 45.0, 1000.0] for name in NAMES}
    found = compare_seconds(steady | others)
    assert "fast" in found.faster["slow"]
    assert "slow" not in found.list_fastest([*steady, *others])


def test_equal_rounds_tie_whatever_their_last_digits() -> None:
    """Without variation, equal seconds tie and others do not."""
    found = compare_seconds({"a": [3.0] * 4, "b": [3.0 + 1e-12] * 4, "c": [3.01] * 4})
    assert found.lack == ""
    assert found.list_fastest("abc") == ["a", "b"]
    assert found.list_fastest("c") == ["c"]
    assert found.list_fastest("") == []


def test_the_lowest_median_is_never_called_slower() -> None:
    """The test alone would reject that `a` is as fast, because half of its rounds are very slow."""
    rounds = {"a": [1.0] * 11 + [100.0] * 10, "b": [1.05] * 11 + [0.5] * 10}
    assert find_p(11 * 11, 21, 21) < 0.05
    assert compare_seconds(rounds).faster["a"] == frozenset()


def test_equal_rounds_count_half_and_are_rounded_up() -> None:
    """With 4 and 4 rounds, 1 win has p = 2 / 70 and 2 wins have 4 / 70; one equal pair and one win are 2 wins."""
    fast, slow = [1.0, 2.0, 3.0, 4.0], [3.5, 4.0, 5.0, 6.0]
    assert compare_seconds({"fast": fast, "slow": slow}).faster["slow"] == frozenset()
    assert compare_seconds({"fast": fast, "slow": [3.5, 4.1, 5.0, 6.0]}).faster["slow"] == {"fast"}


def test_each_sample_has_its_size() -> None:
    """With 3 and 6 rounds and no win, p is 1 / 84; with 3 and 3 rounds, 1 / 20 would be too large for 4 strategies."""
    seconds = {"fast": [1.0] * 6, "slow": [2.0] * 3, "c": [1.5] * 6, "d": [1.6] * 6}
    assert compare_seconds(seconds).lack == ""
    assert "fast" in compare_seconds(seconds).faster["slow"]


def test_many_rounds_use_the_normal_approximation() -> None:
    """Just above the limit, the approximation is near the exact value."""
    pairs = 32 * 32
    assert pairs > EXACT
    exact = stats.mannwhitneyu(*_make_order(330, 32, 32), method="exact", alternative="less").pvalue
    assert find_p(330, 32, 32) == pytest.approx(exact, rel=0.1)


@pytest.mark.parametrize(
    ("rounds", "strategies", "needed"), [(1, 2, 3), (2, 2, 3), (3, 3, 4), (4, 13, 5), (5, 49, 7), (6, 49, 7)]
)
def test_too_few_rounds_tie_all(rounds: int, strategies: int, needed: int) -> None:
    """The lack has the number of rounds that are needed; with these, a strategy can be called slower."""
    names = [str(number) for number in range(strategies)]
    few, enough = (
        compare_seconds({name: [float(1 + place)] * each for place, name in enumerate(names)})
        for each in (rounds, needed)
    )
    are = "1 round is" if rounds == 1 else f"{rounds} rounds are"
    assert few.lack == f"{are} too few for {strategies} strategies ({needed} are needed)"
    assert few.list_fastest(names) == names
    assert (enough.lack, enough.list_fastest(names)) == ("", ["0"])


def test_the_strategy_with_the_fewest_rounds_decides_whether_there_are_enough() -> None:
    """A strategy with a single round beside six of the others could not be called slower, whatever its seconds."""
    found = compare_seconds({"files": [20.0] * 6, "sequential": [80.0] * 6, "batch": [500.0]})
    assert found.lack == "1 round is too few for 3 strategies (4 are needed)"
    assert found.list_fastest(["files", "sequential", "batch"]) == ["files", "sequential", "batch"]
    assert (compare_seconds({}).list_fastest([]), compare_seconds({}).lack) == ([], "")
    assert compare_seconds({"a": [1.0]}).lack == ""
