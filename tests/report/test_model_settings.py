"""The sentences about settings: comparisons, contenders that none beats, service tiers, and simulated answers."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.history.groups import find_reference, group_benchmarks
from benchmarks.report.figures.frontier import draw_frontier
from benchmarks.report.figures.style import Drawing
from benchmarks.report.sentences.model_settings import describe_model_settings
from benchmarks.report.sentences.remarks import describe_tiers
from benchmarks.report.tables import make_final_table, make_frontier_table
from benchmarks.verdicts.answers.agreement import find_agreements
from benchmarks.verdicts.frontier import describe_frontier
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from fixtures.run.record.provenance import (
    SETTINGS_MADE_UP,
    SIZE_NOT_SEEN,
    TIERS_MADE_UP,
    TIERS_PRICED,
    describe_provenance,
    describe_provenance_briefly,
)
from tests.helpers.runs import make_benchmark, read_made
from tests.helpers.terminal import show_group

NAMES = tuple(f"{letter}.jpg" for letter in "abcdefghijkl")
LABELS = dict.fromkeys(NAMES, "cat")
KIND = {"answer": "label", "choices": ["cat", "dog"]}


def answer(strategy: str = "bounded", *, right: int = 12, seconds: float = 10.0, **changed: Any) -> Benchmark:
    """Return a benchmark about twelve labels, with this number of right answers in each of two rounds."""
    given = dict(zip(NAMES, ["cat"] * right + ["dog"] * (12 - right), strict=True))
    info: dict[str, Any] = {
        "truth": LABELS,
        "task": KIND,
        "answers": given,
        "answers_by_round": [given] * 2,
        "mean_absolute_error": None,
        "cost_usd": 0.01 * seconds,
    }
    made = make_benchmark(strategy, images=NAMES, rounds=2, **info | changed)
    made["stats"]["data"] = [seconds] * 2
    return read_benchmark(made)


def label(*benchmarks: Benchmark) -> dict[str, Benchmark]:
    """Return benchmarks by label."""
    return {each.record.label: each for each in benchmarks}


LOW: dict[str, Any] = {"model_settings": {"thinking_level": "low"}}
HIGH: dict[str, Any] = {"model_settings": {"thinking_level": "high", "media_resolution": "low"}}
LIVE: dict[str, Any] = {"timing": "live", "source": "gemini"}


def test_a_setting_is_compared_with_the_run_without_settings() -> None:
    """The sentence compares seconds, cost and right answers, and states the loss that is not ruled out."""
    (sentence,) = describe_model_settings(label(answer(**LOW, seconds=2.5, right=11), answer()))
    assert sentence == (
        "bounded (thinking low) takes 0.25 times as long as bounded and costs 0.25 times as much. Its answers are "
        "92 % right (65 to 99 %) against 100 % right (76 to 100 %), simulated: no difference seen, but a loss of up to "
        "27 percentage points is not ruled out (95 %, for this comparison alone)."
    )


def test_answers_of_the_api_are_not_called_simulated() -> None:
    """For answers of the API, nothing is called simulated or made up."""
    lines = "\n".join(show_group([answer(**LOW, **LIVE, right=2), answer(**LIVE)]))
    assert "Its answers are 17 % right (5 to 45 %) against 100 % right (76 to 100 %): worse." in lines
    assert "simulated" not in lines
    assert SETTINGS_MADE_UP not in lines


def test_every_sentence_about_right_answers_says_that_they_are_simulated() -> None:
    """In the terminal, every sentence about simulated right answers says so, and the last lines explain it."""
    lines = show_group([answer(), answer(**LOW, right=11), answer(**HIGH, right=2)])
    assert SETTINGS_MADE_UP in "".join(lines)
    about = [line for line in lines if "right" in line and line.endswith(".") and " times " in line]
    about += [line for line in lines if line.startswith(("Most right", "For 12", "Of 3 contenders,", "Differences in"))]
    assert len(about) == 6
    assert all("simulated" in line for line in about)


def test_without_prices_and_truths_only_seconds_are_compared() -> None:
    """Without prices and truths, the sentence compares the seconds only."""
    unknown: dict[str, Any] = {"truth": {}, "cost_usd": None}
    (sentence,) = describe_model_settings(label(answer(**LOW, **unknown, seconds=5.0), answer(**unknown)))
    assert sentence == "bounded (thinking low) takes 0.50 times as long as bounded."


def test_the_frontier_names_only_known_criteria() -> None:
    """Without truths the frontier does not mention right answers, and without prices it does not mention cost."""
    unjudged: dict[str, Any] = {"truth": {}}
    made = label(answer(**unjudged), answer(**LOW, **unjudged, seconds=2.0), answer(**HIGH, **unjudged, seconds=20.0))
    better = "no other is at least as good in time and cost and better in one of them"
    assert describe_frontier(made) == f"Of 3 contenders, 1 is Pareto-optimal: {better}"
    unpriced: dict[str, Any] = {"cost_usd": None, "truth": {}}
    fast = label(answer(**unpriced), answer(**LOW, **unpriced), answer(**HIGH, **unpriced))
    assert describe_frontier(fast) == "All 3 contenders are Pareto-optimal: no other is faster"


def test_equal_scores_are_reported() -> None:
    """No loss is mentioned if every image has the same score."""
    (sentence,) = describe_model_settings(label(answer(**LOW, seconds=2.5), answer()))
    assert sentence.endswith("against 100 % right (76 to 100 %), simulated: every image has the same score.")


def test_the_simulator_ignores_the_size_of_images() -> None:
    """The provenance says that the simulator's answers do not depend on the size of the images."""
    small: dict[str, Any] = {"model_settings": {"max_side": 64}}
    assert SIZE_NOT_SEEN in describe_provenance_briefly([answer(**small).record, answer().record])
    assert SIZE_NOT_SEEN not in describe_provenance([answer(**small, **LIVE).record, answer(**LIVE).record])


