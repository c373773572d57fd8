"""A folder of images and a task file suffice for one's own question, from recording to plan."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.plan import __main__ as command
from benchmarks.plan import samples
from tests.helpers.simulated import serve_folder
from tests.helpers.suite import Run, make_images, run_suite
from tests.helpers.tasks import write_task
from tests.plan.made import CLIENT

MODEL = "gemini-2.5-flash"
NAMES = [f"r{number:02}.jpg" for number in range(1, 13)]
TRUTH = {name: 10.5 * number for number, name in enumerate(NAMES, start=1)}
ASKED = (
    'question = "What is the total on this receipt? Return just the number."',
    'answer = "number"',
    'unit = "dollars"',
    "tolerance = 0.005",
)


class Own:
    """A set of one's own images, recorded from a server that the suite did not start, and replayed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = make_images(folder / "shop", dict.fromkeys(NAMES, 0))
        write_task(self.images, *ASKED, truth=TRUTH)
        with serve_folder(self.images) as url:
            self.recorded = self.run("--record-mode=rewrite", f"--base-url={url}", f"--model={MODEL}", "--rounds=2")
        self.replayed = self.run(f"--report={folder / 'report'}")

    def run(self, *options: str) -> Run:
        """Run the suite on these images and cassettes."""
        return run_suite(
            self.folder, f"--images={self.images}", f"--cassette-dir={self.folder / 'cassettes'}", *options
        )


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Own:
    """Record three strategies once, and replay them."""
    made = Own(tmp_path_factory.mktemp("own"))
    assert made.recorded.code == 0, made.recorded.output
    assert made.replayed.code == 0, made.replayed.output
    return made


def test_it_replays_offline_with_its_answers(own: Own) -> None:
    """Every strategy reads a number for every image, the same on replay, and the run reports dollars."""
    for strategy in ("sequential", "concurrent", "single_prompt"):
        info: dict[str, Any] = own.replayed.info(strategy)
        assert info["answers_by_round"] == own.recorded.info(strategy)["answers_by_round"]
        assert all(isinstance(answer, float) for answer in info["answers"].values())
        assert info["truth"] == TRUTH
    right = own.replayed.info("sequential")["right"]
    assert 0.8 <= right <= 1.0, "the simulator misreads one number in 25"
    assert re.search(r"use \w+: .* \d+ % right \(95 % interval \d+ to \d+ %\)\.", own.replayed.output)
    assert "people" not in own.replayed.output


def test_it_is_reported_in_its_own_terms(own: Own) -> None:
    """The page and the Markdown summary use the task's unit."""
    for name in ("index.html", "summary.md"):
        text = (own.folder / "report" / name).read_text(encoding="utf-8")
        assert "dollars" in text
        assert "people" not in text


def test_recording_it_says_once_what_is_kept_and_where(own: Own) -> None:
    """A recording says once that it stores answers, which may be personal; a replay stores none and does not say so."""
    said = f"{own.folder / 'cassettes' / MODEL / 'shop'} now contains the answers about images in {own.images}"
    assert own.recorded.output.count("now contains the answers about") == 1
    assert said in own.recorded.output
    assert "now contains the answers about" not in own.replayed.output


def test_it_is_planned(own: Own, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan uses the set's number of images, kind of answer and truths."""
    # To save seconds: fewer simulated images than 10,000, and no measurement of the client.
    monkeypatch.setattr(samples, "IMAGES", 600)
    monkeypatch.setattr(samples, "LEAST_REQUESTS", 50)
    monkeypatch.setattr(command, "measure_client", lambda: CLIENT)
    monkeypatch.setattr(sys, "argv", ["plan", f"--images={own.images}", f"--model={MODEL}", "--least-right=0.5"])
    assert command.main() == 0
    told = capsys.readouterr().out
    assert "12 images, gemini-2.5-flash, no rate limits, at least 50 % right" in told
    assert ", 12 images), off by " in told
    assert " dollars; " in told


def test_answers_that_are_read_worse_fail_the_gate(own: Own, tmp_path: Path) -> None:
    """With equal seconds, an image that the stored run had right and this run has wrong fails the gate."""
    storage = tmp_path / "storage"
    stored = own.run(f"--benchmark-storage={storage}", "--benchmark-autosave")
    assert stored.code == 0, stored.output
    (path,) = storage.rglob("*.json")
    text = path.read_text(encoding="utf-8")
    # Change one image's truth and its stored answers to a value that the recording does not contain.
    lost = next(name for name in NAMES if own.replayed.info("sequential")["answers"][name] == TRUTH[name])
    write_task(own.images, *ASKED, truth=TRUTH | {lost: 9999.0})
    answered = f'"{lost}": {TRUTH[lost]}'
    assert text.count(answered) > 3
    path.write_text(text.replace(answered, f'"{lost}": 9999.0'), encoding="utf-8")
    try:
        gated = own.run(f"--benchmark-storage={storage}", "--benchmark-compare", "--fail-on-regression")
    finally:
        write_task(own.images, *ASKED, truth=TRUTH)
    assert gated.code == pytest.ExitCode.TESTS_FAILED
    why = "not by chance: the model's responses are the same"
    assert f"sequential: the answers got worse ({why}): {lost}." in gated.output
    assert re.search(r"^sequential .* same, answers worse$", gated.output, re.MULTILINE)
    assert "Worse than the stored runs: gemini-2.5-flash-shop-sequential" in gated.output
