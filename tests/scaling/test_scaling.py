"""The questions about scale run only on request; their results are stored and drawn, and are close to the ideal."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.report.figures.scaling import PlacedBenchmark, draw_questions
from benchmarks.scaling.cases import QUESTIONS, list_cases
from benchmarks.scaling.rows import make_rows
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import bind_strategy
from fixtures.images.made_up import make_images
from fixtures.run.options.settings import Simulation
from fixtures.run.record.makespan import bound_makespan
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.drawings import assert_readable, keep_figures
from tests.helpers.forks import ROOT, run_python
from tests.helpers.runs import make_benchmark, read_all
from tests.helpers.suite import environment_of_users, run_suite
from tests.helpers.tasks import count_people

MODEL = "gemini-3.5-flash"
SMALL = "(test_images and (bounded or single_prompt or structured or batch) and not 1000) or (test_failures and batch)"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run some of the questions once, with a report; return the stored benchmarks, the report and the output."""
    folder = tmp_path_factory.mktemp("scaling")
    run = run_suite(folder, "-m", "scaling", f"--model={MODEL}", "-k", SMALL, f"--report={folder / 'report'}")
    assert run.code == 0, run.output
    return {
        "benchmarks": json.loads((folder / "run.json").read_text())["benchmarks"],
        "report": folder / "report",
        "output": run.output,
    }


@pytest.mark.parametrize("mark", [(), ("-m", "not scaling")])
def test_a_run_without_the_mark_leaves_them_out(tmp_path: Path, mark: tuple[str, ...]) -> None:
    """Without `-m scaling` the questions are not collected, so that pytest does not report them as deselected."""
    run = run_suite(tmp_path, "--collect-only", "-q", *mark)
    assert run.code == 0
    assert "test_scaling.py" not in run.output
    assert "deselected" not in run.output


@pytest.mark.parametrize("place", ["", "::test_images", f"::test_images[{MODEL}-bounded-10]"])
def test_questions_that_are_named_need_the_mark(place: str) -> None:
    """Questions that are named are a usage error without `-m scaling`, and are collected with it."""
    command = ["-m", "pytest", f"benchmarks/test_scaling.py{place}", "-p", "no:cacheprovider", "--collect-only", "-q"]
    options = [f"--model={MODEL}"]
    refused = run_python([*command, *options], env=environment_of_users())
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    sentence = "ERROR: The benchmarks about scale run only in virtual time; add -m scaling."
    assert sentence in refused.stdout + refused.stderr
    named = run_python([*command, *options, "-m", "scaling"], env=environment_of_users())
    assert named.returncode == 0
    assert f"test_images[{MODEL}-bounded-10]" in named.stdout
    left_out = run_python([*command, *options, "-m", "not scaling"], env=environment_of_users())
    assert left_out.returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_each_case_is_stored_with_its_question_and_ideal(stored: dict[str, Any]) -> None:
    """Each case is stored with its question and ideal makespan; up to 100 images, also with its answers."""
    infos = [benchmark["extra_info"] for benchmark in stored["benchmarks"]]
    assert {(info["strategy"], info["scaling"]["x"]) for info in infos if info["scaling"]["question"] == "images"} == {
        (strategy, x)
        for strategy in ("bounded", "single_prompt", "structured", "batch", "batch_files")
        for x in (1, 10, 100)
    }
    assert {info["timing"] for info in infos} == {"virtual"}
    bounded = next(info for info in infos if info["strategy"] == "bounded" and info["scaling"]["x"] == 100)
    assert len(bounded["answers"]) == 100
    assert bounded["ideal"]["bound"] == "longest request"


def test_the_terminal_and_the_page_show_each_question(stored: dict[str, Any]) -> None:
    """The terminal and the page show a table per question; the page also has a figure and the machine's limits."""
    for title in (f"{MODEL}, by images", f"{MODEL}, by percent of requests that fail"):
        assert title in stored["output"]
        assert title in (stored["report"] / "index.html").read_text()
        assert f"### {title}\n" in (stored["report"] / "summary.md").read_text()
    page = (stored["report"] / "index.html").read_text()
    assert "What happens at scale?" in page
    assert "images per minute; a request of 20 MB can inline" in page
    assert (stored["report"] / "gemini-3-5-flash-by-images.png").stat().st_size > 10_000


