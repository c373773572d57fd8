"""Tests of stored runs: folders by kind, no comparison between kinds, and sentences about runs left out."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.history.sessions import read_session
from tests.helpers.forks import ROOT, run_python
from tests.helpers.simulated import image, simulator
from tests.helpers.suite import Run, make_images, run_suite

BASELINE = ROOT / ".benchmarks" / "0001_baseline.json"
ONE = ("-k", "single_prompt", "--model=gemini-3.8-flash", "--images=four")
STORAGE = "--benchmark-storage=file://./.benchmarks"
"""The option with pytest-benchmark's default storage."""


def baseline(**changed: Any) -> dict[str, Any]:
    """Return the baseline with these changes in every `extra_info`."""
    document: dict[str, Any] = json.loads(BASELINE.read_text(encoding="utf-8"))
    for benchmark in document["benchmarks"]:
        benchmark["extra_info"] |= changed
    return document


def compared(folder: Path, documents: dict[str, dict[str, Any] | str], *options: str) -> Run:
    """Replay one benchmark and compare it with these stored runs."""
    storage = folder / "storage"
    storage.mkdir(exist_ok=True)
    for name, document in documents.items():
        text = document if isinstance(document, str) else json.dumps(document)
        (storage / f"{name}.json").write_text(text, encoding="utf-8")
    return run_suite(folder, *ONE, *(options or ("--benchmark-compare", "--fail-on-regression")))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which runs start, with the baseline in its default storage."""
    folder = tmp_path / "project"
    (folder / ".benchmarks").mkdir(parents=True)
    shutil.copy(BASELINE, folder / ".benchmarks")

    def run_there(arguments: Sequence[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        assert arguments[:3] == ["-m", "pytest", "benchmarks"]
        suite = (ROOT / "benchmarks", f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}")
        return run_python(["-m", "pytest", *suite, *arguments[3:]], cwd=folder, **options)

    monkeypatch.setattr("tests.helpers.suite.run_python", run_there)
    return folder


def live(folder: Path, *options: str) -> Run:
    """Run three rounds about one small image without a cassette."""
    if not (folder / "noise").is_dir():
        make_images(folder / "noise", {"a.jpg": 3})
    images = ("-k", "single_prompt", "--model=gemini-2.5-flash", f"--images={folder / 'noise'}")
    return run_suite(folder, "--live", "--rounds=3", *images, *options)


def stored_under(project: Path) -> list[str]:
    """Return the files in the default storage."""
    folder = project / ".benchmarks"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json"))


def test_each_kind_is_stored_apart(tmp_path: Path, project: Path) -> None:
    """A replay and a run against the simulator are stored in different folders, not named by machine or Python."""
    assert run_suite(tmp_path, *ONE, STORAGE, "--benchmark-save=mine").code == 0
    assert live(tmp_path, STORAGE, "--simulate", "--benchmark-save=mine", "--benchmark-compare").code == 0
    assert stored_under(project) == ["0001_baseline.json", "replayed/0002_mine.json", "simulated/0001_mine.json"]
    latest = run_suite(tmp_path, *ONE, STORAGE, "--benchmark-compare", "--fail-on-regression")
    assert latest.code == 0
    assert "Comparing against benchmarks from: replayed/0002_mine.json" in latest.output


def test_a_live_history_grows_and_shows_a_slower_session(tmp_path: Path, project: Path) -> None:
    """The first live session has no verdict; one that took 50 times as long as five before it is slower."""
    with simulator([image("a.jpg", 3)], scale=0.05) as url:
        options = (STORAGE, f"--base-url={url}", "--benchmark-compare", "--fail-on-regression")
        first = live(tmp_path, *options, "--benchmark-save=first")
        assert first.code == 0, first.output
        assert "needs 5 comparable earlier sessions; there are 0" in first.output
        assert stored_under(project) == ["0001_baseline.json", "live/0001_first.json"]
        document = json.loads((project / ".benchmarks/live/0001_first.json").read_text(encoding="utf-8"))
        for number in range(2, 7):
            stats = document["benchmarks"][0]["stats"]
            faster = {"stats": stats | {"data": [each / (45 + number) for each in stats["data"]]}}
            copy = document | {"benchmarks": [document["benchmarks"][0] | faster]}
            (project / f".benchmarks/live/{number:04}_copy.json").write_text(json.dumps(copy), encoding="utf-8")
        (project / ".benchmarks/live/0001_first.json").unlink()
        slower = live(tmp_path, *options)
    assert slower.code == pytest.ExitCode.TESTS_FAILED
    assert "single_prompt (slower): " in slower.output
    assert "Worse than the stored runs: gemini-2.5-flash-noise-single_prompt." in slower.output


def test_a_live_run_is_not_compared_with_a_replay(tmp_path: Path) -> None:
    """A live run with a replay to compare with is refused in one sentence before anything is sent."""
    run = live(tmp_path, "--simulate", f"--benchmark-compare={BASELINE}")
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "0001_baseline.json is replayed from recordings of the simulator, which this run is not" in run.output
    assert "to be sent" not in run.output


@pytest.mark.parametrize("changed", [{"timing": "live"}, {"timing": "live", "source": "gemini"}])
def test_a_replay_is_not_compared_with_a_live_run(tmp_path: Path, changed: dict[str, str]) -> None:
    """A replay with a named live run to compare with is refused at the start."""
    run = compared(tmp_path, {"0001_live": baseline(**changed)}, "--benchmark-compare=0001_live")
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "which this run is not, so they are not compared" in run.output


def test_another_source_is_refused_and_kept_out_of_the_table(tmp_path: Path) -> None:
    """A replay from another source fails with a sentence, and the stored run is not in pytest-benchmark's table."""
    run = compared(tmp_path, {"0001_gemini": baseline(source="gemini")}, "--benchmark-compare")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    told = "Not compared, because the stored run is of another kind: gemini-3.8-flash-four-single_prompt."
    assert told in run.output
    assert "(0001_gemini)" not in run.output