def test_without_settings_there_are_no_sentences_about_them() -> None:
    """If no contender has a setting, there are no sentences about settings."""
    assert describe_model_settings(label(answer(), answer("batch"), answer("files"))) == []


def test_with_several_strategies_only_the_frontier_is_described() -> None:
    """With several strategies, only the frontier is described, because there would be too many comparisons."""
    sentences = describe_model_settings(
        label(answer(), answer("batch", **LOW, seconds=2.0, right=11), answer("files", seconds=20.0))
    )
    assert len(sentences) == 1
    assert sentences[0] == (
        "Of 3 contenders, 2 are Pareto-optimal: no other is at least as good in time, cost and right answers and "
        "better in one of them (differences between them may be chance; the answers are simulated): "
        "batch (thinking low), bounded."
    )


def test_the_frontier_is_a_table_and_marked_in_the_figure(tmp_path: Path) -> None:
    """The table of the frontier and the figure have the same contenders."""
    made = [answer(), answer(**LOW, seconds=2.0, right=11), answer(**HIGH, seconds=20.0, right=5)]
    table = make_frontier_table(label(*made))
    assert table is not None
    assert [row[0] for row in table.rows] == ["bounded (thinking low)", "bounded"]
    assert table.caption.endswith("may be chance; the answers are simulated")
    (group,) = group_benchmarks(made)
    drawing = draw_frontier(group, tmp_path)
    assert isinstance(drawing, Drawing)
    assert drawing.alt.endswith("Pareto-optimal: bounded, bounded (thinking low).")
    assert make_frontier_table(label(*made[:2])) is None


@pytest.mark.parametrize(
    ("labels", "reference"),
    [
        (["batch", "sequential"], "sequential"),
        (["sequential (thinking low)", "sequential", "batch"], "sequential"),
        (["batch", "sequential (thinking low)", "sequential (thinking high)"], "sequential (thinking low)"),
        (["batch (thinking low)", "batch"], "batch"),
        (["batch (thinking high)", "batch (thinking low)"], "batch (thinking high)"),
        (["batch (thinking low)", "files"], None),
        (["batch"], None),
    ],
)
def test_the_reference_of_a_group(labels: list[str], reference: str | None) -> None:
    """The reference is sequential, or for a single strategy its run without settings or else its first."""
    made: dict[str, Benchmark] = {}
    for each in labels:
        strategy, _, level = each.rstrip(")").partition(" (thinking ")
        settings = {"thinking_level": level} if level else {}
        made |= label(read_made(strategy, model_settings=settings))
    assert list(made) == labels
    assert find_reference(made) == reference


def test_the_table_names_the_reference() -> None:
    """If sequential did not run, the head of the column of ratios names the reference."""
    table = make_final_table(label(answer(**HIGH, seconds=5.0), answer(**LOW)))
    first, second = (dict(zip(table.head, row, strict=True)) for row in table.rows)
    assert first["speedup against bounded (thinking low)"] == "2.00"
    assert second["speedup against bounded (thinking low)"] == "-"


def test_settings_are_compared_by_agreement_without_truths() -> None:
    """Without truths, settings are compared by agreement; the reference's is between its own rounds."""
    unknown: dict[str, Any] = {"truth": {}}
    made = label(answer(**unknown), answer(**LOW, **unknown, right=9))
    assert find_agreements(made) == {"bounded": 1.0, "bounded (thinking low)": 0.75}
    assert "gives the same answer as bounded, over all pairs" in "\n".join(show_group(list(made.values())))


def test_answers_from_another_tier_are_reported() -> None:
    """The number of answers from another service tier is printed, and so are answers that do not name their tier."""
    priority: dict[str, Any] = {"model_settings": {"service_tier": "priority"}}
    name = "bounded (tier priority)"
    served = answer(**priority, served_tiers={"priority": 9, "standard": 3}).record
    assert list(describe_tiers(name, served)) == [
        f"{name}: 3 of 12 answers were served by the standard tier, not priority, and standard prices are used for them"
    ]
    assert list(describe_tiers(name, answer(**priority).record)) == [
        f"{name}: no response names its service tier; all are priced as priority"
    ]
    assert list(describe_tiers(name, answer(**priority, served_tiers={"priority": 12}).record)) == []
    assert list(describe_tiers("bounded", answer().record)) == []
    job = answer("batch", **priority, served_tiers={"batch": 12}).record
    assert list(describe_tiers("batch", job)) == [
        "batch: priced as a batch job; the effect of the priority tier on batch jobs is not known"
    ]


def test_the_origin_of_prices_of_tiers_is_printed() -> None:
    """The origin of the prices of tiers is printed for runs with a tier, and not for others."""
    flex: dict[str, Any] = {"model_settings": {"service_tier": "flex"}}
    for describe in (describe_provenance, describe_provenance_briefly):
        told = describe([answer(**flex).record])
        assert TIERS_PRICED in told
        assert TIERS_MADE_UP in told
        assert SETTINGS_MADE_UP not in told
        assert TIERS_MADE_UP not in describe([answer(**flex, **LIVE).record])
        assert TIERS_PRICED not in describe([answer(**LOW).record])


def test_a_stored_run_with_unknown_settings_is_refused() -> None:
    """Unknown settings in a stored run raise an error."""
    with pytest.raises(ValueError, match="loud"):
        read_made("bounded", model_settings={}).record.model_validate(
            read_made("bounded").record.model_dump() | {"model_settings": {"thinking_level": "loud"}}
        )
