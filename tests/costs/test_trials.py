"""The command line of the simulations reads a number of trials."""

import pytest

from benchmarks.costs.trials import TRIALS, read_trials


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
