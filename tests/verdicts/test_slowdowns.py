"""Ten seeded slow-downs, each in another strategy: the replay's verdict detects each, with its cause."""

import re

import pytest

from tests.helpers.suite import Run, run_suite

ID = "gemini-3.8-flash-sixteen"
EXPECTED = {
    "sequential": ("slower", r"waiting: 1[6-9]\.", "without any request under way instead of 0.0"),
    "concurrent": ("slower", "waiting: 1.0 requests at a time", r"\(at most 1 instead of 16\)"),
    "bounded": ("slower", "waiting: ", r"\(at most 4 instead of 8\)"),
    "files": ("slower", "waiting: ", "requests at a time on average instead of "),
    "streamed": ("failed", "it was sent more often than it was recorded", r"about [a-z]+\."),
    "structured": ("failed", "it was sent more often than it was recorded", "generateContent"),
    "chunked": ("failed", "it is about 5 images, the recorded one about 4", "the same: model"),
    "single_prompt": ("failed", "the prompt differs from character", "the same: images, model"),
    "threads": ("failed", "differs from the recorded one", "the same: prompt, model"),
    "batch": ("failed", "image 16, ", "differs from the recorded one"),
}
"""The verdict on each slow-down of `tests/helpers/slowdowns.py`, and patterns of its reason. Slow-downs that send other
requests fail, because these miss in the cassette. The sixteen seconds of sleep take longer on a busy machine."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Replay all strategies with the slow-downs and compare them with the baseline."""
    options = ("--benchmark-compare=0001_baseline", "--fail-on-regression", "--benchmark-storage=.benchmarks")
    return run_suite(tmp_path_factory.mktemp("slow"), *options, "--images=sixteen", "-p", "tests.helpers.slowdowns")


@pytest.mark.parametrize("strategy", EXPECTED)
def test_a_slow_down_is_caught_and_attributed(run: Run, strategy: str) -> None:
    """The row has the verdict, and one sentence the reason; that of a failure is printed once, with its test."""
    word, *reasons = EXPECTED[strategy]
    lines = run.output.splitlines()
    rows = [line for line in lines if re.match(rf"{strategy}  .*( {word}|{word}, grown)$", line)]
    assert len(rows) == 1
    if word == "failed":
        told = lines[next(i for i, line in enumerate(lines) if f"_ test_strategy[{ID}-{strategy}] _" in line) + 1]
        assert run.output.partition("short test summary")[0].count(told) == 1
    else:
        told = next(line for line in lines if line.startswith(f"{strategy} ({word}): "))
    assert [reason for reason in reasons if not re.search(reason, told)] == []


def test_slower_strategies_set_the_exit_code(run: Run) -> None:
    """The run fails, and a sentence names the strategies that got slower."""
    assert run.code == pytest.ExitCode.TESTS_FAILED
    names = ", ".join(f"{ID}-{name}" for name, said in EXPECTED.items() if said[0] == "slower")
    assert f"Worse than the stored runs: {names}." in run.output
    assert "Traceback" not in run.output
