"""Tests of `python -m benchmarks.history`: listing, accepting and undoing, and errors."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from benchmarks.history import __main__ as command
from benchmarks.history.accepted import FILE, Acceptance, read_accepted, write_accepted
from benchmarks.history.series import build_histories
from benchmarks.history.sessions import read_sessions
from benchmarks.history.summary import answer_history, list_events, summarize_history
from benchmarks.report.figures.history import draw_history
from benchmarks.report.page import write_history
from tests.helpers.browser import read_text
from tests.helpers.drawings import keep_figures
from tests.helpers.runs import make_measured, store

Run = Callable[..., tuple[str, str]]
NAMES = ("sequential", "bounded", "files")
SLOW = ("sequential", "bounded")
LONG = "gemini-3.5-flash-made-up-"
CALM = (30.0, 31.0, 29.0, 30.5, 29.5)
"""Seconds of sessions that hardly vary."""
SINCE = datetime(2026, 4, 13, 9, tzinfo=UTC)
"""The time of the seventh session."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with twelve live sessions of three strategies; two take twice as long from the seventh on."""
    stored = tmp_path / "live"
    stored.mkdir()
    for week in range(12):
        doubled = {name: 2.0 if name in SLOW and week >= 6 else 1.0 for name in NAMES}
        store(stored, week, [measured(name, week, CALM[week % 5] * doubled[name]) for name in NAMES])
    return stored


