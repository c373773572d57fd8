"""`python -m benchmarks.release` writes all files or none, and prints the remaining steps."""

import sys
from datetime import date
from pathlib import Path

import pytest

from benchmarks.release import __main__ as command
from benchmarks.release.changelog import release_version
from benchmarks.release.commands import run_command
from benchmarks.release.replay import BASELINE, COMMAND, Replay
from fixtures.base.errors import RunError

CHANGELOG = "# Changelog\n\n## Unreleased\n\n- Something new.\n\n## 0.9.0 (2026-01-01)\n\n- Old.\n"
README = "Text.\n\n<!-- output of: {command}{field} -->\n```text\nold\n```\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the root of a project whose replay prints `new`, and whose other commands fail."""
    folder = tmp_path / "project"
    (folder / BASELINE).parent.mkdir(parents=True)
    (folder / BASELINE).write_bytes(b"old")
    (folder / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    write_readme(folder, COMMAND)
    monkeypatch.setattr(command, "ROOT", folder)
    monkeypatch.setattr(command, "replay_all", lambda _: Replay("new\n", {}, "The baseline stays."))
    monkeypatch.setattr(command, "run_command", fail)
    return folder


def write_readme(folder: Path, printed_by: str, field: str = "") -> None:
    """Write a README with one block of output of this command."""
    (folder / "README.md").write_text(README.format(command=printed_by, field=field), encoding="utf-8")


def fail(line: str, **_: int) -> str:
    """Raise the `RunError` of a command that fails."""
    raise RunError(f"`{line}` does not work.")


def release(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str | int | None:
    """Run the command with these arguments."""
    monkeypatch.setattr(sys, "argv", ["release", *arguments])
    return command.main()


def read(root: Path) -> dict[str, str]:
    """Return the contents of the project's files by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(root.rglob("*")) if path.is_file()}


def test_a_release_updates_files_and_prints_the_remaining_steps(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A release writes the version and the day into the changelog, and the new output into the document."""
    assert release(monkeypatch, "1.0.0") is None
    files = read(root)
    assert "## Unreleased" not in files["CHANGELOG.md"]
    assert "\n## 1.0.0 (20" in files["CHANGELOG.md"]
    assert files["README.md"].endswith("```text\nnew\n```\n")
    printed = capsys.readouterr().out
    assert "The baseline stays." in printed
    assert "Written: README.md" in printed
    assert "git tag 1.0.0" in printed


def test_a_check_writes_nothing_and_fails_if_something_is_out_of_date(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` prints the files that are out of date, exits with 1 and writes nothing; after an update it passes."""
    before = read(root)
    assert release(monkeypatch, "--check") == 1
    assert "Out of date: README.md" in capsys.readouterr().out
    assert read(root) == before
    release(monkeypatch)
    assert release(monkeypatch, "--check") == 0


def test_a_command_that_fails_changes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a command fails, no file is changed."""
    write_readme(root, "python -m benchmarks.costs.order")
    before = read(root)
    said = release(monkeypatch, "1.0.0")
    assert said == "release: `python -m benchmarks.costs.order` does not work.\nNothing was changed."
    assert read(root) == before


def test_a_slow_command_is_not_run_unless_asked_for(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without `--slow`, the block of a slow command is not changed, and the output says that it was not checked."""
    write_readme(root, "python -m benchmarks.costs.order", "\n     slow: an hour")
    before = read(root)
    assert release(monkeypatch) is None
    assert read(root) == before
    assert (
        "Output blocks in the documents: 1, 1 of them not checked: their commands are slow (--slow)."
        in capsys.readouterr().out
    )
    assert str(release(monkeypatch, "--slow")).startswith("release: `python -m benchmarks.costs.order` does not")


def test_a_block_is_compared_with_the_new_baseline(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the baseline changes, the blocks show a comparison with the new one."""
    ran: list[str] = []

    def run(line: str, **_: int) -> str:
        ran.append(line)
        return "same\n"

    monkeypatch.setattr(command, "replay_all", lambda _: Replay("slower\n", {BASELINE: b"new"}, "It is renewed."))
    monkeypatch.setattr(command, "run_command", run)
    assert release(monkeypatch) is None
    assert [line.rpartition("/")[2] for line in ran] == ["run.json'"]
    assert read(root)["README.md"].endswith("```text\nsame\n```\n")
    assert read(root)[BASELINE.name] == "new"


@pytest.mark.parametrize(
    ("text", "version", "said"),
    [
        (CHANGELOG, "1.0", "'1.0' is not a version"),
        (CHANGELOG, "0.9.0", "already has version 0.9.0"),
        (CHANGELOG.replace("- Something new.\n", ""), "1.0.0", "has no text under '## Unreleased'"),
        (CHANGELOG.replace("## Unreleased", "## 0.9.1"), "1.0.0", "has no text under '## Unreleased'"),
    ],
)
def test_a_version_that_cannot_be_released_is_an_error(text: str, version: str, said: str) -> None:
    """A version that is invalid, already released or without changes raises an error."""
    with pytest.raises(RunError, match=said):
        release_version(text, version, date(2026, 11, 30))


def test_an_invalid_version_ends_with_an_error_message(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invalid version ends the command with an error message, and no file is changed."""
    before = read(root)
    said = "release: 'one' is not a version: write three numbers, such as 1.0.0.\nNothing was changed."
    assert release(monkeypatch, "one") == said
    assert read(root) == before


def test_other_programs_are_not_run() -> None:
    """Only commands that start with `pytest` or `python -m` are run."""
    with pytest.raises(RunError, match="commands must start with `pytest` or `python -m`"):
        run_command("rm -r .")


def test_the_output_of_a_failed_command_is_quoted() -> None:
    """The error of a failed command has its exit code and the last line of its output."""
    with pytest.raises(RunError, match=r"exit code 2, not 0; .*unrecognized arguments: --nothing"):
        run_command("python -m benchmarks.models --nothing")


def test_documents_show_a_terminal_of_80_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The output in documents does not depend on the width of the terminal of the release."""
    monkeypatch.setenv("COLUMNS", "300")
    assert len(run_command("python -m benchmarks.models").splitlines()[0]) <= 80
