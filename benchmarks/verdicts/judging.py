"""The verdict on a benchmark: selects the stored runs to compare with, and the method."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.history.levels import LEAST_LIVE
from benchmarks.history.sessions import Session, StoredBenchmark, find_breaks
from benchmarks.verdicts.answers.stored import judge_answers
from benchmarks.verdicts.growth import find_growth
from benchmarks.verdicts.seconds.paired import find_cause, find_paired_ratio, is_same_recording
from benchmarks.verdicts.seconds.ratios import Finding, classify_exact
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_kind

LEAST_REPLAYED = 0.05
"""The smallest change of a replay that counts, as a share."""
ASKED = {"prompt_sha256", "images_sha256"}
"""The fields that must be equal for answers to be compared. The model may differ: its effect is of interest."""


def judge_benchmark(now: Benchmark, sessions: Sequence[Session], least: float | None) -> Verdict:
    """Return the verdict on a benchmark of this run against stored runs, oldest first.

    `least` is the smallest change that counts, as a share; None selects the default for the kind of run.
    """
    record = now.record
    stored = [
        StoredBenchmark(session, session.benchmarks[now.fullname])
        for session in sessions
        if now.fullname in session.benchmarks
    ]
    kind = describe_kind(record)
    earlier = [each for each in stored if describe_kind(each.benchmark.record) == kind]
    if stored and not earlier:
        last = stored[-1]
        other = f"{last.session.path.name} is {describe_kind(last.benchmark.record)}"
        note = f"this run is {kind}; {other}; runs of different kinds are never compared"
        return Verdict(now.fullname, record.label, Finding.REFUSED, "nothing", notes=(note,))
    if record.timing in ("replayed", "virtual"):  # the latencies are the same as before
        if not earlier:
            note = "no stored run has this benchmark"
            return Verdict(now.fullname, record.label, Finding.CANNOT_TELL, "nothing", notes=(note,))
        return _judge_replay(now, earlier[-1], LEAST_REPLAYED if least is None else least)
    from benchmarks.verdicts.seconds import sampled  # noqa: PLC0415 - SciPy takes half a second

    return _add_answers(sampled.judge_session(now, earlier, LEAST_LIVE if least is None else least), now, earlier)


def _add_answers(verdict: Verdict, now: Benchmark, earlier: Sequence[StoredBenchmark]) -> Verdict:
    """Return the verdict with one on the answers, compared with the latest stored run of the same images and prompt."""
    alike = [each for each in earlier if not find_breaks(each.benchmark.record, now.record).keys() & ASKED]
    if not alike:
        return verdict
    return replace(verdict, answers=judge_answers(now, alike[-1].benchmark, same_recording=False))


def _judge_replay(now: Benchmark, stored: StoredBenchmark, least: float) -> Verdict:
    session, then = stored.session, stored.benchmark
    name, rounds = now.record.label, len(now.seconds)
    breaks = find_breaks(then.record, now.record)
    notes = tuple(f"{change} since {session.path.name}" for change in breaks.values())
    # With the same recorded latencies, another SDK is a change of the code like any other.
    if breaks.keys() - {"sdk"}:
        notes = (*notes, "store this run with --benchmark-autosave to compare later ones with it")
        return Verdict(now.fullname, name, Finding.CANNOT_TELL, "nothing", notes=notes)
    if is_same_recording(now, then):
        ratio = find_paired_ratio(now, then)
        finding = classify_exact(ratio.value, least)
        cause = () if finding is Finding.SAME else (find_cause(now, then),)
        grown = tuple(find_growth(now.record, then.record, paired=True))
        basis = f"{rounds} rounds, paired"
        answers = judge_answers(now, then, same_recording=True)
        return Verdict(now.fullname, name, finding, basis, ratio, least, (*cause, *notes), grown, answers)
    if now.record.timing == "virtual":
        stored_rounds = len(then.seconds)
        note = f"{session.path.name} has {stored_rounds} rounds, this run has {rounds}; use --rounds={stored_rounds}"
        return Verdict(now.fullname, name, Finding.CANNOT_TELL, "nothing", notes=(note,))
    from benchmarks.verdicts.seconds import sampled  # noqa: PLC0415 - SciPy takes half a second

    return _add_answers(sampled.judge_recording(now, stored, least, notes), now, [stored])
