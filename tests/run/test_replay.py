"""The cassettes in the repository replay offline, keep their time, and agree with the stored baseline."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest
import yaml

from benchmarks.strategies import STRATEGIES
from fixtures.run.record.round import find_median
from tests.helpers.forks import ROOT, run_python
from tests.helpers.suite import Run, environment_of_users, run_suite

RACES = (
    "gemini-3-pro-preview-four",
    "gemini-3.8-flash-four",
    "gemini-3.8-flash-sixteen",
    "gemini-3.8-flash-receipts",
)
"""The models and image sets with which every strategy is recorded."""
IMAGES = {"four": 4, "sixteen": 16, "receipts": 12}
ROUNDS = 6
RECORDED = [(race, strategy) for race in RACES for strategy in STRATEGIES]
COMPARED = ("--benchmark-compare=0001_baseline", "--benchmark-storage=.benchmarks")
GATE = (*COMPARED, "--fail-on-regression")


def replay(race: str, folder: Path, *options: str) -> Run:
    """Replay a model and image set."""
    model, _, images = race.rpartition("-")
    return run_suite(folder, f"--model={model}", f"--images={images}", *options)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """Replay each model and image set once, against the baseline."""
    runs = {race: replay(race, tmp_path_factory.mktemp(race), *GATE) for race in RACES}
    assert {race: run.code for race, run in runs.items()} == dict.fromkeys(RACES, 0), runs
    return runs


@pytest.mark.parametrize(("race", "strategy"), RECORDED)
def test_every_round_keeps_its_time(runs: dict[str, Run], race: str, strategy: str, tmp_path: Path) -> None:
    """Each of six rounds is within 0.5 % (or 10 ms, if that is more) of its recorded seconds.

    Other busy processes lengthen the client's own work, which is measured. They can only add time, so the least of
    three replays is compared.
    """
    recorded = pytest.approx(runs[race].info(strategy)["recorded_seconds"], rel=0.005, abs=0.010)
    least = runs[race].seconds(strategy)
    assert len(least) == ROUNDS
    for _ in range(2):
        if least != recorded:
            again = replay(race, tmp_path, "-k", strategy)
            least = [min(seconds) for seconds in zip(least, again.seconds(strategy), strict=True)]
    assert least == recorded


@pytest.mark.parametrize(("race", "strategy"), RECORDED)
def test_every_image_is_answered_in_every_round(runs: dict[str, Run], race: str, strategy: str) -> None:
    """The recordings in the repository have an answer for every image."""
    info = runs[race].info(strategy)
    assert not info["errors"]
    for answers in info["answers_by_round"]:
        assert len(answers) == info["images"] == IMAGES[race.rpartition("-")[2]]
        expected = dict if race.endswith("receipts") else int
        assert all(isinstance(answer, expected) for answer in answers.values())


def test_the_receipts_are_read_nearly_rightly_alone_and_less_so_together(runs: dict[str, Run]) -> None:
    """All strategies read at least 75 % of the fields right; the single prompt reads fewer than one by one."""
    run = runs["gemini-3.8-flash-receipts"]
    right = {strategy: run.info(strategy)["right"] for strategy in STRATEGIES}
    assert run.info("sequential")["task"]["answer"] == "fields"
    assert all(0.75 < each <= 1 for each in right.values()), right
    assert right["single_prompt"] < min(right["sequential"], right["concurrent"])
    assert run.info("sequential")["judged"] == len(run.info("sequential")["right_by_image"]) == 12


def test_the_time_to_the_first_token_survives_a_replay(runs: dict[str, Run]) -> None:
    """In the median round, the median time to a stream's first event is that of the cassette."""
    info = runs["gemini-3.8-flash-sixteen"].info("streamed")
    cassette = yaml.safe_load((ROOT / "cassettes/gemini-3.8-flash/sixteen/streamed.yaml").read_text())
    number = find_median(cassette["metadata"]["rounds"])
    recorded = (interaction["response"]["recorded"] for interaction in cassette["interactions"])
    first = [each["chunks"][0] for each in recorded if each["round"] == number]
    assert len(first) == 16
    assert info["first_token_seconds"] == pytest.approx(median(first), abs=1e-6)


def test_a_job_of_minutes_replays_in_moments(runs: dict[str, Run]) -> None:
    """A batch job recorded over more than a minute replays with less than a second of CPU time."""
    info = runs["gemini-3.8-flash-sixteen"].info("batch")
    assert min(info["recorded_seconds"]) > 60
    assert info["client_cpu_seconds"] < 1


