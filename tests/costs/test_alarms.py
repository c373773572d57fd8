"""Simulated alarms last as long as a slowdown, and false alarms are rare, as documented."""

import pytest

from benchmarks.costs import alarms
from benchmarks.costs.alarms import draw_histories, follow, judge_alone, measure_called, measure_false

TRIALS = 500


def test_of_the_doublings_called_slower_95_percent_stay_so() -> None:
    """At a drift of 0.15, 95 % stay slower in all later of twenty sessions; without memory, under 5 % do."""
    histories = draw_histories(0.15, 20, TRIALS)
    found = measure_called(follow, histories)
    assert found.stays >= 0.95
    assert found.called >= 0.9
    assert found.at_once >= 0.6
    assert found.delay == 1
    assert measure_called(judge_alone, histories).stays < 0.05


@pytest.mark.parametrize("drift", [0.15, 0.30])
def test_new_alarms_are_below_five_percent_of_sessions_where_nothing_changed(drift: float) -> None:
    """Long histories, where the sessions that alarms leave out have an effect, have as few."""
    found = measure_false(follow, draw_histories(drift, 20, TRIALS))
    assert found.new < 0.05
    assert found.length < 5
    assert measure_false(follow, draw_histories(drift, 60, 40)).new < 0.05


def test_the_figures_are_counted_as_they_are_named() -> None:
    """The figures are right for a rule that calls given sessions of twenty slower."""
    histories = [[1.0] * 20] * 4
    found = measure_called(lambda _: {6, 7}, histories)
    assert (found.called, found.at_once, found.delay, found.stays) == (1.0, 1.0, 1, 0.0)
    late = measure_called(lambda _: {3, *range(9, 20)}, histories)
    assert (late.called, late.at_once, late.delay, late.stays) == (1.0, 0.0, 4, 1.0)
    false = measure_false(lambda _: {6, 7, 12}, histories)
    assert (false.new, false.red, false.length) == (2 / 15, 3 / 15, 1.5)
    assert false.at_risk == 2 / 14


def test_both_rules_are_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Both rules are printed for both drifts, below a line with the numbers of histories and sessions."""
    monkeypatch.setattr("sys.argv", ["alarms", "10"])
    alarms.main()
    printed = capsys.readouterr().out
    assert printed.startswith("10 histories of 20 sessions, and 1 of 60, 5 rounds each.")
    assert printed.count("the suite's rule, 20 sessions") == printed.count("without memory, 60 sessions") == 2