BAD = {
    "damaged": ('{"benchmarks": [', "is damaged"),
    "empty": ("", "is damaged"),
    "foreign": ('{"benchmarks": [{"name": "test_x", "stats": {"data": [1.0]}}]}', "is not a run of this suite"),
    "old": ('{"benchmarks": [{"extra_info": {"strategy": "sequential"}}]}', "or an older one"),
    "nothing": ('{"benchmarks": []}', "holds no benchmarks"),
    "no object": ("[1, 2]", "holds no benchmarks"),
    "later": (json.dumps(baseline(version=99)), "was stored by a later version of this suite"),
}


def test_a_run_of_version_1_is_read_with_todays_names(tmp_path: Path) -> None:
    """A run with `window` for the concurrency, `people` for the truths and without newer fields can be read."""
    document = baseline()
    document["benchmarks"] = [each for each in document["benchmarks"] if each["extra_info"]["image_set"] == "sixteen"]
    infos = [each["extra_info"] for each in document["benchmarks"]]
    truths = [info["truth"] for info in infos]
    for info in infos:
        info["people"] = info["truth"]
        if "concurrency" in info["settings"]:
            info["settings"]["window"] = info["settings"].pop("concurrency")
        for added in ("version", "task", "truth", "judged", "right", "right_by_image", "cancelled", "phases", "order"):
            info.pop(added)
    (tmp_path / "old.json").write_text(json.dumps(document), encoding="utf-8")
    records = [benchmark.record for benchmark in read_session(tmp_path / "old.json").benchmarks.values()]
    assert {name for record in records for name in record.settings} == {"concurrency", "chunk"}
    assert [record.truth for record in records] == truths
    assert all(record.right for record in records)


