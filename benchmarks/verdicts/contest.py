"""Strategy against strategy in one run: which wins, and in a live session, which differences may be chance."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.history.groups import find_reference
from benchmarks.verdicts.seconds.ratios import LEAST_ROUNDS, SIGNIFICANT, Finding, adjust_p_values
from benchmarks.verdicts.verdict import HEAD, Verdict, describe_verdicts
from fixtures.run.record.benchmark import Benchmark

CAVEAT = (
    "Rounds of one session are not independent: they tell the strategies apart on that day, "
    "with p values adjusted by Holm's method for being {count}."
)
_PAIR = 2
"""The least strategies that can be compared."""


@dataclass(frozen=True)
class Contestant:
    """A way of sending the images, and what counts when ways are compared."""

    name: str
    seconds: float
    """The median or expected seconds for all images."""
    cost_usd: float | None
    """US dollars for all images; None where that is not known."""
    right: float | None
    """How right the answers are, from 0 to 1; None where no truth is known."""
    is_complete: bool = True
    """Whether every image has its answer."""
    is_extrapolated: bool = False
    """Whether its seconds are projected for a size of request that was not recorded."""


@dataclass(frozen=True)
class Winners:
    """The best of several contestants, and which were left out: a missing answer or an extrapolation never wins."""

    contestants: Sequence[Contestant]
    """Those that could win."""
    incomplete: Sequence[Contestant]
    """Those that are left out for missing answers."""
    extrapolated: Sequence[Contestant]
    """Those that are left out, being extrapolated, of those without missing answers."""

    @property
    def fastest(self) -> Contestant | None:
        """The fastest contestant; None where there is none. Of several that are alike the first wins, always."""
        return self._find_least(lambda each: each.seconds)

    @property
    def cheapest(self) -> Contestant | None:
        """The cheapest contestant; None where no cost is known."""
        return self._find_least(lambda each: each.cost_usd)

    @property
    def most_right(self) -> Contestant | None:
        """The contestant whose answers are the most right; None where no truth is known."""
        return self._find_least(lambda each: None if each.right is None else -each.right)

    def _find_least(self, amount: Callable[[Contestant], float | None]) -> Contestant | None:
        known = [(value, index) for index, each in enumerate(self.contestants) if (value := amount(each)) is not None]
        return self.contestants[min(known)[1]] if known else None


def find_winners(contestants: Iterable[Contestant]) -> Winners:
    """Return which contestants win, among those that answered about every image and are not extrapolated."""
    every = list(contestants)
    complete = [each for each in every if each.is_complete]
    return Winners(
        contestants=[each for each in complete if not each.is_extrapolated],
        incomplete=[each for each in every if not each.is_complete],
        extrapolated=[each for each in complete if each.is_extrapolated],
    )


def find_winning_strategies(benchmarks: Mapping[str, Benchmark]) -> Winners:
    """Return which of the strategies of one run win; `benchmarks` are by strategy."""
    return find_winners(
        Contestant(
            name=name,
            seconds=benchmark.median,
            cost_usd=benchmark.record.cost_usd,
            right=benchmark.record.right,
            is_complete=not benchmark.record.errors,
            is_extrapolated=benchmark.record.is_extrapolated,
        )
        for name, benchmark in benchmarks.items()
    )


def compare_strategies(benchmarks: Mapping[str, Benchmark]) -> list[Verdict]:
    """Return a verdict on each strategy against the reference, or where there is none, against the first.

    There is none where there are no two, or where any was not live: recordings were judged when they were made.
    """
    if len(benchmarks) < _PAIR or any(each.record.timing != "live" for each in benchmarks.values()):
        return []
    from benchmarks.verdicts.seconds import inference  # noqa: PLC0415 - SciPy takes half a second

    reference = _find_reference(benchmarks)
    seconds = {name: benchmark.seconds for name, benchmark in benchmarks.items()}
    others = [name for name in benchmarks if name != reference]
    bases = {name: f"{len(seconds[name])} and {len(seconds[reference])} rounds" for name in others}
    able = [name for name in others if min(len(seconds[name]), len(seconds[reference])) >= LEAST_ROUNDS]
    tested = {name: inference.compare_samples(seconds[name], seconds[reference]) for name in able}
    adjusted = dict(zip(able, adjust_p_values([p for _, p in tested.values()]), strict=True))
    found = []
    for name in others:
        if name not in tested:
            needed = f"it takes {LEAST_ROUNDS} rounds of each (--rounds={LEAST_ROUNDS})"
            found.append(Verdict(name, name, Finding.CANNOT_TELL, bases[name], notes=(needed,)))
            continue
        ratio, p = tested[name][0], adjusted[name]
        differs = Finding.SLOWER if ratio.value > 1 else Finding.FASTER
        finding = differs if p <= SIGNIFICANT else Finding.CANNOT_TELL
        notes = () if finding is differs else (f"p = {p:.2f}; more rounds tell smaller differences",)
        found.append(Verdict(name, name, finding, bases[name], ratio, ratio.visible, notes))
    return found


def _find_reference(benchmarks: Mapping[str, Benchmark]) -> str:
    return find_reference(benchmarks) or next(iter(benchmarks))


def make_head(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the head of the table of `compare_strategies`."""
    return [f"against {_find_reference(benchmarks)}", *HEAD[1:]]


def describe_contest(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the lines for a terminal about strategy against strategy; none where they are not compared."""
    found = compare_strategies(benchmarks)
    if not found:
        return []
    return ["", *describe_verdicts(found, make_head(benchmarks)), CAVEAT.format(count=len(found))]
