"""Strategy against strategy: who may win, which is the reference, and what is said of each other."""

from dataclasses import replace

import pytest

from benchmarks.verdicts.contest import (
    Contestant,
    compare_strategies,
    describe_contest,
    find_winners,
    find_winning_strategies,
    make_head,
)
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import Finding
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Projection
from tests.helpers.judged import live

SIX = (10.0, 11.0, 12.0, 13.0, 14.0, 15.0)


def timed(*seconds: float) -> Benchmark:
    """Return a live benchmark whose rounds took these seconds."""
    return replace(live(), seconds=seconds)


BENCHMARKS = {
    "few": timed(90.0, 91.0, 92.0, 93.0, 94.0),
    "slow": timed(*(1.9 * each for each in SIX)),
    "sequential": timed(*SIX),
    "alike": timed(*(1.02 * each for each in SIX)),
    "fast": timed(*(0.6 * each for each in SIX)),
}


def test_each_strategy_has_its_own_verdict_against_sequential() -> None:
    """Wherever that stands; one with too few rounds keeps no other from being judged."""
    few, slow, alike, fast = compare_strategies(BENCHMARKS)
    needed = "it takes 6 rounds of each (--rounds=6)"
    assert few == Verdict("few", "few", Finding.CANNOT_TELL, "5 and 6 rounds", notes=(needed,))
    for found, name, finding in ((slow, "slow", Finding.SLOWER), (fast, "fast", Finding.FASTER)):
        ratio, _ = inference.compare_samples(BENCHMARKS[name].seconds, SIX)
        assert found == Verdict(name, name, finding, "6 and 6 rounds", ratio, ratio.visible)
    ratio, p = inference.compare_samples(BENCHMARKS["alike"].seconds, SIX)
    notes = (f"p = {p:.2f}; more rounds tell smaller differences",)  # the largest of the three is not adjusted
    assert alike == Verdict("alike", "alike", Finding.CANNOT_TELL, "6 and 6 rounds", ratio, ratio.visible, notes)


def test_without_sequential_the_first_is_the_reference() -> None:
    """The head of the table names it."""
    others = {name: BENCHMARKS[name] for name in ("fast", "slow")}
    (found,) = compare_strategies(others)
    assert (found.name, found.finding) == ("slow", Finding.SLOWER)
    assert (make_head(others)[0], make_head(BENCHMARKS)[0]) == ("against fast", "against sequential")


def test_the_lines_are_a_table_against_the_reference_and_the_caveat() -> None:
    """The caveat says for how many comparisons p values are adjusted."""
    lines = describe_contest(BENCHMARKS)
    assert lines[0] == ""
    assert lines[1].startswith("against sequential  ")
    assert lines[-1].endswith("adjusted by Holm's method for being 4.")
    assert describe_contest({"sequential": BENCHMARKS["sequential"]}) == []


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_a_missing_answer_or_an_extrapolation_never_wins(order: tuple[int, ...]) -> None:
    """Both are left out and named, in their order; one that is both is incomplete."""
    every = [
        Contestant("best", 9.0, 0.2, 0.9),
        Contestant("incomplete", 1.0, 0.1, 1.0, is_complete=False),
        Contestant("extrapolated", 1.0, 0.1, 1.0, is_extrapolated=True),
        Contestant("both", 1.0, 0.1, 1.0, is_complete=False, is_extrapolated=True),
    ]
    found = find_winners(every[index] for index in order)
    assert found.fastest == found.cheapest == found.most_right == every[0]
    assert found.incomplete == [every[index] for index in order if index in (1, 3)]
    assert found.extrapolated == [every[2]]


def test_a_projected_strategy_is_left_out_where_it_is_extrapolated() -> None:
    """The record says so."""
    made = {}
    for name, sizes in (("measured", []), ("guessed", [5])):
        projection = Projection(requests=4, source="gemini", recorded_at="", extrapolated=sizes, interval=None)
        made[name] = replace(live(), record=live().record.model_copy(update={"projected": projection}))
    found = find_winning_strategies(made)
    assert [[each.name for each in group] for group in (found.contestants, found.extrapolated)] == [
        ["measured"],
        ["guessed"],
    ]
