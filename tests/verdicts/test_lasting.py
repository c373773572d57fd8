"""Tests of alarms: a slow-down has the verdict `slower` as long as it lasts, and no single session is `same`."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from benchmarks.history.accepted import Acceptance
from benchmarks.verdicts.judging import judge_benchmark
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import Finding
from benchmarks.verdicts.verdict import Verdict
from tests.helpers.judged import live, sessions, verdict

CHANGED = 7
"""The first session that takes twice as long."""
SESSIONS = 20
COURSE = [live(1.0 if number < CHANGED else 2.0, number) for number in range(1, SESSIONS + 1)]
"""Twenty sessions; those from the seventh on take twice as long."""


def judge(number: int, **changed: Any) -> Verdict:
    """Return the verdict on a session of `COURSE` when only the sessions before it are stored."""
    return verdict(replace(COURSE[number - 1], **changed), *COURSE[: number - 1])


@pytest.mark.parametrize("number", range(CHANGED, SESSIONS + 1))
def test_a_doubling_at_the_seventh_session_is_called_slower_in_all_later_ones(number: int) -> None:
    """Each later session is a regression, compared with the six sessions before the change, and has the note."""
    found = judge(number)
    assert (found.finding, found.basis) == (Finding.SLOWER, "5 rounds, 6 earlier sessions")
    assert found.is_regression
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(2.0, rel=0.3)
    since = "this session" if number == CHANGED else "0007_run.json (2026-11-08)"
    assert found.notes[0] == (
        f"alarm since {since}; it ends when two sessions in a row are at most 20% above the level before the alarm, "
        "or when the new level is accepted (python -m benchmarks.history --folder=.)"
    )


def test_this_run_can_end_an_alarm_though_it_is_not_stored_yet() -> None:
    """The second session near the old level ends the alarm, also if it is not stored; the first does not."""
    first = verdict(live(1.0, 30), *COURSE[:9])
    assert first.finding is Finding.SLOWER
    assert "are at most 20% above the level before the alarm (this session is the first), or when" in first.notes[0]
    second = verdict(live(1.0, 31), *COURSE[:9], live(1.0, 30))
    assert second.finding is Finding.NO_CHANGE
    assert not second.is_regression
    ended = "the alarm ended: this session and the one before are at most 20% above the level before the alarm"
    assert ended in second.notes
    third = verdict(live(1.0, 32), *COURSE[:9], live(1.0, 30), live(1.0, 31))
    assert (third.finding, third.basis) == (Finding.NO_CHANGE, "5 rounds, 7 earlier sessions")
    level = [each.seconds for each in (*COURSE[:6], live(1.0, 31))]
    assert third.ratio == inference.compare_session(live(1.0, 32).seconds, level, is_thinned=True)
    assert third.ratio != inference.compare_session(live(1.0, 32).seconds, level)


def test_sessions_without_the_benchmark_neither_end_nor_prolong_an_alarm() -> None:
    """Sessions without the benchmark are ignored when two sessions in a row are counted."""
    other = replace(live(1.0, 40), fullname="benchmarks/test_strategies.py::test_strategy[other]")
    stored = [*COURSE[:9], other, live(1.0, 30), other, other]
    assert verdict(live(2.0, 41), *stored).finding is Finding.SLOWER
    assert verdict(live(1.0, 41), *stored).finding is Finding.NO_CHANGE


def test_another_series_has_no_alarm_and_the_old_one_keeps_it() -> None:
    """A new SDK starts a series without an alarm; the alarm of the old series still lasts."""
    new = [live(2.0, seed, sdk="google-genai 4.0.0") for seed in (50, 51)]
    assert verdict(new[0], *COURSE[:9]).finding is Finding.CANNOT_TELL
    stored = [*COURSE[:9], *new]
    assert verdict(live(2.0, 52), *stored).finding is Finding.SLOWER


def test_a_session_that_is_stored_twice_ends_no_alarm() -> None:
    """A session near the old level counts once, although a copy of it is stored."""
    stored = sessions(*COURSE[:9], live(1.0, 30))
    copy = replace(stored[-1], path=stored[-1].path.with_name("0099_copy.json"))
    found = judge_benchmark(live(2.0, 60), [*stored, copy], None)
    assert found.notes[0].startswith("alarm since 0007_run.json (2026-11-08); it ends when")


def test_later_sessions_are_compared_with_an_accepted_level() -> None:
    """After an acceptance, sessions are compared from the first one of the alarm on, and a note has the reason."""
    stored = sessions(*COURSE[:12])
    name = COURSE[0].fullname
    accepted = Acceptance(name, datetime(2026, 11, 8, tzinfo=UTC), "they moved", date(2026, 11, 20))
    stored[6] = replace(stored[6], accepted={name: accepted})
    found = judge_benchmark(live(2.0, 60), stored, None)
    assert (found.finding, found.basis) == (Finding.NO_CHANGE, "5 rounds, 6 earlier sessions")
    assert (
        "only sessions since 0007_run.json (2026-11-08) are compared; "
        "their level was accepted on 2026-11-20: they moved" in found.notes
    )
    assert not [note for note in found.notes if note.startswith("the level of")], (
        "thirteen sessions, seven of its level"
    )
    assert judge_benchmark(live(2.0, 60), stored[:10], None).finding is Finding.CANNOT_TELL


def test_no_single_session_is_called_the_same() -> None:
    """A small change has the finding `no change seen`, names the slow-down not ruled out, and is no regression."""
    wild = [live(factor, seed) for seed, factor in enumerate((1.0, 1.3, 0.75, 1.2, 0.8, 1.0))]
    found = verdict(live(1.17), *wild)
    assert found.finding is Finding.NO_CHANGE
    assert not found.is_regression
    assert found.ratio is not None
    assert found.not_ruled_out == found.ratio.high
    assert f"a slow-down of up to {found.ratio.high:.2f} times is not ruled out" in found.notes
    assert verdict(live(2.0), *COURSE[:6]).not_ruled_out is None


def test_a_level_is_called_the_same_if_that_is_shown() -> None:
    """The level of 24 calm sessions is `same`; for ten wilder ones a note has the needed number, for nine nothing."""
    calm = [live(1.0, seed) for seed in range(1, 24)]
    (said,) = [note for note in verdict(live(1.0, 24), *calm).notes if note.startswith("the level of")]
    assert said.startswith("the level of the latest 12 sessions is ")
    assert said.endswith(" that of the 12 before: same, within 20%")
    wild = [live(factor, seed) for seed, factor in enumerate((1.0, 1.3, 0.75, 1.2, 0.8, 1.0, 1.3, 0.8, 1.1))]
    (said,) = [note for note in verdict(live(0.9), *wild).notes if note.startswith("the level of")]
    assert "not shown to be the same within 20%; showing that needs about " in said
    assert said.endswith(" sessions with this variation (80% power)")
    assert not [note for note in verdict(live(0.9), *wild[1:]).notes if note.startswith("the level of")]


def test_a_level_that_crept_up_is_not_called_the_same() -> None:
    """If the later half of the sessions is slower, the note on the level does not call it the same."""
    factors = [0.8, 1.2] * 5 + [1.0, 1.5] * 5
    found = verdict(live(1.25, 16), *(live(factor, seed) for seed, factor in enumerate(factors)))
    assert found.finding is Finding.NO_CHANGE
    (said,) = [note for note in found.notes if note.startswith("the level of")]
    assert ": not shown to be the same within 20%" in said