def test_invalid_files_are_left_out_with_a_sentence_each(tmp_path: Path) -> None:
    """Each invalid file has a sentence and no traceback, and the baseline is still compared with."""
    files = {
        f"{number:04}_{name.replace(' ', '-')}": text for number, (name, (text, _)) in enumerate(BAD.items(), start=2)
    }
    run = compared(tmp_path, {"0001_good": baseline(), **files})
    assert run.code == 0, run.output
    assert "Comparing against benchmarks from: 0001_good.json" in run.output
    told = [line for line in run.output.splitlines() if line.startswith("Left out: ")]
    for (_, said), name in zip(BAD.values(), files, strict=True):
        assert [line for line in told if f"{name}.json" in line and said in line], (name, told)
    assert len(told) == len(BAD)
    assert "Traceback" not in run.output


def test_a_damaged_file_of_accepted_levels_stops_a_run_at_the_start(tmp_path: Path) -> None:
    """A damaged `accepted.json` is a usage error before any request, without a traceback."""
    run = compared(tmp_path, {"0001_good": baseline(), "accepted": "{"})
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "accepted.json is damaged (JSONDecodeError" in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize(
    "change",
    [
        {"recorded_seconds": []},
        {"recorded_seconds": ["1"] * 5},
        {"priced_on": "yesterday"},
        {"spans": [[1, 2]]},
        {"requests": None},
    ],
)
def test_damage_within_a_benchmark_leaves_out_no_other(tmp_path: Path, change: dict[str, Any]) -> None:
    """If one benchmark of a stored run is damaged, the others are used."""
    document = baseline()
    document["benchmarks"][0]["extra_info"] |= change
    run = compared(tmp_path, {"0001_partly": document})
    assert run.code == 0, run.output
    assert f"(1 of its {len(document['benchmarks'])} benchmarks)" in run.output


@pytest.mark.parametrize("seconds", [[], [0.0] * 5, [-1.0] * 5, [float("nan")] * 5, [float("inf")] * 5, ["x"] * 5])
def test_rounds_without_positive_seconds_are_damage(tmp_path: Path, seconds: list[Any]) -> None:
    """A stored run whose seconds are not positive numbers is left out, and the gate has nothing to compare with."""
    document = baseline()
    for benchmark in document["benchmarks"]:
        benchmark["stats"]["data"] = seconds
    run = compared(tmp_path, {"0001_odd": document})
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "holds no stored run to compare with" in run.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--fail-on-regression"], "--fail-on-regression has nothing to compare with: add --benchmark-compare"),
        (["--benchmark-compare", "--fail-on-regression"], "holds no stored run to compare with"),
        (["--benchmark-compare", "--fail-on-regression=0"], "'0' is not a percentage above 0, such as 5"),
        (["--benchmark-compare", "--fail-on-regression=-3"], "is not a percentage above 0"),
        (["--benchmark-compare", "--fail-on-regression=much"], "'much' is not a percentage above 0"),
        (["--benchmark-compare=0042"], "--benchmark-compare=0042: no stored run in"),
        (["--benchmark-compare=a/b/c"], "--benchmark-compare=a/b/c: "),
    ],
)
def test_an_impossible_comparison_is_refused(tmp_path: Path, options: list[str], said: str) -> None:
    """A comparison that is not possible is a usage error with one sentence."""
    run = run_suite(tmp_path, *ONE, *options)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert said in run.output
    assert "Traceback" not in run.output


def test_a_gate_whose_benchmarks_are_not_stored_fails(tmp_path: Path) -> None:
    """If no stored run has the benchmarks, as after renaming a test, the gate fails."""
    document = baseline()
    document["benchmarks"] = [each for each in document["benchmarks"] if "single_prompt" not in each["name"]]
    run = compared(tmp_path, {"0001_others": document})
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert "nothing was compared (exit code 1)" in run.output
    assert "New, not in 0001_others.json: 1 benchmark (gemini-3.8-flash-four-single_prompt)." in run.output


def test_growth_sets_the_exit_code(tmp_path: Path) -> None:
    """If bytes or image tokens have grown, the gate fails and names them; without the gate the run passes."""
    run = compared(tmp_path, {"0001_smaller": baseline(bytes_sent=1, image_tokens=1)})
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert "single_prompt has grown: bytes sent" in run.output
    assert "image tokens" in run.output
    without_gate = run_suite(tmp_path, *ONE, "--benchmark-compare")
    assert without_gate.code == 0
