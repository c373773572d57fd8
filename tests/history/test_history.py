"""Tests of stored runs over time: marks, breaks, files left out, and readable figures and pages."""

import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from matplotlib.figure import Figure

from benchmarks.history.change_points import ENOUGH, MISSING, find_change_points, find_last_change
from benchmarks.history.series import History, build_histories
from benchmarks.history.sessions import Session, read_sessions
from benchmarks.history.summary import list_events, summarize_history
from benchmarks.report.figures.history import draw_history
from benchmarks.report.page import write_history, write_page
from benchmarks.strategies import STRATEGIES
from tests.helpers.browser import CONTRAST, OPEN_ALL, OVERLAPPING, needs_browser, open_browser, read_text
from tests.helpers.drawings import assert_readable, keep_figures
from tests.helpers.forks import ROOT, run_python
from tests.helpers.runs import make_benchmark, make_measured, read_made, store

Change = dict[str, Any]
STRANGE = "<script>alert(1)</script> & $x$"


def sessions(
    folder: Path,
    count: int,
    names: Sequence[str] = ("sequential",),
    *,
    level: Callable[[int], float] = lambda _: 30.0,
    changed: Callable[[int], Change] = lambda _: {},
) -> list[Session]:
    """Store `count` weekly sessions and read them; `level` and `changed` return their seconds and `extra_info`."""
    folder.mkdir(parents=True, exist_ok=True)
    for week in range(count):
        draws = Random(week)
        store(folder, week, [make_measured(name, level(week), draws, **changed(week)) for name in names])
    found, problems = read_sessions(sorted(folder.glob("*.json")))
    assert problems == []
    return found


def history(*arguments: Any, **options: Any) -> History:
    """Return the only history of the sessions that `sessions` stores."""
    (found,) = build_histories(sessions(*arguments, **options))
    return found


def doubled(week: int) -> float:
    """Return the seconds of a strategy that takes twice as long from the 21st session on."""
    return 60.0 if week >= 20 else 30.0


def new_sdk(week: int) -> Change:
    """Return another SDK from the 13th session on."""
    return {"sdk": "google-genai 3.5.0" if week >= 12 else "google-genai 3.4.0"}


def test_a_step_is_marked_at_its_session(tmp_path: Path) -> None:
    """If the last 10 of 30 sessions take twice as long, the only event is `slower` at the 21st session."""
    found = history(tmp_path, 30, level=doubled)
    (row,) = list_events(found).rows
    point = found.series["sequential"].points[20]
    assert row == [f"{point.time:%Y-%m-%d %H:%M}", "sequential", "1.99 times slower", point.commit]
    (change,) = found.series["sequential"].changes
    assert change.index == 20
    assert "1 change point and no breaks in 1 series" in summarize_history(found)


def test_the_ratio_of_a_faster_level_is_below_one() -> None:
    """The ratio is the new level over the old one, so half the time is 0.5."""
    (change,) = find_change_points([30.0, 31.0, 29.0] * 5 + [15.0, 15.5, 14.5] * 5)
    assert change.index == 15
    assert math.isclose(change.ratio, 0.5, rel_tol=0.01)


def test_a_flat_history_has_no_mark(tmp_path: Path) -> None:
    """There is no event if sessions vary by chance, by a significant 1 %, or not at all."""
    assert list_events(history(tmp_path, 30)).rows == []
    assert find_change_points([30.0] * 40) == []
    assert find_change_points([30.0] * 20 + [30.3] * 20) == [], "significant, but one percent"
    assert find_change_points([]) == find_change_points([30.0]) == find_change_points([30.0, 60.0]) == []


def test_small_steps_leave_no_mark_beside_large_ones() -> None:
    """Of two steps, one below 5 % is no change point, and the levels on either side of it are one."""
    (change,) = find_change_points([30.0] * 10 + [30.5] * 10 + [61.0] * 10)
    assert change.index == 20
    assert math.isclose(change.ratio, 61 / 30.25, rel_tol=0.01)