def measured(name: str, week: int, seconds: float, **changed: Any) -> dict[str, Any]:
    """Return a live benchmark whose rounds all took these seconds."""
    made = make_measured(name, 1.0, Random(week), timing="live", source="gemini", recorded_at=None, **changed)
    return made | {"stats": {"data": [seconds] * 5}}


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command with these arguments; it returns the output and the error message."""

    def run_command(*arguments: str) -> tuple[str, str]:
        monkeypatch.setattr("sys.argv", ["history", f"--folder={folder}", *arguments])
        wrong = command.main()
        return capsys.readouterr().out, wrong or ""

    return run_command


def test_benchmarks_called_slower_are_listed(run: Run) -> None:
    """The list has the first session and the ratio of each alarm, and says that no level has been accepted."""
    printed, wrong = run()
    assert wrong == ""
    lines = printed.splitlines()
    rows = [line.split() for line in lines if line.startswith(LONG)]
    assert [row[:3] for row in rows] == [[f"{LONG}{name}", "0006_run.json", "(2026-04-13)"] for name in SLOW]
    assert [row[4:] for row in rows] == [["times", "slower"]] * 2
    assert lines[-1] == "No level has been accepted."
    assert "3 benchmarks, latest session 2026-05-18 09:00 UTC" in lines[0]


@pytest.mark.parametrize("name", ["sequential", f"{LONG}sequential", "quent"])
def test_a_level_is_accepted_and_the_acceptance_undone(run: Run, folder: Path, name: str) -> None:
    """A level can be accepted by strategy, id or a part of it, and undone; the other alarm is not affected."""
    before = run()[0]
    printed, wrong = run("accept", name, "--because", "they moved to another region")
    assert wrong == ""
    level = "the level since 0006_run.json (2026-04-13) (2.01 times slower)"
    assert printed.startswith(f"{LONG}sequential: {level} is accepted, in ")
    (accepted,) = read_accepted(folder)
    assert (accepted.since, accepted.because) == (SINCE, "they moved to another region")
    listed = run()[0]
    assert f"{LONG}bounded" in listed.partition("accepted level")[0]
    assert f"{LONG}sequential" not in listed.partition("accepted level")[0]
    assert "they moved to another region" in listed.partition("accepted level")[2]
    undone, wrong = run("accept", name, "--undo")
    assert (wrong, "is no longer accepted" in undone) == ("", True)
    assert run()[0] == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["accept", "sequential"], 'give the reason for accepting the level: --because "...".'),
        (["accept", "sequential", "--because", "  "], "give the reason for accepting the level"),
        (["accept", "files", "--because", "x"], f"there is nothing to accept: {LONG}files is not called slower."),
        (["accept", "nobody", "--because", "x"], f"nobody matches no benchmark; name one of: {LONG}bounded, "),
        (
            ["accept", "made-up", "--because", "x"],
            f"made-up matches more than one benchmark; name one of: {LONG}bounded, {LONG}files, {LONG}sequential.",
        ),
        (["accept", "sequential", "--undo"], "there is nothing to undo: "),
    ],
)
def test_an_impossible_action_is_one_sentence(run: Run, folder: Path, arguments: Sequence[str], said: str) -> None:
    """The command returns one sentence, so that the exit code is 1, and writes nothing."""
    printed, wrong = run(*arguments)
    assert printed == ""
    assert wrong.startswith(f"history: {said}")
    assert not (folder / FILE).exists()


def test_an_accepted_level_cannot_be_accepted_again(run: Run) -> None:
    """After an acceptance the benchmark is not called slower, so there is nothing to accept."""
    assert run("accept", "bounded", "--because", "x")[1] == ""
    assert "there is nothing to accept" in run("accept", "bounded", "--because", "x")[1]
    assert "name one of: gemini-3.5-flash-made-up-bounded." in run("accept", "files", "--undo")[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"accepted": 7}',
        '{"accepted": [7]}',
        '{"accepted": [{"benchmark": "x", "since": "2026-04-13", "because": "x", "on": "2026-04-13"}]}',
        '{"accepted": [{"benchmark": 1, "since": "2026-04-13T09:00:00Z", "because": "x", "on": "2026-04-13"}]}',
        '{"accepted": [{"benchmark": "x", "since": 7, "because": "x", "on": "2026-04-13"}]}',
        '{"accepted": [{"benchmark": "x", "since": "2026-04-13T09:00:00Z", "because": "x"}]}',
    ],
)
def test_a_damaged_file_is_an_error_and_kept(run: Run, folder: Path, text: str) -> None:
    """With a damaged `accepted.json` every action prints only an error, and the file is not changed."""
    (folder / FILE).write_text(text, encoding="utf-8")
    for arguments in ([], ["accept", "sequential", "--because", "x"], ["accept", "sequential", "--undo"]):
        printed, wrong = run(*arguments)
        assert printed == ""
        assert f"{FILE} is damaged (" in wrong
        assert "\n" not in wrong
    assert (folder / FILE).read_text(encoding="utf-8") == text


def test_without_sessions_there_is_nothing_to_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the folder, or without live sessions in it, the command prints one sentence that names the folder."""
    monkeypatch.setattr("sys.argv", ["history", f"--folder={tmp_path / 'nowhere'}"])
    assert command.main() == (
        f"history: the folder {tmp_path / 'nowhere'} does not exist; "
        "give the folder of the stored sessions with --folder."
    )
    monkeypatch.setattr("sys.argv", ["history", f"--folder={tmp_path}"])
    assert command.main() == (
        f"history: {tmp_path} holds no live session; store one with --benchmark-autosave, or give another --folder."
    )
    store(tmp_path, 1, [make_measured("files", 30.0, Random(1))])
    assert "holds no live session" in (command.main() or "")


def test_a_file_that_cannot_be_written_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """If writing fails, the command prints an error, the old file is kept, and no temporary file is left."""
    assert run("accept", "bounded", "--because", "x")[1] == ""
    before = (folder / FILE).read_text(encoding="utf-8")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    assert (
        "cannot be written (No space left on device); it was not changed."
        in run("accept", "sequential", "--because", "x")[1]
    )
    assert (folder / FILE).read_text(encoding="utf-8") == before
    assert [path.name for path in folder.iterdir() if path.name.startswith(".accepted")] == []


def test_an_acceptance_is_valid_without_its_session(folder: Path) -> None:
    """If the session of an acceptance was deleted, the level begins with the next one that has the benchmark."""
    (benchmark,) = {name for name in read_sessions([folder / "0007_run.json"])[0][0].benchmarks if "bounded" in name}
    write_accepted(folder, [Acceptance(benchmark, SINCE, "x\N{ESCAPE}[31m", date(2026, 5, 1))])
    (folder / "0006_run.json").unlink()
    found, problems = read_sessions(sorted(folder.glob("*.json")))
    assert problems == []
    assert [(each.path.name, dict(each.accepted)) for each in found if each.accepted] == [
        ("0007_run.json", {benchmark: Acceptance(benchmark, SINCE, "x\\x1b[31m", date(2026, 5, 1))})
    ]


