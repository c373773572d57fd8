"""Each script has a help text and refuses unknown arguments; the simulations read a number of trials."""

from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import costs
from benchmarks.costs.command_line import TRIALS, read_trials

SCRIPTS = sorted({path.stem for path in Path(costs.__path__[0]).glob("*.py")} - {"__init__", "command_line"})


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_shows_the_docstring_and_ends(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured; the exit code is 0."""
    monkeypatch.setattr("sys.argv", [script, "--help"])
    module = import_module(f"{costs.__name__}.{script}")
    with pytest.raises(SystemExit) as exited:
        module.main()
    assert exited.value.code == 0
    usage, _, first, *_ = capsys.readouterr().out.splitlines()
    assert usage.startswith(f"usage: python -m benchmarks.costs.{script} [-h]")
    assert first == (module.__doc__ or "").splitlines()[0]


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_unknown_argument_is_an_error(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured; the exit code is 2."""
    monkeypatch.setattr("sys.argv", [script, "--fast"])
    with pytest.raises(SystemExit) as exited:
        import_module(f"{costs.__name__}.{script}").main()
    assert exited.value.code == 2
    assert f"python -m benchmarks.costs.{script}: error: " in capsys.readouterr().err


@pytest.mark.parametrize(("given", "trials"), [([], TRIALS), (["10"], 10)])
def test_the_number_of_trials_is_read(given: list[str], trials: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default is used if no number is given."""
    monkeypatch.setattr("sys.argv", ["order", *given])
    assert read_trials("order", "Simulates.") == trials


def test_help_shows_the_description_as_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of the description are not wrapped again, and the usage names the module."""
    monkeypatch.setattr("sys.argv", ["order", "--help"])
    with pytest.raises(SystemExit):
        read_trials("order", "Simulates\nsessions.")
    printed = capsys.readouterr().out
    assert printed.startswith("usage: python -m benchmarks.costs.order [-h] [TRIALS]\n\nSimulates\nsessions.\n")


def test_a_wrong_number_of_trials_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The error is one sentence without a traceback."""
    monkeypatch.setattr("sys.argv", ["order", "many"])
    with pytest.raises(SystemExit):
        read_trials("order", "Simulates.")
    assert "argument TRIALS: 'many' is not a whole number of at least 1" in capsys.readouterr().err