def test_from_twenty_sessions_on_the_latest_level_counts() -> None:
    """With fewer than twenty sessions, or without a change, the level begins with the first session."""
    medians = [30.0, 31.0, 29.0, 30.5] * 3 + [60.0, 62.0, 59.0, 61.0] * 2
    assert len(medians) == ENOUGH
    assert find_last_change(medians) == 12
    assert find_last_change(medians[1:]) == 0
    assert find_last_change(medians[:12] * 2) == 0


def test_events_are_listed_newest_first_and_equal_ones_share_a_row(tmp_path: Path) -> None:
    """Events are listed newest first, and a break of all strategies is one row."""
    steps = {5: "model_version", 15: "sdk", 10: "prompt_sha256"}

    def changed(week: int) -> Change:
        return {name: f"new {name}" for since, name in steps.items() if week >= since}

    rows = list_events(history(tmp_path, 20, tuple(STRATEGIES), changed=changed)).rows
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
    assert [(row[1], row[2]) for row in rows] == [
        ("all", "break: the SDK changed from google-genai 3.4.0 to new sdk"),
        ("all", "break: the prompt changed from 0 to new prompt_sha256"),
        ("all", "break: the model that answered changed from gemini-3.5-flash to new model_version"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"model_version": "gemini-3.5-flash-002"},
        {"sdk": "google-genai 3.5.0"},
        {"images_sha256": "1"},
        {"prompt_sha256": "1"},
        {"settings": {"concurrency": 4}},
        {"recorded_at": "2026-12-01T00:00:00+00:00"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_break_splits_a_series(tmp_path: Path, change: Change) -> None:
    """If one of these fields changes together with the seconds, there is a break and no change point."""
    found = history(tmp_path, 30, level=doubled, changed=lambda week: change if week >= 20 else {}).series["sequential"]
    assert list(found.broken) == [20]
    assert found.stretches == [range(20), range(20, 30)]
    assert found.changes == []


def test_change_points_are_those_of_an_unbroken_series(tmp_path: Path) -> None:
    """A step after a break is a change point at its session."""
    found = history(tmp_path, 35, level=doubled, changed=new_sdk).series["sequential"]
    assert [change.index for change in found.changes] == [20]
    assert found.levels == [range(12), range(12, 20), range(20, 35)]


def test_live_and_replayed_simulated_and_real_share_no_figure(tmp_path: Path) -> None:
    """Sessions of different kinds are separate histories, each with its own figure and caption."""
    kinds = [("replayed", "simulator"), ("live", "simulator"), ("live", "gemini")]
    found = build_histories(
        sessions(tmp_path, 9, changed=lambda week: dict(zip(("timing", "source"), kinds[week % 3], strict=True)))
    )
    assert {(each.group.first.timing, each.group.first.source) for each in found} == set(kinds)
    assert [len(each.sessions) for each in found] == [3, 3, 3]
    assert [list_events(each).rows for each in found] == [[], [], []]
    write_history(found, tmp_path / "out", "date")
    assert len(list((tmp_path / "out").glob("*-history.png"))) == 3
    assert len({each.group.caption for each in found}) == 3


def test_a_run_stored_twice_is_one_session(tmp_path: Path) -> None:
    """A run that is stored twice, as a baseline may be, is one session."""
    twice = [*sessions(tmp_path, 3), *sessions(tmp_path, 3)]
    (found,) = build_histories(twice)
    assert len(found.sessions) == len(found.series["sequential"].points) == 3


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Figure]]:
    """Return a list to which every saved figure is added."""
    return keep_figures(monkeypatch)


