"""Tests of whole verdicts: the stored run, name, basis, interval, order of the notes, and what has grown."""

import math
from dataclasses import replace
from statistics import stdev
from typing import Any

import pytest

from benchmarks.history import change_points
from benchmarks.history.levels import find_spread_factor
from benchmarks.verdicts.plugin import get_least
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import Finding, Ratio
from benchmarks.verdicts.verdict import Verdict, explain_verdicts
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.judged import live, slow_down, verdict, with_seconds

SECONDS = [10.0, 11.0, 12.0, 9.0, 10.0]
SIX = [*SECONDS, 10.5]
CASE = {"scaling": {"question": "images", "x": 8, "client": {"cpu_seconds": 0.1, "image_bytes": 1.0}}}
VIRTUAL = {"timing": "virtual", "recorded_at": None, **CASE}
LATER = {"recorded_at": "2026-12-01T00:00:00+00:00"}
HISTORY = [live(seed=seed) for seed in range(1, 9)]
OTHER = "0002_run.json is live of Gemini"
NEVER = "runs of different kinds are never compared"
STORE = "store this run with --benchmark-autosave to compare later ones with it"
SDK = "the SDK changed from google-genai 3.4.0 to google-genai 4.0.0"
SETTINGS = "the settings changed from none to concurrency 4"


@pytest.mark.parametrize(
    ("now", "stored", "finding", "notes"),
    [
        (with_seconds(SECONDS, **CASE), (), Finding.CANNOT_TELL, ["no stored run has this benchmark"]),
        (with_seconds(SECONDS, **VIRTUAL), (), Finding.CANNOT_TELL, ["no stored run has this benchmark"]),
        (
            with_seconds(SECONDS, **VIRTUAL),
            (with_seconds(SECONDS), live()),
            Finding.REFUSED,
            [f"this run is in virtual time, answered by the simulator; {OTHER}; {NEVER}"],
        ),
        (
            with_seconds(SIX, **VIRTUAL),
            (with_seconds(SIX, **VIRTUAL), with_seconds(SECONDS, **VIRTUAL), live()),
            Finding.CANNOT_TELL,
            ["0002_run.json has 5 rounds, this run has 6; use --rounds=5"],
        ),
        (
            with_seconds(SECONDS, sdk="google-genai 4.0.0", settings={"concurrency": 4}, **CASE),
            (with_seconds(SECONDS),),
            Finding.CANNOT_TELL,
            [f"{SDK} since 0001_run.json", f"{SETTINGS} since 0001_run.json", STORE],
        ),
    ],
)
def test_a_verdict_without_a_comparison_has_the_reason(
    now: Benchmark, stored: tuple[Benchmark, ...], finding: Finding, notes: list[str]
) -> None:
    """A verdict without a comparison has the name of the case, no ratio, and the reason in its notes."""
    assert verdict(now, *stored) == Verdict(now.fullname, "concurrent, 8", finding, "nothing", notes=tuple(notes))


@pytest.mark.parametrize("kind", [CASE, VIRTUAL])
def test_a_slower_replay_has_its_cause_and_what_changed(kind: dict[str, Any]) -> None:
    """A slower replay, also in virtual time, has its cause, the changes since the stored run, and what has grown."""
    then = with_seconds(SECONDS, client_cpu_seconds=0.0, spans=[], **kind)
    now = slow_down(
        with_seconds(SECONDS, client_cpu_seconds=5.0, spans=[], requests=3, sdk="google-genai 4.0.0", **kind), 1.5
    )
    assert replace(verdict(now, with_seconds(SIX, **kind), then), answers=None) == Verdict(
        now.fullname,
        "concurrent, 8",
        Finding.SLOWER,
        "5 rounds, paired",
        Ratio(1.5, 1.5, 1.5),
        0.05,
        ("client CPU: 5.00 s a round instead of 0.00 s", f"{SDK} since 0002_run.json"),
        ("requests 3 instead of 2",),
    )


@pytest.mark.parametrize("rounds", [5, 6])
def test_two_recordings_are_judged_whole(rounds: int) -> None:
    """The verdict on another recording has its notes in order, and growth without retries and failures."""
    then = with_seconds(SIX[:rounds])
    changed = {**LATER, "sdk": "google-genai 4.0.0", "requests": 4, "retries": 1}
    now = slow_down(with_seconds(SIX[:rounds], **changed), 2)
    basis = f"{rounds} and {rounds} rounds of two recordings"
    again = "recorded again since 0001_run.json, so the rounds are two samples"
    sdk = f"{SDK} since 0001_run.json"
    grown = ("requests without retries 3 instead of 2",)
    found = replace(verdict(now, then), answers=None)  # answers are tested separately
    if rounds == 5:
        notes = (f"{again}; needs 6 rounds of each (--rounds=6)", sdk)
        assert found == Verdict(now.fullname, "concurrent", Finding.CANNOT_TELL, basis, notes=notes, grown=grown)
        return
    ratio = inference.widen_by_drift(inference.compare_samples(now.seconds, then.seconds)[0])
    assert found == Verdict(
        now.fullname, "concurrent", Finding.SLOWER, basis, ratio, ratio.visible, (again, sdk), grown
    )