def test_the_published_shape_is_reproduced(runs: dict[str, Run]) -> None:
    """Concurrent is about twice as fast as sequential; the single prompt is about as slow, and undercounts crowds."""
    run = runs["gemini-3-pro-preview-four"]
    published = ("sequential", "concurrent", "single_prompt")
    sequential, concurrent, single_prompt = (median(run.info(name)["recorded_seconds"]) for name in published)
    assert 1.7 <= sequential / concurrent <= 2.7
    assert 0.9 <= single_prompt / sequential <= 1.5
    for name in published:
        for answers in run.info(name)["answers_by_round"]:
            assert (answers["bus.jpg"], answers["classroom.jpg"]) == (4, 9)
            shares = (answers["crowd1.jpg"] / 95, answers["crowd2.jpg"] / 110)
            bounds = (0.3, 0.6) if name == "single_prompt" else (0.8, 1.2)
            assert all(bounds[0] < share < bounds[1] for share in shares), (name, answers)


def test_the_summary_says_who_wins_and_where_the_figures_come_from(runs: dict[str, Run]) -> None:
    """The summary has the advice, the table, the meaning of its marks, the timing error and the source, in order."""
    output = runs["gemini-3-pro-preview-four"].output
    expected = (
        "For 4 images on gemini-3-pro-preview, use ",
        "  verdict\n",
        "  same\n",
        "Speedup: against sequential.",
        "of recorded time within 0.0",
        "Replayed from recordings of the bundled simulator, not of Gemini",
        "Prices: genai-prices",
        "13 benchmarks against the stored runs: 13 same.",
    )
    positions = [output.find(text) for text in expected]
    assert -1 not in positions, output
    assert positions == sorted(positions)


def test_benchmarks_of_the_baseline_that_did_not_run_are_counted(runs: dict[str, Run]) -> None:
    """The summary counts them and names the first three."""
    output = runs["gemini-3-pro-preview-four"].output
    missing = len(RECORDED) - len(STRATEGIES)
    named = ", ".join(f"gemini-3.8-flash-four-{strategy}" for strategy in sorted(STRATEGIES)[:3])
    assert f"In 0001_baseline.json, not in this run: {missing} benchmarks ({named}, ...)." in output


def test_unchanged_code_passes_the_gate_however_busy_the_machine(tmp_path: Path) -> None:
    """On a busy machine too, a limit of 5 % raises no false alarm; `REPLAYS=100` repeats the test 100 times.

    The image set is one with which every strategy is recorded.
    """
    repeats = int(os.environ.get("REPLAYS", "1"))
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        runs = [run_suite(tmp_path, *GATE, "--images=sixteen") for _ in range(repeats)]
    finally:
        for process in spinning:
            process.kill()
            process.wait()
    assert [run.code for run in runs] == [0] * repeats, next(run.output for run in runs if run.code)


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("--fail-on-regression", "Worse than the stored runs: gemini-3-pro-preview-four-concurrent, "),
        ("--benchmark-compare-fail=mean:5%", "Performance has regressed"),
    ],
)
def test_lost_concurrency_fails_either_gate(tmp_path: Path, gate: str, said: str) -> None:
    """Requests that are sent one after another fail the run, with the whole summary and no traceback."""
    run = run_suite(tmp_path, *COMPARED, gate, "--images=four", "-p", "tests.helpers.one_by_one")
    assert run.code == pytest.ExitCode.TESTS_FAILED
    assert said in run.output
    assert re.search(r"^concurrent .* \d\.\d\dx slower$", run.output, re.MULTILINE)
    assert "Traceback" not in run.output


@pytest.mark.parametrize("compare", ["--benchmark-compare", "--benchmark-compare=0001_baseline"])
def test_another_pythons_baseline_is_found(tmp_path: Path, compare: str) -> None:
    """A baseline in the root of the storage is used on every Python, without a warning about the machine."""
    storage = tmp_path / "copy"
    storage.mkdir()
    shutil.copy(ROOT / ".benchmarks" / "0001_baseline.json", storage)
    run = run_suite(tmp_path, compare, f"--benchmark-storage={storage}", "-k", "single_prompt")
    assert run.code == 0
    assert "Comparing against benchmarks from: 0001_baseline.json" in run.output
    assert "machine_info" not in run.output


def test_the_baseline_holds_raw_rounds_and_no_host_name() -> None:
    """The baseline has all rounds of each benchmark, from the simulator, and no data about its machine."""
    baseline = json.loads((ROOT / ".benchmarks" / "0001_baseline.json").read_text())
    assert baseline["machine_info"] == {}
    assert os.uname().nodename not in json.dumps(baseline)
    assert sorted(bench["name"] for bench in baseline["benchmarks"]) == sorted(
        f"test_strategy[{race}-{strategy}]" for race, strategy in RECORDED
    )
    for bench in baseline["benchmarks"]:
        assert len(bench["stats"]["data"]) == ROUNDS
        assert (bench["extra_info"]["source"], bench["extra_info"]["timing"]) == ("simulator", "replayed")