def test_every_text_of_a_figure_about_scale_is_readable(
    stored: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every text of the figures is within its figure, and no two texts overlap."""
    figures = keep_figures(monkeypatch)
    draw_questions(read_all(stored["benchmarks"]), tmp_path)
    assert len(figures) == 2
    for name, figure in figures:
        assert_readable(name, figure)


@pytest.mark.parametrize(
    ("interval", "cell", "ends"),
    [([4.0, 9.0], "5.0 (4.0 to 9.0)", (4.0, 9.0)), (None, "5.0 (no interval)", (5.0, 5.0))],
)
def test_the_interval_of_a_projection_is_shown(
    interval: list[float] | None, cell: str, ends: tuple[float, float]
) -> None:
    """The table and the figure show the interval of a projection; a single recorded request has none."""
    client = {"cpu_seconds": 0.001, "image_bytes": 2000.0}
    made = make_benchmark(
        "bounded",
        timing="virtual",
        scaling={"question": "images", "x": 10, "client": client},
        projected={"requests": 1, "source": "x", "recorded_at": "", "extrapolated": [], "interval": interval},
    )
    made["stats"]["data"] = [5.0] * 5
    (benchmark,) = read_all([made])
    assert cell in make_rows([benchmark])[1]
    assert PlacedBenchmark(benchmark, 10, 0).ends == ends


def test_stored_questions_are_drawn_again_without_a_comparison(stored: dict[str, Any], tmp_path: Path) -> None:
    """The report of a stored run with questions about scale has their sections, and no comparison of strategies."""
    from benchmarks.history.groups import group_benchmarks  # noqa: PLC0415 - it brings matplotlib
    from benchmarks.report.page import write_page  # noqa: PLC0415

    benchmarks = read_all(stored["benchmarks"])
    assert group_benchmarks(benchmarks) == []
    page = write_page(benchmarks, tmp_path, {})
    assert page.read_text().count('<details class="section"') == 3


def test_thousands_of_images_take_the_ideal_time_for_their_order() -> None:
    """2,000 images, 64 at a time, take the ideal time for the order in which they are sent."""
    images = make_images(2_000)
    strategy = bind_strategy(count_people(MODEL), "bounded", concurrency=64)
    simulator = start_in_process(MODEL, make_known_sets(load_question("four"), images))
    done = run_round(strategy, images.images, Wire(virtual_clock(), SimulatorResponder(simulator)))
    ideal = bound_makespan(done.round, strategy.settings, Simulation("virtual"))
    assert ideal is not None
    assert ideal.bound == "all work / concurrency"
    assert done.seconds == pytest.approx(ideal.in_order)
    assert all(answer.value is not None for answer in done.round.answers)


def test_every_question_has_a_test_and_cases() -> None:
    """Every question has a test in `benchmarks/test_scaling.py`, and at least 7 cases."""
    text = (ROOT / "benchmarks" / "test_scaling.py").read_text()
    for question in QUESTIONS:
        assert f'@pytest.mark.scaling("{question}")' in text
        assert len(list_cases(question, Simulation("virtual"))) >= 7


def test_limits_of_the_command_line_replace_the_assumed_ones() -> None:
    """`--rpm` and `--tpm` replace the assumed limits."""
    given = list_cases("images, under rate limits", Simulation("virtual", rpm=7, tpm=8))
    assert {(case.simulation.rpm, case.simulation.tpm) for case in given} == {(7, 8)}
    assumed = list_cases("images, under rate limits", Simulation("virtual"))
    assert {(case.simulation.rpm, case.simulation.tpm) for case in assumed} == {(1000, 4_000_000)}
