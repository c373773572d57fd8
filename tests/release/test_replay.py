"""The baseline and the figures are updated only if necessary."""

from pathlib import Path

import pytest
from PIL import Image as PillowImage

from benchmarks.release.replay import judge_baseline, looks_different
from benchmarks.report.figures.style import BLUE, GREEN
from fixtures.base.errors import RunError

EMPTY: dict[str, list[str]] = {"same": [], "slower": [], "grown": [], "failed": []}


def test_a_baseline_of_the_same_recordings_is_kept() -> None:
    """A baseline of the same recordings is kept, with a sentence that says why."""
    stays, sentence = judge_baseline(EMPTY | {"same": ["a"]}, {"a": [1.0]}, {"a": [1.0]})
    assert stays
    assert "is kept: the recordings are the same, and all 1 benchmarks are `same`" in sentence


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"a": [1.0], "b": [1.0]}, {"a": [1.0]}),
        ({"a": [1.0]}, {"a": [1.0], "b": [1.0]}),
        ({"a": [2.0]}, {"a": [1.0]}),
    ],
    ids=["new", "gone", "recorded again"],
)
def test_a_baseline_of_other_recordings_is_updated(now: dict[str, list[float]], before: dict[str, list[float]]) -> None:
    """The baseline is updated if a benchmark is new, gone, or was recorded again."""
    stays, sentence = judge_baseline(EMPTY | {"same": ["a"]}, now, before)
    assert not stays
    assert "is updated" in sentence


def test_a_benchmark_that_got_faster_updates_the_baseline() -> None:
    """The baseline is updated if a benchmark got faster."""
    assert not judge_baseline(EMPTY, {"a": [1.0]}, {"a": [1.0]})[0]


@pytest.mark.parametrize("finding", ["slower", "grown", "failed"])
def test_a_benchmark_that_got_worse_on_the_same_recording_is_an_error(finding: str) -> None:
    """A benchmark that got worse on the same recording raises an error that says how to accept it."""
    with pytest.raises(RunError, match=r"failed: a\. .*delete \.benchmarks/0001_baseline\.json"):
        judge_baseline(EMPTY | {finding: ["a"]}, {"a": [1.0]}, {"a": [1.0]})


def test_a_slower_recording_is_not_a_regression() -> None:
    """A new recording may be slower than the old one; the baseline is updated."""
    assert not judge_baseline(EMPTY | {"slower": ["a"]}, {"a": [2.0]}, {"a": [1.0]})[0]


@pytest.mark.parametrize(
    ("size", "box", "is_different"),
    [((100, 100), (0, 0, 5, 5), False), ((100, 100), (0, 0, 5, 7), True), ((101, 100), (0, 0, 0, 0), True)],
)
def test_a_figure_is_updated_if_it_looks_different(
    size: tuple[int, int], box: tuple[int, int, int, int], tmp_path: Path, *, is_different: bool
) -> None:
    """A figure is updated if its size or more than 0.3 % of its pixels changed; 25 of 10,000 are ignored."""
    PillowImage.new("RGB", (100, 100), "white").save(tmp_path / "old.png")
    new = PillowImage.new("RGB", size, "white")
    new.paste("black", box)
    new.save(tmp_path / "new.png")
    assert looks_different(tmp_path / "new.png", tmp_path / "old.png") == is_different


def test_another_colour_is_a_different_figure(tmp_path: Path) -> None:
    """The colours of a tied and of a slower strategy have nearly the same brightness, but are different."""
    for name, colour in (("old", GREEN), ("new", BLUE)):
        PillowImage.new("RGB", (100, 100), colour).save(tmp_path / f"{name}.png")
    assert looks_different(tmp_path / "new.png", tmp_path / "old.png")
