"""The live verdict seldom cries wolf where sessions drift and rounds have a heavy tail, and sees what is large."""

import pytest

from benchmarks.costs import calibration
from benchmarks.costs.calibration import (
    OTHERS,
    Setting,
    find_slower_shares,
    judge_against_history,
    judge_against_recording,
)
from benchmarks.verdicts.seconds.ratios import Finding

TRIALS = 1000


@pytest.mark.parametrize("setting", [Setting(0.15, 5, 5), Setting(0.15, 10, 10), Setting(0.30, 5, 5)], ids=str)
def test_unchanged_sessions_are_called_slower_in_at_most_one_of_twenty(setting: Setting) -> None:
    """With the seed of the draws it is always the same share; more sessions and rounds see more."""
    unchanged, _, _, doubled = find_slower_shares(judge_against_history, setting.draw(TRIALS, 1))
    assert unchanged <= 0.05
    assert doubled > 0.3


def test_a_recording_alone_does_not_cry_wolf_over_a_days_drift() -> None:
    """Two recordings, each on its day."""
    unchanged, _, _, doubled = find_slower_shares(judge_against_recording, Setting(0.15, 1, 6).draw(TRIALS, 1))
    assert unchanged <= 0.05
    assert doubled > 0.4


def test_it_is_printed_where_another_method_sees_more(capsys: pytest.CaptureFixture[str]) -> None:
    """A verdict that is always "same" sees less than any other; one that knows, more."""
    blind, knowing = (lambda *_: Finding.SAME), (lambda now, _: Finding.SLOWER if min(now) > 0 else Finding.SAME)
    settings = [Setting(0.15, 5, 5), Setting(0.30, 5, 5)]
    calibration.print_section("blind", blind, settings, 100)
    printed = capsys.readouterr().out
    assert "sees more than any other method that keeps to 5 % in all of these settings: in 0 of 2 settings" in printed
    assert "\n  5 earlier sessions, 5 rounds each, drift 0.15, these see more: mean:10% at x1.2 (" in printed
    calibration.print_section("knowing", knowing, settings, 100)
    printed = capsys.readouterr().out
    assert "in 2 of 2 settings" in printed
    assert "these see more" not in printed


def test_a_fixed_threshold_on_means_cries_wolf_in_a_third() -> None:
    """What the verdict is for: the usual gate, on sessions in which nothing has changed."""
    drawn = Setting(0.15, 5, 5).draw(TRIALS, 1)
    statistic, threshold = OTHERS["mean:10%"]
    assert (statistic(drawn[:, -1], drawn[:, :-1]) > threshold(Setting(0.15, 5, 5))).mean() > 1 / 3
