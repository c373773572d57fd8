"""Tests of verdicts: which runs are compared, by which method, and with which finding and notes."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.verdicts.contest import compare_strategies, make_caveat
from benchmarks.verdicts.growth import find_growth
from benchmarks.verdicts.seconds.paired import find_cause
from benchmarks.verdicts.seconds.ratios import Finding, Ratio
from benchmarks.verdicts.verdict import Verdict, explain_verdicts
from tests.helpers.judged import live, verdict, with_changes, with_seconds

SPANS = [[0.0, 10.0, 200, ["a.jpg"]], [0.0, 8.0, 200, ["b.jpg"]]]
SECONDS = [10.0, 11.0, 12.0, 9.0, 10.0]
HISTORY = [live(seed=seed) for seed in range(1, 9)]


@pytest.mark.parametrize(("factor", "finding"), [(1.0, "same"), (1.049, "same"), (1.06, "slower"), (0.9, "faster")])
def test_replays_of_one_recording_are_paired_and_exact(factor: float, finding: str) -> None:
    """The ratio has no interval however much the rounds vary, and changes from 5 % on count."""
    then = with_seconds(SECONDS)
    now = replace(then, seconds=tuple(each * factor for each in SECONDS))
    found = verdict(now, then)
    assert (found.finding, found.basis, found.visible) == (finding, "5 rounds, paired", 0.05)
    assert found.ratio is not None
    assert (found.ratio.value, found.ratio.low, found.ratio.high) == pytest.approx((factor,) * 3)


def test_the_ratio_of_replays_is_that_of_all_seconds_and_has_no_interval() -> None:
    """The ratio is that of the total seconds, also if the rounds changed differently."""
    then = with_seconds([10.0, 10.0, 20.0])
    found = verdict(replace(then, seconds=(10.0, 9.0, 41.0)), then)
    assert found.ratio == Ratio(1.5, 1.5, 1.5)
    assert (found.finding, found.row[2]) == (Finding.SLOWER, "1.50")


def test_the_smallest_change_that_counts_can_be_given() -> None:
    """With `least=0.3`, a slow-down by 20 % is no regression."""
    then = with_seconds(SECONDS)
    now = replace(then, seconds=tuple(each * 1.2 for each in SECONDS))
    assert verdict(now, then).is_regression
    assert not verdict(now, then, least=0.3).is_regression


@pytest.mark.parametrize(
    ("seconds", "changed", "said"),
    [
        (
            18.0,
            {"spans": [[0.0, 10.0, 200, ["a.jpg"]], [10.0, 18.0, 200, ["b.jpg"]]]},
            "waiting: 1.0 requests at a time",
        ),
        (
            13.0,
            {"spans": [[3.0, 13.0, 200, ["a.jpg"]], [3.0, 11.0, 200, ["b.jpg"]]]},
            "waiting: 3.00 s a round without",
        ),
        (14.0, {"client_cpu_seconds": 4.02}, "client CPU: 4.02 s a round instead of 0.02 s"),
        (10.0, {}, "the median round is unchanged; round 2 changed most (2.00 times as long)"),
    ],
)
def test_a_difference_is_attributed(seconds: float, changed: dict[str, Any], said: str) -> None:
    """The cause is the overlap, waiting without a request, the client's CPU, or a round other than the median one."""
    then = with_seconds([10.0, 11.0, 9.0], spans=SPANS)
    now = with_seconds([seconds, 22.0, 9.0], **{"spans": SPANS, "recorded_seconds": [10.0, 11.0, 9.0]} | changed)
    assert said in find_cause(now, then)


def test_a_cassette_recorded_again_makes_two_samples() -> None:
    """With five rounds each the verdict is `cannot tell yet`; with six that are twice as slow it is `slower`."""
    few = verdict(with_seconds(SECONDS, recorded_at="2026-12-01T00:00:00+00:00"), with_seconds(SECONDS))
    assert few.finding is Finding.CANNOT_TELL
    assert "recorded again since 0001_run.json" in few.notes[0]
    assert "--rounds=6" in few.notes[0]
    six = [*SECONDS, 10.5]
    later = with_seconds([2 * each for each in six], recorded_at="2026-12-01T00:00:00+00:00")
    found = verdict(later, with_seconds(six))
    assert (found.finding, found.basis) == (Finding.SLOWER, "6 and 6 rounds of two recordings")


def test_another_sdk_is_reported_and_a_replay_still_compared() -> None:
    """A replay with another SDK is compared with the stored run, and a note names the change."""
    then = with_seconds(SECONDS)
    found = verdict(with_seconds(SECONDS, sdk="google-genai 4.0.0"), then)
    assert found.finding is Finding.SAME
    assert "the SDK changed from google-genai 3.4.0 to google-genai 4.0.0 since 0001_run.json" in found.notes


FIRST: dict[str, Any] = {"version": 1, "people": {"a.jpg": 4}}
"""The fields of a record of version 1 that differ from today's, except the names of settings."""