def up_and_down(week: int) -> float:
    """Return seconds that change by large factors every ten sessions."""
    return 30.0 * (1, 40, 2, 500)[week // 10 % 4]


@pytest.mark.parametrize("over", ["date", "commit"])
@pytest.mark.parametrize("count", [2, 8, 40, 200])
def test_figures_of_any_length_can_be_read(
    tmp_path: Path, drawn: list[tuple[str, Figure]], count: int, over: str
) -> None:
    """No label overlaps another or is cut off, for one strategy or all, with long names and many sessions."""
    two = ("sequential", "a_strategy_with_a_rather_long_name_that_goes" + "_on" * 10)
    names = {2: two[:1], 40: tuple(STRATEGIES)}.get(count, two)
    found = history(tmp_path, count, names, level=up_and_down, changed=lambda week: {"sdk": f"{week >= count - 4}"})
    draw_history(found, tmp_path, over)
    ((name, figure),) = drawn
    assert_readable(name, figure)
    assert len(figure.axes) == len(names)
    if count == 40:
        assert any(text.get_text().startswith("\N{MULTIPLICATION SIGN}") for text in figure.axes[0].texts)


@pytest.mark.parametrize("count", [2, 12])
def test_figures_of_live_sessions_can_be_read(tmp_path: Path, drawn: list[tuple[str, Figure]], count: int) -> None:
    """The legend of live sessions also has the marks for sessions called slower and for accepted levels."""
    found = history(tmp_path, count, changed=lambda _: {"timing": "live", "source": "gemini", "recorded_at": None})
    draw_history(found, tmp_path, "date")
    ((name, figure),) = drawn
    assert_readable(name, figure)
    shown = {text.get_text() for legend in figure.legends for text in legend.get_texts()}
    assert {"called slower", "level accepted from here on"} <= shown


def test_marks_can_be_told_apart(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """Slower, faster and break have different lines, placed between the sessions and listed in the legend."""
    levels = {0: 30.0, 1: 60.0, 2: 20.0}
    found = history(
        tmp_path, 36, level=lambda week: levels[week // 12], changed=lambda week: {"sdk": "b"} if week >= 30 else {}
    )
    draw_history(found, tmp_path, "commit")
    ((_, figure),) = drawn
    upright = {
        line.get_xdata()[0]: (line.get_color(), line.get_linestyle())  # type: ignore[index]
        for line in figure.axes[0].get_lines()
        if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1]  # type: ignore[arg-type,index]
    }
    assert set(upright) == {11.5, 23.5, 29.5}
    assert len(set(upright.values())) == 3
    (legend,) = figure.legends
    assert {(line.get_color(), line.get_linestyle()) for line in legend.get_lines()} >= set(upright.values())


def test_a_series_of_one_session_is_not_drawn(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """A strategy with one session is not drawn, and a sentence names it; the others are drawn."""
    (tmp_path / "a").mkdir()
    for week in range(3):
        names = ("bounded", "hedged") if week == 2 else ("bounded",)
        store(tmp_path / "a", week, [make_measured(name, 30.0, Random(week)) for name in names])
    (found,) = build_histories(read_sessions(sorted((tmp_path / "a").glob("*.json")))[0])
    page = write_history([found], tmp_path / "out", "date")
    ((_, figure),) = drawn
    assert len(figure.axes) == 1
    assert "Not drawn, because there is only one session: hedged." in read_text(page)


def test_axes_of_a_history_begin_at_zero_or_are_labelled(tmp_path: Path, drawn: list[tuple[str, Figure]]) -> None:
    """The axis of seconds begins at 0; for very different seconds it is logarithmic, and the label says so."""
    for number, level in enumerate((doubled, up_and_down)):
        draw_history(history(tmp_path / str(number), 40, level=level), tmp_path, "date")
    (plain,), (wide,) = (figure.axes for _, figure in drawn)
    assert (plain.get_ylim()[0], plain.get_yscale(), plain.get_ylabel()) == (0, "linear", "")
    assert (wide.get_yscale(), wide.get_ylabel()) == ("log", "logarithmic,\nnot from 0")


def test_names_with_tags_are_shown_as_text(tmp_path: Path) -> None:
    """Names with HTML tags are shown as text on the page."""
    found = history(
        tmp_path,
        4,
        (STRANGE,),
        changed=lambda week: {"model": STRANGE, "sdk": f"{STRANGE} {week // 2}"},
    )
    page = write_history([found], tmp_path / "out", "date")
    assert "<script" not in page.read_text(encoding="utf-8")
    assert f"break: the SDK changed from {STRANGE} 0 to {STRANGE} 1" in read_text(page)
    assert f"Over time: {STRANGE}, made-up" in read_text(page)


def test_a_runs_page_has_its_own_groups_over_time(tmp_path: Path) -> None:
    """The page of a run shows the history of its own groups only, if there are at least two sessions."""
    run = [read_made("sequential")]
    stored = sessions(tmp_path / "a", 3)
    other = sessions(tmp_path / "b", 3, changed=lambda _: {"timing": "live"})
    assert "Over time: gemini-3.5-flash, made-up" in read_text(write_page(run, tmp_path / "1", {}, [*stored, *other]))
    assert (tmp_path / "1" / "gemini-3-5-flash-made-up-replayed-simulator-history.svg").is_file()
    assert not (tmp_path / "1" / "gemini-3-5-flash-made-up-live-simulator-history.svg").exists()
    for few in ([], stored[:1], other):
        assert "Over time" not in read_text(write_page(run, tmp_path / "2", {}, few))


@needs_browser
def test_the_page_can_be_read_on_a_telephone_and_in_the_dark(tmp_path: Path) -> None:
    """The page has no horizontal scrolling, no overlapping text and enough contrast, narrow or wide, light or dark."""
    names = ("sequential", STRANGE, "a_strategy_with_a_rather_long_name_that_goes_on")
    found = []
    for count in (1, 2, 40):

        def changed(week: int, count: int = count) -> Change:
            return {"model": f"model-{count}", "sdk": f"google-genai {week // 10}"}

        found.append(history(tmp_path / str(count), count, names, level=up_and_down, changed=changed))
    path = write_history(found, tmp_path / "out", "commit")
    with open_browser(tmp_path / "profile") as shown:
        for width, scheme in ((1280, "light"), (390, "dark")):
            shown.open(path, width=width, scheme=scheme)
            assert shown.complaints == []
            for opened in ("", OPEN_ALL):
                shown.evaluate(opened)
                assert shown.evaluate("document.documentElement.scrollWidth") <= width
                assert shown.evaluate(OVERLAPPING) == []
                assert shown.evaluate(CONTRAST) == []
            ids = shown.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
            assert len(ids) == len(set(ids)), "an id stands for one element only"


def report(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return run_python(["-m", "benchmarks.report", "--history", *arguments], cwd=folder)


def test_without_names_everything_stored_is_taken(tmp_path: Path) -> None:
    """Without names the command reads all stored runs, writes the page, and prints its path and the events."""
    sessions(tmp_path / ".benchmarks" / "replayed", 30, level=doubled, changed=new_sdk)
    done = report(tmp_path, "--over=commit", "-o", "out")
    assert done.returncode == 0, done.stderr
    first, _, title, answer, told, *rows = done.stdout.splitlines()
    assert first == "out/index.html"
    assert title == "gemini-3.5-flash, made-up"
    assert answer.startswith("sequential has been 2.02 times slower since session 21 (2026-07-20, ")
    assert told == (
        "30 sessions (2026-03-02 to 2026-09-21), replayed from recordings of the simulator: "
        "1 change point and 1 break in 1 series."
    )
    assert ["slower" in row for row in rows] == [True, False]
    assert told in read_text(tmp_path / "out" / "index.html")
    assert "rows.csv" not in read_text(tmp_path / "out" / "index.html")


def test_unusable_runs_are_left_out_with_a_sentence_each(tmp_path: Path) -> None:
    """Damaged, empty, foreign, old and undated runs have one sentence each, and the others are drawn."""
    sessions(tmp_path / "runs", 3)
    old = make_benchmark("sequential")
    del old["extra_info"]["images_sha256"]
    no_time = make_benchmark("sequential") | {"stats": {"data": [0.0] * 5}}
    (tmp_path / "runs" / "damaged.json").write_text("{")
    (tmp_path / "runs" / "empty.json").write_text("")
    (tmp_path / "runs" / "foreign.json").write_text(
        '{"benchmarks": [{"stats": {"data": [1]}}], "datetime": "2026-01-01"}'
    )
    store(tmp_path / "runs", 90, [old])
    store(tmp_path / "runs", 91, [no_time])
    dated = store(tmp_path / "runs", 92, [make_benchmark("sequential")])
    dated.write_text(dated.read_text().replace("datetime", "when"))
    done = report(tmp_path, *sorted((tmp_path / "runs").iterdir()))
    assert done.returncode == 0, done.stderr
    assert "3 sessions" in done.stdout
    left_out = [line for line in done.stdout.splitlines() if line.startswith("Left out: ")]
    assert len(left_out) == 6
    for name, why in {
        "damaged": "is damaged",
        "empty": "is damaged",
        "foreign": "is not a run of this suite",
        "0090_run": "an older one (it lacks images_sha256)",
        "0091_run": "did not take a positive number of seconds",
        "0092_run": "has no valid time of measurement",
    }.items():
        assert any(f"{name}.json" in line and why in line for line in left_out), name


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_without_a_usable_run_the_command_fails(tmp_path: Path, content: str | None) -> None:
    """Without a usable stored run the exit code is 1, and a sentence without a traceback says why."""
    if content is not None:
        (tmp_path / ".benchmarks").mkdir()
        (tmp_path / ".benchmarks" / "run.json").write_text(content)
    done = report(tmp_path)
    assert done.returncode == 1
    assert "report: no stored run can be used" in done.stderr
    assert ("Left out: " in done.stderr) == (content is not None)
    assert "Traceback" not in done.stderr


def test_one_session_has_no_figure(tmp_path: Path) -> None:
    """For a single session a sentence is printed, and no figure is drawn."""
    sessions(tmp_path / ".benchmarks", 1)
    done = report(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "There is nothing to draw over time yet: one session (2026-03-02)" in done.stdout
    assert "There is nothing to draw over time yet" in read_text(tmp_path / "report" / "index.html")
    assert list((tmp_path / "report").iterdir()) == [tmp_path / "report" / "index.html"]


def test_without_otava_there_are_no_change_points_and_a_sentence_says_so(tmp_path: Path) -> None:
    """Without apache-otava the history is drawn with its breaks, and a sentence says that change points are missing."""
    sessions(tmp_path / ".benchmarks", 30, level=doubled, changed=new_sdk)
    (tmp_path / "path" / "otava").mkdir(parents=True)
    (tmp_path / "path" / "otava" / "__init__.py").write_text("raise ModuleNotFoundError('otava')\n")
    command = [sys.executable, "-m", "benchmarks.report", "--history"]
    environment = os.environ | {"PYTHONPATH": f"{tmp_path / 'path'}{os.pathsep}{ROOT}"}
    # Not forked, because a forked process may already have imported otava.
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert MISSING in done.stdout
    assert "1 break in 1 series." in done.stdout
    assert "slower" not in done.stdout
    assert "break: the SDK changed" in done.stdout


def test_over_needs_history() -> None:
    """Without `--history`, `--over` or a missing run is a usage error."""
    for arguments in (["--over=commit", "run.json"], []):
        done = run_python(["-m", "benchmarks.report", *arguments])
        assert done.returncode == 2
        assert "usage: " in done.stderr
