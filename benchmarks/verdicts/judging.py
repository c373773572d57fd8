"""Which of the stored runs a benchmark is compared with, and by which method: the word about it, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.history.sessions import Session, Stored, breaks, kind, label
from benchmarks.verdicts.growth import growth
from benchmarks.verdicts.paired import cause, paired_ratio, same_recording
from benchmarks.verdicts.ratios import Ratio, Word, word
from benchmarks.verdicts.verdict import Verdict

LEAST_REPLAYED = 0.05
LEAST_LIVE = 0.20
"""The smallest change that counts, as a share."""


def judged(fullname: str, now: Mapping[str, Any], sessions: Sequence[Session], least: float | None) -> Verdict:
    """Judge a benchmark of this run; `least` is the smallest change that counts, as a share, None: the default."""
    info = now["extra_info"]
    stored = [(session, session.benchmarks[fullname]) for session in sessions if fullname in session.benchmarks]
    earlier = [(session, then) for session, then in stored if kind(then["extra_info"]) == kind(info)]
    if stored and not earlier:
        session, then = stored[-1]
        note = f"it is {kind(info)} now and {kind(then['extra_info'])} in {session.path.name}, which is never compared"
        return Verdict(fullname, label(info), Word.REFUSED, "nothing", notes=(note,))
    if info["timing"] in ("replayed", "virtual"):  # the same seconds were waited for
        if not earlier:
            return Verdict(fullname, label(info), Word.CANNOT_TELL, "nothing", notes=("no stored run has it",))
        return _replay(fullname, now, earlier[-1], LEAST_REPLAYED if least is None else least)
    from benchmarks.verdicts import sampled  # noqa: PLC0415 - SciPy takes half a second

    return sampled.against_history(fullname, now, earlier, LEAST_LIVE if least is None else least)


def _replay(fullname: str, now: Mapping[str, Any], stored: Stored, least: float) -> Verdict:
    session, then = stored
    info, before = now["extra_info"], then["extra_info"]
    name, count = label(info), len(now["stats"]["data"])
    notes = tuple(f"{change} since {session.path.name}" for change in breaks(before, info))
    # Over the same recorded latencies another SDK is one more change of the code; anything else asks another question.
    if breaks(before, {**info, "sdk": before["sdk"]}):
        return Verdict(fullname, name, Word.CANNOT_TELL, "nothing", notes=(*notes, "store this run to compare with"))
    if same_recording(now, then):
        ratio = paired_ratio(now, then)
        said = word(Ratio(ratio.value, ratio.value, ratio.value), least)
        why = () if said is Word.SAME else (cause(now, then),)
        grown = tuple(growth(info, before, paired=True))
        return Verdict(fullname, name, said, f"{count} rounds, paired", ratio, least, (*why, *notes), grown)
    if info["timing"] == "virtual":
        rounds = f"{len(then['stats']['data'])} rounds in {session.path.name} and {count} now"
        return Verdict(fullname, name, Word.CANNOT_TELL, "nothing", notes=(f"{rounds}; --rounds makes them equal",))
    from benchmarks.verdicts import sampled  # noqa: PLC0415 - SciPy takes half a second

    return sampled.against_recording(fullname, now, stored, least, notes)
