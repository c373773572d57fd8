"""Compare the strategies of one run: the winners, those that cannot be told apart from them, and the advised one."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.history.groups import find_reference
from benchmarks.verdicts.answers.contest import compare_answers, find_most_right
from benchmarks.verdicts.answers.questions import ask_same_questions, find_most_images, find_words
from benchmarks.verdicts.seconds.ratios import LEAST_ROUNDS, SIGNIFICANT, Finding, adjust_p_values
from benchmarks.verdicts.ties import SecondsTest, compare_seconds
from benchmarks.verdicts.verdict import HEAD, Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.text.words import format_count

CAVEAT = "Rounds of one session are not independent: these results hold for that day only."
_PAIR = 2
"""The minimum number of strategies for a comparison."""


@dataclass(frozen=True)
class Contestant:
    """A way of sending the images, with the figures that are compared."""

    name: str
    seconds: float
    """The median or expected seconds for all images."""
    cost_usd: float | None
    """US dollars for all images; None if unknown."""
    right: float | None
    """The share of right answers, from 0 to 1; None if no truth is known."""
    requests: int = 0
    """The number of requests for all images; 0 if unknown."""
    is_complete: bool = True
    """Whether every image has its answer."""
    is_extrapolated: bool = False
    """Whether the seconds are projected for a size of request that was not recorded."""


LARGEST_LOSS = 0.10
"""The loss of right answers, as a share, that must be ruled out (95 %) before a strategy may be advised."""
LARGEST_DELAY = 0.20
"""The increase of the median, as a share, up to which a tied strategy is advised for its lower cost. It is the smallest
change that counts between live sessions."""


@dataclass(frozen=True)
class Best:
    """The best contestants by one criterion: one, or several that cannot be told apart."""

    contestants: Sequence[Contestant]
    """The one with the best figure, then the others that are not worse than any; empty if no figure is known."""
    lack: str = ""
    """The clause that says why none can be told apart, so that `contestants` has all; empty if they were compared."""

    @property
    def names(self) -> list[str]:
        """The names of the contestants."""
        return [each.name for each in self.contestants]


_Rank = Callable[[Sequence[Contestant]], Best]
"""A function that returns the best of several contestants, and those that cannot be told apart from it."""


@dataclass(frozen=True)
class Winners:
    """The best of several contestants, and those left out for missing answers or extrapolated seconds."""

    contestants: Sequence[Contestant]
    """The contestants that can win."""
    incomplete: Sequence[Contestant]
    """The contestants left out for missing answers."""
    extrapolated: Sequence[Contestant]
    """The contestants without missing answers that are left out because their seconds are extrapolated."""
    fastest: Best
    cheapest: Best
    most_right: Best
    advised: Best
    """Of the contestants that are right enough, the advised one, then those that tie with it in seconds and cost."""

    @property
    def criteria(self) -> list[str]:
        """The criteria of the advice: right answers if they can be compared, speed, and cost if prices are known."""
        right = ["right answers"] if self.most_right.contestants and not self.most_right.lack else []
        found = {"speed": self.fastest, "cost": self.cheapest}
        return [*right, *(name for name, best in found.items() if best.contestants)]


def find_winners(contestants: Iterable[Contestant]) -> Winners:
    """Return the winners by the figures without any test: only equal figures tie.

    Contestants with missing answers or extrapolated seconds are left out.
    """
    return _find_winners(
        list(contestants),
        fastest=_rank_by(lambda each: each.seconds),
        cheapest=_rank_by(lambda each: each.cost_usd),
        most_right=_rank_by(lambda each: None if each.right is None else -each.right),
    )


def list_contestants(benchmarks: Mapping[str, Benchmark]) -> list[Contestant]:
    """Return the contestants of one run, given its benchmarks by label."""
    return [
        Contestant(
            name=name,
            seconds=benchmark.median,
            cost_usd=benchmark.record.cost_usd,
            right=benchmark.record.right,
            requests=benchmark.record.requests,
            is_complete=not benchmark.record.errors,
            is_extrapolated=benchmark.record.is_extrapolated,
        )
        for name, benchmark in benchmarks.items()
    ]


def find_winning_strategies(benchmarks: Mapping[str, Benchmark]) -> Winners:
    """Return the winners among the strategies of one run, with those that cannot be told apart from them.

    Seconds are compared with Mann-Whitney tests (`compare_seconds`), also in virtual time and on a replay: there
    seconds are exact, but rounds are a sample of latencies. Costs of the same questions at the same price cannot be
    told apart, because they differ only by the model's thinking, which varies. Right answers are compared with a
    permutation test (`find_most_right`).
    """
    contestants = list_contestants(benchmarks)
    able = {each.name: benchmarks[each.name] for each in contestants if _is_able(each)}
    most_right, lack = find_most_right(able)
    return _find_winners(
        contestants,
        fastest=_rank_seconds(compare_seconds({name: each.seconds for name, each in able.items()})),
        cheapest=_rank_costs({name: _describe_price(each.record) for name, each in able.items()}),
        most_right=_rank_names(most_right, lack),
        is_as_right=_find_as_right(able, most_right),
    )


def _find_as_right(benchmarks: Mapping[str, Benchmark], most_right: Sequence[str]) -> Callable[[Contestant], bool]:
    """Return a function that checks whether the answers of one of the most right strategies allow to advise it.

    They do if the strategy asks the same questions as the first of them, if its scores are equal, or if a loss of
    `LARGEST_LOSS` is ruled out. With too few images to show any difference, they do if the interval of the difference
    holds zero.
    """
    contest = compare_answers(benchmarks, reference=most_right[0]) if most_right else None
    if contest is None:
        return lambda _: True
    best = benchmarks[most_right[0]].record

    def is_as_right(contestant: Contestant) -> bool:
        name = contestant.name
        difference = contest.differences.get(name)
        if difference is None or difference.is_none:
            return True
        if contest.lack:
            return difference.high >= 0
        return difference.low > -LARGEST_LOSS or ask_same_questions(benchmarks[name].record, best)

    return is_as_right


def _is_able(contestant: Contestant) -> bool:
    return contestant.is_complete and not contestant.is_extrapolated


def _find_winners(
    every: Sequence[Contestant],
    *,
    fastest: _Rank,
    cheapest: _Rank,
    most_right: _Rank,
    is_as_right: Callable[[Contestant], bool] = lambda _: True,
) -> Winners:
    able = [each for each in every if _is_able(each)]
    right = most_right(able)
    quick = fastest([each for each in right.contestants or able if is_as_right(each)])
    return Winners(
        contestants=able,
        incomplete=[each for each in every if not each.is_complete],
        extrapolated=[each for each in every if each.is_complete and each.is_extrapolated],
        fastest=fastest(able),
        cheapest=cheapest(able),
        most_right=right,
        advised=_choose(quick, cheapest),
    )


def _choose(quick: Best, cheapest: _Rank) -> Best:
    """Return the advised one of those that tie in seconds, then those that tie with it in cost too.

    The lowest cost decides, then the fewest requests, then the lowest median; but only among those whose median is at
    most `LARGEST_DELAY` above the lowest.
    """
    lowest = min((each.seconds for each in quick.contestants), default=0.0)
    near = [each for each in quick.contestants if each.seconds <= (1 + LARGEST_DELAY) * lowest]
    best = sorted(cheapest(near).contestants or near, key=lambda each: (each.requests, each.seconds))[:1]
    alike = [each for each in quick.contestants if each not in best and len(cheapest([*best, each]).contestants) != 1]
    return Best([*best, *alike], quick.lack)


def _rank_by(amount: Callable[[Contestant], float | None]) -> _Rank:
    def rank(contestants: Sequence[Contestant]) -> Best:
        known = [(value, each) for each in contestants if (value := amount(each)) is not None]
        least = min((value for value, _ in known), default=None)
        return Best([each for value, each in known if value == least])

    return rank


def _rank_names(names: Sequence[str], lack: str) -> _Rank:
    def rank(contestants: Sequence[Contestant]) -> Best:
        by_name = {each.name: each for each in contestants}
        return Best([by_name[name] for name in names if name in by_name], lack)

    return rank


def _rank_seconds(test: SecondsTest) -> _Rank:
    def rank(contestants: Sequence[Contestant]) -> Best:
        by_name = {each.name: each for each in contestants}
        found = sorted((by_name[name] for name in test.list_fastest(by_name)), key=lambda each: each.seconds)
        return Best(found, test.lack)

    return rank


def _rank_costs(prices: Mapping[str, str]) -> _Rank:
    """Return a function that finds the contestants whose price has the lowest mean cost; `prices` is by name."""

    def rank(contestants: Sequence[Contestant]) -> Best:
        costs: dict[str, list[tuple[float, Contestant]]] = {}
        for each in contestants:
            if each.cost_usd is not None:
                costs.setdefault(prices[each.name], []).append((each.cost_usd, each))
        found = min(costs.values(), key=lambda alike: fmean(cost for cost, _ in alike), default=[])
        return Best([each for _, each in sorted(found, key=lambda pair: pair[0])])

    return rank


def _describe_price(record: Record) -> str:
    """Return a key of the questions and their price: costs of records with equal keys differ only by chance.

    Questions are equal if the requests have the same number of images, at most, and the same number of text tokens in
    all. If a batch job answered only some images, the key has the strategy's name and equals no other's: which images
    are at half the price depends on the deadline.
    """
    mixed = record.strategy if 0 < record.served_tiers.get("batch", 0) < record.images else ""
    asked = [record.model, record.model_settings, find_most_images(record), find_words(record)]
    return json.dumps([*asked, sorted(record.served_tiers), mixed], sort_keys=True)


def place_incomplete_last(benchmarks: Mapping[str, Benchmark]) -> dict[str, Benchmark]:
    """Return the benchmarks in their order, but those with missing answers last."""
    return dict(sorted(benchmarks.items(), key=lambda item: bool(item[1].record.errors)))


def compare_strategies(benchmarks: Mapping[str, Benchmark]) -> list[Verdict]:
    """Return a verdict on each strategy compared with the reference, or with the first one if there is no reference.

    Strategies with missing answers are not compared and come last. The list is empty if fewer than two strategies are
    complete, or if any benchmark is not live: recordings were judged when they were made.
    """
    complete = {name: each for name, each in benchmarks.items() if not each.record.errors}
    if len(complete) < _PAIR or any(each.record.timing != "live" for each in benchmarks.values()):
        return []
    from benchmarks.verdicts.seconds import inference  # noqa: PLC0415 - SciPy takes half a second

    reference = _find_reference(complete)
    seconds = {name: benchmark.seconds for name, benchmark in complete.items()}
    others = [name for name in complete if name != reference]
    bases = {name: f"{len(seconds[name])} and {len(seconds[reference])} rounds" for name in others}
    able = [name for name in others if min(len(seconds[name]), len(seconds[reference])) >= LEAST_ROUNDS]
    tested = {name: inference.compare_samples(seconds[name], seconds[reference]) for name in able}
    adjusted = dict(zip(able, adjust_p_values([p for _, p in tested.values()]), strict=True))
    found = []
    for name in others:
        if name not in tested:
            needed = f"needs {LEAST_ROUNDS} rounds of each (--rounds={LEAST_ROUNDS})"
            found.append(Verdict(name, name, Finding.CANNOT_TELL, bases[name], notes=(needed,)))
            continue
        ratio, p = tested[name][0], adjusted[name]
        differs = Finding.SLOWER if ratio.value > 1 else Finding.FASTER
        finding = differs if p <= SIGNIFICANT else Finding.CANNOT_TELL
        notes = () if finding is differs else (f"p = {p:.2f}; more rounds can show smaller differences",)
        found.append(Verdict(name, name, finding, bases[name], ratio, ratio.visible, notes))
    return [*found, *(_refuse(name, each) for name, each in benchmarks.items() if name not in complete)]


def _refuse(name: str, benchmark: Benchmark) -> Verdict:
    missing, images = len(benchmark.record.errors), benchmark.record.images
    why = f"{missing} of {images} images have no answer"
    return Verdict(name, name, Finding.REFUSED, "nothing", notes=(why,))


def _find_reference(benchmarks: Mapping[str, Benchmark]) -> str:
    return find_reference(benchmarks) or next(iter(place_incomplete_last(benchmarks)))


def make_head(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the head of the table of `compare_strategies`."""
    return [f"against {_find_reference(benchmarks)}", *HEAD[1:]]


def make_caveat(found: Sequence[Verdict]) -> str:
    """Return the caveat below the table of `compare_strategies`, with the number of comparisons."""
    compared = sum(each.ratio is not None for each in found)
    corrected = f" p values are corrected for {format_count(compared, 'comparison')} (Holm)." if compared else ""
    return f"{CAVEAT}{corrected}"