@pytest.mark.parametrize("option", ["--benchmark-autosave", "--benchmark-save=mine"])
def test_stored_runs_keep_their_raw_rounds(tmp_path: Path, option: str) -> None:
    """Stored runs have the seconds of each round, which pytest-benchmark drops by default."""
    run = run_suite(tmp_path, option, "-k", "single_prompt and flash")
    assert run.code == 0
    (stored,) = (tmp_path / "storage").rglob("*.json")
    assert len(json.loads(stored.read_text())["benchmarks"][0]["stats"]["data"]) == ROUNDS


def test_extra_info_has_its_stable_names(runs: dict[str, Run]) -> None:
    """Other tools read these names from stored runs."""
    names = (
        "strategy model model_version image_set timing source recorded_at recorded_seconds sdk images requests retries "
        "bytes_sent input_tokens image_tokens output_tokens thoughts_tokens cached_tokens cost_usd priced_on answers "
        "errors task truth judged right right_by_image mean_absolute_error exact settings prompt_sha256 images_sha256 "
        "client_cpu_seconds server_seconds backoff_seconds first_token_seconds answers_by_round spans version "
        "model_settings served_tiers order resumed permuted cached_by_round cancelled phases"
    )
    for race, strategy in RECORDED:
        # Only strategies whose concurrency grows have a course.
        assert set(runs[race].info(strategy)) - {"course"} == set(names.split())


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare (Linux) for a network namespace")
def test_it_replays_without_any_network() -> None:
    """In a namespace without network interfaces, and without a key, every strategy's replay passes its gate."""
    isolated = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*isolated, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us make a network namespace")
    command = [sys.executable, "-m", "pytest", "benchmarks", "-p", "no:cacheprovider", "--images=sixteen", *GATE]
    done = subprocess.run(
        [*isolated, *command], cwd=ROOT, env=environment_of_users(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(STRATEGIES)} passed" in done.stdout
    assert f"{len(STRATEGIES)} benchmarks against the stored runs: {len(STRATEGIES)} same." in done.stdout


def test_pytest_at_the_root_runs_the_benchmarks_and_compares(tmp_path: Path) -> None:
    """`pytest --benchmark-compare` runs all benchmarks, and no test of the suite itself."""
    storage = tmp_path / "copy"
    storage.mkdir()
    shutil.copy(ROOT / ".benchmarks" / "0001_baseline.json", storage)
    command = ["-m", "pytest", "--benchmark-compare", f"--benchmark-storage={storage}", "-p", "no:cacheprovider"]
    done = run_python(command, env=environment_of_users())
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RECORDED)} passed" in done.stdout
    assert f"{len(RECORDED)} benchmarks against the stored runs: {len(RECORDED)} same." in done.stdout
    assert "Worse than" not in done.stdout


REVERSED = """
import sys
for name in [each for each in sys.modules if each.partition(".")[0] in ("benchmarks", "conftest", "fixtures")]:
    del sys.modules[name]  # so that they are imported in the other order too
sys.path.insert(0, ".")
import conftest, pytest
sys.exit(pytest.main([*sys.argv[1:], *(f"-p{name}" for name in reversed(conftest.pytest_plugins))]))
"""
"""pytest with the suite's plugins loaded from the last to the first, before `conftest.py` names them."""


def test_a_thread_that_outlives_its_strategy_is_named_and_delays_no_other(tmp_path: Path) -> None:
    """The run names the thread and its strategy, and the next contender keeps its time."""
    strategies = "concurrent or single_prompt"
    run = run_suite(tmp_path, "--model=gemini-3-pro-preview", "-k", strategies, "-p", "tests.helpers.left_over")
    assert run.code == 0, run.output
    named = ", ".join(["'waits forever'"] * ROUNDS)
    assert (
        f"gemini-3-pro-preview-four-concurrent left threads running, which are no longer timed: {named}." in run.output
    )
    assert run.seconds("single_prompt") == pytest.approx(run.info("single_prompt")["recorded_seconds"], rel=0.05, abs=1)


def test_the_order_of_the_plugins_does_not_matter(tmp_path: Path) -> None:
    """Loaded in reverse order, the suite prints the same lines and ends with the same exit code."""
    command = [
        "benchmarks",
        "-k",
        "pro and (concurrent or single_prompt)",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.helpers.one_by_one",
    ]
    options = [*GATE, f"--report={tmp_path / 'report'}"]

    def run(*arguments: str) -> tuple[int, list[str]]:
        done = run_python([*arguments, *command, *options], env=environment_of_users())
        said = done.stdout.partition("= gemini-3-pro-preview, four =")[2].splitlines()
        # Only the first words of each line, because seconds and reasons vary on a busy machine.
        return done.returncode, [
            re.sub(r"[0-9.]+", "N", " ".join(re.sub(r"[-=]{2,}", "", line).split()[:3])) for line in said
        ]

    code, said = run("-m", "pytest")
    assert code == pytest.ExitCode.TESTS_FAILED
    assert "Worse than the" in said
    assert run("-c", REVERSED) == (code, said)