def test_another_concurrency_is_reported_and_not_compared() -> None:
    """Another `--concurrency` breaks the series, and a note names the change."""
    found = verdict(
        with_seconds(SECONDS, settings={"concurrency": 4}), with_seconds(SECONDS, settings={"window": 8}, **FIRST)
    )
    assert (found.finding, found.ratio) == (Finding.CANNOT_TELL, None)
    assert "the settings changed from concurrency 8 to concurrency 4 since 0001_run.json" in found.notes


def test_a_run_stored_under_the_old_name_of_a_setting_is_compared() -> None:
    """The setting `window` of version 1 of the record is compared as `concurrency`."""
    found = verdict(
        with_seconds(SECONDS, settings={"concurrency": 8}),
        with_seconds(SECONDS, settings={"window": 8}, **FIRST),
    )
    assert (found.finding, found.notes) == (Finding.SAME, ())


@pytest.mark.parametrize("other", [{"timing": "live"}, {"source": "gemini"}, {"source": "gemini", "timing": "live"}])
def test_another_kind_is_refused(other: dict[str, Any]) -> None:
    """Runs of different kinds are not compared, and one sentence names both kinds."""
    found = verdict(with_seconds(SECONDS), with_seconds(SECONDS, **other))
    assert (found.finding, found.ratio) == (Finding.REFUSED, None)
    (sentence,) = explain_verdicts([found])
    assert "this run is replayed from recordings of the simulator; 0001_run.json is " in sentence
    assert sentence.endswith("; runs of different kinds are never compared.")


@pytest.mark.parametrize("count", range(5))
def test_fewer_than_five_sessions_cannot_tell(count: int) -> None:
    """The note has the number of earlier sessions that are needed, and how many there are."""
    found = verdict(live(3.0), *HISTORY[:count])
    assert found.finding is Finding.CANNOT_TELL
    there = "there is 1" if count == 1 else f"there are {count}"
    assert found.notes[0] == f"needs 5 comparable earlier sessions; {there}"
    assert found.basis == f"5 rounds, {count} earlier sessions"


@pytest.mark.parametrize(
    ("factor", "finding"), [(2.0, Finding.SLOWER), (0.5, Finding.FASTER), (1.05, Finding.NO_CHANGE)]
)
def test_a_live_session_is_judged_against_its_history(factor: float, finding: Finding) -> None:
    """Every finding has a ratio, its interval and the smallest detectable change."""
    found = verdict(live(factor), *HISTORY)
    assert found.finding is finding
    assert found.ratio is not None
    assert found.visible is not None
    assert found.ratio.low < found.ratio.value < found.ratio.high
    assert found.basis == "5 rounds, 8 earlier sessions"


def test_a_long_history_is_compared_from_its_last_change_to_a_faster_level_on() -> None:
    """If the last 12 of 30 sessions took half as long, only these 12 are compared, and a note names the first."""
    long = [live(1.0 if seed < 18 else 0.5, seed) for seed in range(30)]
    found = verdict(live(0.5, 99), *long)
    assert found.finding is Finding.NO_CHANGE
    assert found.basis == "5 rounds, 12 earlier sessions"
    level = "only sessions since 0019_run.json (2026-11-20) are compared; they are faster than those before"
    assert level in found.notes
    assert verdict(live(1.0, 99), *long).finding is Finding.SLOWER


def test_a_history_without_a_change_is_used_whole() -> None:
    """Thirty sessions of one level are all compared."""
    assert verdict(live(), *(live(seed=seed) for seed in range(30))).basis == "5 rounds, 30 earlier sessions"


