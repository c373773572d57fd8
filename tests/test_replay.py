"""The cassettes in the repository replay offline, keep their time, and agree with the stored baseline."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.suite import ROOT, Run, run_suite

MODELS = ("gemini-3-pro-preview", "gemini-3.5-flash")
STRATEGIES = ("sequential", "concurrent", "single_prompt")
GATE = ("--benchmark-compare=0001_baseline", "--benchmark-compare-fail=mean:5%", "--benchmark-storage=.benchmarks")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Replay each model once, against the baseline."""
    runs = {model: run_suite(tmp_path_factory.mktemp(model), f"--model={model}", *GATE) for model in MODELS}
    assert {model: run.code for model, run in runs.items()} == dict.fromkeys(MODELS, 0), runs
    return runs


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_round_keeps_its_time(runs: dict[str, Run], model: str, strategy: str) -> None:
    """Each of five rounds is within 0.5 % (10 ms where that is more) of its recorded seconds."""
    recorded = runs[model].info(strategy)["recorded_seconds"]
    assert len(recorded) == 5
    assert runs[model].seconds(strategy) == pytest.approx(recorded, rel=0.005, abs=0.010)


def test_the_published_shape_is_reproduced(runs: dict[str, Run]) -> None:
    """Concurrent about twice as fast as sequential, the single prompt about as slow, and blind to crowds."""
    run = runs["gemini-3-pro-preview"]
    sequential, concurrent, single_prompt = (median(run.info(name)["recorded_seconds"]) for name in STRATEGIES)
    assert 1.7 <= sequential / concurrent <= 2.7
    assert 0.9 <= single_prompt / sequential <= 1.5
    for name in STRATEGIES:
        for answers in run.info(name)["answers_by_round"]:
            assert (answers["bus.jpg"], answers["classroom.jpg"]) == (4, 9)
            shares = (answers["crowd1.jpg"] / 95, answers["crowd2.jpg"] / 110)
            bounds = (0.3, 0.6) if name == "single_prompt" else (0.8, 1.2)
            assert all(bounds[0] < share < bounds[1] for share in shares), (name, answers)


def test_the_summary_says_who_wins_and_where_the_figures_come_from(runs: dict[str, Run]) -> None:
    """After the table: provenance, the comparison, the consistency check, and the sentence that answers."""
    output = runs["gemini-3-pro-preview"].output
    expected = (
        "Replayed from recordings of the bundled simulator, not of Gemini",
        "Prices: genai-prices",
        "times faster",
        "crowd1.jpg",
        "mean absolute error",
        "concurrent is fastest",
    )
    positions = [output.find(text) for text in expected]
    assert -1 not in positions, output
    assert positions == sorted(positions)


def test_what_only_one_side_of_a_comparison_has_is_named(runs: dict[str, Run]) -> None:
    """A benchmark of the baseline that did not run cannot have passed unnoticed."""
    assert "Only one side has these, in 0001_baseline.json, not in this run: " in runs[MODELS[0]].output
    assert f"test_strategy[{MODELS[1]}-four-sequential]" in runs[MODELS[0]].output


def test_unchanged_code_passes_the_gate_ten_times_of_ten(tmp_path: Path) -> None:
    """A replay is paired with its baseline, so that 5 % never cries wolf."""
    codes = [run_suite(tmp_path, *GATE).code for _ in range(10)]
    assert codes == [0] * 10


def test_lost_concurrency_fails_the_gate(tmp_path: Path) -> None:
    """Requests that are sent one after another are told by the exit code, with the whole summary and no traceback."""
    run = run_suite(tmp_path, *GATE, "-p", "tests.one_by_one")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert "Performance has regressed" in run.output
    assert "mean absolute error" in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize("compare", ["--benchmark-compare", "--benchmark-compare=0001_baseline"])
def test_another_pythons_baseline_is_found(tmp_path: Path, compare: str) -> None:
    """The baseline at the storage's root is compared with on every Python, without a word about the machine."""
    storage = tmp_path / "copy"
    storage.mkdir()
    shutil.copy(ROOT / ".benchmarks" / "0001_baseline.json", storage)
    run = run_suite(tmp_path, compare, f"--benchmark-storage={storage}", "-k", "single_prompt")
    assert run.code == 0
    assert "Comparing against benchmarks from: 0001_baseline.json" in run.output
    assert "machine_info" not in run.output


def test_the_baseline_holds_raw_rounds_and_no_host_name() -> None:
    """Five rounds of each benchmark, from the simulator, and nothing of the machine it was made on."""
    baseline = json.loads((ROOT / ".benchmarks" / "0001_baseline.json").read_text())
    assert baseline["machine_info"] == {}
    assert os.uname().nodename not in json.dumps(baseline)
    assert sorted(bench["name"] for bench in baseline["benchmarks"]) == sorted(
        f"test_strategy[{model}-four-{strategy}]" for model in MODELS for strategy in STRATEGIES
    )
    for bench in baseline["benchmarks"]:
        assert len(bench["stats"]["data"]) == 5
        assert (bench["extra_info"]["source"], bench["extra_info"]["timing"]) == ("simulator", "replayed")


@pytest.mark.parametrize("option", ["--benchmark-autosave", "--benchmark-save=mine"])
def test_stored_runs_keep_their_raw_rounds(tmp_path: Path, option: str) -> None:
    """pytest-benchmark would drop them without a further option."""
    run = run_suite(tmp_path, option, "-k", "single_prompt and flash")
    assert run.code == 0
    (stored,) = (tmp_path / "storage").rglob("*.json")
    assert len(json.loads(stored.read_text())["benchmarks"][0]["stats"]["data"]) == 5


def test_extra_info_has_its_stable_names(runs: dict[str, Run]) -> None:
    """Other tools read these names from stored runs."""
    names = (
        "strategy model model_version image_set timing source recorded_at recorded_seconds sdk images requests retries "
        "bytes_sent input_tokens image_tokens output_tokens thoughts_tokens cached_tokens cost_usd priced_on answers "
        "errors people mean_absolute_error exact settings prompt_sha256 images_sha256 client_cpu_seconds "
        "server_seconds backoff_seconds first_token_seconds answers_by_round spans"
    )
    for run in runs.values():
        for strategy in STRATEGIES:
            assert set(run.info(strategy)) == set(names.split())


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare (Linux) for a network namespace")
def test_it_replays_without_any_network() -> None:
    """In a network namespace without any interface, and without a key, the replay passes its gate."""
    isolated = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*isolated, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us make a network namespace")
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    command = [sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", *GATE]
    done = subprocess.run([*isolated, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "concurrent is fastest" in done.stdout
