"""Tests of the comparison of strategies: winners, ties, advice, the reference, and strategies left out."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from benchmarks.verdicts.answers.questions import ask_same_questions
from benchmarks.verdicts.contest import (
    Best,
    Contestant,
    compare_strategies,
    find_winners,
    find_winning_strategies,
    make_caveat,
    make_head,
    place_incomplete_last,
)
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import Finding
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Projection
from tests.helpers.judged import live, with_changes, with_seconds

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
    """Each strategy is compared with `sequential`; one with too few rounds does not affect the others."""
    few, slow, alike, fast = compare_strategies(BENCHMARKS)
    needed = "needs 6 rounds of each (--rounds=6)"
    assert few == Verdict("few", "few", Finding.CANNOT_TELL, "5 and 6 rounds", notes=(needed,))
    for found, name, finding in ((slow, "slow", Finding.SLOWER), (fast, "fast", Finding.FASTER)):
        ratio, _ = inference.compare_samples(BENCHMARKS[name].seconds, SIX)
        assert found == Verdict(name, name, finding, "6 and 6 rounds", ratio, ratio.visible)
    ratio, p = inference.compare_samples(BENCHMARKS["alike"].seconds, SIX)
    notes = (f"p = {p:.2f}; more rounds can show smaller differences",)  # the largest of the three is not adjusted
    assert alike == Verdict("alike", "alike", Finding.CANNOT_TELL, "6 and 6 rounds", ratio, ratio.visible, notes)


def test_without_sequential_the_first_is_the_reference() -> None:
    """Without `sequential`, the first strategy is the reference, and the head of the table names it."""
    others = {name: BENCHMARKS[name] for name in ("fast", "slow")}
    (found,) = compare_strategies(others)
    assert (found.name, found.finding) == ("slow", Finding.SLOWER)
    assert (make_head(others)[0], make_head(BENCHMARKS)[0]) == ("against fast", "against sequential")


def test_the_caveat_counts_the_comparisons() -> None:
    """The caveat has the number of comparisons; strategies with too few rounds do not count."""
    assert make_caveat(compare_strategies(BENCHMARKS)).endswith("corrected for 3 comparisons (Holm).")
    assert compare_strategies({"sequential": BENCHMARKS["sequential"]}) == []
    few = {name: replace(each, seconds=each.seconds[:1]) for name, each in BENCHMARKS.items()}
    assert "p values" not in make_caveat(compare_strategies(few))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0)])
def test_a_missing_answer_or_an_extrapolation_never_wins(order: tuple[int, ...]) -> None:
    """Both are left out and listed in their order; a contestant that is both is listed as incomplete."""
    every = [
        Contestant("best", 9.0, 0.2, 0.9),
        Contestant("incomplete", 1.0, 0.1, 1.0, is_complete=False),
        Contestant("extrapolated", 1.0, 0.1, 1.0, is_extrapolated=True),
        Contestant("both", 1.0, 0.1, 1.0, is_complete=False, is_extrapolated=True),
    ]
    found = find_winners(every[index] for index in order)
    assert found.fastest == found.cheapest == found.most_right == found.advised == Best([every[0]])
    assert found.incomplete == [every[index] for index in order if index in (1, 3)]
    assert found.extrapolated == [every[2]]


def test_a_projected_strategy_is_left_out_if_it_is_extrapolated() -> None:
    """A projected benchmark can win unless its record has extrapolated sizes."""
    made = {}
    for name, sizes in (("measured", []), ("guessed", [5])):
        projection = Projection(requests=4, source="gemini", recorded_at="", extrapolated=sizes, interval=None)
        made[name] = replace(live(), record=live().record.model_copy(update={"projected": projection}))
    found = find_winning_strategies(made)
    assert [[each.name for each in group] for group in (found.contestants, found.extrapolated)] == [
        ["measured"],
        ["guessed"],
    ]


IMAGES = [f"{number}.jpg" for number in range(12)]
TASK = {"answer": "label", "choices": ["shoe", "shirt"]}


def send(*seconds: float, cost: float = 0.1, wrong: int = 0, images: int = 1, **changed: Any) -> Benchmark:
    """Return a replayed benchmark of twelve labels, with `wrong` wrong ones and `images` images per request."""
    answers = {image: "shirt" if number < wrong else "shoe" for number, image in enumerate(IMAGES)}
    spans = [[0.0, 1.0, 200, IMAGES[first : first + images]] for first in range(0, len(IMAGES), images)]
    about: dict[str, Any] = {
        "task": TASK,
        "truth": dict.fromkeys(IMAGES, "shoe"),
        "answers": answers,
        "answers_by_round": [answers] * len(seconds),
        "spans": spans,
        "cost_usd": cost,
        "mean_absolute_error": None,
    }
    return with_seconds(seconds, **about | changed)


FILES = (18.4, 19.7, 21.6, 19.1, 20.4, 18.9)
BOUNDED = (20.3, 18.5, 29.6, 19.8, 21.0, 20.5)
"""Rounds of two strategies that send the same requests in the same way, so that their medians differ by chance."""


def vary(middle: float) -> tuple[float, ...]:
    """Return six rounds around a median, which vary by about 10 %; each median has its own random draws."""
    draws = Random(middle)
    return tuple(middle * draws.lognormvariate(0, 0.1) for _ in range(6))


def test_chance_makes_no_winner() -> None:
    """A strategy that is slower only by chance is returned with the fastest; one that takes twice as long is not."""
    made = {"files": send(*FILES), "sequential": send(*vary(45.0)), "bounded": send(*BOUNDED)}
    found = find_winning_strategies(made)
    assert found.fastest.names == ["files", "bounded"]
    assert found.advised.names == ["files", "bounded"]


def test_of_strategies_that_tie_the_lowest_median_comes_first() -> None:
    """The median is the figure that is shown; the mean of `files` is the lower one here."""
    found = find_winning_strategies({"files": send(10.0, 30.0, 31.0, 30.0, 32.0, 10.0), "bounded": send(*[29.0] * 6)})
    assert found.fastest.names == found.advised.names == ["bounded", "files"]


@pytest.mark.parametrize(
    ("timing", "source"), [("replayed", "simulator"), ("virtual", "simulator"), ("live", "gemini")]
)
def test_rounds_of_every_kind_are_judged_alike(timing: str, source: str) -> None:
    """Ties in seconds are the same for replayed, virtual and live rounds."""
    kind: dict[str, Any] = {"timing": timing, "source": source}
    made = {"files": send(*FILES, **kind), "bounded": send(*BOUNDED, **kind)}
    assert find_winning_strategies(made).fastest.names == ["files", "bounded"]


def test_with_one_round_all_seconds_tie() -> None:
    """With one round each, no strategy is called slower, and the advice is based on right answers and cost."""
    made = {"files": send(1.0), "batch": send(90.0, cost=0.05, images=12), "threads": send(2.0)}
    found = find_winning_strategies(made)
    assert found.fastest.names == ["files", "threads", "batch"]
    assert found.fastest.lack == "1 round is too few for 3 strategies (4 are needed)"
    assert found.criteria == ["right answers", "speed", "cost"]
    assert (found.advised.names, found.advised.lack) == (["files", "threads"], found.fastest.lack)


def test_strategies_may_have_different_numbers_of_rounds() -> None:
    """All rounds are compared; one slow round more does not change which strategy is the fastest."""
    made = {"files": send(*vary(20.0), 4000.0), "bounded": send(*vary(40.0))}
    assert find_winning_strategies(made).fastest.names == ["files"]


UPLOADS = [[0.0, 0.1, 200, []], *([0.1, 0.2, 200, [image]] for image in IMAGES for _ in range(2))]
"""The requests of a strategy that uploads each image before it asks the question about it."""


@pytest.mark.parametrize(
    ("changed", "is_alike"),
    [
        ({"settings": {"concurrency": 8}}, True),
        ({"prompt_sha256": "with uploads", "spans": UPLOADS}, True),
        ({"thoughts_tokens": 99_999}, True),
        ({"images": 4}, False),
        ({"model_settings": {"thinking_level": "low"}}, False),
        ({"served_tiers": {"batch": 12}}, False),
        ({"input_tokens": 20_000}, False),
        ({"image_tokens": None, "prompt_sha256": "another"}, False),
    ],
)
def test_costs_of_the_same_questions_tie(changed: dict[str, Any], is_alike: bool) -> None:  # noqa: FBT001 - a case
    """Costs tie unless the text tokens, the images per request, the model settings or the tiers differ."""
    one, other = send(1.0, 2.0, cost=0.1), send(1.0, 2.0, cost=0.11, **changed)
    found = find_winning_strategies({"other": other, "one": one}).cheapest.names
    assert found == (["one", "other"] if is_alike else ["one"])


def test_the_same_questions_with_another_tier_are_still_the_same() -> None:
    """The price differs by the service tier, but not the answers that are expected."""
    one, job = send(1.0).record, send(1.0, served_tiers={"batch": 12}, images=12).record
    assert ask_same_questions(one, job)
    assert not ask_same_questions(one, send(1.0, images=4).record)
    assert not ask_same_questions(one, send(1.0, served_tiers={"batch": 12}, input_tokens=9_999).record)


def test_cancelled_requests_do_not_change_the_questions() -> None:
    """Of 13 requests with 130 text tokens one was cancelled, so that 120 tokens remain, as of 12 requests."""
    tokens = {"image_tokens": 1_000}
    one = send(1.0, requests=12, input_tokens=1_120, **tokens).record
    assert ask_same_questions(one, send(1.0, requests=13, cancelled=1, input_tokens=1_130, **tokens).record)
    assert not ask_same_questions(one, send(1.0, requests=13, input_tokens=1_130, **tokens).record)


@pytest.mark.parametrize(
    "tiers", [({"batch": 6}, {"batch": 6}), ({"batch": 12}, {"batch": 6}), ({"batch": 6, "standard": 6},) * 2]
)
def test_costs_do_not_tie_if_a_job_answered_some_images(tiers: Sequence[dict[str, int]]) -> None:
    """Costs do not tie if a batch job answered only some images; if jobs answered all images, they tie."""

    def find_cheapest(*tiers: dict[str, int]) -> list[str]:
        made = {}
        for name, cost, served in zip(("batch", "batch_files"), (0.1, 0.11), tiers, strict=True):
            sent = send(1.0, 2.0, cost=cost, served_tiers=served)
            made[name] = replace(sent, record=with_changes(sent.record, strategy=name, images=len(IMAGES)))
        return find_winning_strategies(made).cheapest.names

    assert find_cheapest(*tiers) == ["batch"]
    assert find_cheapest({"batch": 12}, {"batch": 12}) == ["batch", "batch_files"]


def test_the_cheapest_have_the_lowest_mean_cost() -> None:
    """The cheapest questions are those with the lowest mean cost, not those of the single cheapest strategy."""
    dear = {"a": send(1.0, cost=0.09), "b": send(1.0, cost=0.2), "together": send(1.0, cost=0.1, images=12)}
    assert find_winning_strategies(dear).cheapest.names == ["together"]


def test_the_advice_is_right_then_fast_then_cheap() -> None:
    """The advised strategy is the cheapest of the fastest of those with right answers."""
    made = {
        "quick": send(*vary(1.0), wrong=12, images=12),
        "sequential": send(*vary(90.0), cost=0.01, images=6),
        "bounded": send(*vary(20.0), cost=0.2, images=2),
        "cheap": send(*vary(20.5), cost=0.1, images=3),
    }
    found = find_winning_strategies(made)
    assert (found.fastest.names, found.cheapest.names) == (["quick"], ["sequential"])
    assert set(found.most_right.names) == {"sequential", "bounded", "cheap"}
    assert found.advised.names == ["cheap"]
    assert found.criteria == ["right answers", "speed", "cost"]


def test_with_few_truths_only_strategies_that_may_be_as_right_are_advised() -> None:
    """Three truths show no difference, but three wrong answers of three are outside the interval that holds zero."""
    truth = dict.fromkeys(IMAGES[:3], "shoe")
    made = {
        "quick": send(*vary(1.0), wrong=3, images=12, truth=truth),
        "near": send(*vary(5.0), wrong=1, images=6, truth=truth),
        "sequential": send(*vary(20.0), truth=truth),
    }
    found = find_winning_strategies(made)
    assert found.most_right.lack.startswith("3 images are too few")
    assert (found.fastest.names, found.advised.names) == (["quick"], ["near"])


def test_wrong_answers_to_the_same_prompts_are_not_advised() -> None:
    """A strategy that mixes up its answers is not as right as another with its prompts."""
    found = find_winning_strategies({"mixed": send(*vary(1.0), wrong=12), "sequential": send(*vary(20.0))})
    assert (found.fastest.names, found.advised.names) == (["mixed"], ["sequential"])


def test_of_ties_the_cheapest_with_the_fewest_requests_is_advised() -> None:
    """A lower cost counts only if the median is at most 20 % above the lowest, and fewer requests only for ties."""
    rounds = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)  # of which all strategies have a multiple, so that none is slower
    made = {
        "files": send(*rounds, requests=48),
        "bounded": send(*(1.1 * each for each in rounds), requests=12),
        "streamed": send(*(1.05 * each for each in rounds), requests=12),
        "late": send(*(1.3 * each for each in rounds), requests=1, cost=0.01, images=12),
    }
    found = find_winning_strategies(made)
    assert found.fastest.names == ["files", "streamed", "bounded", "late"]
    assert found.advised.names == ["streamed", "files", "bounded"]
    cheap = send(*(1.15 * each for each in rounds), requests=1, cost=0.01, images=6)
    assert find_winning_strategies(made | {"cheap": cheap}).advised.names == ["cheap"]


def test_one_that_lacks_an_answer_is_not_compared_and_is_no_reference() -> None:
    """A strategy with missing answers comes last and cannot win; the next strategy is the reference."""
    failed = replace(live(), seconds=(0.1,) * 6, record=with_changes(live().record, errors={"a.jpg": "503"}))
    made = place_incomplete_last({"sequential": failed, **{name: BENCHMARKS[name] for name in ("alike", "fast")}})
    assert [*made] == ["alike", "fast", "sequential"]
    fast, last = compare_strategies(made)
    assert (fast.name, fast.finding) == ("fast", Finding.FASTER)
    notes = ("1 of 2 images have no answer",)
    assert last == Verdict("sequential", "sequential", Finding.REFUSED, "nothing", notes=notes)
    assert make_head(made)[0] == "against alike"
    assert make_caveat(compare_strategies(made)).endswith("corrected for 1 comparison (Holm).")
    assert compare_strategies({name: made[name] for name in ("alike", "sequential")}) == []
    assert find_winning_strategies(made).fastest.names == ["fast"]