def test_the_history_shows_what_is_called_slower_and_accepted(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alarms and acceptances are in the sentences, the table and the figure; `accepted.json` is not read as a run."""
    assert run("accept", "bounded", "--because", "<b>they moved</b>")[1] == ""
    sessions, problems = read_sessions(sorted(folder.rglob("*.json")))
    assert problems == []
    (history,) = build_histories(sessions)
    slow = history.series["sequential"]
    assert (sorted(slow.red), [(each.start, each.stop) for each in slow.alarms]) == ([*range(6, 12)], [(6, None)])
    assert not history.series["bounded"].red | history.series["files"].red
    assert "1 alarm, " in summarize_history(history)
    first, second = answer_history(history)[:2]
    assert first.startswith("sequential has been 2.01 times slower since session 7 (2026-04-13, ")
    assert "times slower (accepted) since session 7 (2026-04-13, " in second
    events = list_events(history)
    assert events.caption == "Alarms, change points and breaks, newest first"
    told = [(row[1], row[2].partition(" (")[0]) for row in events.rows if not row[2].endswith(" times slower")]
    assert told == [("sequential", "called slower from here on"), ("bounded", "accepted: <b>they moved</b>")]
    figures = keep_figures(monkeypatch)
    draw_history(history, tmp_path, "date")
    ((_, figure),) = figures
    marks = [[len(line.get_xdata()) for line in axes.get_lines() if line.get_marker() == "D"] for axes in figure.axes]  # type: ignore[arg-type]
    assert marks == [[6], [0], [0]]
    squares = [[len(line.get_xdata()) for line in axes.get_lines() if line.get_marker() == "s"] for axes in figure.axes]  # type: ignore[arg-type]
    assert squares == [[0], [1], [0]]
    assert "accepted: <b>they moved</b>" in read_text(write_history([history], tmp_path / "page", "date"))


def test_a_ratio_below_one_is_shown_as_it_is_during_an_alarm(tmp_path: Path) -> None:
    """If one session of an alarm is very fast, its level is shown below the level before, not as a slow-down."""
    for week, level in enumerate([30.0, 31.0, 29.0, 30.0, 30.5, 29.5, 60.0, 12.0]):
        store(tmp_path, week, [measured("files", week, level)])
    (history,) = build_histories(read_sessions(sorted(tmp_path.glob("*.json")))[0])
    assert [round(each.ratio, 2) for each in history.series["files"].alarms] == [0.89]
    assert answer_history(history)[0].startswith("files has been called slower (0.89 times the level before) since ")
    assert [row[2] for row in list_events(history).rows] == ["called slower from here on (0.89 times the level before)"]


def test_an_alarm_that_ended_is_two_events(tmp_path: Path) -> None:
    """An ended alarm has an event for its beginning and one for its end; a session with another SDK has no effect."""
    levels = [30.0, 31.0, 29.0, 30.0, 30.5, 29.5, 60.0, 61.0, 30.0, 30.0]
    for week, level in enumerate(levels):
        store(tmp_path, week, [measured("files", week, level, sdk="b" if week == 3 else "a")])
    (history,) = build_histories(read_sessions(sorted(tmp_path.glob("*.json")))[0])
    series = history.series["files"]
    assert sorted(series.red) == [6, 7, 8]
    assert [(alarm.start, alarm.stop) for alarm in series.alarms] == [(6, 9)]
    told = [row[2] for row in list_events(history).rows if "called slower" in row[2]]
    assert told == ["no longer called slower", "called slower from here on (1.60 times slower)"]
    assert not any("called slower" in sentence for sentence in answer_history(history))


def test_the_file_is_readable_by_people(run: Run, folder: Path) -> None:
    """`accepted.json` has four fields per entry, in the order of acceptance."""
    for name in ("sequential", "bounded"):
        assert run("accept", name, "--because", f"why {name}")[1] == ""
    entries = json.loads((folder / FILE).read_text(encoding="utf-8"))["accepted"]
    assert [each["because"] for each in entries] == ["why sequential", "why bounded"]
    assert set(entries[0]) == {"benchmark", "since", "because", "on"}
    assert entries[0]["since"] == "2026-04-13T09:00:00+00:00"