def test_without_otava_a_long_history_is_used_whole_and_a_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without apache-otava all 30 sessions are compared, and a note says how to install it."""
    monkeypatch.setattr("benchmarks.history.change_points._import_detector", lambda: None)
    found = verdict(live(), *(live(1.0 if seed < 18 else 0.5, seed) for seed in range(30)))
    assert found.basis == "5 rounds, 30 earlier sessions"
    assert "pip install --group history" in " ".join(found.notes)


def test_notes_name_the_sessions_needed_if_a_change_may_be_chance() -> None:
    """If a change beyond 20 % is within the variation of sessions, the notes name the sessions needed to show it."""
    wild = [live(factor, seed) for seed, factor in enumerate((1.0, 1.6, 0.7, 1.3, 0.8))]
    found = verdict(live(1.5), *wild)
    assert found.finding is Finding.NO_CHANGE
    assert found.not_ruled_out is not None
    assert found.notes[0] == f"a slow-down of up to {found.not_ruled_out:.2f} times is not ruled out"
    assert "more sessions like this one can show it" in found.notes[1]
    milder = [live(factor, seed) for seed, factor in enumerate((1.0, 1.1, 0.85, 1.2, 0.8))]
    assert "can be detected from" in verdict(live(1.45), *milder).notes[1]


@pytest.mark.parametrize(
    "changed",
    [
        {"model_version": "gemini-3.6-flash"},
        {"sdk": "google-genai 4.0.0"},
        {"images_sha256": "1"},
        {"prompt_sha256": "1"},
        {"settings": {"concurrency": 4}},
    ],
)
def test_a_change_of_what_is_measured_breaks_a_live_series(changed: dict[str, Any]) -> None:
    """Sessions before the change are not compared, and a note counts them."""
    found = verdict(live(**changed), *HISTORY)
    assert (found.finding, found.basis) == (Finding.CANNOT_TELL, "5 rounds, 0 earlier sessions")
    assert "8 of 8 earlier sessions are of another series" in found.notes[1]


def test_other_observed_requests_do_not_break_a_series() -> None:
    """A live session without observed requests is still compared with sessions that have them."""
    assert verdict(live(2.0, spans=[]), *HISTORY).finding is Finding.SLOWER


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"requests": 3}, "requests 3 instead of 2"),
        ({"bytes_sent": 100_001}, "bytes sent 100,001 instead of 100,000"),
        ({"image_tokens": 2400}, "image tokens 2,400 instead of 2,200"),
        ({"input_tokens": 4480}, "cost $"),
        ({"retries": 1}, "retries 1 instead of 0"),
        ({"errors": {"a.jpg": "blocked"}}, "images without an answer 1 instead of 0"),
    ],
)
def test_growth_of_constant_amounts_is_named(changed: dict[str, Any], said: str) -> None:
    """On a replay, growth of any of these amounts is a regression although the seconds are the same; a fall is not."""
    then = with_seconds(SECONDS)
    found = verdict(with_seconds(SECONDS, **changed), then)
    assert found.finding is Finding.SAME
    assert found.is_regression
    assert said in explain_verdicts([found])[0]
    assert not verdict(then, with_seconds(SECONDS, **changed)).is_regression


def test_varying_amounts_of_a_live_run_are_no_growth() -> None:
    """On a live run, retries with their requests and costlier thinking do not count as growth; other requests do."""
    then = live().record
    assert find_growth(with_changes(then, retries=1, requests=3, bytes_sent=150_000), then, paired=False) == []
    assert find_growth(with_changes(then, thoughts_tokens=90_000, cost_usd=9.0), then, paired=False) == []
    assert find_growth(with_changes(then, requests=3), then, paired=False) == ["requests 3 instead of 2"]


@pytest.mark.parametrize("unknown", ["input_tokens", "image_tokens", "output_tokens"])
def test_unknown_amounts_have_not_grown(unknown: str) -> None:
    """An unknown count, in either run, is no regression."""
    then = with_seconds(SECONDS)
    assert not verdict(with_seconds(SECONDS, **{unknown: None}), then).is_regression
    assert not verdict(then, with_seconds(SECONDS, **{unknown: None})).is_regression


def test_the_cost_is_compared_at_the_prices_of_one_day() -> None:
    """A changed price is no growth; more input tokens are, at the prices of the stored run's day."""
    then = live().record
    assert find_growth(with_changes(then, priced_on="2027-01-01", cost_usd=99.0), then, paired=False) == []
    (told,) = find_growth(with_changes(then, input_tokens=9000), then, paired=False)
    assert told.endswith("(prices of 2026-11-23)")


def test_strategies_of_one_live_session_are_tested_against_sequential() -> None:
    """With six rounds each, a much faster strategy has the verdict `faster`, and an equal one `cannot tell yet`."""
    benchmarks = {
        "sequential": replace(live(), seconds=tuple(live(1, seed).seconds[0] for seed in range(6))),
        "concurrent": replace(live(), seconds=tuple(live(0.3, seed).seconds[0] for seed in range(6))),
        "bounded": replace(live(), seconds=tuple(live(1, seed).seconds[0] for seed in range(6, 12))),
    }
    found = {each.name: each for each in compare_strategies(benchmarks)}
    assert (found["concurrent"].finding, found["bounded"].finding) == (Finding.FASTER, Finding.CANNOT_TELL)
    assert found["concurrent"].basis == "6 and 6 rounds"
    assert "Rounds of one session are not independent" in make_caveat([*found.values()])


def test_below_six_rounds_strategies_are_not_told_apart() -> None:
    """With five rounds each, even a ratio of 90 is `cannot tell yet`."""
    slow, fast = (replace(live(), seconds=(seconds,) * 5) for seconds in (90.0, 1.0))
    (found,) = compare_strategies({"sequential": slow, "concurrent": fast})
    assert found.finding is Finding.CANNOT_TELL
    assert "--rounds=6" in found.notes[0]


def test_replayed_strategies_are_not_compared_with_each_other() -> None:
    """Strategies of a replay have no verdicts against each other."""
    assert compare_strategies({name: with_seconds(SECONDS * 2) for name in ("sequential", "concurrent")}) == []


def test_strategies_with_the_same_note_share_a_sentence() -> None:
    """Two strategies with the same finding and note are named in one sentence."""
    found = [Verdict(name, name, Finding.CANNOT_TELL, "nothing", notes=("wait",)) for name in ("bounded", "files")]
    assert explain_verdicts(found) == ["bounded, files (cannot tell yet): wait."]
