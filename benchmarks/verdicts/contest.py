"""Strategy against strategy in one live session: which really differ from the reference, and which may be chance."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.verdicts.ratios import LEAST_ROUNDS, Word
from benchmarks.verdicts.verdict import HEAD, Verdict
from benchmarks.verdicts.verdict import lines as told

CAVEAT = (
    "Rounds of one session are not independent: they tell the strategies apart on that day, "
    "with p values adjusted by Holm's method for being {count}."
)


def contest(infos: Mapping[str, Mapping[str, Any]], seconds: Mapping[str, Sequence[float]]) -> list[Verdict]:
    """Judge each strategy against `sequential`, or where that did not run, against the first.

    Nothing where there are no two, or where any was not live: recordings were judged when they were made.
    """
    if len(infos) < 2 or any(info["timing"] != "live" for info in infos.values()):  # noqa: PLR2004 - it takes two
        return []
    from benchmarks.verdicts.inference import SIGNIFICANT, holm, sample_ratio  # noqa: PLC0415 - SciPy takes half a second

    reference = _reference(infos)
    others = [name for name in infos if name != reference]
    counts = {name: f"{len(seconds[name])} and {len(seconds[reference])} rounds" for name in others}
    able = [name for name in others if min(len(seconds[name]), len(seconds[reference])) >= LEAST_ROUNDS]
    tested = {name: sample_ratio(seconds[name], seconds[reference]) for name in able}
    adjusted = dict(zip(able, holm([p for _, p in tested.values()]), strict=True))
    found = []
    for name in others:
        if name not in tested:
            needed = f"it takes {LEAST_ROUNDS} rounds of each (--rounds={LEAST_ROUNDS})"
            found.append(Verdict(name, name, Word.CANNOT_TELL, counts[name], notes=(needed,)))
            continue
        ratio, p = tested[name][0], adjusted[name]
        differs = Word.SLOWER if ratio.value > 1 else Word.FASTER
        said = differs if p <= SIGNIFICANT else Word.CANNOT_TELL
        notes = () if said is differs else (f"p = {p:.2f}; more rounds tell smaller differences",)
        found.append(Verdict(name, name, said, counts[name], ratio, ratio.visible, notes))
    return found


def _reference(infos: Mapping[str, Any]) -> str:
    return "sequential" if "sequential" in infos else next(iter(infos))


def head(infos: Mapping[str, Any]) -> list[str]:
    """Return the head of the table."""
    return [f"against {_reference(infos)}", *HEAD[1:]]


def lines(infos: Mapping[str, Mapping[str, Any]], seconds: Mapping[str, Sequence[float]]) -> list[str]:
    """Return the contest for a terminal."""
    found = contest(infos, seconds)
    if not found:
        return []
    return ["", *told(found, head(infos)), CAVEAT.format(count=len(found))]
