"""A fixture that runs the command in this process."""

import sys
from pathlib import Path

import pytest

from benchmarks.plan import __main__ as command
from benchmarks.plan import samples
from tests.plan.command import Command, Told
from tests.plan.made import CLIENT


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs the command in this process, with few simulated requests and nothing measured."""
    monkeypatch.setattr(samples, "IMAGES", 240)
    monkeypatch.setattr(samples, "LEAST_REQUESTS", 24)
    monkeypatch.setattr(command, "measure_client", lambda: CLIENT)

    def run(*options: str | Path) -> Told:
        monkeypatch.setattr("sys.argv", ["plan", *map(str, options)])
        with pytest.raises(SystemExit) as ended:
            sys.exit(command.main())
        told = capsys.readouterr()
        if isinstance(ended.value.code, str):  # the interpreter would print it
            return Told(1, told.out, f"{told.err}{ended.value.code}\n")
        assert isinstance(ended.value.code, int)
        return Told(ended.value.code, told.out, told.err)

    return run
