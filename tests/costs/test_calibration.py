"""The live verdict rarely raises false alarms although sessions drift and rounds vary, and detects large changes."""

import re

import pytest

from benchmarks.costs import calibration
from benchmarks.costs.calibration import (
    OTHERS,
    Setting,
    find_same_share,
    find_slower_shares,
    judge_against_history,
    judge_against_recording,
)
from benchmarks.history.levels import LEAST_LIVE
from benchmarks.verdicts.seconds.ratios import Finding

TRIALS = 1000


@pytest.mark.parametrize("setting", [Setting(0.15, 5, 5), Setting(0.15, 10, 10), Setting(0.30, 5, 5)], ids=str)
def test_unchanged_sessions_are_called_slower_in_at_most_one_of_twenty(setting: Setting) -> None:
    """The draws have a fixed seed, so the share never changes; a doubling is called slower in over 30 %."""
    unchanged, _, _, doubled = find_slower_shares(judge_against_history, setting.draw(TRIALS, 1))
    assert unchanged <= 0.05
    assert doubled > 0.3


def test_a_recording_alone_gives_few_false_alarms_under_drift() -> None:
    """Two unchanged recordings of different days are called slower in at most 5 % of trials."""
    unchanged, _, _, doubled = find_slower_shares(judge_against_recording, Setting(0.15, 1, 6).draw(TRIALS, 1))
    assert unchanged <= 0.05
    assert doubled > 0.4


def test_settings_where_another_method_detects_more_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A verdict that is always "same" detects less than the others; one that is always "slower" detects more."""
    blind, knowing = (lambda *_: Finding.SAME), (lambda now, _: Finding.SLOWER if min(now) > 0 else Finding.SAME)
    settings = [Setting(0.15, 5, 5), Setting(0.30, 5, 5)]
    calibration.print_section("blind", blind, settings, 100)
    printed = capsys.readouterr().out
    assert "detects more than every method with 5 % false alarms in all of these settings in 0 of 2 settings" in printed
    assert "\n  5 earlier sessions, 5 rounds each, drift 0.15, these detect more: mean:10% at x1.2 (" in printed
    calibration.print_section("knowing", knowing, settings, 100)
    printed = capsys.readouterr().out
    assert "in 2 of 2 settings" in printed
    assert "these detect more" not in printed


def test_a_fixed_threshold_on_means_gives_false_alarms_in_a_third() -> None:
    """A gate of 10 % on means gives false alarms in more than a third of unchanged sessions."""
    drawn = Setting(0.15, 5, 5).draw(TRIALS, 1)
    statistic, threshold = OTHERS["mean:10%"]
    assert (statistic(drawn[:, -1], drawn[:, :-1]) > threshold(Setting(0.15, 5, 5))).mean() > 1 / 3


@pytest.mark.parametrize("factor", [1 / 1.2, 1.2, 1.5])
def test_a_level_that_changed_is_called_the_same_in_one_of_twenty_at_most(factor: float) -> None:
    """A change of 20 % is the worst case; an unchanged level of 40 sessions is called the same in over 40 %."""
    assert find_same_share(0.15, 40, factor, TRIALS) <= 0.06
    assert find_same_share(0.15, 40, 1.0, 200) > 0.4


def test_the_shares_of_wrong_verdicts_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """One session is never called the same; the ratio alone would say so in over 35 % of trials at a factor of 1.2."""
    setting = Setting(0.15, 10, 5)
    calibration.print_verdicts("words", judge_against_history, setting, setting.draw(500, 2), LEAST_LIVE)
    lines = capsys.readouterr().out.splitlines()
    rows = {
        line.split()[0]: [float(cell.rstrip("%")) for cell in line.split()[1:]] for line in lines if "x" in line[:4]
    }
    assert lines[3].endswith("slower          faster  no change seen            same   estimate")
    assert {each[3] for each in rows.values()} == {0.0}
    assert all(sum(each[:4]) == pytest.approx(100, abs=0.3) for each in rows.values())
    assert rows["x1.00"][0] <= 5
    assert rows["x1.20"][4] > 35
    slower, faster = rows["x1.00"][:2]
    most = f"{rows['x0.83'][0]}%, faster when it became slower: at most {rows['x1.20'][1]}%"
    assert lines[-3:] == [
        f"  wrong when nothing changed: slower {slower}%, faster {faster}%;",
        f"  slower when it became faster: at most {most}",
        f"  the estimate alone would be called the same at x1.2: {rows['x1.20'][4]}%",
    ]


def test_the_recommended_number_of_sessions_shows_an_unchanged_level(capsys: pytest.CaptureFixture[str]) -> None:
    """The share of trials is the promised power of 80 %, within 7 percentage points."""
    calibration.print_levels(0.15, 300)
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.match(r"  \d+ sessions are needed to show it with a power of 80%; it is shown in ", last)
    assert float(last.split()[-3].rstrip("%")) == pytest.approx(80, abs=7)