def test_the_smallest_detectable_change_is_at_least_the_smallest_that_counts() -> None:
    """If the interval is narrower than the smallest change that counts, that change is the smallest detectable one."""
    now, then = with_seconds(SIX, **LATER), with_seconds(SIX)
    assert verdict(now, then, least=0.9).visible == 0.9
    assert verdict(live(1.1), *HISTORY, least=0.9).visible == 0.9
    found = verdict(live(1.6), *HISTORY, least=0.9)
    assert found.finding is Finding.SLOWER, "an alarm starts from 20 %, whatever counts in this run"


@pytest.mark.parametrize(("option", "least"), [(None, None), (True, None), (1.0, 0.01), (30.0, 0.3)])
def test_one_percent_is_not_the_option_without_a_percentage(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, option: float | None, least: float | None
) -> None:
    """`--fail-on-regression=1` means 1 %, although 1.0 equals True, the value of the option without a percentage."""
    monkeypatch.setattr(pytestconfig.option, "fail_on_regression", option, raising=False)
    assert get_least(pytestconfig) == least


def test_a_broken_live_series_is_counted_and_named_by_its_last_session() -> None:
    """The note names every change and the last session; sessions of the present series are counted, also before it."""
    other = [live(seed=seed, sdk="google-genai 4.0.0", settings={"concurrency": 4}) for seed in (30, 31)]
    found = verdict(live(), *HISTORY[:3], *other)
    assert found.basis == "5 rounds, 3 earlier sessions"
    assert found.notes[0] == "needs 5 comparable earlier sessions; there are 3"
    sdk, settings = "from google-genai 4.0.0 to google-genai 3.4.0", "from concurrency 4 to none"
    changes = f"the SDK changed {sdk}; the settings changed {settings}"
    others = "2 of 5 earlier sessions are of another series and not compared"
    assert found.notes[1:] == (f"{changes} since 0005_run.json: {others}",)


@pytest.mark.parametrize(("count", "finding"), [(3, Finding.CANNOT_TELL), (8, Finding.SLOWER)])
def test_a_live_session_has_grown_against_the_last_of_its_series(count: int, finding: Finding) -> None:
    """Growth is reported also with too few sessions for a verdict; retries do not count."""
    now = live(2.0, requests=3, image_tokens=2200)
    found = verdict(now, *HISTORY[: count - 1], live(seed=count, bytes_sent=99_999), live(sdk="google-genai 4.0.0"))
    assert (found.benchmark, found.name, found.finding) == (now.fullname, "concurrent", finding)
    assert found.grown == ("requests 3 instead of 2", "bytes sent 100,000 instead of 99,999")
    assert verdict(live(2.0, requests=3, retries=1), *HISTORY[:count]).grown == ()
    assert explain_verdicts([found])[0] == (
        "concurrent has grown: requests 3 instead of 2, bytes sent 100,000 instead of 99,999."
    )


@pytest.mark.parametrize("needed", [6, 9])
def test_the_needed_sessions_are_the_shortest_history_that_would_show_the_change(needed: int) -> None:
    """The second note has the smallest number of sessions, with the same variation, that can show the change."""
    middles = [-0.1, -0.1, 0.0, 0.1, 0.1]
    history = [with_seconds([10 * math.exp(each)] * 5, timing="live", source="gemini") for each in middles]
    shift = find_spread_factor(needed) * stdev(middles) * 1.0001
    now = with_seconds([10 * math.exp(shift)] * 5, timing="live", source="gemini")
    found = verdict(now, *history, live(sdk="google-genai 4.0.0"))
    assert found.finding is Finding.NO_CHANGE
    assert found.notes[1] == f"a change of this size can be detected from {needed} earlier sessions on"
    assert found.notes[2].startswith("the SDK changed")


def test_a_history_of_twenty_is_long_enough_for_a_change_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 20 sessions on, change points are used; without apache-otava a sentence with one full stop says so."""
    history = [live(3.0 if seed < 10 else 1.0, seed) for seed in range(change_points.ENOUGH)]
    assert verdict(live(1.0, 99), *history).basis == "5 rounds, 10 earlier sessions"
    assert verdict(live(1.0, 99), *history[1:]).basis == "5 rounds, 19 earlier sessions"
    monkeypatch.setattr("benchmarks.history.change_points._import_detector", lambda: None)
    found = verdict(live(1.0, 99), *history)
    assert found.basis == "5 rounds, 20 earlier sessions"
    assert [each for each in explain_verdicts([found]) if each.endswith("(pip install --group history).")]
