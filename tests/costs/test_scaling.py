"""The comparison of one process with workers runs both and prints them side by side."""

import sys

import pytest

from benchmarks.costs import scaling


@pytest.mark.skipif(sys.platform != "linux", reason="there are workers on Linux only")
def test_both_ways_of_a_question_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each question has a row with CPU, wall time and memory of both and their ratio; the last row has the totals."""
    monkeypatch.setattr("sys.argv", ["scaling"])
    monkeypatch.setattr(scaling, "QUESTIONS", ("images_a_prompt",))
    case = "benchmarks/test_scaling.py::test_images_a_prompt[gemini-3.8-flash-chunked-"
    # Deselect all cases but that of 64 images, the fastest.
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(f"--deselect={case}{digit}" for digit in "12348"))
    scaling.main()
    ways, columns, *rows = capsys.readouterr().out.splitlines()
    assert ways.split()[:2] == ["one", "process"]
    assert columns.split() == ["CPU", "s", "wall", "s", "MiB"] * 2 + ["times", "faster"]
    assert [row.split()[0] for row in rows] == ["images_a_prompt", "all"]
    figures = [[float(cell) for cell in row.split()[1:]] for row in rows]
    assert figures[0] == figures[1]
    assert all(figure > 0 for figure in figures[0])
    assert len(figures[0]) == 7
